"""Jobs by which a system erases records or empties entries, for minutes or weeks: begun, looked at, ended per record.

A job is given as an outcome before it is looked at for the first time, so that the case file has it by then. A run that
was killed between finds it among the jobs that the system lists, or begins it again under the same key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from connectors.rest.calls import Meaning
from connectors.rest.client import UNREADABLE, Row
from connectors.rest.description import Job, JobItems
from connectors.rest.erase import AnswerVerdict, RestEraser, verdict
from connectors.rest.locate import day_of
from connectors.rest.paths import value_at, values_at
from connectors.rest.records import RestRecord, RestSession, ids_of
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.vocabulary.records import Method, Outcome, OutcomeKind, RecordRef, SystemJob, settled_together

_AT_WORK: Final = "Its system has begun to delete it and has not finished."
_FORGOTTEN: Final = "Its system knows nothing more of the job that deletes it; it is begun again."
_LEFT: Final = "The job that empties it ended and left some of it; it is begun again."
_UNNAMED: Final = "The job that deletes it ended without a word on it; it is begun again."


class JobRunner:
    """Erasures by jobs.

    Args:
        session: The operation.
        eraser: Reads records before they are erased, and words outcomes.
        job: The description of the job.
        now: The present instant (aware).
        today: The present day in the controller's zone.
        method: Whether it erases records or empties the subject's entries in them.
    """

    def __init__(
        self, session: RestSession, eraser: RestEraser, job: Job, now: datetime, today: date, method: Method
    ) -> None:
        self._session, self._eraser, self._job, self._now, self._today = session, eraser, job, now, today
        self._api, self._method = session.api, method
        self._authors: dict[RecordRef, str] = {}

    def run(self, refs: Sequence[RecordRef], jobs: Mapping[RecordRef, SystemJob]) -> Iterator[Outcome]:
        """Yield an outcome per record: of those with a job by looking at it, of the others by beginning one.

        Args:
            refs: The records, all of one kind.
            jobs: The jobs that were begun for some of them.
        """
        running: dict[str, list[RecordRef]] = {}
        for ref in refs:
            if ref in jobs:
                running.setdefault(jobs[ref].id, []).append(ref)
        for these in running.values():
            yield from self._look(jobs[these[0]], these)
        settled, ready = self._looked_at([ref for ref in refs if ref not in jobs])
        yield from settled
        for author in sorted({*self._authors.values()}) or [""]:
            own = [ref for ref in ready if self._authors.get(ref, "") == author]
            for start in range(0, len(own), self._job.batch):
                yield from self._begin(own[start : start + self._job.batch])

    # -- the beginning ---------------------------------------------------------------------------------------------

    def _looked_at(self, refs: Sequence[RecordRef]) -> tuple[list[Outcome], list[RecordRef]]:
        """Read records afresh; return the outcomes of those that no job is to erase, and the others."""
        settled, ready = list[Outcome](), list[RecordRef]()
        for ref in refs:
            obstacle, record = self._eraser.obstacle(ref, self._method)
            if obstacle is not None:
                settled.append(obstacle)
            elif self._is_done(record):
                settled.append(self._settled(ref))
            else:
                ready.append(ref)
        return settled, ready

    def _is_done(self, record: RestRecord | None) -> bool:
        """Return whether nothing is left to do; of a record whose entries are emptied, note the author of the rest."""
        if record is None or self._method is Method.ERASE:
            return record is None
        entries = self._eraser.own_entries(record)
        authors = {item.value for entry in entries for item in entry.names if item.kind is IdentifierKind.ACCOUNT_ID}
        if entries and not authors:
            raise self._api.failed(UNREADABLE)
        if entries:
            self._authors[record.ref] = min(authors)
        return not entries

    def _settled(self, ref: RecordRef, request_id: str = "") -> Outcome:
        named = self._eraser.erased if self._method is Method.ERASE else self._eraser.masked
        return named(ref, request_id)

    def _begin(self, refs: Sequence[RecordRef]) -> Iterator[Outcome]:
        if not refs:
            return
        if (existing := self._existing(refs)) is not None:
            yield from settled_together([self._waiting(ref, self._new(existing)) for ref in refs])
            return
        ids = [ids_of(ref)[-1] for ref in refs]
        given = {**self._session.given(refs[0]), "ids": ids, "author": self._authors.get(refs[0], "")}
        said, tree = verdict(
            self._api, self._job.create, given, self._job.answers, self._today, self._zone, self._key(ids)
        )
        if said.means is Meaning.REFUSED and len(refs) > 1 and self._job.split:
            yield from self._halves(refs)
        elif said.means is Meaning.REFUSED:
            yield from settled_together([self._eraser.refused(ref, said) for ref in refs])
        elif said.means is Meaning.GONE:
            yield from self._all_done(refs, said.request_id)
        else:
            if (found := value_at(tree, self._job.id)) is None:
                raise self._api.failed(UNREADABLE)
            job = self._new(str(found))
            yield from settled_together([self._waiting(ref, job) for ref in refs])

    def _halves(self, refs: Sequence[RecordRef]) -> Iterator[Outcome]:
        middle = (len(refs) + 1) // 2
        yield from self._begin(refs[:middle])
        yield from self._begin(refs[middle:])

    def _existing(self, refs: Sequence[RecordRef]) -> str | None:
        """Return the id of a job that was begun for a single record before."""
        listing = self._job.existing
        if listing is None or len(refs) > 1:
            return None
        wanted = ids_of(refs[0])[-1]
        for row in self._api.rows(listing, self._session.given(refs[0])):
            state = value_at(row, self._job.state)
            is_over = listing.unless is not None and listing.unless.holds(row)
            # The record is there: what a job that has ended did, it did to another, or not at all.
            is_over = is_over or (state is not None and state not in self._job.working)
            if str(value_at(row, listing.record)) == wanted and not is_over:
                return str(value_at(row, self._job.id))
        return None

    def _key(self, ids: Sequence[str]) -> str:
        if not self._job.keyed:
            return ""
        text = "\0".join([self._session.system, self._job.create.target, *sorted(ids)])
        return hashlib.sha256(text.encode()).hexdigest()

    def _new(self, job_id: str) -> SystemJob:
        return SystemJob(
            id=job_id,
            begun_at=self._now,
            look_at=self._now,
            give_up_at=self._now + timedelta(days=self._job.give_up_days),
        )

    # -- a look ----------------------------------------------------------------------------------------------------

    def _look(self, job: SystemJob, refs: Sequence[RecordRef]) -> Iterator[Outcome]:
        given = {**self._session.given(refs[0]), "job": job.id}
        answer = self._api.send(self._job.poll, given, allow=(404,))
        if answer.status_code == 404:
            self._api.believe_gone(answer)
            yield from (self._settled_by_read(ref, _FORGOTTEN) for ref in refs)
            return
        tree = self._api.tree(answer)
        state = value_at(tree, self._job.state)
        if state in self._job.working:
            yield from settled_together([self._still_working(ref, job) for ref in refs])
        elif state in self._job.done:
            yield from self._done(refs, tree)
        elif state in self._job.failed:
            yield from self._failed(refs, tree)
        else:
            raise self._api.failed(UNREADABLE, answer)

    def _still_working(self, ref: RecordRef, job: SystemJob) -> Outcome:
        if self._now >= job.give_up_at:
            days = self._job.give_up_days
            return self._eraser.refused(
                ref, AnswerVerdict(means=Meaning.REFUSED, reason=f"its deletion has not ended within {days} days")
            )
        later = self._now + timedelta(hours=self._job.every_hours)
        again = SystemJob(id=job.id, begun_at=job.begun_at, look_at=later, give_up_at=job.give_up_at)
        return self._waiting(ref, again)

    def _done(self, refs: Sequence[RecordRef], tree: Any) -> Iterator[Outcome]:
        results = self._results(tree)
        if results is None:
            yield from self._all_done(refs)
            return
        named = {ref: self._of_item(ref, results.get(ids_of(ref)[-1])) for ref in refs}
        yield from settled_together([outcome for outcome in named.values() if outcome is not None])
        yield from (self._settled_by_read(ref, _UNNAMED) for ref, outcome in named.items() if outcome is None)

    def _all_done(self, refs: Sequence[RecordRef], request_id: str = "") -> Iterator[Outcome]:
        """Yield the outcomes of records of which the system says that all is done; entries are read again."""
        if self._method is Method.ERASE:
            yield from settled_together([self._settled(ref, request_id) for ref in refs])
        else:
            yield from (self._settled_by_read(ref, _LEFT) for ref in refs)

    def _failed(self, refs: Sequence[RecordRef], tree: Any) -> Iterator[Outcome]:
        """Settle the records of a failed job that it speaks of, and begin the others again without them."""
        results = self._results(tree) or {}
        named = {ref: self._of_item(ref, results.get(ids_of(ref)[-1])) for ref in refs}
        left = [ref for ref, outcome in named.items() if outcome is None]
        yield from settled_together([outcome for outcome in named.values() if outcome is not None])
        if len(left) < len(refs) or (len(left) > 1 and self._job.split):
            # The job may have taken days, in which a record can have passed to another person.
            settled, ready = self._looked_at(left)
            yield from settled
            yield from self._halves(ready) if len(left) == len(refs) else self._begin(ready)
        else:
            reason = "the job that deletes it failed there"
            said = AnswerVerdict(means=Meaning.REFUSED, reason=reason)
            yield from settled_together([self._eraser.refused(ref, said) for ref in left])

    def _results(self, tree: Any) -> dict[str, Row] | None:
        items = self._job.items
        if items is None:
            return None
        rows = [row for row in values_at(tree, f"{items.rows}[*]") if isinstance(row, dict)]
        return {str(value_at(row, items.id)): row for row in rows}

    def _of_item(self, ref: RecordRef, row: Row | None) -> Outcome | None:
        items = self._job.items
        if items is None or row is None:
            return None
        state = value_at(row, items.state)
        if state in items.erased:
            return self._settled(ref)
        reason = items.refused.get(str(state))
        if reason is None:
            return None
        said = AnswerVerdict(means=Meaning.REFUSED, reason=reason, until=self._until(items, row))
        return self._eraser.refused(ref, said)

    def _until(self, items: JobItems, row: Row) -> date | None:
        named = day_of(value_at(row, items.until), self._zone) if items.until else None
        return named or (self._today + timedelta(days=items.days) if items.days else None)

    def _settled_by_read(self, ref: RecordRef, otherwise: str) -> Outcome:
        if self._is_done(self._session.read(ref)):
            return self._settled(ref)
        return Outcome(record=ref, kind=OutcomeKind.FAILED, reason=otherwise)

    def _waiting(self, ref: RecordRef, job: SystemJob) -> Outcome:
        return Outcome(record=ref, kind=OutcomeKind.FAILED, reason=_AT_WORK, job=job)

    @property
    def _zone(self) -> str:
        return self._session.place.timezone
