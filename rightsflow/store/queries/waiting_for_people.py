"""Further work that waits for people over all cases: alerts, people's answers, and imported cases not yet begun.

No key is needed: nothing here is sealed. Each list is cut, and counted whole.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from rightsflow.domain.deadlines.clock_events import ANSWER_TO, ClockEventKind
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import SETTLED
from rightsflow.store.database import Database
from rightsflow.store.tables import AlertRow, CaseRow, ClockEventRow

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cut(Generic[T]):
    """The first of a list, and how long it is.

    Args:
        count: How many there are.
        shown: The first of them.
    """

    count: int
    shown: tuple[T, ...]

    @property
    def more(self) -> int:
        """The number of entries that were cut off."""
        return self.count - len(self.shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnacknowledgedAlert:
    """An active alert that no one has acknowledged; no personal data of the subject.

    Args:
        case_id: Its case.
        text: What people were told.
        raised_at: When it was raised (aware).
        work_to_on: The day to work to.
        due_on: The last day of the law, in the controller's zone.
        owner: The key of the person or role responsible for the case.
    """

    case_id: str
    text: str
    raised_at: datetime
    work_to_on: date
    due_on: date
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedReply:
    """A question that the person has not answered; no personal data of the subject.

    Args:
        case_id: Its case.
        right: What was asked for.
        question: What they were asked.
        asked_at: When the question went out (aware).
        work_to_on: The day to work to.
        due_on: The last day of the law, in the controller's zone.
        owner: The key of the person or role responsible for the case.
    """

    case_id: str
    right: Right
    question: ClockEventKind
    asked_at: datetime
    work_to_on: date
    due_on: date
    owner: str


def owned_by(owners: Collection[str] | None) -> list[ColumnElement[bool]]:
    """Return the condition that a case belongs to one of some owners.

    Args:
        owners: Their keys; ``None`` for everybody's.
    """
    return [] if owners is None else [CaseRow.owner.in_(sorted(owners))]


def unacknowledged_alerts(
    database: Database, at_most: int, owners: Collection[str] | None = None
) -> Cut[UnacknowledgedAlert]:
    """Return the active alerts that no one has acknowledged, the soonest due first.

    Args:
        database: The database of the cases.
        at_most: How many are read; all are counted.
        owners: Whose cases, by the owners' keys; ``None`` for everybody's.

    Raises:
        Transient: The database does not answer.
    """
    stands = (AlertRow.ended_at.is_(None), AlertRow.acknowledged_at.is_(None), *owned_by(owners))
    columns = AlertRow.case_id, AlertRow.text, AlertRow.raised_at, CaseRow.work_to_on, CaseRow.due_on, CaseRow.owner
    query = select(*columns).join(CaseRow, CaseRow.id == AlertRow.case_id).where(*stands)
    with database.reading() as session:
        rows = session.execute(query.order_by(CaseRow.work_to_on, AlertRow.id).limit(at_most)).all()
        count = session.scalar(_counted(query)) or 0
    return Cut(count, tuple(UnacknowledgedAlert(**row._mapping) for row in rows))  # noqa: SLF001 - its public name


def awaited_replies(database: Database, at_most: int, owners: Collection[str] | None = None) -> Cut[AwaitedReply]:
    """The questions that persons have not answered, the longest asked first.

    Args:
        database: The database of the cases.
        at_most: How many are read; all are counted.
        owners: Whose cases, by the owners' keys; ``None`` for everybody's.

    Raises:
        Transient: The database does not answer.
    """
    answer = aliased(ClockEventRow)
    unanswered = [
        (ClockEventRow.kind == asked.value)
        & ~exists().where(answer.case_id == ClockEventRow.case_id, answer.kind == answered.value)
        for asked, answered in ANSWER_TO.items()
    ]
    query = (
        select(
            *(CaseRow.id, CaseRow.right, ClockEventRow.kind, ClockEventRow.at),
            *(CaseRow.work_to_on, CaseRow.due_on, CaseRow.owner),
        )
        .join(CaseRow, CaseRow.id == ClockEventRow.case_id)
        .where(CaseRow.closed_at.is_(None), CaseRow.state.not_in(sorted(SETTLED)), or_(*unanswered), *owned_by(owners))
    )
    with database.reading() as session:
        rows = session.execute(query.order_by(ClockEventRow.at, CaseRow.id).limit(at_most)).all()
        count = session.scalar(_counted(query)) or 0
    return Cut(
        count,
        tuple(
            AwaitedReply(
                case_id=row.id,
                right=Right(row.right),
                question=ClockEventKind(row.kind),
                asked_at=row.at,
                work_to_on=row.work_to_on,
                due_on=row.due_on,
                owner=row.owner,
            )
            for row in rows
        ),
    )


def imported_and_waiting(database: Database) -> int:
    """Count the imported cases that wait for their run; an import is under way until there are none.

    Args:
        database: The database of the cases.

    Raises:
        Transient: The database does not answer.
    """
    waits = (CaseRow.in_bulk, CaseRow.start_at.is_not(None), CaseRow.closed_at.is_(None))
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(CaseRow).where(*waits)) or 0


def _counted(query: Select[*tuple[object, ...]]) -> Select[int]:
    return select(func.count()).select_from(query.subquery())
