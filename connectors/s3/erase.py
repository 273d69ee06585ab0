"""Erasure: versions for good, one by one, and what Object Lock keeps.

Taking a version away must neither show nor hide another one. Where the version that a plain read gives goes and an
older one stays, a delete marker is put over the key first, or the older one would be current again. The markers
themselves, which hold the key, go when the last version of the key has gone.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from connectors.s3.bucket import Bucket
from connectors.s3.errors import DENIED_CODES, as_error
from connectors.s3.holdings import Holdings, KeyHolding
from connectors.s3.objects import NULL, Deletion, Lock, Version
from rightsflow.domain.errors import Misconfigured, RightsflowError, Transient
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, RecordRef, settled_together

log = logging.getLogger(__name__)

_GONE = "It is gone from the store for good."
"""Also of a version that was not found: the run before may have erased it and been killed before it could say so."""
_GONE_BESIDE_OTHERS = (
    "It is gone from the store for good; what else is stored under the same name is not known to be yours and was "
    "not touched."
)
_BY_NOW = "By now it names another person, so it was left as it is."
_RIGHTS_OF_OTHERS = "Rights of others"
_HIDES_OTHERS = "It is the mark of a deletion and hides what else is stored under the same name; it was left there."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """The result of a batch: the refused versions, and the records that are markers and had to stay."""

    refusals: Mapping[Version, str]
    kept_markers: frozenset[Version]
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Eraser:
    """Erases versions for good.

    Args:
        bucket: Where they lie.
        holdings: Looks them up.
        zone: The time zone in which a lock's last day is counted.
        now: The instant against which a retention has ended or not.
    """

    bucket: Bucket
    holdings: Holdings
    zone: ZoneInfo
    now: datetime

    def erase(self, records: Sequence[RecordRef]) -> Iterator[Outcome]:
        """Erase records in batches; one outcome each.

        Raises:
            Transient: The store did not do part of it now; outcomes that are certain were given before.
            Misconfigured: A right is missing; likewise.
        """
        of_others: list[RecordRef] = []
        looked_up = self.holdings.look_up(records, tells_others=True)
        for batch in _batches(self._without(of_others, looked_up), self.bucket.page_size):
            yield from self._erase_batch(batch)
        for other in of_others:
            yield Outcome(
                record=other, kind=OutcomeKind.RETAINED, reason=_BY_NOW, legal_basis=_RIGHTS_OF_OTHERS, refused=True
            )

    def _without(self, of_others: list[RecordRef], looked_up: Iterable[KeyHolding]) -> Iterator[KeyHolding]:
        """The holdings without the records that are another person's by now, which are noted."""
        for holding in looked_up:
            left = [record for record, entries in holding.own.items() if self.holdings.are_anothers(entries)]
            of_others += left
            own = {record: entries for record, entries in holding.own.items() if record not in left}
            if own:
                yield replace(holding, own=own, has_others=holding.has_others or bool(left))

    def _erase_batch(self, batch: Sequence[KeyHolding]) -> Iterator[Outcome]:
        done = self._remove([self._covered(holding) for holding in batch])
        first_error: RightsflowError | None = None
        outcomes: list[Outcome] = []
        for holding in batch:
            for record, entries in holding.own.items():
                try:
                    outcomes.append(self._outcome(record, entries, holding, done))
                except (Transient, Misconfigured) as error:
                    # The step stops, but not before it has told what is done.
                    first_error = first_error or error
        yield from settled_together(outcomes)
        if first_error:
            raise first_error

    def _remove(self, batch: Sequence[KeyHolding]) -> _Done:
        """Remove the records' versions, then the markers of the keys that have no version any more."""
        versions = self._delete(version for holding in batch for version in _versions_of(holding))
        emptied, full = list[KeyHolding](), list[KeyHolding]()
        for holding in batch:
            (full if _left(holding, versions.refusals) else emptied).append(holding)
        markers = self._delete(marker for holding in emptied for marker in holding.stored.markers)
        return _Done(
            refusals={**versions.refusals, **markers.refusals},
            kept_markers=frozenset(entry for holding in full for entry in holding.entries if entry.is_marker),
            request_id=versions.request_id or markers.request_id,
        )

    def _delete(self, listed: Iterable[Version]) -> Deletion:
        entries = list(listed)
        refusals: dict[Version, str] = {}
        request_id = ""
        for start in range(0, len(entries), self.bucket.page_size):
            deletion = self.bucket.delete(entries[start : start + self.bucket.page_size])
            refusals |= deletion.refusals
            request_id = deletion.request_id
        return Deletion(refusals, request_id)

    def _covered(self, holding: KeyHolding) -> KeyHolding:
        """Add a delete marker to a key of which an older version would otherwise become current."""
        if not _would_show_another(holding) or self._is_kept(holding.stored.entries[0]):
            return holding
        key, left = holding.stored.key, set(holding.stored.entries) - set(holding.entries)
        if any(entry.version_id == NULL for entry in left) and not self.bucket.keeps_versions:
            # While versions are suspended, a marker replaces the version null, which is another's.
            log.warning("s3 uncovered system=%s: an older version is current now", self.bucket.system)
            return holding
        marker = self.bucket.cover(key)
        fresh = self.holdings.again(holding)
        seen = {entry.version_id for entry in holding.stored.entries} | {marker}
        if marker != NULL and any(version.version_id not in seen for version in fresh.stored.versions):
            # A person stored another one at this very moment, which the marker would hide.
            self.bucket.delete([item for item in fresh.stored.markers if item.version_id == marker])
            fresh = self.holdings.again(holding)
        return fresh

    def _is_kept(self, version: Version) -> bool:
        return self.bucket.locks_objects and self.bucket.lock(version).holds_at(self.now)

    def _outcome(self, record: RecordRef, entries: Sequence[Version], holding: KeyHolding, done: _Done) -> Outcome:
        make = partial(Outcome, record=record, request_id=done.request_id if entries else "")
        if done.kept_markers and done.kept_markers.intersection(entries):
            return make(kind=OutcomeKind.RETAINED, reason=_HIDES_OTHERS, refused=True)
        relevant = (*entries, *holding.stored.markers) if done.refusals else ()
        refused = {entry: done.refusals[entry] for entry in relevant if entry in done.refusals}
        if not refused:
            return make(kind=OutcomeKind.ERASED, reason=_GONE_BESIDE_OTHERS if holding.has_others else _GONE)
        locks = [self._lock_behind(item, code, done.request_id) for item, code in refused.items()]
        unexplained = sorted({code for code, lock in zip(refused.values(), locks, strict=True) if lock is None})
        if unexplained:
            return make(
                kind=OutcomeKind.FAILED, reason=f"The store did not erase it and gave {', '.join(unexplained)}."
            )
        return self._retained(make, [lock for lock in locks if lock])

    def _lock_behind(self, version: Version, code: str, request_id: str) -> Lock | None:
        """The lock for which the store refused; ``None`` for a reason that only a person can look into.

        A lock and a missing right have the same code, so the lock itself is asked for.
        """
        if code in DENIED_CODES:
            lock = self.bucket.lock(version)
            if lock.holds_at(self.now):
                return lock
        error = as_error(code, self.bucket.system, self.bucket.operation, request_id=request_id)
        if isinstance(error, (Transient, Misconfigured)):
            raise error
        return None

    def _retained(self, make: partial[Outcome], locks: Sequence[Lock]) -> Outcome:
        if any(lock.held for lock in locks):
            reason, until = "A legal hold in the store keeps it; it has no end date.", None
        else:
            until = max(lock.until for lock in locks if lock.until).astimezone(self.zone).date()
            reason = f"Object Lock in the store keeps it until {until.isoformat()}."
        return make(kind=OutcomeKind.RETAINED, reason=reason, until=until, refused=True)


def _would_show_another(holding: KeyHolding) -> bool:
    """Return whether deleting the records' entries would make an older version the current one."""
    current = holding.stored.entries[0] if holding.stored.entries else None
    if current is None or current.is_marker or not current.is_latest or current not in holding.entries:
        return False
    left = [entry for entry in holding.stored.entries if entry not in holding.entries]
    if not any(not entry.is_marker for entry in left):
        return False
    # If a version and a marker have the same second, either may come next.
    newest = max(entry.modified_at for entry in left)
    return any(not entry.is_marker for entry in left if entry.modified_at == newest)


def _versions_of(holding: KeyHolding) -> tuple[Version, ...]:
    """The records' own versions; a marker among them waits until it is known to hide nothing."""
    return tuple(entry for entry in holding.entries if not entry.is_marker)


def _left(holding: KeyHolding, refusals: Mapping[Version, str]) -> bool:
    """Return whether a version of the key remains after its records' own are gone."""
    own = _versions_of(holding)
    return any(version in refusals or version not in own for version in holding.stored.versions)


def _batches(holdings: Iterator[KeyHolding], most: int) -> Iterator[list[KeyHolding]]:
    """Collect keys until one DeleteObjects call is full."""
    batch: list[KeyHolding] = []
    size = 0
    for holding in holdings:
        if batch and size + len(holding.entries) > most:
            yield batch
            batch, size = [], 0
        batch.append(holding)
        size += len(holding.entries)
    if batch:
        yield batch
