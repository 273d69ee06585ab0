"""Storing a recording anew under its key, as a stream and with all that it had."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from connectors.s3.bucket import Bucket
from connectors.s3.errors import translated
from connectors.s3.objects import Version
from rightsflow.domain.errors import Transient

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

_BUFFER = 1 << 20
_KEPT_HEADERS = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Metadata",
    "ServerSideEncryption",
    "SSEKMSKeyId",
    "StorageClass",
)


class Sent(io.RawIOBase):
    """A stream as the file that boto3 reads; its digest is known once it was read to its end.

    Args:
        chunks: The stream.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._left = b""
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The SHA-256 of the bytes read so far, in hexadecimal."""
        return self._digest.hexdigest()

    def readable(self) -> bool:
        """Return true: the stream is readable."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes; none at the end.

        Args:
            buffer: Where they are written.
        """
        view = memoryview(buffer)
        while not self._left and (chunk := next(self._chunks, b"")):
            self._left = chunk
        taken, self._left = self._left[: len(view)], self._left[len(view) :]
        self._digest.update(taken)
        view[: len(taken)] = taken
        return len(taken)


def put(bucket: Bucket, version: Version, content: Sent, tags: Mapping[str, str], *, operation: str) -> Version:
    """Store content over a version's key with its metadata and other tags; return the stored version.

    Args:
        bucket: The bucket.
        version: The version whose key and metadata are taken.
        content: What is stored.
        tags: The tags.
        operation: What is being done, for errors.

    Raises:
        Transient: What was stored cannot be told from what another one stored meanwhile.
    """
    before = {(item.version_id, item.etag) for item in bucket.exact(version.key, operation=operation).versions}
    with translated(bucket.system, operation):
        head = bucket.client.head_object(Bucket=bucket.name, Key=version.key, VersionId=version.version_id)
        more = {**_kept(head), "Tagging": urlencode(tags)}
        bucket.client.upload_fileobj(io.BufferedReader(content, _BUFFER), bucket.name, version.key, ExtraArgs=more)
    after = bucket.exact(version.key, operation=operation).versions
    new = [item for item in after if (item.version_id, item.etag) not in before]
    found = [item for item in new if (bucket.tags(item, operation=operation) or {}) == dict(tags)]
    if len(found) != 1:
        raise Transient("What was stored cannot be found again; it is tried again.", system=bucket.system)
    return found[0]


def _kept(head: HeadObjectOutputTypeDef) -> dict[str, object]:
    known: Mapping[str, object] = dict(head)
    return {name: known[name] for name in _KEPT_HEADERS if known.get(name)}
