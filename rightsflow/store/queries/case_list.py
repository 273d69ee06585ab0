"""Cases by right, state, owner, light and date: a page of them, or all. No key is needed: nothing here is sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select

from rightsflow.domain.board import Group
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store.database import Database
from rightsflow.store.queries.board import members
from rightsflow.store.tables import CaseRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The filter of a case list; an empty field excludes no case.

    Args:
        right: What was asked for.
        state: Where they stand.
        owner: The key of who answers for them.
        group: How pressing they are; open cases alone then.
        due_by: The last day on which they are due, in the controller's zone.
        closed_too: Whether closed cases are listed as well.
    """

    right: Right | None = None
    state: CaseState | None = None
    owner: str = ""
    group: Group | None = None
    due_by: date | None = None
    closed_too: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCase:
    """A case of a list; no personal data of the subject.

    Args:
        case_id: The case.
        right: What was asked for.
        state: Where it stands.
        received_at: When the request was received (aware).
        work_to_on: The day to work to.
        due_on: The last day of the law, in the controller's zone.
        owner: The key of who answers for it.
        closed_at: When it was closed (aware), or ``None``.
        is_suspended: Whether its clock is suspended.
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


_COLUMNS = (
    *(CaseRow.id, CaseRow.right, CaseRow.state, CaseRow.received_at, CaseRow.work_to_on, CaseRow.due_on),
    *(CaseRow.owner, CaseRow.closed_at, CaseRow.suspended_since),
)


def list_cases(
    database: Database, wanted: Wanted, today: date, *, at_most: int | None = None, passing: int = 0
) -> tuple[int, list[ListedCase]]:
    """List cases, soonest first, with the total number, in one query.

    Args:
        database: The database of the cases.
        wanted: Which.
        today: The present day in the controller's zone.
        at_most: How many are read; all by default. The count is of all.
        passing: How many are passed over first; where that is all of them, none is read and the count is 0.

    Raises:
        Transient: The database does not answer.
    """
    query = select(*_COLUMNS, func.count().over().label("in_all")).where(*_rules(wanted, today))
    query = query.order_by(CaseRow.work_to_on, CaseRow.id).limit(at_most).offset(passing)
    with database.reading() as session:
        rows = session.execute(query).all()
    listed = [
        ListedCase(
            case_id=row.id,
            right=Right(row.right),
            state=CaseState(row.state),
            received_at=row.received_at,
            work_to_on=row.work_to_on,
            due_on=row.due_on,
            owner=row.owner,
            closed_at=row.closed_at,
            is_suspended=row.suspended_since is not None,
        )
        for row in rows
    ]
    return (rows[0].in_all if rows else 0), listed


def _rules(wanted: Wanted, today: date) -> list[ColumnElement[bool]]:
    rules: list[ColumnElement[bool]] = []
    if wanted.group:
        rules.append(members(today)[wanted.group])
    elif not wanted.closed_too:
        rules.append(CaseRow.closed_at.is_(None))
    if wanted.right:
        rules.append(CaseRow.right == wanted.right.value)
    if wanted.state:
        rules.append(CaseRow.state == wanted.state.value)
    if wanted.owner:
        rules.append(CaseRow.owner == wanted.owner)
    if wanted.due_by:
        rules.append(CaseRow.due_on <= wanted.due_by)
    return rules
