"""Rows kept aside until the end of the stream: in memory while they are few, on disk only as ciphertext."""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_IN_MEMORY_BYTES = 512 * 1024
_READ_BYTES = 64 * 1024


class Spool:
    """Rows written once and read once, in order.

    Beyond half a MiB they go to an unnamed temporary file under a key that exists in this object only, so that no
    working file ever holds personal data in clear. The rows are read back in the same process moments later:
    confidentiality is needed here, authenticity comes from the archive around them.
    """

    def __init__(self) -> None:
        self._cipher = Cipher(algorithms.AES256(secrets.token_bytes(32)), modes.CTR(secrets.token_bytes(16)))
        self._encryptor = self._cipher.encryptor()
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - closed by rows()
        self.count = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """Keep a row."""
        line = json.dumps(row, ensure_ascii=False).encode(errors="replace") + b"\n"
        self._file.write(self._encryptor.update(line))
        self.count += 1

    def rows(self) -> Iterator[dict[str, Any]]:
        """All rows in the order in which they were added; the file is gone afterwards."""
        decryptor = self._cipher.decryptor()
        self._file.seek(0)
        pending = b""
        with self._file:
            while piece := self._file.read(_READ_BYTES):
                *lines, pending = (pending + decryptor.update(piece)).split(b"\n")
                for line in lines:
                    yield json.loads(line)
