"""One line of each case, for lists of cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rightsflow.domain.people import Absence
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store.case import absences
from rightsflow.store.database import Database
from rightsflow.store.tables import CaseRow


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSummary:
    """One line of a list of cases; no personal data of the subject."""

    case_id: str
    right: Right
    state: CaseState
    due_on: date
    safe_due_on: date
    work_to_on: date
    received_at: datetime
    owner: str
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseList:
    """A list of cases, and what is needed to name their owners.

    Args:
        cases: The cases, soonest due first.
        absences: The absences that are not over.
    """

    cases: list[CaseSummary]
    absences: list[Absence]


def read_list(database: Database, today: date, *, closed_too: bool) -> CaseList:
    """Read a list of cases; no key is needed, since none of it is sealed.

    Args:
        database: The case store's database.
        today: The present day in the controller's zone.
        closed_too: True for closed cases as well.

    Raises:
        Transient: The database does not answer.
    """
    with database.reading() as session:
        away = [recorded.absence for recorded in absences.ending_on_or_after(session, today)]
        return CaseList(summaries(session, closed_too=closed_too), away)


def summaries(session: Session, *, closed_too: bool) -> list[CaseSummary]:
    """The cases, soonest due first.

    Args:
        session: The open transaction.
        closed_too: Whether closed ones are among them.
    """
    query = select(CaseRow).order_by(CaseRow.due_on, CaseRow.id)
    if not closed_too:
        query = query.where(CaseRow.closed_at.is_(None))
    return [_summary(row) for row in session.scalars(query)]


def _summary(row: CaseRow) -> CaseSummary:
    return CaseSummary(
        case_id=row.id,
        right=Right(row.right),
        state=CaseState(row.state),
        due_on=row.due_on,
        safe_due_on=row.safe_due_on,
        work_to_on=row.work_to_on,
        received_at=row.received_at,
        owner=row.owner,
        closed_at=row.closed_at,
    )
