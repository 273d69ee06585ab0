"""Looking at records again after an erasure: are they gone, and has a restored back-up brought them back?

A restored object is a new version with an id of its own. It counts as the erased one if it is under the same key, is
only the subject's by a fresh read, and its content has the digest of the erased version's ETag. Any other candidate is
left to a person.

A listing gives size and ETag at no cost. The ETag of an object that was stored in one piece is the MD5 of its content,
unless it is encrypted with a key of its own. An object stored in parts has the MD5 of its parts' MD5s, so that the same
content gets another ETag if a restore splits it elsewhere, and some stores give a meaningless ETag. So the content is
read, and split as the usual programs do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from connectors.s3.belonging import ending_cut
from connectors.s3.client import WORKERS, bounded_map
from connectors.s3.holdings import Holdings, KeyHolding, by_key, seen_together, stands_for
from connectors.s3.objects import Stored, Version, kind_of, name_of
from rightsflow.domain.erasure.residue import ResidueTrail, fields_left, left
from rightsflow.domain.errors import Permanent
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import HadContent, Presence, PresenceState, RecordRef, Restored

_MIB: Final = 1 << 20
_PARTS: Final = tuple(size * _MIB for size in (5, 6, 7, 8, 10, 15, 16, 20, 25, 32, 50, 64, 100, 128, 256, 512))
"""Parts' sizes that programs use; 8 MiB is that of boto3 and the AWS command line, 5 MiB the least that S3 takes."""
_KEY = "key"
_WORDS = {_KEY: "the name under which another recording is stored"}
_CHUNK: Final = 1 << 20


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
    """The mark of contents that are equally long, without which none is equal."""
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


def verify(holdings: Holdings, refs: Sequence[RecordRef], known: Identifiers, country: str) -> Iterator[Presence]:
    """Yield an answer per record."""
    trail = ResidueTrail(known=known, country=country, id_fields=frozenset({_KEY}))

    groups = by_key(refs)
    shown = seen_together(holdings.bucket, groups)

    def look(item: tuple[str, list[RecordRef]]) -> list[Presence]:
        key, group = item
        try:
            holding = holdings.at(key, group, seen=shown)
        except Permanent as error:
            return [Presence(record=ref, state=PresenceState.UNKNOWN, detail=str(error)) for ref in group]
        left_there = _left_in_key(holdings, holding, trail) if any(not own for own in holding.own.values()) else ()
        return [_presence(ref, holding, left_there) for ref in group]

    asks = partial(holdings.has_to_ask, shown)
    for seen in bounded_map(look, groups.items(), workers=WORKERS, makes_call=asks):
        yield from seen


def _left_in_key(holdings: Holdings, holding: KeyHolding, trail: ResidueTrail) -> tuple[str, ...]:
    """Return the traces of the person in a key still in use; the person's own objects there count as other records."""
    if not holding.stored.entries:
        return ()
    # A part of a key is a field of its own: an id is all of it.
    shown = [ending_cut(part) or part for part in holding.stored.key.split("/")]
    fields = fields_left({_KEY: shown}, trail)
    return () if fields and holdings.has_subjects(holding.stored) else fields


def _presence(ref: RecordRef, holding: KeyHolding, left_there: tuple[str, ...]) -> Presence:
    if entries := holding.own[ref]:
        what = "It" if len(entries) == 1 else f"{len(entries)} versions of it"
        return Presence(record=ref, state=PresenceState.PRESENT, detail=f"{what} can still be read.")
    if holding.stored.entries and not holding.stored.versions:
        detail = "A delete marker still holds the object's name."
        return Presence(record=ref, state=PresenceState.PRESENT, detail=detail)
    return left(ref, left_there, _WORDS)


def restored(holdings: Holdings, refs: Sequence[RecordRef], had: HadContent) -> Iterator[Restored]:
    """Yield objects under the keys of erased or muted records that may be one of them.

    Args:
        holdings: Lists the keys, and says whose a version is.
        refs: The records.
        had: Tells whether a record had a content.

    Raises:
        Transient: The store did not answer.
    """
    groups = by_key(refs)
    shown = seen_together(holdings.bucket, groups)

    def look(item: tuple[str, list[RecordRef]]) -> list[Restored]:
        key, group = item
        stored = shown[key] if key in shown else holdings.bucket.exact(key)
        return list(_Key(holdings, stored, group, had).restored()) if stored.versions else []

    for found in bounded_map(look, groups.items(), workers=WORKERS):
        yield from found


@dataclass(frozen=True, slots=True)
class _Key:
    """A key, the records that were under it, and its present versions."""

    holdings: Holdings
    stored: Stored = field(repr=False)
    refs: Sequence[RecordRef]
    had: HadContent

    def restored(self) -> Iterator[Restored]:
        unmuted = [item for item in self.stored.versions if not self._is_muted(item)]
        mine = self.holdings.finder.mine(self.holdings.bucket, self.stored, self.holdings.known) if unmuted else ()
        for version in unmuted:
            if found := self._record_of(version, is_mine=version in mine):
                record, is_same = found
                now = RecordRef(record.system, kind_of(version.key), name_of(version))
                yield Restored(record=record, now=now, is_same=is_same, stored_at=version.modified_at)

    def _is_muted(self, version: Version) -> bool:
        if not self.holdings.mutes:
            return False
        tags = self.holdings.bucket.tags(version) or {}
        return stands_for(version, tags) is not None

    def _record_of(self, version: Version, *, is_mine: bool) -> tuple[RecordRef, bool] | None:
        """Return the record that a version may be, and whether that is certain."""
        exact, size = content_marks(version)
        if not is_mine:
            # The same bytes without the person's name in their metadata: only a person can say whose they are.
            return (same, False) if (same := self._having(exact)) else None
        if itself := next((ref for ref in self.refs if ref.ref == name_of(version)), None):
            return itself, True
        alike = [ref for ref in self.refs if self.had(ref, size) is not False]
        if not alike:
            return None
        if any(self.had(ref, size) for ref in alike):
            for mark in self._read(version):
                if same := self._having(mark):
                    return same, True
        return alike[0], False

    def _read(self, version: Version) -> Iterator[str]:
        """Return the marks of a version's content; none if it is archived or gone."""
        try:
            content = self.holdings.bucket.read(version, chunk_size=_CHUNK)
            yield from read_marks_of(version.size, content)
        except Permanent:
            return

    def _having(self, mark: str) -> RecordRef | None:
        return next((ref for ref in self.refs if self.had(ref, mark)), None)
