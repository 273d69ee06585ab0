"""Records kept aside until the end of the stream: in memory while they are few, on disk only as ciphertext."""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any, Self

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_IN_MEMORY_BYTES = 512 * 1024
_READ_BYTES = 64 * 1024


class Spool:
    """Records written once and then read in order; as a context manager, gone at its end.

    Beyond half a MiB they go to an unnamed temporary file under a key that exists in this object only, so that no
    working file ever holds personal data in clear. They are read back in the same process moments later:
    confidentiality is needed here, authenticity comes from the archive around them.
    """

    def __init__(self) -> None:
        self._cipher = Cipher(algorithms.AES256(secrets.token_bytes(32)), modes.CTR(secrets.token_bytes(16)))
        self._encryptor = self._cipher.encryptor()
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - closed by __exit__
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, record: Mapping[str, Any]) -> int:
        """Store a record; return its length in bytes."""
        line = json.dumps(record, ensure_ascii=False, default=str).encode(errors="replace") + b"\n"
        self._file.write(self._encryptor.update(line))
        self.count += 1
        return len(line)

    def lines(self) -> Iterator[bytes]:
        """Each record as JSON on one line, without its end, in the order in which they were added."""
        decryptor = self._cipher.decryptor()
        self._file.seek(0)
        pending = b""
        while piece := self._file.read(_READ_BYTES):
            *lines, pending = (pending + decryptor.update(piece)).split(b"\n")
            yield from lines

    def records(self) -> Iterator[dict[str, Any]]:
        """The same, read."""
        return map(json.loads, self.lines())
