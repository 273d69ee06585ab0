"""The primitives of the vault: AES-256-GCM, HKDF-SHA-256, HMAC-SHA-256; RSA-OAEP (RFC 8017) for others.

A sealed message is a random 96-bit nonce, the ciphertext and the tag; a key seals some thousands of messages, far below
the 2**32 for which random nonces are safe (NIST SP 800-38D, 8.3).
"""

from __future__ import annotations

import os
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rightsflow.domain.errors import Misconfigured

KEY_BYTES = 32
LOST_KEY = (
    "The vault cannot be opened with this master key; if the key was rotated meanwhile, start this process again, "
    "otherwise restore the key that the case store was made with."
)
_NONCE_BYTES = 12


def derive(secret: bytes, purpose: bytes, salt: bytes | None = None) -> bytes:
    """Derive a key of 32 bytes for one purpose (HKDF-SHA-256, RFC 5869)."""
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=salt, info=purpose).derive(secret)


def keyed_hash(key: bytes, message: bytes) -> str:
    """Return a hash that only the key's holder can compute (HMAC-SHA-256, RFC 4231), hexadecimal."""
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


_SHORTEST_KEY: Final = 2048


def encrypt_for(certificate: bytes, secret: bytes) -> bytes:
    """Encrypt a secret so that only the holder of a certificate's key can read it.

    Args:
        certificate: The certificate, PEM.
        secret: The secret; at most 190 bytes.

    Raises:
        Misconfigured: It is no certificate with an RSA key of 2,048 bits or more.
    """
    try:
        key = x509.load_pem_x509_certificate(certificate).public_key()
    except ValueError:
        key = None
    if not isinstance(key, RSAPublicKey) or key.key_size < _SHORTEST_KEY:
        raise Misconfigured("A controller's certificate has no RSA key of 2,048 bits or more; register another one.")
    return key.encrypt(secret, OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None))
