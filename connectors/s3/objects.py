"""Content of a bucket, independent of the shapes of S3's answers, and the names of its records.

A record is one version of one key: ``calls/7.wav?versionId=3sL4kqtJlcpXroDTDmJ``. The version ``null``, which buckets
without versions have, is replaced in place when its key is written again; its name therefore has its time of storage
and its ETag. A name without a version has the form before versions were distinguished: it means the subject's versions
of its key.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from urllib.parse import unquote

NULL = "null"
"""The id of a version that was stored while the bucket kept no versions."""
_FORM = re.compile(
    r"(?P<key>.+)\?versionId=(?P<version>[^?&]+)(?:&stored=(?P<stored>\d{8}T\d{12}Z-[^?&]*))?", re.DOTALL
)
_DIGEST = re.compile(r"[0-9a-f]{32}(-\d+)?")
"""An ETag that tells contents apart: an MD5, or the MD5 of the MD5s of so many parts."""
RECORDING, TRANSCRIPT, SCREEN_RECORDING = "recording", "transcript", "screen-recording"

_KIND_BY_ENDING = {
    **dict.fromkeys((".json", ".jsonl", ".txt", ".vtt", ".srt", ".csv", ".html", ".eml", ".pdf"), TRANSCRIPT),
    **dict.fromkeys((".mp4", ".webm", ".mkv", ".mov", ".avi"), SCREEN_RECORDING),
}
# Types without meaning, by careless programs, and old names of types.
_UNSAID = frozenset({"", "binary/octet-stream", "application/octet-stream", "text/plain; charset=utf-8"})
_OLD_NAMES = {"audio/x-wav": "audio/wav", "audio/wave": "audio/wav", "audio/vnd.wave": "audio/wav"}
# …_20240126T03:07_UTC.wav, …_analysis_2024-01-26T03:07:05Z.json; the colon may have been percent-encoded on the way.
_TIME = re.compile(r"_(\d{4})-?(\d{2})-?(\d{2})T(\d{2})(?::|%3A)?(\d{2})(?:(?::|%3A)?(\d{2}))?(?:_UTC|Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of an object, or a delete marker.

    Args:
        key: The object's key; personal data possible.
        version_id: The version's id; ``"null"`` in a bucket without versions.
        is_marker: Whether it is a delete marker.
        is_latest: Whether it is what a plain read gives.
        modified_at: When it was made.
        size: Bytes.
        etag: What changes with the content.
    """

    key: str = field(repr=False)
    version_id: str
    is_marker: bool
    is_latest: bool
    modified_at: datetime
    size: int = 0
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """All entries of a bucket under one key, the newest first."""

    key: str = field(repr=False)
    entries: tuple[Version, ...]

    @classmethod
    def of(cls, key: str, listed: Iterable[Version]) -> Stored:
        """Sort the entries listed under one key, the newest first."""
        # The latest goes first even where another version was made within the same second.
        return cls(
            key, tuple(sorted(listed, key=lambda version: (version.is_latest, version.modified_at), reverse=True))
        )

    @property
    def versions(self) -> tuple[Version, ...]:
        """The versions with content."""
        return tuple(entry for entry in self.entries if not entry.is_marker)

    @property
    def markers(self) -> tuple[Version, ...]:
        """The delete markers, which hold the key."""
        return tuple(entry for entry in self.entries if entry.is_marker)

    @property
    def records(self) -> tuple[Version, ...]:
        """The versions that count as records: all with content, or the markers if a deletion left nothing else."""
        return self.versions or self.markers


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectHead:
    """The store's description of one version without its content."""

    media_type: str
    size: int
    modified_at: datetime
    metadata: Mapping[str, str] = field(repr=False)
    storage_class: str
    is_readable: bool
    """False while the content lies in an archive and has not been restored."""


@dataclass(frozen=True, slots=True)
class Lock:
    """Object Lock on one version.

    Args:
        held: Whether a legal hold lies on it.
        until: When its retention ends, or ``None``.
    """

    held: bool
    until: datetime | None

    def holds_at(self, now: datetime) -> bool:
        """Return whether the version cannot be removed at that instant."""
        return self.held or (self.until is not None and self.until > now)


@dataclass(frozen=True, slots=True)
class Deletion:
    """The answer to one DeleteObjects call.

    Args:
        refusals: The entries that are still there, with the store's code.
        request_id: The store's id of the request.
    """

    refusals: Mapping[Version, str]
    request_id: str


@dataclass(frozen=True, slots=True)
class VersionName:
    """A record's name, taken apart.

    Args:
        key: The object's key; personal data possible.
        version_id: The version's id; empty in the form before versions were told apart.
        stored: For the version ``null``: when it was stored, and its ETag; empty otherwise.
    """

    key: str = field(repr=False)
    version_id: str = ""
    stored: str = ""

    def __str__(self) -> str:
        """The name as a whole."""
        version = f"?versionId={self.version_id}" if self.version_id else ""
        return f"{self.key}{version}" + (f"&stored={self.stored}" if self.stored else "")

    def names(self, version: Version) -> bool:
        """Return whether this names a version; one written in a ``null`` version's place has another name."""
        return self.version_id == version.version_id and self.stored == stored_of(version)

    def is_replaced_by(self, version: Version) -> bool:
        """Return whether a version was written in the place of this one."""
        return self.version_id == version.version_id == NULL and self.stored != stored_of(version)

    def has_content_of(self, version: Version) -> bool:
        """Return whether the version written in the place of this one has the same content, by its ETag."""
        _, _, etag = self.stored.partition("-")
        return self.is_replaced_by(version) and bool(_DIGEST.fullmatch(etag)) and etag == version.etag.strip('"')


def name_of(version: Version) -> str:
    """The name of a version's record."""
    return str(VersionName(version.key, version.version_id, stored_of(version)))


def read_name(name: str) -> VersionName:
    """Take a record's name apart.

    Args:
        name: As :func:`name_of` gives it, or the bare key of a record that was located earlier.
    """
    match = _FORM.fullmatch(name)
    if match is None:
        return VersionName(name)
    return VersionName(match["key"], match["version"], match["stored"] or "")


def stored_of(version: Version) -> str:
    """Return the time of storage of the version ``null`` and its ETag; empty for any other version."""
    if version.version_id != NULL:
        return ""
    etag = version.etag.strip('"')
    return f"{version.modified_at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-{etag}"


def kind_of(key: str) -> str:
    """Return the kind of record under a key, by its ending."""
    return _KIND_BY_ENDING.get(PurePosixPath(key).suffix.lower(), RECORDING)


def file_name(key: str, *, stored_at: datetime | None = None) -> str:
    """A name for the person: the key's last part, with percent-encoding undone once.

    Args:
        key: The key.
        stored_at: When an older version was stored, in the zone to name it in; ``None`` for the current one.
    """
    name = unquote(key.rstrip("/").rpartition("/")[2]).replace("/", "_") or "recording"
    if stored_at is None:
        return name
    path = PurePosixPath(name)
    return f"{path.stem} (stored {stored_at:%Y-%m-%d %H.%M.%S}){path.suffix}"


def media_type(said: str, key: str) -> str:
    """The type of an object's bytes.

    Args:
        said: What the store says; many writers leave its default.
        key: The key, whose ending tells it otherwise.
    """
    guessed = mimetypes.guess_type(PurePosixPath(key).name)[0]
    found = said if said not in _UNSAID else guessed or said.partition(";")[0] or "application/octet-stream"
    return _OLD_NAMES.get(found, found)


def started_at(key: str) -> datetime | None:
    """The instant in an object's name, or ``None``."""
    match = _TIME.search(key.rpartition("/")[2])
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
