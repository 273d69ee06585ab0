"""A bucket of S3 as a location of files: with all versions, deleted ones included, and Object Lock.

A vendor's id names one call, so that every version under a file's key is that call's: all are given, and an erasure
removes all of them with their delete markers, or none of them where one is locked. The rights are ``s3:ListBucket``,
``s3:ListBucketVersions``, ``s3:GetObjectVersion``, ``s3:DeleteObjectVersion``, ``s3:GetObjectRetention`` and
``s3:GetObjectLegalHold``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from connectors.sql.layouts import StoredEntry
from connectors.sql.stores import CHUNK, FsspecStore, StoreLock
from rightsflow.domain.errors import Permanent, Transient

_NO_LOCK: Final = frozenset(
    {
        "InvalidRequest",
        "MethodNotAllowed",
        "NoSuchObjectLegalHold",
        "NoSuchObjectLockConfiguration",
        "NotImplemented",
        "ObjectLockConfigurationNotFoundError",
    }
)
"""Answers of a server that has no lock on an object, or knows none."""
_SORTED: Final = (
    "The S3 server lists more than a page of files under one name, and is not Amazon's, so that files could be lost "
    "between the pages; write a layout whose names begin with {id}, or folders of days."
)
_PART: Final = 16 * CHUNK
_Version = Mapping[str, Any]


class S3Store(FsspecStore):
    """A bucket, or a prefix of one.

    Args are those of :class:`connectors.sql.stores.FsspecStore`.
    """

    has_links = False
    _locks_objects: bool | None = None

    def entry(self, path: str) -> StoredEntry | None:
        """Return what is under a path, deleted files included; ``None`` if nothing is."""
        if not path:
            with self._calling("files") as fs:
                try:
                    fs.call_s3("head_bucket", Bucket=self._bucket)
                except FileNotFoundError:
                    return None
            return StoredEntry("", is_folder=True)
        name = path.rpartition("/")[2]
        if versions := self._exact(path):
            return StoredEntry(name, size=int(versions[0]["Size"]))
        below = next(self._pages(f"{path}/", most=1))
        return StoredEntry(name, is_folder=True) if below.get("Versions") else None

    def listing(self, folder: str, beginning: str = "") -> list[StoredEntry]:
        """Return what is in a folder, deleted files included; nothing if there is no such folder.

        Args:
            folder: The folder.
            beginning: The beginning of the names that are wanted.
        """
        found: dict[str, StoredEntry] = {}
        for page in self._pages(f"{folder}/{beginning}" if folder else beginning, delimiter="/"):
            for item in page.get("CommonPrefixes", ()):
                name = str(item["Prefix"]).rstrip("/").rpartition("/")[2]
                found[name] = StoredEntry(name, is_folder=True)
            for item in page.get("Versions", ()):
                name = str(item["Key"]).rpartition("/")[2]
                if name:
                    found.setdefault(name, StoredEntry(name, size=int(item["Size"])))
        return list(found.values())

    def versions(self, path: str) -> list[str]:
        """Return the ids of a file's versions, the newest first."""
        return [str(item["VersionId"]) for item in self._exact(path)]

    def read(self, path: str, version: str = "") -> Iterator[bytes]:
        """Yield the bytes of a version in chunks; by default of the newest."""
        with self._calling("extract") as fs:
            chosen = self._chosen(path, version)
            for offset in range(0, int(chosen["Size"]), _PART):
                yield self._range(fs, chosen, offset, _PART)

    def beginning(self, path: str, size: int, version: str = "") -> bytes:
        """Return the first bytes of a version."""
        with self._calling("extract") as fs:
            return self._range(fs, self._chosen(path, version), 0, size)

    def remove(self, path: str) -> None:
        """Remove every version of a file and its delete markers."""
        with self._calling("erase") as fs:
            for version in [*self._exact(path), *self._exact(path, "DeleteMarkers")]:
                fs.call_s3("delete_object", Bucket=self._bucket, Key=version["Key"], VersionId=version["VersionId"])
        if self._exact(path):
            raise Transient("The store did not let a file go; it is tried again.", system=self._system)

    def replace(self, path: str, content: bytes) -> None:
        """Write a file in place of another one, of which no version stays."""
        before = self.versions(path)
        with self._calling("erase") as fs:
            key = self._key(path)
            written = fs.call_s3("put_object", Bucket=self._bucket, Key=key, Body=content).get("VersionId", "null")
            for version in before:
                if version != written:
                    fs.call_s3("delete_object", Bucket=self._bucket, Key=key, VersionId=version)

    def lock(self, path: str) -> StoreLock | None:
        """Return the lock that keeps a file longest; ``None`` if no version has one."""
        if not self._has_object_lock():
            return None
        locks = [self._lock(path, version) for version in self.versions(path)]
        until = max((lock.until for lock in locks if lock.until), default=None)
        return StoreLock(is_held=any(lock.is_held for lock in locks), until=until)

    def kept_after_deletion(self) -> str:
        """Return what is kept of a removed file: nothing, since every version goes."""
        return ""

    @property
    def _bucket(self) -> str:
        return str(self.root).partition("/")[0]

    def _key(self, path: str) -> str:
        prefix = str(self.root).partition("/")[2]
        return f"{prefix}/{path}" if prefix else path

    def _exact(self, path: str, kind: str = "Versions") -> list[_Version]:
        """The versions of exactly this key, the newest first."""
        key = self._key(path)
        found = [item for page in self._pages(path) for item in page.get(kind, ()) if item["Key"] == key]
        return sorted(found, key=lambda item: (bool(item.get("IsLatest")), item["LastModified"]), reverse=True)

    def _pages(self, beginning: str, *, delimiter: str = "", most: int = 1000) -> Iterator[dict[str, Any]]:
        marks: dict[str, str] = {}
        while True:
            with self._calling("files") as fs:
                page = fs.call_s3(
                    "list_object_versions",
                    Bucket=self._bucket,
                    Prefix=self._key(beginning),
                    Delimiter=delimiter,
                    MaxKeys=most,
                    **marks,
                )
            yield page
            if not page.get("IsTruncated"):
                return
            if self._options.get("endpoint_url"):
                raise Permanent(_SORTED, system=self._system, operation="files")
            after = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page.get("NextVersionIdMarker", "")}
            marks = {name: value for name, value in after.items() if value}

    def _chosen(self, path: str, version: str) -> _Version:
        for item in self._exact(path):
            if version in {"", item["VersionId"]}:
                return item
        raise FileNotFoundError

    def _range(self, fs: Any, item: _Version, offset: int, size: int) -> bytes:
        end = min(offset + size, int(item["Size"]))
        if offset >= end:
            return b""
        whole = f"{self._bucket}/{item['Key']}"
        return bytes(fs.cat_file(whole, version_id=item["VersionId"], start=offset, end=end))

    def _has_object_lock(self) -> bool:
        if self._locks_objects is None:
            answer = self._unless_none("get_object_lock_configuration")
            configured = (answer or {}).get("ObjectLockConfiguration", {})
            self._locks_objects = configured.get("ObjectLockEnabled") == "Enabled"
        return self._locks_objects

    def _lock(self, path: str, version: str) -> StoreLock:
        which = {"Key": self._key(path), "VersionId": version}
        retention = self._unless_none("get_object_retention", **which) or {}
        hold = self._unless_none("get_object_legal_hold", **which) or {}
        return StoreLock(
            is_held=hold.get("LegalHold", {}).get("Status") == "ON",
            until=retention.get("Retention", {}).get("RetainUntilDate"),
        )

    def _unless_none(self, method: str, **arguments: str) -> dict[str, Any] | None:
        """Return an answer; ``None`` if there is nothing of that sort."""
        with self._calling("files") as fs:
            try:
                answer: dict[str, Any] = fs.call_s3(method, Bucket=self._bucket, **arguments)
            except OSError as error:
                response = getattr(error.__cause__, "response", {})
                if response.get("Error", {}).get("Code") in _NO_LOCK:
                    return None
                raise
            return answer
