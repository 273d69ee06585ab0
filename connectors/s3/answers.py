"""S3's answers in our own shapes, and whether a store lists in the order of S3.

A page begins after the last key of the page before. A store that lists folder by folder goes from ``2026/`` to
``2026-01/``, which sorts before it, and omits that after a page that ended in ``2026/``, without any sign in its
answers. SeaweedFS 4.48 lost a third of a bucket in this way. Omitted keys look like absent ones, so a listing of
several pages must be in order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from connectors.s3.objects import NULL, ObjectHead, Stored, Version
from rightsflow.domain.errors import Permanent

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef, ListObjectVersionsOutputTypeDef

_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
Listing = Callable[[str, str, int], "ListObjectVersionsOutputTypeDef"]
"""Gives the first entries under a prefix, put together by a delimiter, and at most so many."""
_SLASH: Final = "/"
_PARTING: Final = frozenset({_SLASH, "."})
_FIRST: Final = 1_000
_LOSES: Final = (
    "The store does not list in the order of S3, and loses entries between the pages of a listing, so that no search "
    "of it proves anything. Give the system a prefix under which there are fewer than 1,000 versions, find recordings "
    "by a key template with a folder for each person, or use a store that sorts."
)


def under_prefix(prefix: str, page: ListObjectVersionsOutputTypeDef) -> ListObjectVersionsOutputTypeDef:
    """Return a page of a wider listing, without entries outside of the prefix."""
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
    """Versions and markers by their keys, each once."""
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


def fits_xml(key: str) -> bool:
    """Return whether a list can name a key; a key that it cannot name has the whole list refused."""
    return not _NOT_IN_XML.search(key)


def listable(prefix: str) -> str:
    """Return the part of a prefix that can be listed by: RadosGW repeats it in its answer, which must stay readable."""
    return _NOT_IN_XML.split(prefix, maxsplit=1)[0]


class SortOrder:
    """Looks at the places where a listing was cut in pages, until the store has shown that it sorts.

    Args:
        system: The system's name in the configuration.
        operation: What is being done, for errors.
        listing: Asks the store.
    """

    def __init__(self, system: str, operation: str, listing: Listing) -> None:
        self._system = system
        self._operation = operation
        self._list = listing
        self._seen: set[str] = set()
        self._is_proven = False

    def insist(self, prefix: str, cut: str) -> None:
        """Make sure that nothing was left out at the end of a page.

        Raises:
            Permanent: The store lists in another order.
        """
        for start in _where_orders_part(prefix, cut):
            if self._is_proven:
                return
            if start not in self._seen:
                self._seen.add(start)
                self._look(start)

    def _look(self, start: str) -> None:
        """Compare the first listed entry under a prefix with the first one in S3's order, if the two orders differ."""
        names = _names(self._list(start, _SLASH, _FIRST))
        least = min(names, default="")
        if len(names) < 2 or not (least == start or least < start + _SLASH):
            return
        first = min(_names(self._list(start, "", 1)), default="")
        if first < least or first.startswith(least):
            # Characters added to the names of files affect only those.
            self._is_proven = start + _SLASH in names
        elif _names(self._list(least, "", 1)):
            raise Permanent(_LOSES, system=self._system, operation=self._operation)


def _where_orders_part(prefix: str, cut: str) -> Iterator[str]:
    """The beginnings of a key after which a store that walks by folders may go on elsewhere than one that sorts."""
    for place, sign in enumerate(cut):
        # A folder, or the name to which a store adds one of its own (``1.wav`` beside ``1.wav.json``).
        if place >= max(len(prefix), 1) and sign in _PARTING:
            yield cut[:place]


def _names(page: ListObjectVersionsOutputTypeDef) -> set[str]:
    listed = (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
    return {item["Key"] for item in listed} | {item["Prefix"] for item in page.get("CommonPrefixes", ())}
