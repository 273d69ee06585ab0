"""The deadline board, counted by group with the soonest of each, and filtered lists of cases, page by page.

The board goes through the indexes of the open cases, by ranges of the target date, so that it costs what it shows
and the counts. No key is needed: nothing here is sealed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import Session

from rightsflow.domain.board import SOON_DAYS, Board, BoardCase, Group, Section
from rightsflow.domain.case_labels import CaseOrder, as_in_case_id
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store.database import Database
from rightsflow.store.queries.case_list import COLUMNS, CaseColumns, ListedCase, listed
from rightsflow.store.queries.watching import acknowledged_of, failing_of, refused_of
from rightsflow.store.tables import AlertRow, CaseRow

READ_AT_ONCE = 500
"""The number of cases that one transaction of a full listing reads: memory stays flat, and no one waits long."""

_SHOWN = (
    CaseRow.id,
    CaseRow.right,
    CaseRow.state,
    CaseRow.state_since,
    CaseRow.received_at,
    CaseRow.due_on,
    CaseRow.work_to_on,
    CaseRow.owner,
    CaseRow.suspended_since,
    CaseRow.extended,
    CaseRow.at_risk,
    CaseRow.expected_late_on,
    CaseRow.refused,
)


class OpenCases:
    """The open cases as of a day, by status.

    Args:
        database: The database of the cases.
        today: The present day in the controller's zone.
        owners: Whose cases, by the owners' keys; ``None`` for everybody's.
        read_at_once: How many cases one transaction reads where all are asked for.
    """

    def __init__(
        self,
        database: Database,
        today: date,
        owners: Collection[str] | None = None,
        *,
        read_at_once: int = READ_AT_ONCE,
    ) -> None:
        self._database = database
        self._read_at_once = read_at_once
        self._members = members(today)
        if owners is not None:
            of_them = CaseRow.owner.in_(sorted(owners))
            self._members = {group: and_(rule, of_them) for group, rule in self._members.items()}

    def board(self, at_most: Mapping[Group, int]) -> Board:
        """Return every group with its count and its first cases, by a fixed number of queries.

        Args:
            at_most: How many cases of each group.

        Raises:
            Transient: The database does not answer.
        """
        with self._database.transaction() as session:
            counts = self._counts(session)
            # One more than shown, for the day of the next case.
            rows = {group: self._rows(session, group, at_most[group] + 1) for group in Group}
            cases = {case.case_id: case for case in _cases(session, [row for some in rows.values() for row in some])}
        return {group: _section(counts[group], rows[group], cases, at_most[group]) for group in Group}

    def all_of(self, group: Group) -> Iterator[BoardCase]:
        """Yield all cases of a group, soonest first, page by page; concurrent changes may be included or not.

        Raises:
            Transient: The database does not answer.
        """
        last: tuple[date, str] | None = None
        while True:
            with self._database.transaction() as session:
                rows = self._rows(session, group, self._read_at_once, after=last)
                cases = _cases(session, rows)
            yield from cases
            if len(rows) < self._read_at_once:
                return
            last = rows[-1].work_to_on, rows[-1].id

    def _counts(self, session: Session) -> dict[Group, int]:
        counted = [
            select(func.count()).select_from(CaseRow).where(rule).scalar_subquery() for rule in self._members.values()
        ]
        return dict(zip(self._members, session.execute(select(*counted)).one(), strict=True))

    def _rows(
        self, session: Session, group: Group, limit: int, after: tuple[date, str] | None = None
    ) -> Sequence[CaseColumns]:
        query = select(*_SHOWN).where(self._members[group]).order_by(CaseRow.work_to_on, CaseRow.id).limit(limit)
        if after is not None:
            query = query.where(tuple_(CaseRow.work_to_on, CaseRow.id) > after)
        return session.execute(query).all()


def members(today: date) -> dict[Group, ColumnElement[bool]]:
    """Return the conditions of the board's groups, written so that the indexes of open cases serve them.

    Args:
        today: The present day in the controller's zone.
    """
    return {group: and_(CaseRow.closed_at.is_(None), rule) for group, rule in _rules(today).items()}


def _rules(today: date) -> dict[Group, ColumnElement[bool]]:
    """Return the lights of :func:`rightsflow.domain.board.light` as ranges of the target date.

    That day is never later than the law's last day (``rightsflow.domain.deadlines.case_dates``), so that the latter has
    to be looked at only where both may be today.
    """
    runs, work_to_on, due_on = CaseRow.suspended_since.is_(None), CaseRow.work_to_on, CaseRow.due_on
    soon = today + timedelta(days=SOON_DAYS)
    return {
        Group.RED: and_(runs, work_to_on <= today, or_(work_to_on < today, due_on <= today)),
        Group.AMBER: and_(
            runs,
            work_to_on >= today,
            or_(work_to_on <= soon, CaseRow.refused),
            or_(work_to_on > today, due_on > today),
        ),
        Group.STANDING: CaseRow.suspended_since.is_not(None),
        Group.GREEN: and_(runs, work_to_on > soon, CaseRow.refused.is_(False)),
    }


def _section(count: int, rows: Sequence[CaseColumns], cases: Mapping[str, BoardCase], at_most: int) -> Section:
    cut = rows[at_most:]
    return Section(count, tuple(cases[row.id] for row in rows[:at_most]), cut[0].work_to_on if cut else None)


def _cases(session: Session, rows: Sequence[CaseColumns]) -> list[BoardCase]:
    """Return the cases of some rows with their data in other tables, with one query for each table."""
    case_ids = [row.id for row in rows]
    alerts = _alerts(session, case_ids)
    failing = failing_of(session, case_ids)
    refused = refused_of(session, [row.id for row in rows if row.refused])
    acknowledged = acknowledged_of(session, case_ids)
    return [
        BoardCase(
            case_id=row.id,
            right=Right(row.right),
            state=CaseState(row.state),
            state_since=row.state_since,
            received_at=row.received_at,
            due_on=row.due_on,
            work_to_on=row.work_to_on,
            owner=row.owner,
            suspended_since=row.suspended_since,
            extended=row.extended,
            at_risk=row.at_risk,
            expected_late_on=row.expected_late_on,
            alerts=alerts.get(row.id, 0),
            acknowledged=row.id in acknowledged,
            failing_since=failing[row.id],
            refused=frozenset(refused[row.id]),
        )
        for row in rows
    ]


def _alerts(session: Session, case_ids: Sequence[str]) -> dict[str, int]:
    """Count the unacknowledged alerts, by case."""
    query = (
        select(AlertRow.case_id, func.count())
        .where(AlertRow.case_id.in_(case_ids), AlertRow.ended_at.is_(None), AlertRow.acknowledged_at.is_(None))
        .group_by(AlertRow.case_id)
    )
    return dict(session.execute(query).all())


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The filter of a case list; an empty field excludes no case.

    Args:
        right: What was asked for.
        state: Where they stand.
        owner: The key of who answers for them.
        group: Their status; open cases alone then.
        due_by: The last day on which they are due, in the controller's zone.
        closed_too: Whether closed cases are listed as well.
        order: By what they are sorted.
        descending: Whether the last one of that order comes first.
        sought: A part of their id or of their ticket's number, in capitals.
    """

    right: Right | None = None
    state: CaseState | None = None
    owner: str = ""
    group: Group | None = None
    due_by: date | None = None
    closed_too: bool = False
    order: CaseOrder = CaseOrder.TARGET
    descending: bool = False
    sought: str = ""


_STAGES: Final = case({state.value: number for number, state in enumerate(CaseState)}, value=CaseRow.state)
_ORDERS: Final[Mapping[CaseOrder, ColumnElement[Any]]] = MappingProxyType(
    {
        CaseOrder.TARGET: CaseRow.work_to_on.expression,
        CaseOrder.DUE: CaseRow.due_on.expression,
        CaseOrder.RECEIVED: CaseRow.received_at.expression,
        CaseOrder.STAGE: _STAGES,
        CaseOrder.OWNER: CaseRow.owner.expression,
        CaseOrder.LABEL: CaseRow.ticket.expression,
    }
)


def list_cases(
    database: Database, wanted: Wanted, today: date, *, at_most: int | None = None, passing: int = 0
) -> tuple[int, list[ListedCase]]:
    """List cases in the wanted order, with the total number, in one query.

    Args:
        database: The database of the cases.
        wanted: Which.
        today: The present day in the controller's zone.
        at_most: How many are read; all by default. The count is of all.
        passing: How many are passed over first; where that is all of them, none is read and the count is 0.

    Raises:
        Transient: The database does not answer.
    """
    query = select(*COLUMNS, func.count().over().label("in_all")).where(*_filter(wanted, today))
    by = _ORDERS[wanted.order]
    query = query.order_by(by.desc() if wanted.descending else by, CaseRow.work_to_on, CaseRow.id)
    query = query.limit(at_most).offset(passing)
    with database.reading() as session:
        rows = session.execute(query).all()
    return (rows[0].in_all if rows else 0), list(map(listed, rows))


def _filter(wanted: Wanted, today: date) -> list[ColumnElement[bool]]:
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
    if wanted.sought:
        in_id = CaseRow.id.contains(as_in_case_id(wanted.sought), autoescape=True)
        rules.append(or_(in_id, CaseRow.ticket.contains(wanted.sought, autoescape=True)))
    return rules
