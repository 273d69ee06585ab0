"""The three primitives under everything in the vault: AES-256-GCM, HKDF-SHA-256 and HMAC-SHA-256, in one form each.

A sealed message is a random 96-bit nonce, the ciphertext and the tag; a key seals some thousands of messages, far below
the 2**32 for which random nonces are safe (NIST SP 800-38D, 8.3).
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rightsflow.domain.errors import Misconfigured

KEY_BYTES = 32
LOST_KEY = (
    "The vault cannot be opened with this master key; if the key was rotated meanwhile, start this process again, "
    "otherwise restore the key that the case store was made with."
)
_NONCE_BYTES = 12


def derive(secret: bytes, purpose: bytes, salt: bytes | None = None) -> bytes:
    """A key of 32 bytes for one purpose (HKDF-SHA-256, RFC 5869)."""
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=salt, info=purpose).derive(secret)


def keyed_hash(key: bytes, message: bytes) -> str:
    """A hash that only the key's holder can compute (HMAC-SHA-256, RFC 4231), hexadecimal."""
    mac = hmac.HMAC(key, hashes.SHA256())
    mac.update(message)
    return mac.finalize().hex()


def seal(key: bytes, plaintext: bytes, bound_to: bytes) -> bytes:
    """Encrypt, so that it opens with the same key and binding only.

    Args:
        key: 32 bytes.
        plaintext: What to encrypt.
        bound_to: Where it belongs; authenticated, not stored.
    """
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, bound_to)


def unseal(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    """Decrypt the result of :func:`seal`.

    Raises:
        Misconfigured: It belongs elsewhere, was altered, or the key is another.
    """
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        raise Misconfigured(LOST_KEY) from None
