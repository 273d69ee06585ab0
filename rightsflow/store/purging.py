"""Purging of closed cases whose evidence period has ended, and of copies due for deletion.

A purged case leaves the store whole, with its key: data encrypted with that key elsewhere, such as working copies on
another machine, becomes unreadable. (A back-up of the store has the key too, and its own retention.) The head of its
chain stays, since seals name it; an entry in the ledger's own chain records the purge.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from rightsflow.domain.case.holds import EvidenceHold
from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import SETTLED
from rightsflow.store.case.keeping import PACKAGE
from rightsflow.store.core.case_ledger import append_own
from rightsflow.store.core.chain_ends import head_of
from rightsflow.store.database import Database
from rightsflow.store.tables import (
    BrakeRow,
    CaseRow,
    CaseTaskRow,
    ChainRow,
    FindingRow,
    InstructionRow,
    LedgerRow,
    SecretRow,
)

BATCH = 500
"""The number of cases that one query returns: few enough that memory stays flat."""


class Hold(StrEnum):
    """The reason for which a case outlasts its evidence period."""

    NONE = ""
    RECORDS = "it holds records that are still kept in the systems and have to be erased there first"
    TASK = "a task of it is open; `rightsflow case tasks` lists it, `rightsflow case task-done` notes that it was done"
    PROCESSOR = "a processor has not proved yet what it did; `rightsflow processors instructions` lists that"
    FOLLOW_UP = "its erasures are still verified again; the flow follow-up ends that"
    CLAIM = "its evidence is held for a complaint or a claim; `rightsflow hold evidence --lift` ends that"


class Again(StrEnum):
    """The result for a case purged before that may have come back with a back-up."""

    PURGED = "purged"
    GONE = "gone"
    HELD = "held"
    WORKED_ON = "worked on"


@dataclass(frozen=True, slots=True)
class Ended:
    """A closed case whose evidence period is over.

    Args:
        case_id: The case.
        evidence_until: The last day of the period.
        hold: Why it is kept all the same.
    """

    case_id: str
    evidence_until: date
    hold: Hold


_KEEPS_RECORDS = exists().where(
    FindingRow.case_id == CaseRow.id,
    # A request for restriction does not erase records that it left unchanged or lifted; its case waits for nothing.
    or_(
        FindingRow.outcome == OutcomeKind.RESTRICTED.value,
        and_(FindingRow.outcome == OutcomeKind.RETAINED.value, CaseRow.right != Right.RESTRICTION.value),
    ),
    ~exists().where(
        CaseTaskRow.case_id == FindingRow.case_id,
        CaseTaskRow.system == FindingRow.system,
        CaseTaskRow.kept_until == FindingRow.until,
        CaseTaskRow.done_on.is_not(None),
    ),
)
"""Kept records whose erasure by hand is not noted as done."""
_HAS_OPEN_TASK = exists().where(CaseTaskRow.case_id == CaseRow.id, CaseTaskRow.done_on.is_(None))
_WAITS_FOR_PROCESSOR = exists().where(InstructionRow.case_id == CaseRow.id, InstructionRow.is_open)
_HAS_PACKAGE = exists().where(SecretRow.case_id == CaseRow.id, SecretRow.field == PACKAGE)
_IS_CLOSED = CaseRow.closed_at.is_not(None)
_IS_SETTLED = CaseRow.state.in_(sorted(SETTLED))


class Purging:
    """The purge of cases and copies whose period is over.

    Args:
        database: The database of the cases.
        now: Gives the present instant (aware).
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def undated(self, after: str = "") -> list[str]:
        """Return closed cases without a noted end of their evidence or their package.

        Args:
            after: The id after which to go on; empty to begin.
        """
        lacks = or_(CaseRow.evidence_until.is_(None), and_(CaseRow.copies_end_on.is_(None), _HAS_PACKAGE))
        return self._ids(select(CaseRow.id).where(_IS_CLOSED, lacks), after)

    def copies_over(self, today: date, after: str = "") -> list[str]:
        """Return cases whose working copies are due for deletion.

        Args:
            today: The present day in the controller's zone.
            after: The id after which to go on; empty to begin.
        """
        return self._ids(select(CaseRow.id).where(CaseRow.copies_end_on <= today), after)

    def evidence_over(self, today: date, after: str = "") -> list[Ended]:
        """Return closed cases whose evidence period is over.

        Args:
            today: The present day in the controller's zone.
            after: The id after which to go on; empty to begin.
        """
        query = _ended(today).where(CaseRow.id > after).order_by(CaseRow.id).limit(BATCH)
        with self._database.transaction() as session:
            return [_read(row, today) for row in session.execute(query)]

    def without_copies(self, case_ids: Collection[str]) -> list[str]:
        """Return the cases without working copies: purged cases, and settled ones whose copies were removed.

        Args:
            case_ids: At most :data:`BATCH` of them.
        """
        purged = select(ChainRow.chain).where(ChainRow.chain.in_(case_ids), ChainRow.purged_at.is_not(None))
        let_go = select(CaseRow.id).where(
            CaseRow.id.in_(case_ids), _IS_SETTLED, CaseRow.copies_end_on.is_(None), ~_HAS_PACKAGE
        )
        with self._database.transaction() as session:
            return sorted({*session.scalars(purged), *session.scalars(let_go)})

    def purge(self, case_id: str, today: date, *, by: str) -> bool:
        """Let a case go, and its key; returns whether it went.

        One that is not over, or is held, stays: it may have changed since it was found.

        Args:
            case_id: The case.
            today: The present day in the controller's zone.
            by: Who does it.
        """
        with self._database.transaction() as session:
            session.execute(select(CaseRow.id).where(CaseRow.id == case_id).with_for_update())
            row = session.execute(_ended(today).where(CaseRow.id == case_id)).one_or_none()
            if row is None or (purgeable := _read(row, today)).hold:
                return False
            self._delete(session, purgeable, by)
            return True

    def purge_again(self, case_id: str, before: date, today: date, *, by: str) -> Again:
        """Purge a case again that came back with a back-up: the back-up's data on it are older than the purge.

        Only a hold for a complaint or a claim keeps it: the back-up cannot tell whether that was lifted.

        Args:
            case_id: The case.
            before: The day on which it was purged.
            today: The present day in the controller's zone.
            by: Who does it.
        """
        columns = (CaseRow.evidence_until, CaseRow.evidence_hold, CaseRow.evidence_held_until)
        with self._database.transaction() as session:
            row = session.execute(select(*columns).where(CaseRow.id == case_id).with_for_update()).one_or_none()
            if row is None:
                return Again.GONE
            if row.evidence_hold and EvidenceHold(row.evidence_held_until).is_in_force(today):
                return Again.HELD
            last = before - timedelta(days=1)
            self._delete(session, Ended(case_id, min(row.evidence_until or last, last), Hold.NONE), by)
            return Again.PURGED

    def _delete(self, session: Session, found: Ended, by: str) -> None:
        head, now = head_of(session, found.case_id), self._now()
        until = found.evidence_until.isoformat()
        details = {"case": found.case_id, "entries": head.number, "head": head.digest, "evidence_until": until}
        append_own(session, now, StoreEvent.CASE_PURGED, actor=by, details=details)
        # In this order: the database lets the entries of a chain go only when it is noted as purged.
        session.execute(update(ChainRow).where(ChainRow.chain == found.case_id).values(purged_at=now))
        session.execute(delete(LedgerRow).where(LedgerRow.chain == found.case_id))
        session.execute(delete(BrakeRow).where(BrakeRow.system == found.case_id))
        session.execute(delete(CaseRow).where(CaseRow.id == found.case_id))

    def note_lookup(self, *, by: str, kinds: Collection[str], found: int) -> None:
        """Note that a person's cases were searched for, without the person or the cases.

        Args:
            by: Who.
            kinds: By which kinds of identifier.
            found: How many cases there were.
        """
        with self._database.transaction() as session:
            details = {"kinds": sorted(kinds), "found": found}
            append_own(session, self._now(), StoreEvent.PERSON_LOOKED_UP, actor=by, details=details)

    def clear_log(self) -> bool:
        """Remove deleted data from SQLite's write-ahead log; return whether it is empty.

        In the database file itself ``secure_delete`` has put zeros in its place. PostgreSQL has no such means: deleted
        rows stay in its files until VACUUM frees them and others are written there, and in its own log.
        """
        if self._database.engine.dialect.name != "sqlite":
            return True
        connection = self._database.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, _, _ = cursor.fetchone() or (True, 0, 0)
        finally:
            connection.close()
        return not busy

    def _ids(self, query: Select[Any], after: str) -> list[str]:
        with self._database.transaction() as session:
            return list(session.scalars(query.where(CaseRow.id > after).order_by(CaseRow.id).limit(BATCH)))


def _ended(today: date) -> Select[Any]:
    columns: tuple[Any, ...] = (
        *(CaseRow.id, CaseRow.state, CaseRow.evidence_until, CaseRow.evidence_hold, CaseRow.evidence_held_until),
        CaseRow.follow_up_on,
        _KEEPS_RECORDS.label("keeps_records"),
        _HAS_OPEN_TASK.label("has_open_task"),
        _WAITS_FOR_PROCESSOR.label("waits_for_processor"),
    )
    return select(*columns).where(_IS_CLOSED, CaseRow.evidence_until < today)


def _read(row: Row[Any], today: date) -> Ended:
    hold = Hold.FOLLOW_UP if row.follow_up_on else Hold.NONE
    if row.waits_for_processor:
        hold = Hold.PROCESSOR
    if row.has_open_task:
        hold = Hold.TASK
    if row.keeps_records:
        hold = Hold.RECORDS
    if row.evidence_hold and EvidenceHold(row.evidence_held_until).is_in_force(today):
        hold = Hold.CLAIM
    return Ended(row.id, row.evidence_until, hold)
