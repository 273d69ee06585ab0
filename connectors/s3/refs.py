"""Names of a bucket's records: one version of one key.

``calls/7.wav?versionId=3sL4kqtJlcpXroDTDmJ`` is a version. The version ``null``, which buckets without versions have,
is replaced in place when its key is written again; its name therefore has its time of storage and its ETag.
A name without a version has the form before versions were distinguished: it means the subject's versions of its key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC

from connectors.s3.objects import NULL, Version

_FORM = re.compile(
    r"(?P<key>.+)\?versionId=(?P<version>[^?&]+)(?:&stored=(?P<stored>\d{8}T\d{12}Z-[^?&]*))?", re.DOTALL
)
_DIGEST = re.compile(r"[0-9a-f]{32}(-\d+)?")
"""An ETag that tells contents apart: an MD5, or the MD5 of the MD5s of so many parts."""


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
        """Return whether this is the version's name; a version written in a ``null`` version's place has another name.

        Args:
            version: A version or a delete marker of the key.
        """
        return self.version_id == version.version_id and self.stored == stored_of(version)

    def is_replaced_by(self, version: Version) -> bool:
        """Return whether a version was written in the place of this one.

        Args:
            version: A version or a delete marker of the key.
        """
        return self.version_id == version.version_id == NULL and self.stored != stored_of(version)

    def has_content_of(self, version: Version) -> bool:
        """Return whether the version written in the place of this one has the same content, by its ETag.

        Args:
            version: A version or a delete marker of the key.
        """
        _, _, etag = self.stored.partition("-")
        return self.is_replaced_by(version) and bool(_DIGEST.fullmatch(etag)) and etag == version.etag.strip('"')


def name_of(version: Version) -> str:
    """The name of a version's record.

    Args:
        version: The version or delete marker.
    """
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
