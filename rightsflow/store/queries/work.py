"""Work that waits for people over all cases: letters, alerts, replies, tasks, orders.

No key is needed: nothing here is sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Generic, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, and_, func, or_, select

from rightsflow.domain.case_statistics import Statistics
from rightsflow.domain.erasure.plan_by_decision import CANNOT_RESTRICT
from rightsflow.domain.processors.answers import Instruction
from rightsflow.domain.vocabulary.records import Method, OutcomeKind
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.domain.work_list import CaseFacts, waits_to_be_sent
from rightsflow.domain.work_notices import WorkItem
from rightsflow.store.case.case_tasks import CaseTask, open_tasks
from rightsflow.store.case.instruction_rows import all_instructions, open_instructions
from rightsflow.store.coordination.dispatch import SENT_AT_ONCE, Dispatch
from rightsflow.store.database import Database
from rightsflow.store.queries.board import OpenCases, Wanted, list_cases
from rightsflow.store.queries.case_list import CaseColumns, ListedCase
from rightsflow.store.queries.statistics_rows import add_desk_seconds, read_statistics
from rightsflow.store.queries.watching import Judge, Looked, look_at_due
from rightsflow.store.queries.work_facts import read_work_facts
from rightsflow.store.queries.work_items import new_work
from rightsflow.store.tables import AgentRequestRow, CaseRow, FindingRow, LetterRow, OrderRow

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
class LetterToSend:
    """A letter that waits to be sent; no personal data of the subject.

    Args:
        case_id: Its case.
        right: What was asked for.
        letter: Which letter, such as ``L9``.
        channel: How the request arrived.
        written_at: Since when it waits (aware).
        work_to_on: The target date.
        due_on: The last day of the law, in the controller's zone.
        owner: The key of the person or role responsible for the case.
    """

    case_id: str
    right: Right
    letter: str
    channel: str
    written_at: datetime
    work_to_on: date
    due_on: date
    owner: str


_TO_SEND: Final = (
    select(
        *(CaseRow.id, CaseRow.right, CaseRow.state, CaseRow.closed_at, LetterRow.template_id, CaseRow.channel),
        *(LetterRow.written_at, CaseRow.work_to_on, CaseRow.due_on, CaseRow.owner),
    )
    .join(LetterRow, LetterRow.case_id == CaseRow.id)
    .where(LetterRow.sent_at.is_(None), LetterRow.overtaken.is_(False))
    .order_by(CaseRow.work_to_on, CaseRow.id, LetterRow.id)
)
FOLLOWED_AT_ONCE = 500
"""The number of cases that one query for the follow-up returns."""


class Work:
    """The open cases, the letters and tasks that wait, and the watch over them.

    Args:
        database: The database of the cases.
        now: Gives the present instant (aware).
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self.sent_at_once = SENT_AT_ONCE
        """The largest number of alerts in a batch."""

    def open_cases(self, today: date, owners: Collection[str] | None = None) -> OpenCases:
        """Return the open cases as of a day, by urgency; only those of some owners, if keys are given."""
        return OpenCases(self._database, today, owners)

    def statistics(self, today: date, zone: ZoneInfo) -> Statistics:
        """Return the statistics of a day, counted in the controller's zone."""
        return read_statistics(self._database, today, zone)

    def add_desk_seconds(self, case_id: str, seconds: int) -> None:
        """Add to the time that people spent on a case at the desk."""
        add_desk_seconds(self._database, case_id, seconds)

    def list_cases(
        self, wanted: Wanted, today: date, *, at_most: int | None = None, passing: int = 0
    ) -> tuple[int, list[ListedCase]]:
        """List cases in the wanted order, with the total number."""
        return list_cases(self._database, wanted, today, at_most=at_most, passing=passing)

    def facts(self, today: date, case_ids: Collection[str] | None = None) -> list[tuple[CaseFacts, CaseColumns]]:
        """Return the facts of each case, or each of some, in which something may wait for a person, soonest first."""
        return read_work_facts(self._database, today, case_ids)

    def letters_to_send(self) -> list[LetterToSend]:
        """Return every letter that is still to be sent, the soonest due first."""
        with self._database.reading() as session:
            return [_letter(row) for row in session.execute(_TO_SEND) if _waits(row)]

    def new_items(self) -> list[WorkItem]:
        """Return new requests, approvals, hand-overs and answers, as they are now."""
        return new_work(self._database, self._now())

    @property
    def imported_and_waiting(self) -> int:
        """The number of imported cases that wait for their run; an import is under way until there are none."""
        waits = (CaseRow.in_bulk, CaseRow.start_at.is_not(None), CaseRow.closed_at.is_(None))
        with self._database.reading() as session:
            return session.scalar(select(func.count()).select_from(CaseRow).where(*waits)) or 0

    def open_tasks(self, *, due_by: date | None = None) -> list[CaseTask]:
        """Return the open manual tasks, of closed cases too; only those due by a day, if one is given."""
        return open_tasks(self._database, due_by=due_by)

    def open_instructions(self) -> list[Instruction]:
        """Return the instructions that processors have yet to prove, of closed cases too, the soonest due first."""
        return open_instructions(self._database)

    def all_instructions(self) -> list[Instruction]:
        """Return all instructions to processors in the stored cases, oldest first."""
        return all_instructions(self._database)

    def case_of_order(self, controller: str, request_id: str) -> str | None:
        """Return the case of a controller's order; ``None`` where it has none of that id."""
        query = select(OrderRow.case_id).where(OrderRow.controller == controller, OrderRow.request_id == request_id)
        with self._database.reading() as session:
            return session.scalars(query).one_or_none()

    def cases_with_orders(self) -> list[str]:
        """Return the cases that are handled on behalf of a controller."""
        return self._ids(select(OrderRow.case_id).order_by(OrderRow.case_id))

    def orders_to_tell(self) -> list[str]:
        """Return the cases of orders whose controllers want callbacks and lack the latest status."""
        return self._ids(select(OrderRow.case_id).where(OrderRow.wants_callbacks).order_by(OrderRow.case_id))

    def case_of_agent_request(self, request_id: str) -> tuple[str, str] | None:
        """Return the case of an agent's request, and the agent's key; ``None`` where there is none of that id."""
        query = select(AgentRequestRow.case_id, AgentRequestRow.agent).where(AgentRequestRow.request_id == request_id)
        with self._database.reading() as session:
            row = session.execute(query).one_or_none()
        return (row.case_id, row.agent) if row else None

    def agent_requests_to_tell(self) -> list[str]:
        """Return the cases of agents that want callbacks and may lack the latest status."""
        query = select(AgentRequestRow.case_id).where(AgentRequestRow.wants_callbacks)
        return self._ids(query.order_by(AgentRequestRow.case_id))

    def _ids(self, query: Select[str]) -> list[str]:
        with self._database.reading() as session:
            return list(session.scalars(query))

    def to_follow_up(self, today: date, after: str = "") -> list[str]:
        """Return the cases with an erasure to be followed up by a day, in the order of their ids.

        Args:
            today: The present day in the controller's zone.
            after: The id after which to go on; empty to begin.
        """
        query = select(CaseRow.id).where(CaseRow.follow_up_on <= today, CaseRow.id > after)
        return self._ids(query.order_by(CaseRow.id).limit(FOLLOWED_AT_ONCE))

    def to_replay(self, system: str, after: str = "") -> list[str]:
        """Return cases in which a system erased, muted, blanked, restricted or corrected a record, or lifted a mark.

        Args:
            system: The system.
            after: The id after which to go on; empty to begin.
        """
        kinds = (OutcomeKind.ERASED, OutcomeKind.REDACTED, OutcomeKind.PSEUDONYMISED, OutcomeKind.NOT_HELD)
        settled = [*(kind.value for kind in kinds), OutcomeKind.RESTRICTED.value, OutcomeKind.RECTIFIED.value]
        # Records that no program can mark are restricted all the same, and a person reviews them.
        by_hand = FindingRow.reason.contains(CANNOT_RESTRICT, autoescape=True)
        changed = FindingRow.method.in_((Method.MUTE.value, Method.BLANK.value))
        kept = and_(changed, FindingRow.outcome == OutcomeKind.RETAINED.value)
        query = select(FindingRow.case_id).where(
            FindingRow.system == system,
            or_(FindingRow.outcome.in_(settled), FindingRow.lifted_at.is_not(None), kept, by_hand),
            FindingRow.case_id > after,
        )
        return self._ids(query.distinct().order_by(FindingRow.case_id).limit(FOLLOWED_AT_ONCE))

    def look_at_due(self, judge: Judge, now: datetime) -> Looked:
        """Watch a batch of cases that are due and raise their rungs."""
        return look_at_due(self._database, now, judge)

    def dispatch(self, reminder: timedelta | None) -> Dispatch:
        """Return the dispatch of alerts: those to send, the recipients, and the interval of reminders, if any."""
        return Dispatch(self._database, self._now, reminder, at_once=self.sent_at_once)


def _waits(row: Row[*tuple[Any, ...]]) -> bool:
    return waits_to_be_sent(row.template_id, CaseState(row.state), is_closed=row.closed_at is not None)


def _letter(row: Row[*tuple[Any, ...]]) -> LetterToSend:
    return LetterToSend(
        case_id=row.id,
        right=Right(row.right),
        letter=row.template_id,
        channel=row.channel,
        written_at=row.written_at,
        work_to_on=row.work_to_on,
        due_on=row.due_on,
        owner=row.owner,
    )
