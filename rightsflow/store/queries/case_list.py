"""The list of cases, soonest due first. It imports little, since a command that only lists starts quickly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from rightsflow.domain.people import Absence
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store.case.absences import absences_from
from rightsflow.store.database import Database
from rightsflow.store.tables import CaseRow

CaseColumns: TypeAlias = Row[*tuple[Any, ...]]
"""The columns of a case that a list or the board shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCase:
    """A case of a list; no personal data of the subject.

    Args:
        case_id: The case.
        right: What was asked for.
        state: Where it stands.
        received_at: When the request was received (aware).
        work_to_on: The target date.
        due_on: The last day of the law, in the controller's zone.
        owner: The key of who answers for it.
        closed_at: When it was closed (aware), or ``None``.
        is_suspended: Whether its clock is suspended.
        safe_due_on: The last day that is safe under every reading of the law.
        is_refused: Whether a system refuses a step of it.
        ticket: The number of the ticket that it is about; empty for none.
        channel: How the request arrived.
    """

    case_id: str
    right: Right
    state: CaseState
    received_at: datetime
    work_to_on: date
    due_on: date
    owner: str
    closed_at: datetime | None
    is_suspended: bool
    safe_due_on: date
    is_refused: bool = False
    ticket: str = ""
    channel: str = ""


COLUMNS = (
    *(CaseRow.id, CaseRow.right, CaseRow.state, CaseRow.received_at, CaseRow.work_to_on, CaseRow.due_on),
    *(CaseRow.owner, CaseRow.closed_at, CaseRow.suspended_since, CaseRow.safe_due_on, CaseRow.refused),
    *(CaseRow.ticket, CaseRow.channel),
)
"""The columns of a line."""


@dataclass(frozen=True, slots=True)
class CaseList:
    """A list of cases, and what is needed to name their owners.

    Args:
        cases: The cases, soonest due first.
        absences: The absences that are not over.
    """

    cases: list[ListedCase]
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
        away = [recorded.absence for recorded in absences_from(session, today)]
        return CaseList(summaries(session, closed_too=closed_too), away)


def summaries(session: Session, *, closed_too: bool) -> list[ListedCase]:
    """Return the cases, soonest due first.

    Args:
        session: The open transaction.
        closed_too: Whether closed ones are among them.
    """
    query = select(*COLUMNS).order_by(CaseRow.due_on, CaseRow.id)
    if not closed_too:
        query = query.where(CaseRow.closed_at.is_(None))
    return [listed(row) for row in session.execute(query)]


def listed(row: CaseColumns) -> ListedCase:
    """Return the line of a case."""
    return ListedCase(
        case_id=row.id,
        right=Right(row.right),
        state=CaseState(row.state),
        received_at=row.received_at,
        work_to_on=row.work_to_on,
        due_on=row.due_on,
        owner=row.owner,
        closed_at=row.closed_at,
        is_suspended=row.suspended_since is not None,
        safe_due_on=row.safe_due_on,
        is_refused=row.refused,
        ticket=row.ticket,
        channel=row.channel,
    )
