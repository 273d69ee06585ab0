"""What a deletion names: exactly one version, and of a version that is replaced in place the content that was judged.

A bucket without versions has the version ``null`` alone, in whose place another person's recording may be stored
between the listing and the deletion. So its ETag goes along as a condition (Amazon S3, "How to perform conditional
deletes"): a store that knows conditions then refuses. One that does not, such as RadosGW 18, passes over it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from connectors.s3.objects import NULL, Version

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

UNMET: Final = frozenset({"PreconditionFailed", "NotImplemented"})
"""What a store says whose condition does not hold, or that has none for a version."""


def is_conditional(version: Version) -> bool:
    """Whether the version may only be deleted while it has the content that was seen.

    A store judges the condition by the version that is current, so it is put on that one alone.

    Args:
        version: The version.
    """
    return version.version_id == NULL and version.is_latest and not version.is_marker and bool(version.etag)


def identifier_of(version: Version, *, with_condition: bool) -> ObjectIdentifierTypeDef:
    """How a list names a version.

    Args:
        version: The version.
        with_condition: Whether its content has to be what was seen, where that is uncertain.
    """
    named: ObjectIdentifierTypeDef = {"Key": version.key, "VersionId": version.version_id}
    return {**named, "ETag": version.etag} if with_condition and is_conditional(version) else named
