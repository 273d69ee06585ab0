"""Content of a bucket, independent of the shapes of S3's answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

NULL = "null"
"""The id of a version that was stored while the bucket kept no versions."""


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
    """All entries of a bucket under one key, the newest first.

    Args:
        key: The key; personal data possible.
        entries: Versions and delete markers.
    """

    key: str = field(repr=False)
    entries: tuple[Version, ...]

    @classmethod
    def of(cls, key: str, listed: Iterable[Version]) -> Stored:
        """Sort the entries listed under one key, the newest first.

        Args:
            key: The key.
            listed: The entries, each once.
        """
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
