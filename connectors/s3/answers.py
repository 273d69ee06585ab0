"""S3's answers in our own shapes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from connectors.s3.objects import NULL, ObjectHead, Stored, Version

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef, ListObjectVersionsOutputTypeDef


def under_prefix(prefix: str, page: ListObjectVersionsOutputTypeDef) -> ListObjectVersionsOutputTypeDef:
    """Return a page of a wider listing, without entries outside of the prefix.

    Args:
        prefix: What was asked for.
        page: The page.
    """
    shown = page.copy()
    shown["Versions"] = [item for item in page.get("Versions", ()) if item["Key"].startswith(prefix)]
    shown["DeleteMarkers"] = [item for item in page.get("DeleteMarkers", ()) if item["Key"].startswith(prefix)]
    return shown


def entries_of(page: ListObjectVersionsOutputTypeDef) -> Iterator[Version]:
    """Yield the entries of a page."""
    for item in page.get("Versions", ()):
        yield Version(
            key=item["Key"],
            version_id=item.get("VersionId") or NULL,
            is_marker=False,
            is_latest=bool(item.get("IsLatest")),
            modified_at=item["LastModified"],
            size=int(item.get("Size", 0)),
            etag=str(item.get("ETag", "")),
        )
    for marker in page.get("DeleteMarkers", ()):
        yield Version(
            key=marker["Key"],
            version_id=marker.get("VersionId") or NULL,
            is_marker=True,
            is_latest=bool(marker.get("IsLatest")),
            modified_at=marker["LastModified"],
        )


def grouped(entries: Iterable[Version]) -> Iterator[Stored]:
    """Versions and markers by their keys, each once.

    Args:
        entries: As they were listed.
    """
    by_key: dict[str, dict[str, Version]] = {}
    for entry in entries:
        by_key.setdefault(entry.key, {})[entry.version_id] = entry
    for key, listed in by_key.items():
        yield Stored.of(key, listed.values())


def head_of(answer: HeadObjectOutputTypeDef) -> ObjectHead:
    """Return the description of a version from the answer to a HEAD."""
    storage_class = str(answer.get("StorageClass", "STANDARD"))
    is_restored = 'ongoing-request="false"' in str(answer.get("Restore", ""))
    is_archived = storage_class in {"GLACIER", "DEEP_ARCHIVE"} or bool(answer.get("ArchiveStatus"))
    return ObjectHead(
        media_type=str(answer.get("ContentType", "")),
        size=int(answer["ContentLength"]),
        modified_at=answer["LastModified"],
        metadata=dict(answer.get("Metadata", {})),
        storage_class=storage_class,
        is_readable=not is_archived or is_restored,
    )
