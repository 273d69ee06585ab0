"""Erasure: every version and every delete marker of a key, and what Object Lock keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from zoneinfo import ZoneInfo

from connectors.s3.bucket import PAGE_SIZE, Bucket
from connectors.s3.client import WORKERS
from connectors.s3.errors import DENIED_CODES, as_error
from connectors.s3.objects import Lock, Stored, Version
from connectors.s3.pool import bounded_map
from rightsflow.errors import Misconfigured, RightsflowError, Transient
from rightsflow.records import Outcome, OutcomeKind, RecordRef, settled_together

_ERASE = "erase"
_GONE = "It is gone from the store for good, with every version of it."
"""Also of a key that was not found: the run before may have erased it and been killed before it could say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Eraser:
    """Erases keys for good.

    Args:
        bucket: Where they lie.
        zone: The time zone in which a lock's last day is counted.
        now: The instant against which a retention has ended or not.
    """

    bucket: Bucket
    zone: ZoneInfo
    now: datetime

    def erase(self, records: Sequence[RecordRef]) -> Iterator[Outcome]:
        """Erase records in batches; one outcome each.

        Args:
            records: The records.

        Raises:
            Transient: The store did not do part of it now; outcomes that are certain were given before.
            Misconfigured: A right is missing; likewise.
        """
        looked_up = bounded_map(self._look_up, records, workers=WORKERS)
        for batch in _batches(looked_up):
            yield from self._erase_batch(batch)

    def _look_up(self, record: RecordRef) -> tuple[RecordRef, Stored]:
        return record, self.bucket.exact(record.ref, operation=_ERASE)

    def _erase_batch(self, batch: Sequence[tuple[RecordRef, Stored]]) -> Iterator[Outcome]:
        refusals: dict[Version, str] = {}
        request_id = ""
        entries = list(chain.from_iterable(stored.entries for _, stored in batch))
        for start in range(0, len(entries), PAGE_SIZE):
            deletion = self.bucket.delete(entries[start : start + PAGE_SIZE], operation=_ERASE)
            refusals |= deletion.refusals
            request_id = deletion.request_id
        first_error: RightsflowError | None = None
        outcomes: list[Outcome] = []
        for record, stored in batch:
            try:
                outcomes.append(self._outcome(record, stored, refusals, request_id))
            except (Transient, Misconfigured) as error:
                # The step stops, but not before it has told what is done.
                first_error = first_error or error
        yield from settled_together(outcomes)
        if first_error:
            raise first_error

    def _outcome(self, record: RecordRef, stored: Stored, refusals: Mapping[Version, str], request_id: str) -> Outcome:
        make = partial(Outcome, record=record, request_id=request_id if stored.entries else "")
        refused = {one: refusals[one] for one in stored.entries if one in refusals}
        if not refused:
            return make(kind=OutcomeKind.ERASED, reason=_GONE)
        locks = [self._lock_behind(one, code, request_id) for one, code in refused.items()]
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
            lock = self.bucket.lock(version, operation=_ERASE)
            if lock.holds_at(self.now):
                return lock
        error = as_error(code, self.bucket.system, _ERASE, request_id=request_id)
        if isinstance(error, (Transient, Misconfigured)):
            raise error
        return None

    def _retained(self, make: partial[Outcome], locks: Sequence[Lock]) -> Outcome:
        # Not of how many: the others may have gone in a run before.
        part = "1 version of it" if len(locks) == 1 else f"{len(locks)} versions of it"
        if any(lock.held for lock in locks):
            reason, until = f"A legal hold in the store keeps {part}; it has no end date.", None
        else:
            until = max(lock.until for lock in locks if lock.until).astimezone(self.zone).date()
            reason = f"Object Lock in the store keeps {part} until {until.isoformat()}."
        return make(kind=OutcomeKind.RETAINED, reason=reason, until=until, refused=True)


def _batches(
    looked_up: Iterator[tuple[RecordRef, Stored]],
) -> Iterator[list[tuple[RecordRef, Stored]]]:
    """Collect keys until one DeleteObjects call is full."""
    batch: list[tuple[RecordRef, Stored]] = []
    size = 0
    for record, stored in looked_up:
        if batch and size + len(stored.entries) > PAGE_SIZE:
            yield batch
            batch, size = [], 0
        batch.append((record, stored))
        size += len(stored.entries)
    if batch:
        yield batch
