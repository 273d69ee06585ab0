"""Files to be imported: their folder, in clear, how one is read more than once, and the first row of each request.

Keyed hashes of the requests are stored in an SQLite file that is unlinked as soon as it exists, so that nothing remains
however the process ends; the key is only in this process's memory.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from hashlib import blake2b, sha256
from pathlib import Path
from secrets import token_bytes
from types import TracebackType
from typing import Protocol, Self

import fsspec

from rightsflow.domain.errors import BadInput, Misconfigured, Transient
from rightsflow.domain.import_file import is_bare_name

LARGEST_BYTES = 1 << 30
LONGEST_LINE = 1 << 20


class Readable(Protocol):
    """An open binary file in any location."""

    def readline(self, size: int, /) -> bytes:
        """Its next line with its end, at most so many bytes of it; empty at the file's end."""


class RequestFile:
    """A file of requests that is read several times, line by line, and has to be the same each time.

    Args:
        opened: Opens it from its beginning.
        most: How many bytes it may have.
    """

    def __init__(self, opened: Callable[[], AbstractContextManager[Readable]], *, most: int = LARGEST_BYTES) -> None:
        self._most = most
        self._opened = opened
        self._digest = b""

    def lines(self) -> Iterator[bytes]:
        """Its lines, each with its end.

        Raises:
            BadInput: It cannot be read, is too large, or ended otherwise than the last time.
        """
        hashed, size = sha256(), 0
        try:
            with self._opened() as file:
                while line := file.readline(LONGEST_LINE + 1):
                    size += len(line)
                    _refuse_too_much(line, size, self._most)
                    hashed.update(line)
                    yield line
        except OSError as error:
            raise BadInput(
                f"The file cannot be read ({error.strerror or type(error).__name__}); give a CSV file that is there."
            ) from None
        if self._digest and self._digest != hashed.digest():
            raise BadInput(CHANGED)
        self._digest = hashed.digest()


CHANGED = (
    "The file was changed while it was imported: what was opened until then stays. Leave the file as it is and import "
    "it again; no case is opened twice."
)


def _refuse_too_much(line: bytes, size: int, most: int) -> None:
    if size > most:
        raise BadInput("The file is larger than 1 GB; divide it into several and import one after the other.")
    if len(line) > LONGEST_LINE:
        raise BadInput("A line of the file is longer than 1 MB, as no row can be; save it as CSV and import it again.")


class Inbox:
    """The import folder.

    Args:
        location: An ``fsspec`` location: a folder, or one that workers on other machines reach as well.
    """

    def __init__(self, location: str) -> None:
        try:
            self._fs, root = fsspec.core.url_to_fs(location)
        except (ImportError, ValueError):
            raise Misconfigured(
                "[imports] folder in rightsflow.toml is no location; give a folder or a URL like s3://bucket/imports."
            ) from None
        self._root = root.rstrip("/")

    def file(self, name: str) -> RequestFile:
        """A file of the folder.

        Args:
            name: Its bare name.

        Raises:
            BadInput: The name is none, or there is no such file.
        """
        path = self._path(name)
        try:
            is_there = self._fs.isfile(path)
        except OSError:
            is_there = False
        if not is_there:
            raise BadInput(
                "The file cannot be read from the import folder; put it there, readable by the worker, or correct the "
                "name."
            )
        return RequestFile(lambda: self._fs.open(path, "rb"))

    def remove(self, name: str) -> None:
        """Remove a file that was imported.

        Args:
            name: Its bare name.

        Raises:
            BadInput: It cannot be removed.
        """
        try:
            self._fs.rm(self._path(name))
        except FileNotFoundError:
            return
        except OSError as error:
            raise BadInput(
                f"All is imported, but the file cannot be removed ({type(error).__name__}); it holds personal data in "
                "clear: remove it by hand."
            ) from None

    def _path(self, name: str) -> str:
        if not is_bare_name(name):
            raise BadInput(
                "That is no name of a file to import; give its bare name without folders, in plain letters and digits, "
                "that ends in .csv."
            )
        return f"{self._root}/{name}"


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
