"""The tags by which recordings with a card's security number are known, and those that were muted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from connectors.s3.bucket import Bucket
from connectors.s3.objects import Stored, Version
from connectors.s3.refs import VersionName, name_of, stored_of

MUTED_TAG: Final = "rightsflow-muted"
"""Says of a muted recording for which version it stands, and when that was stored."""
_INSTANT: Final = "%Y%m%dT%H%M%SZ"
_FORM: Final = re.compile(r"(?P<version>\S+) (?P<stored>\S+) (?P<at>\d{8}T\d{6}Z)")
_NONE: Final = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class StandsFor:
    """The version that a muted one replaces.

    Args:
        name: Its name.
        stored_at: When it was stored (aware).
    """

    name: VersionName
    stored_at: datetime


def mark_of(version: Version) -> str:
    """Return the tag's value on a muted recording.

    Args:
        version: The unmuted version, for which it stands.
    """
    at = version.modified_at.astimezone(UTC).strftime(_INSTANT)
    return f"{version.version_id} {stored_of(version) or _NONE} {at}"


def stands_for(version: Version, tags: Mapping[str, str]) -> StandsFor | None:
    """Return the version that a muted one replaces; ``None`` for a version that was not muted."""
    if (read := _FORM.fullmatch(tags.get(MUTED_TAG, ""))) is None:
        return None
    return StandsFor(
        name=VersionName(version.key, read["version"], read["stored"].removeprefix(_NONE)),
        stored_at=datetime.strptime(read["at"], _INSTANT).replace(tzinfo=UTC),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """The content of a version's tags.

    Args:
        name: By which name its record is known.
        has_code: Whether seconds with a card's security number are marked in it.
        stored_at: When the recording was first stored (aware).
        is_double: Whether it stands for a version that is still there, which is the record.
    """

    name: str = field(repr=False)
    has_code: bool
    stored_at: datetime
    is_double: bool


def read_marks(bucket: Bucket, version: Version, code_tag: str, *, operation: str) -> Marked:
    """Read the tags of a version; without a configured tag no call is made.

    Args:
        bucket: The bucket.
        version: The version, or a delete marker.
        code_tag: The tag that marks seconds; empty where none does.
        operation: What is being done, for errors.
    """
    tags = {} if version.is_marker or not code_tag else bucket.tags(version, operation=operation) or {}
    found = stands_for(version, tags)
    if found is None:
        return Marked(
            name=name_of(version), has_code=bool(tags.get(code_tag)), stored_at=version.modified_at, is_double=False
        )
    is_double = any(found.name.names(each) for each in bucket.exact(version.key, operation=operation).versions)
    return Marked(
        name=str(found.name), has_code=bool(tags.get(code_tag)), stored_at=found.stored_at, is_double=is_double
    )


def standing_for(bucket: Bucket, name: VersionName, stored: Stored, *, operation: str) -> tuple[Version, ...]:
    """Return the muted versions of a key that replace a version.

    Args:
        bucket: The bucket.
        name: The version's name.
        stored: What lies under its key.
        operation: What is being done, for errors.
    """
    found = []
    for version in stored.versions:
        mark = stands_for(version, bucket.tags(version, operation=operation) or {}) if not name.names(version) else None
        if mark is not None and mark.name == name:
            found.append(version)
    return tuple(found)
