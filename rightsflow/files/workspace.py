"""Working copies: what was extracted for an answer, encrypted under the case's key, until the answer is out.

One file for each system describes all parts, a line of JSON each; the bytes of a blob are in a file of their own. The
file names are numbers: the system's own names may be personal data. Each case has a folder, removed as a whole.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from functools import partial
from typing import Any, Final, Protocol, TypedDict

import fsspec

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.records import Blob, Document, Part, RecordRef
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.files.machine import naming_disk
from rightsflow.vault import CaseKey, decrypt_stream, encrypt_stream, plain_size

READ_BYTES: Final = 256 * 1024


class _Head(TypedDict, total=False):
    """A part as a line of JSON: a document by its content, a blob by the place of its bytes."""

    record: list[str]
    category: str
    content: dict[str, Any]
    others: list[str]
    blob: str
    name: str
    media_type: str
    metadata: dict[str, Any]


def head_of(part: Part, name: str) -> bytes:
    """Return a part's description.

    Args:
        part: The part.
        name: By what the bytes of a file are found.
    """
    head: _Head = {
        "record": [part.record.system, part.record.kind, part.record.ref],
        "category": part.category,
    }
    if isinstance(part, Document):
        head |= {"content": dict(part.content), "others": sorted(part.others)}
    else:
        head |= {"blob": name, "name": part.name, "media_type": part.media_type, "metadata": dict(part.metadata)}
    return json.dumps(head, ensure_ascii=False, default=_readable).encode() + b"\n"


def part_of(line: bytes, bytes_of: Callable[[str], Callable[[], Iterator[bytes]]]) -> Part:
    """Return the part of a description.

    Args:
        line: The description.
        bytes_of: Gives what opens the bytes of a file, by the name that it was described with.
    """
    head: _Head = json.loads(line)
    record = RecordRef(*head["record"])
    if "content" in head:
        return Document(
            record=record, category=head["category"], content=head["content"], others=frozenset(head["others"])
        )
    return Blob(
        record=record,
        category=head["category"],
        name=head["name"],
        media_type=head["media_type"],
        metadata=head["metadata"],
        open=bytes_of(head["blob"]),
    )


def lines_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Whole lines, wherever the chunks were cut."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole


def _readable(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


_PARTS = "parts"
_COMPLETE = "complete"


class Workspace:
    """The working copies of one case.

    Args:
        location: Any ``fsspec`` location; a local folder, or ``s3://…`` where several workers share it.
        key: The case's data key.
    """

    def __init__(self, location: str, key: CaseKey) -> None:
        self._fs, root = fsspec.core.url_to_fs(location)
        self._root = f"{root.rstrip('/')}/{key.case_id}"
        self._place = f"the working copies ({location})"
        self._key = key

    def write(self, area: str, system: str, parts: Iterable[Part]) -> dict[str, int]:
        """Store a system's parts, in place of an earlier attempt; return the number of parts by category.

        Raises:
            Transient: The disk is full, read-only or faulty; nothing of the attempt stays on it.
        """
        # First the parts of an earlier attempt: they never count as this one's, even if it is killed.
        self._remove(self._folder(area, system))
        return self._store(area, system, parts)

    def _store(self, area: str, system: str, parts: Iterable[Part]) -> dict[str, int]:
        folder = self._folder(area, system)
        counts: Counter[str] = Counter()
        files = [_PARTS]
        with self._unless_refused(folder):
            with naming_disk(self._place):
                self._fs.makedirs(folder, exist_ok=True)
            self._encrypt(f"{area}/{system}/{_PARTS}", self._lines(f"{area}/{system}", parts, counts, files))
            # Written last: without it the copies are those of an attempt that was cut short.
            self._put(f"{folder}/{_COMPLETE}", [str(len(files)).encode()])
        return dict(counts)

    @contextmanager
    def _unless_refused(self, path: str) -> Iterator[None]:
        """Leave nothing half-written: on a full disk its space is needed to note in the case store that it is full."""
        try:
            yield
        except Exception:
            with suppress(OSError):
                self._remove(path)
            raise

    def _put(self, path: str, chunks: Iterable[bytes]) -> None:
        """Write a file; a fault of the disk is distinguished from a fault of the system that the bytes come from."""
        with naming_disk(self._place):
            file = self._fs.open(path, "wb")
        try:
            for chunk in chunks:
                with naming_disk(self._place):
                    file.write(chunk)
        except BaseException:
            # Closing writes what is left in the buffer, which the same disk refuses.
            with suppress(OSError):
                file.close()
            raise
        with naming_disk(self._place):
            file.close()

    def _lines(self, folder: str, parts: Iterable[Part], counts: Counter[str], files: list[str]) -> Iterator[bytes]:
        """Yield the parts' descriptions, and store a blob's bytes in its turn."""
        for number, part in enumerate(parts):
            name = f"{number:06d}"
            if isinstance(part, Blob):
                self._encrypt(f"{folder}/{name}", part.open())
                files.append(name)
            counts[part.category] += 1
            yield head_of(part, name)

    def _encrypt(self, name: str, chunks: Iterable[bytes]) -> None:
        self._put(f"{self._root}/{name}", encrypt_stream(self._key, name, chunks))

    def read(self, area: str, system: str) -> Iterator[Part]:
        """Yield the parts of one system in their order; a blob's bytes are read when it is opened.

        Raises:
            Conflict: The copies are missing or incomplete; that must never look like a system that holds nothing.
            Misconfigured: They were altered or cut short.
        """
        self._check_complete(area, system)
        for line in lines_of(self._decrypt(f"{area}/{system}/{_PARTS}")):
            yield part_of(line, lambda name: partial(self._decrypt, f"{area}/{system}/{name}"))

    def size(self, area: str, system: str, number: int) -> int:
        """Return the size of a blob in bytes, without reading it.

        Args:
            area: Which copies.
            system: The system.
            number: The blob's place among the parts that :meth:`read` gives, from 0.
        """
        return plain_size(int(self._fs.size(f"{self._folder(area, system)}/{number:06d}")))

    def holds(self, area: str, system: str) -> bool:
        """Return whether the copies of one system are here, complete.

        Args:
            area: Which copies.
            system: The system.
        """
        try:
            self._check_complete(area, system)
        except Conflict:
            return False
        return True

    def has_file(self, name: str) -> bool:
        """Return whether a finished file is here.

        Args:
            name: Its name, as :meth:`put_file` was given it.
        """
        return bool(self._fs.exists(f"{self._root}/{name}"))

    def file_size(self, name: str) -> int:
        """Return the size of a finished file in bytes.

        Args:
            name: Its name, as :meth:`put_file` was given it.
        """
        return int(self._fs.size(f"{self._root}/{name}"))

    def _check_complete(self, area: str, system: str) -> None:
        """Refuse copies that are missing or incomplete.

        Raises:
            Conflict: They are.
        """
        folder = self._folder(area, system)
        # Another process may have written them since.
        self._fs.invalidate_cache()
        present = self._fs.ls(folder, detail=False) if self._fs.exists(folder) else []
        names = {path.rsplit("/", 1)[-1] for path in present}
        if _COMPLETE not in names:
            raise Conflict(f"The working copies of {system} are missing here; run the case where they were made.")
        if _PARTS not in names or len(names) - 1 != int(self._fs.cat_file(f"{folder}/{_COMPLETE}")):
            raise Conflict(f"The working copies of {system} are incomplete; restore them, or open the request anew.")

    def put_file(self, name: str, chunks: Iterable[bytes]) -> str:
        """Store a finished file that is protected by itself, such as the package; return its place.

        Raises:
            Transient: The disk is full, read-only or faulty; nothing of the attempt stays on it.
        """
        path = f"{self._root}/{name}"
        with self._unless_refused(f"{path}.part"):
            with naming_disk(self._place):
                self._fs.makedirs(self._root, exist_ok=True)
            self._put(f"{path}.part", chunks)
            # Only a whole file carries the name, so that a crash leaves no half package to hand out.
            self._fs.mv(f"{path}.part", path)
        return path

    def read_file(self, name: str) -> Iterator[bytes]:
        """Read a finished file, piece by piece.

        Args:
            name: Its name, as :meth:`put_file` was given it.
        """
        return self._raw(name)

    def purge(self, *areas: str) -> None:
        """Remove the working copies of some areas."""
        with suppress(FileNotFoundError):
            for path in self._fs.ls(self._root, detail=False):
                if path.rstrip("/").rsplit("/", 1)[-1] in areas:
                    self._remove(path)

    def _folder(self, area: str, system: str) -> str:
        return f"{self._root}/{area}/{system}"

    def _remove(self, path: str) -> None:
        with suppress(FileNotFoundError):
            self._fs.rm(path, recursive=True)

    def _decrypt(self, name: str) -> Iterator[bytes]:
        return decrypt_stream(self._key, name, self._raw(name))

    def _raw(self, name: str) -> Iterator[bytes]:
        with self._fs.open(f"{self._root}/{name}", "rb") as file:
            while chunk := file.read(READ_BYTES):
                yield chunk


class _FileSystem(Protocol):
    protocol: str | tuple[str, ...]


class CaseFolder:
    """The folder of one case's working copies; removing it needs no key.

    Args:
        location: As for :class:`rightsflow.files.workspace.Workspace`.
        case_id: The case.
    """

    def __init__(self, location: str, case_id: str) -> None:
        self._fs, root = fsspec.core.url_to_fs(location)
        self._root = f"{root.rstrip('/')}/{case_id}"

    @property
    def may_be_elsewhere(self) -> bool:
        """True if another machine can have a folder of this name that is not visible here."""
        return _is_local(self._fs)

    def exists(self) -> bool:
        """Return whether the folder exists here."""
        self._fs.invalidate_cache()
        return bool(self._fs.exists(self._root))

    def empty(self) -> None:
        """Remove all files in the folder, half-written ones too.

        The folder stays as the sign that its copies were here, until it is noted that they are gone.
        """
        self._fs.invalidate_cache()
        with suppress(FileNotFoundError):
            for path in self._fs.ls(self._root, detail=False):
                self._fs.rm(path, recursive=True)

    def remove(self) -> None:
        """Remove the folder and its files."""
        with suppress(FileNotFoundError):
            self._fs.rm(self._root, recursive=True)


def case_folders(location: str) -> list[str]:
    """Return the cases of which a location has a folder.

    Args:
        location: As for :class:`rightsflow.files.workspace.Workspace`.
    """
    fs, root = fsspec.core.url_to_fs(location)
    fs.invalidate_cache()
    with suppress(FileNotFoundError):
        names = sorted(path.rstrip("/").rsplit("/", 1)[-1] for path in fs.ls(root, detail=False))
        return [name for name in names if _is_case_id(name)]
    return []


def is_shared(location: str) -> bool:
    """Return whether other machines see files at a location; a local folder counts as not shared, as it may not be.

    Args:
        location: As for :class:`rightsflow.files.workspace.Workspace`.
    """
    return not _is_local(fsspec.core.url_to_fs(location)[0])


def round_trip(location: str) -> None:
    """Write a small file there, read it and remove it; the file system's errors are passed on.

    Args:
        location: As for :class:`rightsflow.files.workspace.Workspace`.
    """
    fs, root = fsspec.core.url_to_fs(location)
    fs.invalidate_cache()
    fs.makedirs(root, exist_ok=True)
    name, content = f"{root.rstrip('/')}/.probe-{secrets.token_hex(8)}", secrets.token_bytes(64)
    try:
        fs.pipe_file(name, content)
        if fs.cat_file(name) != content:
            raise OSError("something else was read than was written")
    finally:
        fs.rm_file(name)


def _is_local(fs: _FileSystem) -> bool:
    return "file" in ((fs.protocol,) if isinstance(fs.protocol, str) else fs.protocol)


def _is_case_id(name: str) -> bool:
    try:
        return read_case_id(name) == name
    except BadInput:
        return False
