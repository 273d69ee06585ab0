"""The vault's formats written down a second time, with other libraries, for its tests.

AES-256-GCM by pycryptodomex (which ``pyzipper`` brings), HKDF and HMAC by the standard library.
"""

from __future__ import annotations

import hashlib
import hmac

from Cryptodome.Cipher import AES

NONCE, TAG = 12, 16


def hkdf(secret: bytes, info: bytes, salt: bytes = b"") -> bytes:
    """RFC 5869 with SHA-256 and an output of one block: the expansion's first."""
    extracted = hmac.digest(salt or bytes(32), secret, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


def gcm_seal(key: bytes, nonce: bytes, plaintext: bytes, bound_to: bytes = b"") -> bytes:
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce, mac_len=TAG)
    cipher.update(bound_to)
    ciphertext, tag = cipher.encrypt_and_digest(plaintext)
    return bytes(ciphertext + tag)


def gcm_open(key: bytes, nonce: bytes, sealed: bytes, bound_to: bytes = b"") -> bytes:
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce, mac_len=TAG)
    cipher.update(bound_to)
    return bytes(cipher.decrypt_and_verify(sealed[:-TAG], sealed[-TAG:]))


def unsealed(key: bytes, message: bytes, bound_to: bytes) -> bytes:
    """A message of the vault: nonce, ciphertext, tag."""
    return gcm_open(key, message[:NONCE], message[NONCE:], bound_to)


def sealed(key: bytes, nonce: bytes, plaintext: bytes, bound_to: bytes) -> bytes:
    return nonce + gcm_seal(key, nonce, plaintext, bound_to)


def keyed_hash(key: bytes, message: bytes) -> str:
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def stream(secret: bytes, info: str, salt: bytes, chunks: list[bytes]) -> bytes:
    """A working copy: magic, salt, and each chunk under its number and whether it is the last."""
    key = hkdf(secret, info.encode(), salt)
    body = [
        gcm_seal(key, number.to_bytes(11, "big") + bytes([number == len(chunks) - 1]), chunk)
        for number, chunk in enumerate(chunks)
    ]
    return b"RFS1" + salt + b"".join(body)
