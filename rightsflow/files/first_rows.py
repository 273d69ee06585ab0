"""The first row of each request of a file that is read row by row.

Keyed hashes of the requests are stored in an SQLite file that is unlinked as soon as it exists, so that nothing remains
however the process ends; the key is only in this process's memory.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from secrets import token_bytes
from types import TracebackType
from typing import Self

from rightsflow.domain.errors import Transient

_MEMORY_KIB = 4 * 1024


class FirstRows:
    """The first rows that asked for things; a context that forgets them at its end.

    Args:
        folder: Where the file lies; it may grow to some 100 bytes per row. ``None`` for the system's own place.

    Raises:
        Transient: The file cannot be made there.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._key = token_bytes(32)
        try:
            with tempfile.NamedTemporaryFile(dir=folder, prefix=".import-", suffix=".db") as file:
                self._database = sqlite3.connect(file.name, isolation_level=None)
                # Nothing of it is ever needed again: what is not written is lost with the rest.
                self._database.executescript(
                    f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -{_MEMORY_KIB};"
                    "CREATE TABLE first (asked BLOB PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID; BEGIN"
                )
        except (OSError, sqlite3.Error):
            raise Transient(_NO_ROOM) from None
        self._cursor = self._database.cursor()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(sqlite3.Error):
            self._database.close()

    def before(self, row: int, asked: Iterable[str]) -> int | None:
        """Return the first earlier row that asked for one of these things; ``None`` if this row is the first.

        A row that repeats another is not remembered for what else it asks for. The same row again gets the same answer,
        as long as the rows come in their order.

        Args:
            row: The row's number.
            asked: What it asks for.

        Raises:
            Transient: The disk is full.
        """
        hashes = [self._hash(text) for text in asked]
        try:
            return self._before(row, hashes)
        except sqlite3.Error:
            raise Transient(_NO_ROOM) from None

    def _before(self, row: int, hashes: list[bytes]) -> int | None:
        look_up = "SELECT row FROM first WHERE asked = ?"
        found = [self._cursor.execute(look_up, (hash_,)).fetchone() for hash_ in hashes]
        first = min((int(known[0]) for known in found if known), default=row)
        if first < row:
            return first
        self._cursor.executemany("INSERT OR IGNORE INTO first VALUES (?, ?)", [(hash_, row) for hash_ in hashes])
        return None

    def _hash(self, text: str) -> bytes:
        return blake2b(text.encode("utf-8", "surrogatepass"), key=self._key, digest_size=16).digest()


_NO_ROOM = (
    "The list of who is in the file twice cannot be written; free space on the disk of RIGHTSFLOW_HOME, where it needs "
    "some 100 bytes for each row, and import the file again."
)
