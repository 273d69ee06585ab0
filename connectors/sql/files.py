"""The location that file columns point into: any ``fsspec`` file system, looked at afresh each time."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from fsspec.utils import get_protocol

from connectors.recordings import HEADER_SIZE, LARGEST_TRANSCRIPT, Transcript, read_header, read_transcript
from connectors.sql.column_settings import FileColumn
from connectors.sql.layouts import WINDOW, Layout, StoredEntry, around, fitting, is_id
from connectors.sql.s3_store import S3Store
from connectors.sql.settings import SqlSettings
from connectors.sql.stores import FsspecStore, StoreLock
from rightsflow.domain.errors import Refused, Transient

_MEDIA_TYPES = {
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".gsm": "audio/gsm",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".flac": "audio/flac",
    ".mp4": "video/mp4",
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".srt": "text/plain",
    ".vtt": "text/vtt",
    ".csv": "text/csv",
    ".json": "application/json",
    ".m4a": "audio/mp4",
    ".webm": "video/webm",
}
_NO_DAY: Final = object()
_OLDER: Final = (
    "The store has older versions under the name of the file, and no entry tells whose they are; a person has to look "
    "at them, and remove what is the person's."
)
_UNREACHABLE = "/"
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")
_FILE_SCHEME = re.compile(r"^file:/+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NamedFiles:
    """The texts by which rows that point at some files are found.

    Args:
        last: What stands after the last ``/`` or backslash of such a text, whatever is before it and in any case.
        whole: Whole texts.
    """

    last: frozenset[str] = field(repr=False)
    whole: frozenset[str] = field(repr=False)


class FileStore:
    """The files of one system. Paths are relative to the location and never lead out of it.

    The files of a column with a layout are one record for each id: its name is the column's kind and the id, and where
    folders have days the first of them, as ``recording:CA12@2026-03-01``.
    """

    def __init__(self, system: str, settings: SqlSettings) -> None:
        self._system = system
        self._marker = settings.files_marker
        store = S3Store if get_protocol(settings.files) in {"s3", "s3a"} else FsspecStore
        self.store = store(system, settings.files, settings.files_options, settings.timeout_seconds)
        columns = [table.file for table in settings.tables if table.file]
        self.layouts = {column.kind: Layout(column.layout) for column in columns if column.layout}
        self._listed: dict[tuple[str, str], list[StoredEntry]] = {}

    def check(self) -> None:
        """Make sure that the location is there: one that is gone would look like one without files.

        Raises:
            Transient: It is not.
        """
        self._listed = {}
        self.store.refresh()
        if self.store.entry(self._marker) is None:
            raise Transient(
                "The files' location is not there; mount it, or mend the keys files and files_marker.",
                system=self._system,
            )

    def writable(self) -> bool:
        """Return True if files can be removed, as far as a check without removal shows."""
        return self.store.is_writable()

    def find(self, value: str, column: FileColumn, occurred_at: datetime | None) -> str:
        """The path of the file, or the name of the family of files, that a row points at.

        Where there is no such file in the location, the value comes back as it is, with a ``/`` before it (see
        :func:`is_unreachable`): it points elsewhere, or at a file that is not there.
        """
        if column.layout:
            return self._family(value, column, occurred_at)
        name = self._relative(value)
        for path in _places(name, column, occurred_at) if name else ():
            entry = self.store.entry(path)
            if entry is not None and not entry.is_folder:
                return path if not entry.is_link else _UNREACHABLE + value
        return _UNREACHABLE + value

    def _family(self, value: str, column: FileColumn, occurred_at: datetime | None) -> str:
        layout, occurred_on = self.layouts[column.kind], occurred_at.date() if occurred_at else None
        days = layout.days(occurred_on) if is_id(value) else ()
        first = next((day for day in days if self._searched(layout, value, (day,))), _NO_DAY)
        if first is _NO_DAY:
            return _UNREACHABLE + value
        return f"{column.kind}:{value}" + (f"@{first.isoformat()}" if isinstance(first, date) else "")

    def members(self, path: str) -> list[str]:
        """The paths of a file or of a family's files that exist, by a fresh look; call :meth:`check` first."""
        if family := self._read_family(path):
            layout, value, days = family
            return self._searched(layout, value, days)
        return [] if self.store.entry(path) is None else [path]

    def _read_family(self, path: str) -> tuple[Layout, str, Sequence[date | None]] | None:
        """The layout, the id and the days of a family; ``None`` for the path of a file."""
        kind, _, value = path.partition(":")
        layout = self.layouts.get(kind)
        if layout is None or not value:
            return None
        if not layout.is_dated:
            return layout, value, (None,)
        value, _, day = value.rpartition("@")
        # Rows of one call may be of neighbouring days; each of them sees the days around its own.
        return layout, value, around(date.fromisoformat(day), 2 * WINDOW)

    def _searched(self, layout: Layout, value: str, days: Iterable[date | None]) -> list[str]:
        if not is_id(value):
            return []
        return sorted({path for parts in layout.searched(value, days) for path in fitting(parts, self)})

    def entry(self, path: str) -> StoredEntry | None:
        """Return what is under a path; ``None`` if nothing is."""
        return self.store.entry(path)

    def listing(self, folder: str, beginning: str = "") -> list[StoredEntry]:
        """Return a folder's content, asked for once between two checks."""
        asked = folder, "" if self.has_links else beginning
        if asked not in self._listed:
            self._listed[asked] = self.store.listing(*asked)
        return self._listed[asked]

    @property
    def has_links(self) -> bool:
        """True if folders may be links."""
        return self.store.has_links

    def lock(self, path: str) -> StoreLock | None:
        """The lock that keeps a file or a family longest; ``None`` if no file has one."""
        locks = [lock for member in self._own(path) if (lock := self.store.lock(member))]
        until = max((lock.until for lock in locks if lock.until), default=None)
        return StoreLock(is_held=any(lock.is_held for lock in locks), until=until) if locks else None

    def points_at(self, path: str, value: str, column: FileColumn, occurred_at: datetime | None) -> bool:
        """Return True if a row points at this file, or would if the file still existed."""
        if column.layout:
            return self._shares_a_file(path, value, column, occurred_at)
        found = self.find(value, column, occurred_at)
        if found == path or is_unreachable(path):
            return found == path
        if not is_unreachable(found):
            return any(self.store.is_same(found, member) or found == member for member in self._own(path))
        return self.may_have_been(path, value, column, occurred_at)

    def may_have_been(self, path: str, value: str, column: FileColumn, occurred_at: datetime | None) -> bool:
        """Return True if a row may lead to this file, although it leads to another one or to none now."""
        name = None if column.layout else self._relative(value)
        return name is not None and path in _places(name, column, occurred_at)

    def _shares_a_file(self, path: str, value: str, column: FileColumn, occurred_at: datetime | None) -> bool:
        family = self._read_family(path)
        if family and path.startswith(f"{column.kind}:") and family[1] == value:
            # The same id of days far apart is another call's.
            days = family[0].days(occurred_at.date() if occurred_at else None)
            return not family[0].is_dated or not days or bool({*days} & {*family[2]})
        found = self._family(value, column, occurred_at)
        if is_unreachable(path) or is_unreachable(found):
            return found == path
        return bool({*self.members(found)} & {*self._own(path)})

    def _own(self, path: str) -> list[str]:
        return self.members(path) if self._read_family(path) else [path]

    def may_mean(self, path: str, value: str, column: FileColumn, occurred_at: datetime | None) -> bool:
        """Return True if a row that points at no stored file may mean this file, in another program's spelling.

        A path from the root of a web server or from where the location lay before, with ``..`` or percent signs.
        """
        if is_unreachable(path) or not is_unreachable(self.find(value, column, occurred_at)):
            return False
        text = unquote(_FILE_SCHEME.sub("/", value.strip())).replace("\\", "/")
        if _ADDRESS.match(text):
            return False
        meant, wanted = f"/{posixpath.normpath(text).strip('/')}".casefold(), f"/{path}".casefold()
        return meant == wanted or (text.startswith("/") and meant.endswith(wanted))

    def lies_elsewhere(self, value: str) -> bool:
        """Return True if a row points out of the location, rather than at a file that is not in it."""
        return self._relative(value) is None

    def versions(self, path: str, member: str) -> list[str]:
        """The ids of the versions of a file, the newest first; of a file that is no family's the newest alone.

        A vendor's id names one call. What another name stood for before it was written anew, no entry tells.
        """
        return self.store.versions(member) if self._read_family(path) else [""]

    def read(self, member: str, version: str = "") -> Iterator[bytes]:
        """The bytes of a file in chunks."""
        return self.store.read(member, version)

    def remove(self, path: str) -> None:
        """Remove a file or all files of a family, transcripts before recordings; one that is gone is a success.

        Raises:
            Refused: The store has older versions of a file that is no family's, which may be another person's.
        """
        if not self._read_family(path) and len(self.store.versions(path)) > 1:
            raise Refused(_OLDER, system=self._system, operation="erase")
        for member in sorted(self._own(path), key=lambda item: media_type(item).startswith(("audio/", "video/"))):
            self.store.remove(member)
        self._listed = {}

    def audio_facts(self, member: str, version: str = "") -> dict[str, object]:
        """Seconds and channels from the header of a WAV file; empty for other files."""
        entry = self.store.entry(member) if media_type(member) == "audio/wav" else None
        header = read_header(self.store.beginning(member, HEADER_SIZE, version), entry.size) if entry else None
        return {"seconds": round(header.seconds, 1), "channels": header.channels} if header else {}

    def transcript(self, member: str, version: str = "") -> Transcript | None:
        """A file of JSON as data; ``None`` for other files."""
        if media_type(member) != "application/json":
            return None
        entry = self.store.entry(member)
        if entry is None or entry.size > LARGEST_TRANSCRIPT:
            return None
        return read_transcript(b"".join(self.store.read(member, version)))

    def names(self, paths: Iterable[str], column: FileColumn) -> NamedFiles:
        """Return the texts to search the column for, so that no row that points at one of these files is missed."""
        last: set[str] = set()
        whole: set[str] = set()
        for path in paths:
            if column.layout:
                whole |= self._ids_of(path, column)
            elif is_unreachable(path):
                value = path.removeprefix(_UNREACHABLE)
                whole.add(value)
                last.add(PurePosixPath(value.replace("\\", "/")).name)
                continue
            known = PurePosixPath(path)
            suffixes = {known.suffix, *column.extensions, *((".wav", ".WAV") if column.extensions else ())}
            last |= {known.with_suffix(suffix).name for suffix in suffixes}
            # A column without extensions, such as a call's id, names the same file.
            last |= {known.stem} if column.extensions else set()
        return NamedFiles(last=frozenset(last - {""}), whole=frozenset(whole))

    def _ids_of(self, path: str, column: FileColumn) -> set[str]:
        """Every id by which a row may point at one of the files: the family's own, and what their names may mean."""
        if is_unreachable(path):
            return {path.removeprefix(_UNREACHABLE)}
        family, layout = self._read_family(path), self.layouts[column.kind]
        own = {family[1]} if family and path.startswith(f"{column.kind}:") else set[str]()
        return own.union(*(layout.ids_in(member) for member in self._own(path)))

    def _relative(self, value: str) -> PurePosixPath | None:
        text = value.strip().removeprefix(self.store.url)
        path = PurePosixPath(text)
        if _ADDRESS.match(text):
            return None
        if path.is_absolute():
            if not path.is_relative_to(self.store.root):
                return None
            path = path.relative_to(self.store.root)
        return None if ".." in path.parts or "\0" in value or "\\" in value or not path.name else path


def is_unreachable(path: str) -> bool:
    """Return True if :meth:`FileStore.find` gave no file of the location, so that a person has to look for it."""
    return path.startswith(_UNREACHABLE)


def value_of(path: str) -> str:
    """Return the value of the row that points at such a file."""
    return path.removeprefix(_UNREACHABLE)


def media_type(path: str) -> str:
    """The media type by the extension, whatever its case."""
    return _MEDIA_TYPES.get(PurePosixPath(path).suffix.lower(), "application/octet-stream")


def _places(name: PurePosixPath, column: FileColumn, occurred_at: datetime | None) -> Iterator[str]:
    """Yield the paths where the file may be, the likeliest first."""
    folders = [PurePosixPath()]
    if len(name.parts) == 1 and column.folder and occurred_at is not None:
        # The calendar's ends have no day beyond them.
        inside = 1 < occurred_at.toordinal() < date.max.toordinal()
        days = [occurred_at + timedelta(days=shift) for shift in ((0, -1, 1) if inside else (0,))]
        folders = [*(PurePosixPath(day.strftime(column.folder)) for day in days), *folders]
    for folder in folders:
        yield str(folder / name)
        for suffix in column.extensions:
            # What stands after a dot in an id is no extension: 1700000000.12 is another call than 1700000000.13.
            is_number = name.suffix[1:].isdigit()
            yield str(folder / (f"{name}{suffix}" if is_number else name.with_suffix(suffix)))
