"""The bucket: every call to the store, paged, translated and without anything of S3's own in what comes back.

A bucket without versions has only the version ``null``, which another person's recording may replace between the
listing and the deletion. So its ETag is sent as a condition (Amazon S3, "How to perform conditional deletes"): a store
that supports conditions then refuses. A store that does not, such as RadosGW 18, ignores it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final, TypedDict, TypeVar
from urllib.parse import urlsplit

from connectors.s3.answers import SortOrder, entries_of, fits_xml, grouped, head_of, listable, under_prefix
from connectors.s3.errors import GONE_CODES, NO_LOCK_CODES, StoreError, request_id_of, translated
from connectors.s3.objects import NULL, Deletion, Lock, ObjectHead, Stored, Version
from rightsflow.domain.errors import Permanent

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import ListObjectVersionsOutputTypeDef, ObjectIdentifierTypeDef, TagTypeDef

UNMET: Final = frozenset({"PreconditionFailed", "NotImplemented"})
"""The answers of a store if a condition is not met, or if it supports none for a version."""
log = logging.getLogger(__name__)

T = TypeVar("T")

_AMAZONS = (".amazonaws.com", ".amazonaws.com.cn")
PAGE_SIZE = 1000
"""Entries per page and objects per DeleteObjects call: the most that S3 allows for both."""


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


class _PageMarks(TypedDict, total=False):
    """The start of the next page of a listing."""

    KeyMarker: str
    VersionIdMarker: str


class _Condition(TypedDict, total=False):
    """The content on which an operation depends."""

    IfMatch: str


class _Portion(_Condition, total=False):
    """The part of an object that is read, and its content."""

    Range: str


class Bucket:
    """A bucket, as one system's connector sees it; its methods raise only the four kinds of error.

    Args:
        client: A client of boto3 (thread-safe).
        name: The bucket's name.
        system: The system's name in the configuration.
        operation: What is being done, for errors.
        page_size: Entries per page.
    """

    def __init__(self, client: S3Client, name: str, system: str, operation: str, *, page_size: int = PAGE_SIZE) -> None:
        self.client = client
        self.name = name
        self.system = system
        self.operation = operation
        self.page_size = page_size

    def stored(self, prefix: str) -> Iterator[Stored]:
        """Yield all objects under a prefix, grouped by key.

        A key's entries may be on two pages: those of a page's last key wait for the next page.

        Raises:
            Permanent: The store gave the same page twice.
        """
        # A server may begin the next page with what it has shown of the key already (RadosGW on dbstore does).
        held_back: list[Version] = []
        for page in self._pages(prefix):
            entries = [*held_back, *entries_of(page)]
            last = page["NextKeyMarker"] if page.get("IsTruncated") else None
            held_back = [entry for entry in entries if entry.key == last]
            yield from grouped(entry for entry in entries if entry.key != last)

    def exact(self, key: str) -> Stored:
        """Return all versions under exactly this key; without entries if there are none.

        The listing is by prefix and returns ``a.wav.json`` along with ``a.wav``; it is read to its end, since not
        every server sorts as S3 does.
        """
        found = (stored for stored in self.stored(key) if stored.key == key)
        return Stored(key, tuple(entry for stored in found for entry in stored.entries))

    def first_page(self, prefix: str) -> tuple[list[Stored], bool]:
        """Return the objects that one call shows of a prefix, and whether these are all."""
        page = next(self._pages(prefix))
        return list(grouped(entries_of(page))), not page.get("IsTruncated")

    def pages(self, prefix: str) -> Iterator[list[Version]]:
        """Yield the entries under a prefix, call by call; a key's entries may be on two pages.

        Raises:
            Permanent: The store gave the same page twice.
        """
        return (list(entries_of(page)) for page in self._pages(prefix))

    def folders(self, prefix: str) -> list[str]:
        """The prefixes one level (one ``/``) below a prefix, deleted objects' included."""
        pages = self._pages(prefix, delimiter="/")
        return [str(item["Prefix"]) for page in pages for item in page.get("CommonPrefixes", ())]

    def head(self, version: Version) -> ObjectHead | None:
        """Return the store's description of a version; ``None`` if the version is gone."""
        answer = self._unless(
            GONE_CODES,
            lambda: self.client.head_object(Bucket=self.name, Key=version.key, VersionId=version.version_id),
        )
        return head_of(answer) if answer else None

    def tags(self, version: Version) -> Mapping[str, str] | None:
        """The tags of a version; ``None`` where it is gone by now."""
        try:
            with translated(self.system, self.operation, expected=GONE_CODES | {"NoSuchTagSet"}):
                answer = self.client.get_object_tagging(Bucket=self.name, Key=version.key, VersionId=version.version_id)
        except StoreError as error:
            return None if error.code in GONE_CODES else {}
        return {item["Key"]: item["Value"] for item in answer["TagSet"]}

    def set_tags(self, version: Version, tags: Mapping[str, str]) -> None:
        """Set the tags of a version, in place of all others."""
        listed: list[TagTypeDef] = [{"Key": key, "Value": value} for key, value in tags.items()]
        with translated(self.system, self.operation):
            self.client.put_object_tagging(
                Bucket=self.name, Key=version.key, VersionId=version.version_id, Tagging={"TagSet": listed}
            )

    @cached_property
    def keeps_versions(self) -> bool:
        """True if versions are on; if they are suspended, a deletion replaces the version ``null``."""
        with translated(self.system, self.operation):
            return self.client.get_bucket_versioning(Bucket=self.name).get("Status") == "Enabled"

    def cover(self, key: str) -> str:
        """Add a delete marker to a key, and return its version's id."""
        with translated(self.system, self.operation):
            answer = self.client.delete_object(Bucket=self.name, Key=key)
        return answer.get("VersionId") or NULL

    @cached_property
    def locks_objects(self) -> bool:
        """True if the bucket was made with Object Lock; without it no version can be locked."""
        answer = self._unless(NO_LOCK_CODES, lambda: self.client.get_object_lock_configuration(Bucket=self.name))
        return answer is not None and answer["ObjectLockConfiguration"].get("ObjectLockEnabled") == "Enabled"

    def lock(self, version: Version) -> Lock:
        """The lock on a version, asked for directly: a HEAD leaves it out where the right to see it is missing."""
        none = NO_LOCK_CODES | GONE_CODES
        retention = self._unless(
            none,
            partial(self.client.get_object_retention, Bucket=self.name, Key=version.key, VersionId=version.version_id),
        )
        hold = self._unless(
            none,
            partial(self.client.get_object_legal_hold, Bucket=self.name, Key=version.key, VersionId=version.version_id),
        )
        return Lock(
            held=hold is not None and hold["LegalHold"].get("Status") == "ON",
            until=retention["Retention"].get("RetainUntilDate") if retention else None,
        )

    def read(self, version: Version, *, offset: int = 0, chunk_size: int) -> Iterator[bytes]:
        """Stream a version's content from an offset on.

        Args:
            version: What to read.
            offset: The first byte.
            chunk_size: Bytes per chunk.
        """
        part: _Portion = {"Range": f"bytes={offset}-"} if offset else {}
        if version.etag:
            # Without versions, a key can be overwritten between two reads of it.
            part["IfMatch"] = version.etag
        with translated(self.system, self.operation):
            answer = self.client.get_object(Bucket=self.name, Key=version.key, VersionId=version.version_id, **part)
        body = answer["Body"]
        try:
            chunks = body.iter_chunks(chunk_size)
            while True:
                with translated(self.system, self.operation):
                    chunk = next(chunks, b"")
                if not chunk:
                    return
                yield chunk
        finally:
            body.close()

    def beginning(self, version: Version, *, size: int) -> bytes:
        """The first bytes of a version; none where it is empty."""
        if not version.size:
            return b""
        with translated(self.system, self.operation):
            answer = self.client.get_object(
                Bucket=self.name, Key=version.key, VersionId=version.version_id, Range=f"bytes=0-{size - 1}"
            )
            return answer["Body"].read(size)

    def delete(self, entries: Sequence[Version]) -> Deletion:
        """Remove versions and markers for good, never past a lock (``BypassGovernanceRetention`` is not sent).

        Args:
            entries: At most :data:`PAGE_SIZE` of them.
        """
        listed = [entry for entry in entries if fits_xml(entry.key)]
        deletion = self._delete_listed(listed) if listed else Deletion({}, "")
        unmet = [
            version for version, code in deletion.refusals.items() if code in UNMET and self._is_unchanged(version)
        ]
        if unmet:
            # Some stores do not compare with the ETag that they list, as SeaweedFS of what was stored in parts.
            again = self._delete_listed(unmet, with_condition=False)
            met = {version: code for version, code in deletion.refusals.items() if version not in unmet}
            deletion = Deletion({**met, **again.refusals}, again.request_id)
        one_by_one = [self._delete_alone(entry) for entry in entries if not fits_xml(entry.key)]
        refusals = {
            **deletion.refusals,
            **{version: code for each in one_by_one for version, code in each.refusals.items()},
        }
        request_id = next((each.request_id for each in (deletion, *one_by_one) if each.request_id), "")
        log.info(
            "s3 deleted system=%s entries=%d refused=%d request_id=%s",
            self.system, len(entries), len(refusals), request_id,
        )  # fmt: skip
        return Deletion(refusals, request_id)

    def _is_unchanged(self, version: Version) -> bool:
        return version in self.exact(version.key).versions

    def _delete_listed(self, entries: Sequence[Version], *, with_condition: bool = True) -> Deletion:
        objects = [identifier_of(entry, with_condition=with_condition) for entry in entries]
        with translated(self.system, self.operation):
            answer = self.client.delete_objects(Bucket=self.name, Delete={"Objects": objects, "Quiet": True})
        by_name = {(entry.key, entry.version_id): entry for entry in entries}
        refused = {
            (error["Key"], error.get("VersionId") or NULL): error["Code"]
            for error in answer.get("Errors", ())
            if error["Code"] not in GONE_CODES
        }
        if not refused.keys() <= by_name.keys():
            message = "The store refused to remove what it was not asked to remove; tell its operator."
            raise Permanent(message, system=self.system, operation=self.operation)
        refusals = {by_name[name]: code for name, code in refused.items()}
        return Deletion(refusals, request_id_of(answer["ResponseMetadata"]))

    def _delete_alone(self, version: Version) -> Deletion:
        """Delete a version whose key a list cannot name; a refusal is an error like any other call's."""
        condition: _Condition = {"IfMatch": version.etag} if is_conditional(version) else {}
        with translated(self.system, self.operation):
            answer = self.client.delete_object(
                Bucket=self.name, Key=version.key, VersionId=version.version_id, **condition
            )
        return Deletion({}, request_id_of(answer["ResponseMetadata"]))

    @cached_property
    def _sorts(self) -> bool:
        """True if the store is Amazon's own, which lists in S3's order."""
        return (urlsplit(self.client.meta.endpoint_url).hostname or "").endswith(_AMAZONS)

    @cached_property
    def _order(self) -> SortOrder:
        def first(prefix: str, delimiter: str, most: int) -> ListObjectVersionsOutputTypeDef:
            with translated(self.system, self.operation):
                return self.client.list_object_versions(
                    Bucket=self.name, Prefix=prefix, Delimiter=delimiter, MaxKeys=most
                )

        return SortOrder(self.system, self.operation, first)

    def _unless(self, codes: frozenset[str], call: Callable[[], T]) -> T | None:
        """Make a call for which some error codes mean that there is no result."""
        try:
            with translated(self.system, self.operation, expected=codes):
                return call()
        except StoreError:
            return None

    def _pages(self, prefix: str, delimiter: str = "") -> Iterator[ListObjectVersionsOutputTypeDef]:
        marks: _PageMarks = {}
        listed = listable(prefix)
        while True:
            with translated(self.system, self.operation):
                page = self.client.list_object_versions(
                    Bucket=self.name, Prefix=listed, Delimiter=delimiter, MaxKeys=self.page_size, **marks
                )
            yield page if listed == prefix else under_prefix(prefix, page)
            if not page.get("IsTruncated"):
                return
            if not self._sorts:
                self._order.insist(listed, page["NextKeyMarker"])
            after: _PageMarks = {"KeyMarker": page["NextKeyMarker"]}
            if page.get("NextVersionIdMarker"):
                after["VersionIdMarker"] = page["NextVersionIdMarker"]
            if after == marks:
                raise Permanent("The store gives the same page again and again; tell its operator.", system=self.system)
            marks = after
