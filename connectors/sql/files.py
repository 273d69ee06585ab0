"""The location that file columns point into: any ``fsspec`` file system, looked at afresh each time."""

from __future__ import annotations

import os
import posixpath
import re
import wave
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Protocol
from urllib.parse import unquote

from fsspec.core import url_to_fs

from connectors.sql.column_settings import FileColumn
from connectors.sql.errors import translated_files
from connectors.sql.settings import SqlSettings
from rightsflow.domain.errors import Misconfigured, Transient

_CHUNK = 256 * 1024
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
}
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
    """The files of one system. Paths are relative to the location and never lead out of it."""

    def __init__(self, system: str, settings: SqlSettings) -> None:
        self._system = system
        self._marker = settings.files_marker
        try:
            self._fs, root = url_to_fs(settings.files, use_listings_cache=False)
        except (ValueError, ImportError):
            raise Misconfigured(
                f"The key files of the system {system} is not a location that fsspec can open; "
                "write one like file:///var/spool/recordings, or install its driver."
            ) from None
        self._root = PurePosixPath(root)
        self._url = settings.files.rstrip("/") + "/"

    def check(self) -> None:
        """Make sure that the location is there: one that is gone would look like one without files.

        Raises:
            Transient: It is not.
        """
        wanted = [self._root / self._marker] if self._marker else [self._root]
        with translated_files(self._system, "files"):
            self._fs.invalidate_cache()
            if any(self._info(path) is None for path in wanted):
                raise Transient(
                    "The files' location is not there; mount it, or mend the keys files and files_marker.",
                    system=self._system,
                )

    def writable(self) -> bool:
        """Return True if files can be removed, as far as a check without removal shows."""
        local = "file" in _protocols(self._fs)
        return not local or _may_write(Path(self._root))

    def find(self, value: str, column: FileColumn, occurred_at: datetime | None) -> str:
        """The path of the file that a row points at.

        Where there is no such file in the location, the value comes back as it is, with a ``/`` before it (see
        :func:`is_unreachable`): it points elsewhere, or at a file that is not there.
        """
        name = self._relative(value)
        for path in _places(name, column, occurred_at) if name else ():
            with translated_files(self._system, "files"):
                info = self._info(self._root / path)
            if info is not None and info.get("type") != "directory":
                return path if not info.get("islink") else _UNREACHABLE + value
        return _UNREACHABLE + value

    def points_at(self, path: str, value: str, column: FileColumn, occurred_at: datetime | None) -> bool:
        """Return True if a row points at this file, or would if the file still existed."""
        found = self.find(value, column, occurred_at)
        if found == path or is_unreachable(path):
            return found == path
        if not is_unreachable(found):
            return self._is_same(found, path)
        name = self._relative(value)
        return name is not None and path in _places(name, column, occurred_at)

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

    def exists(self, path: str) -> bool:
        """Return True if the file exists, by a fresh look; call :meth:`check` first."""
        with translated_files(self._system, "files"):
            return self._info(self._root / path) is not None

    def read(self, path: str) -> Iterator[bytes]:
        """The file's bytes in chunks."""
        with translated_files(self._system, "extract"), self._fs.open(str(self._root / path), "rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk

    def remove(self, path: str) -> None:
        """Remove the file; one that is gone already is a success."""
        with translated_files(self._system, "erase"), suppress(FileNotFoundError):
            self._fs.rm_file(str(self._root / path))

    def audio_facts(self, path: str) -> dict[str, object]:
        """Seconds and channels from the header of a WAV file; empty for other files."""
        if media_type(path) != "audio/wav":
            return {}
        with (
            translated_files(self._system, "extract"),
            self._fs.open(str(self._root / path), "rb") as stream,
            # A WAV of another coding than PCM (wav49) is audio all the same.
            suppress(wave.Error, EOFError),
            wave.open(stream) as audio,
        ):
            seconds = round(audio.getnframes() / audio.getframerate(), 1)
            return {"seconds": seconds, "channels": audio.getnchannels()}
        return {}

    def names(self, paths: Iterable[str], column: FileColumn) -> NamedFiles:
        """Return the texts to search the column for, so that no row that points at one of these files is missed."""
        last: set[str] = set()
        whole: set[str] = set()
        for path in paths:
            if is_unreachable(path):
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

    def _is_same(self, text: str, other: str) -> bool:
        """Return True if two paths are one file: by a folder that is a link, or where capitals do not matter."""
        if "file" not in _protocols(self._fs):
            return False
        first, second = (os.path.realpath(self._root / path) for path in (text, other))
        alike = first.casefold() == second.casefold()
        return first == second or (alike and os.path.lexists(second) and Path(first).samefile(second))

    def _relative(self, value: str) -> PurePosixPath | None:
        text = value.strip().removeprefix(self._url)
        path = PurePosixPath(text)
        if _ADDRESS.match(text):
            return None
        if path.is_absolute():
            if not path.is_relative_to(self._root):
                return None
            path = path.relative_to(self._root)
        return None if ".." in path.parts or "\0" in value or "\\" in value or not path.name else path

    def _info(self, path: PurePosixPath) -> dict[str, object] | None:
        # Not `exists`: that says no to a location which does not answer.
        try:
            info: dict[str, object] = self._fs.info(str(path))
        except (FileNotFoundError, NotADirectoryError):
            return None
        return info


def is_unreachable(path: str) -> bool:
    """Return True if :meth:`FileStore.find` gave no file of the location, so that a person has to look for it."""
    return path.startswith(_UNREACHABLE)


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


class _FileSystem(Protocol):
    """The used part of a file system of ``fsspec``, which has no types."""

    protocol: str | tuple[str, ...]


def _protocols(fs: _FileSystem) -> tuple[str, ...]:
    return (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)


def _may_write(root: Path) -> bool:
    return os.access(root, os.W_OK | os.X_OK)
