"""Deletions of exactly one version, on condition of the content that was judged if it can be replaced in place.

A bucket without versions has only the version ``null``, which another person's recording may replace between the
listing and the deletion. So its ETag is sent as a condition (Amazon S3, "How to perform conditional deletes"): a store
that supports conditions then refuses. A store that does not, such as RadosGW 18, ignores it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from connectors.s3.objects import NULL, Version

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

UNMET: Final = frozenset({"PreconditionFailed", "NotImplemented"})
"""The answers of a store if a condition is not met, or if it supports none for a version."""


def is_conditional(version: Version) -> bool:
    """Return whether the version may only be deleted while it has the content that was seen.

    A store compares the condition with the current version, so only that version gets it.
    """
    return version.version_id == NULL and version.is_latest and not version.is_marker and bool(version.etag)


def identifier_of(version: Version, *, with_condition: bool) -> ObjectIdentifierTypeDef:
    """Return the name of a version in a list of deletions.

    Args:
        version: The version.
        with_condition: Whether its content has to be what was seen, where that is uncertain.
    """
    named: ObjectIdentifierTypeDef = {"Key": version.key, "VersionId": version.version_id}
    return {**named, "ETag": version.etag} if with_condition and is_conditional(version) else named
