"""Files to be imported: their folder, in clear, and how one is read more than once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from hashlib import sha256
from typing import Protocol

import fsspec

from rightsflow.domain.errors import BadInput, Misconfigured
from rightsflow.domain.import_file import is_bare_name

LARGEST_BYTES = 1 << 30
LONGEST_LINE = 1 << 20


class Readable(Protocol):
    """An open binary file in any location."""

    def readline(self, size: int, /) -> bytes:
        """Read the next line with its end, at most so many bytes of it; empty at the file's end."""


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
        """Yield the file's lines, each with its end.

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
        """Open a file of the folder.

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
