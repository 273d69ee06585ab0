"""Encrypted streams for working copies: chunked AES-256-GCM that detects truncation, reordering and splicing.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, 2015): every stream has a key of its own, derived from
the case's key and a random salt; each chunk's nonce is its number and whether it is the last.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rightsflow.domain.errors import Misconfigured
from rightsflow.vault.keys import CaseKey
from rightsflow.vault.sealing import derive

CHUNK_BYTES = 64 * 1024
_MAGIC = b"RFS1"
_SALT_BYTES = 32
_TAG_BYTES = 16
_ALTERED = "A working copy was altered or cut short; run the case again to make it anew."


def encrypt_stream(key: CaseKey, name: str, plaintext: Iterable[bytes]) -> Iterator[bytes]:
    """Encrypt a stream.

    Args:
        key: The case's key.
        name: What the stream is; it decrypts under this name only.
        plaintext: Chunks of any size.
    """
    salt = os.urandom(_SALT_BYTES)
    cipher = _cipher(key, name, salt)
    yield _MAGIC + salt
    number, waiting = 0, None
    for block in _blocks(plaintext, CHUNK_BYTES):
        if waiting is not None:
            yield cipher.encrypt(_nonce(number, last=False), waiting, None)
            number += 1
        waiting = block
    yield cipher.encrypt(_nonce(number, last=True), waiting or b"", None)


def decrypt_stream(key: CaseKey, name: str, ciphertext: Iterable[bytes]) -> Iterator[bytes]:
    """Decrypt a stream; each chunk is authentic when it is yielded, the whole when the iterator ends normally.

    Raises:
        Misconfigured: It was altered, reordered or cut short, or belongs to another case or name.
    """
    blocks = _blocks(ciphertext, CHUNK_BYTES + _TAG_BYTES, head=len(_MAGIC) + _SALT_BYTES)
    header = next(blocks, b"")
    if header[: len(_MAGIC)] != _MAGIC or len(header) != len(_MAGIC) + _SALT_BYTES:
        raise Misconfigured(_ALTERED)
    cipher = _cipher(key, name, header[len(_MAGIC) :])
    number, waiting = 0, next(blocks, b"")
    for block in blocks:
        yield _decrypt(cipher, _nonce(number, last=False), waiting)
        number, waiting = number + 1, block
    yield _decrypt(cipher, _nonce(number, last=True), waiting)


def plain_size(stored: int) -> int:
    """Return a stream's size in clear, in bytes, from the size of its ciphertext; this does not prove it complete.

    Args:
        stored: The bytes of the ciphertext.
    """
    body = max(stored - len(_MAGIC) - _SALT_BYTES, _TAG_BYTES)
    chunks = -(-body // (CHUNK_BYTES + _TAG_BYTES))
    return body - chunks * _TAG_BYTES


def _decrypt(cipher: AESGCM, nonce: bytes, block: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, block, None)
    except (InvalidTag, ValueError):
        raise Misconfigured(_ALTERED) from None


def _cipher(key: CaseKey, name: str, salt: bytes) -> AESGCM:
    return AESGCM(derive(key.secret, f"rightsflow/stream/{key.case_id}/{name}".encode(), salt))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _blocks(chunks: Iterable[bytes], size: int, *, head: int = 0) -> Iterator[bytes]:
    """Cut any chunks into blocks of one size, the last shorter; the first ``head`` bytes are a block of their own."""
    wanted = head or size
    buffer = bytearray()
    for chunk in chunks:
        buffer += chunk
        while len(buffer) >= wanted:
            yield bytes(buffer[:wanted])
            del buffer[:wanted]
            wanted = size
    if buffer:
        yield bytes(buffer)
