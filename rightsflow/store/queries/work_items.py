"""The work of which people are told, over all open cases. No key is needed: nothing here is sealed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from rightsflow.domain.conversation import ContributionKind
from rightsflow.domain.deadlines.clock_events import ANSWER_TO
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.domain.work_notices import WorkItem, WorkKind
from rightsflow.store.database import Database
from rightsflow.store.tables import CaseRow, ClockEventRow, HandoverRow, MessageRow, ProcessorAnswerRow

RECENT: Final = timedelta(days=7)
"""How far back hand-overs and answers count as new."""
_STATES: Final = {
    CaseState.RECEIVED.value: WorkKind.REQUEST,
    CaseState.IDENTITY_PENDING.value: WorkKind.REQUEST,
    CaseState.AWAITING_APPROVAL.value: WorkKind.APPROVAL,
}
_CASE: Final = (CaseRow.id, CaseRow.right, CaseRow.work_to_on, CaseRow.owner, CaseRow.opened_by)


def new_work(database: Database, now: datetime) -> list[WorkItem]:
    """Return the present items of work, in the order of the cases' target dates.

    Args:
        database: The case store's database.
        now: The present instant (aware).

    Raises:
        Transient: The database does not answer.
    """
    with database.reading() as session:
        items = [*_by_state(session), *_handovers(session, now - RECENT), *_answers(session, now - RECENT)]
    return sorted(items, key=lambda item: (item.work_to_on, item.case_id, item.key))


def _by_state(session: Session) -> Iterator[WorkItem]:
    query = select(*_CASE, CaseRow.state, CaseRow.state_since).where(
        CaseRow.closed_at.is_(None), CaseRow.suspended_since.is_(None), CaseRow.state.in_(_STATES)
    )
    for row in session.execute(query):
        kind = _STATES[row.state]
        mark = f" {row.state_since.isoformat()}" if kind is WorkKind.APPROVAL else ""
        yield _item(row, kind, f"{kind.name} {row.id}{mark}", row.owner, row.opened_by)


def _handovers(session: Session, since: datetime) -> Iterator[WorkItem]:
    query = (
        select(*_CASE, HandoverRow.id.label("number"), HandoverRow.to_owner, HandoverRow.by)
        .join(HandoverRow, HandoverRow.case_id == CaseRow.id)
        .where(HandoverRow.at >= since, HandoverRow.to_owner == CaseRow.owner)
    )
    for row in session.execute(query):
        yield _item(row, WorkKind.HANDOVER, f"HANDOVER {row.number}", row.to_owner, row.by)


def _answers(session: Session, since: datetime) -> Iterator[WorkItem]:
    processors = (
        select(*_CASE, ProcessorAnswerRow.id.label("number"), ProcessorAnswerRow.recorded_by.label("by"))
        .join(ProcessorAnswerRow, ProcessorAnswerRow.case_id == CaseRow.id)
        .where(ProcessorAnswerRow.recorded_at >= since)
    )
    answers = [kind.value for kind in ANSWER_TO.values()]
    persons = (
        select(*_CASE, ClockEventRow.id.label("number"), ClockEventRow.by.label("by"))
        .join(ClockEventRow, ClockEventRow.case_id == CaseRow.id)
        .where(ClockEventRow.recorded_at >= since, ClockEventRow.kind.in_(answers))
    )
    messages = (
        select(*_CASE, MessageRow.id.label("number"), MessageRow.by.label("by"))
        .join(MessageRow, MessageRow.case_id == CaseRow.id)
        .where(MessageRow.recorded_at >= since, MessageRow.kind == ContributionKind.MESSAGE, ~MessageRow.is_answer)
    )
    for name, query in (("PROCESSOR", processors), ("PERSON", persons), ("MESSAGE", messages)):
        for row in session.execute(query):
            yield _item(row, WorkKind.ANSWER, f"ANSWER {name} {row.number}", row.owner, row.by)


def _item(row: Row[*tuple[Any, ...]], kind: WorkKind, key: str, owner: str, by: str) -> WorkItem:
    return WorkItem(
        key=key,
        kind=kind,
        case_id=row.id,
        right=row.right,
        work_to_on=row.work_to_on,
        owner=owner,
        by=by,
    )
