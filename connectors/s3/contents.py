"""Recognition of an object's content that a back-up restores as a new version.

A listing gives size and ETag at no cost. The ETag of an object that was stored in one piece is the MD5 of its content,
unless it is encrypted with a key of its own. An object stored in parts has the MD5 of its parts' MD5s, so that the same
content gets another ETag if a restore splits it elsewhere, and some stores give a meaningless ETag. So the content is
read, and split as the usual programs do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final

from connectors.s3.objects import Version

_MIB: Final = 1 << 20
_PARTS: Final = tuple(size * _MIB for size in (5, 6, 7, 8, 10, 15, 16, 20, 25, 32, 50, 64, 100, 128, 256, 512))
"""Parts' sizes that programs use; 8 MiB is that of boto3 and the AWS command line, 5 MiB the least that S3 takes."""


def content_marks(version: Version) -> tuple[str, ...]:
    """Return the marks by which a version's content is recognised; none of a delete marker."""
    return () if version.is_marker else (exact_mark(version.size, version.etag), size_mark(version.size))


def exact_mark(size: int, etag: str) -> str:
    """The mark of equal contents.

    Args:
        size: Bytes.
        etag: The ETag, with or without its quotes.
    """
    bare = etag.strip('"').lower()
    return f"etag {size} {bare}"


def size_mark(size: int) -> str:
    """The mark of contents that are equally long, without which none is equal.

    Args:
        size: Bytes.
    """
    return f"size {size}"


def read_marks_of(size: int, chunks: Iterable[bytes]) -> Iterator[str]:
    """The exact marks that a content would have, stored in one piece or in parts.

    Args:
        size: Bytes.
        chunks: The content, read to its end.
    """
    cuts = [_Cut(size_of_part) for size_of_part in (*(part for part in _PARTS if part < size), max(size, 1))]
    whole = hashlib.md5(usedforsecurity=False)
    for chunk in chunks:
        whole.update(chunk)
        for cut in cuts:
            cut.update(chunk)
    yield exact_mark(size, whole.hexdigest())
    for cut in cuts:
        yield exact_mark(size, cut.etag)


class _Cut:
    """The ETag of a content that is cut into parts of one size, the last one shorter."""

    def __init__(self, part: int) -> None:
        self._part = part
        self._left = part
        self._digest = hashlib.md5(usedforsecurity=False)
        self._parts: list[bytes] = []

    def update(self, chunk: bytes) -> None:
        view = memoryview(chunk)
        while view:
            taken, view = view[: self._left], view[self._left :]
            self._digest.update(taken)
            self._left -= len(taken)
            if not self._left:
                self._end()

    def _end(self) -> None:
        self._parts.append(self._digest.digest())
        self._digest, self._left = hashlib.md5(usedforsecurity=False), self._part

    @property
    def etag(self) -> str:
        if self._left < self._part:
            self._end()
        return f"{hashlib.md5(b''.join(self._parts), usedforsecurity=False).hexdigest()}-{len(self._parts)}"
