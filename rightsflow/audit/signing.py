"""Signatures by Ed25519 (RFC 8032): anyone who has the public key can check them, only the vault can make them."""

from __future__ import annotations

import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_PUBLIC, _SIGNATURE = re.compile(r"[0-9a-f]{64}", re.ASCII), re.compile(r"[0-9a-f]{128}", re.ASCII)


class SigningKey:
    """A key that signs.

    Args:
        secret: Its 32 bytes.
    """

    def __init__(self, secret: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(secret)
        self.public = self._private.public_key().public_bytes_raw().hex()

    @classmethod
    def new(cls) -> SigningKey:
        """Create a key that no one else has."""
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    @property
    def secret(self) -> bytes:
        """Its 32 bytes, for the vault."""
        return self._private.private_bytes_raw()

    def sign(self, data: bytes) -> str:
        """Sign some bytes; returns the signature, hexadecimal."""
        return self._private.sign(data).hex()


def verify_signature(public: str, signature: str, data: bytes) -> bool:
    """Return whether a signature over these bytes was made by the key with this public half.

    Key and signature are accepted only in the exact form in which :class:`SigningKey` writes them; a rewritten
    signature, such as one in capitals or with blanks, is refused.

    Args:
        public: The public half, 64 lower-case hexadecimal digits.
        signature: The signature, 128 lower-case hexadecimal digits.
        data: What was signed.
    """
    if not (_PUBLIC.fullmatch(public) and _SIGNATURE.fullmatch(signature)):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), data)
    except (InvalidSignature, ValueError):
        return False
    return True
