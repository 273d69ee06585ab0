"""Restored objects in the place of erased versions: a restored object is a new version with an id of its own.

It counts as the erased one if it is under the same key, is only the subject's by a fresh read, and its content has the
digest of the erased version's ETag. Any other candidate is left to a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from connectors.s3.client import WORKERS
from connectors.s3.contents import content_marks, read_marks_of
from connectors.s3.holdings import Holdings, by_key
from connectors.s3.listings import seen_together
from connectors.s3.marks import stands_for
from connectors.s3.names import kind_of
from connectors.s3.objects import Stored, Version
from connectors.s3.pool import bounded_map
from connectors.s3.refs import name_of
from rightsflow.domain.errors import Permanent
from rightsflow.domain.vocabulary.records import HadContent, RecordRef, Restored

RESTORED: Final = "restored"
"""The operation's name in errors."""
_CHUNK: Final = 1 << 20


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
    shown = seen_together(holdings.bucket, groups, operation=RESTORED)

    def look(item: tuple[str, list[RecordRef]]) -> list[Restored]:
        key, group = item
        stored = shown[key] if key in shown else holdings.bucket.exact(key, operation=RESTORED)
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
        tags = self.holdings.bucket.tags(version, operation=RESTORED) or {}
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
            content = self.holdings.bucket.read(version, operation=RESTORED, chunk_size=_CHUNK)
            yield from read_marks_of(version.size, content)
        except Permanent:
            return

    def _having(self, mark: str) -> RecordRef | None:
        return next((ref for ref in self.refs if self.had(ref, mark)), None)
