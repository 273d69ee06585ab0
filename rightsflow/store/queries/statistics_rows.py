"""The rows behind the statistics: three queries, however many cases there are. No key is needed: nothing is sealed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from rightsflow.domain.case_statistics import (
    CountedCase,
    Stage,
    Statistics,
    desk_minutes,
    first_days,
    monthly,
    stage_times,
)
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store.database import Database
from rightsflow.store.tables import CaseRow, DecisionRow, StepRow

_IDENTITY, _APPROVAL = aliased(DecisionRow), aliased(DecisionRow)
_COUNTED: Final = (
    select(
        CaseRow.right,
        CaseRow.state,
        CaseRow.received_at,
        CaseRow.closed_at,
        CaseRow.due_on,
        CaseRow.desk_seconds,
        _IDENTITY.decided_at.label("identity_at"),
        StepRow.finished_at.label("searched_at"),
        _APPROVAL.decided_at.label("approved_at"),
    )
    .outerjoin(_IDENTITY, and_(_IDENTITY.case_id == CaseRow.id, _IDENTITY.gate == Gate.IDENTITY.value))
    .outerjoin(_APPROVAL, and_(_APPROVAL.case_id == CaseRow.id, _APPROVAL.gate == Gate.APPROVAL.value))
    .outerjoin(StepRow, and_(StepRow.case_id == CaseRow.id, StepRow.step == StepName.RESOLVE.value))
)


def read_statistics(database: Database, today: date, zone: ZoneInfo) -> Statistics:
    """Read the statistics of a day; no writer waits for this.

    Args:
        database: The case store's database.
        today: The present day in the controller's zone.
        zone: The controller's zone, in which days are counted.

    Raises:
        Transient: The database does not answer.
    """
    since = first_days(today)[0]
    with database.reading() as session:
        cases = list(_counted(session, since, zone))
        return Statistics(
            open_cases=_open_cases(session),
            overdue=_overdue(session, today),
            months=monthly(cases, today),
            stage_times=stage_times(cases, since),
            minutes=desk_minutes(cases, today),
        )


def add_desk_seconds(database: Database, case_id: str, seconds: int) -> None:
    """Add to the time that people spent on a case at the desk.

    Args:
        database: The case store's database.
        case_id: The case.
        seconds: How many seconds.

    Raises:
        Transient: The database does not answer.
    """
    with database.transaction() as session:
        case = update(CaseRow).where(CaseRow.id == case_id)
        session.execute(case.values(desk_seconds=CaseRow.desk_seconds + seconds))


def _counted(session: Session, since: date, zone: ZoneInfo) -> Iterator[CountedCase]:
    begin = datetime(since.year, since.month, since.day, tzinfo=zone)
    for row in session.execute(_COUNTED.where(or_(CaseRow.received_at >= begin, CaseRow.closed_at >= begin))):
        yield _case(row, zone)


def _case(row: Row[*tuple[Any, ...]], zone: ZoneInfo) -> CountedCase:
    reached = {
        Stage.IDENTITY: row.identity_at,
        Stage.SEARCH: row.searched_at,
        Stage.APPROVAL: row.approved_at,
        Stage.ANSWER: row.closed_at,
    }
    stages = {stage: at.astimezone(zone).date() for stage, at in reached.items() if at is not None}
    return CountedCase(
        right=Right(row.right),
        state=CaseState(row.state),
        received_on=row.received_at.astimezone(zone).date(),
        closed_on=stages.get(Stage.ANSWER),
        due_on=row.due_on,
        desk_seconds=row.desk_seconds,
        stages=stages,
    )


def _open_cases(session: Session) -> dict[tuple[CaseState, Right], int]:
    query = (
        select(CaseRow.state, CaseRow.right, func.count())
        .where(CaseRow.closed_at.is_(None))
        .group_by(CaseRow.state, CaseRow.right)
    )
    return {(CaseState(state), Right(right)): count for state, right, count in session.execute(query)}


def _overdue(session: Session, today: date) -> dict[Right, int]:
    is_late = and_(CaseRow.closed_at.is_(None), CaseRow.suspended_since.is_(None), CaseRow.due_on < today)
    query = select(CaseRow.right, func.count()).where(is_late).group_by(CaseRow.right)
    return {Right(right): count for right, count in session.execute(query)}
