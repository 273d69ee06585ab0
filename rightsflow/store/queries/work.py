"""Work that waits for people over all cases: the store's interface for the rest of the software."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta

from sqlalchemy import and_, or_, select

from rightsflow.domain.erasure.plan_by_decision import CANNOT_RESTRICT
from rightsflow.domain.processors.answers import Instruction
from rightsflow.domain.vocabulary.records import Method, OutcomeKind
from rightsflow.store.case.case_tasks import CaseTask, open_tasks
from rightsflow.store.case.instruction_rows import all_instructions, open_instructions
from rightsflow.store.coordination.dispatch import SENT_AT_ONCE, Dispatch
from rightsflow.store.database import Database
from rightsflow.store.queries.agents import agent_requests_to_tell, case_of_agent_request
from rightsflow.store.queries.board import OpenCases
from rightsflow.store.queries.case_list import ListedCase, Wanted, list_cases
from rightsflow.store.queries.orders_of_controllers import case_of_order, cases_with_orders, orders_to_tell
from rightsflow.store.queries.to_send import LetterToSend, first_letters_to_send, letters_to_send
from rightsflow.store.queries.waiting_for_people import (
    AwaitedReply,
    Cut,
    UnacknowledgedAlert,
    awaited_replies,
    imported_and_waiting,
    unacknowledged_alerts,
)
from rightsflow.store.queries.watching import Judge, Looked, look_at_due
from rightsflow.store.tables import CaseRow, FindingRow

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

    def list_cases(
        self, wanted: Wanted, today: date, *, at_most: int | None = None, passing: int = 0
    ) -> tuple[int, list[ListedCase]]:
        """List cases, soonest first, with the total number."""
        return list_cases(self._database, wanted, today, at_most=at_most, passing=passing)

    def letters_to_send(self) -> list[LetterToSend]:
        """The letters that are written and not noted as sent, the soonest due first."""
        return letters_to_send(self._database)

    def first_letters_to_send(self, at_most: int, owners: Collection[str] | None = None) -> Cut[LetterToSend]:
        """Return the first of these letters, and their number; of some owners' cases, if keys are given."""
        return first_letters_to_send(self._database, at_most, owners)

    def unacknowledged_alerts(self, at_most: int, owners: Collection[str] | None = None) -> Cut[UnacknowledgedAlert]:
        """The first alerts that no one has acknowledged, and how many there are."""
        return unacknowledged_alerts(self._database, at_most, owners)

    def awaited_replies(self, at_most: int, owners: Collection[str] | None = None) -> Cut[AwaitedReply]:
        """The first questions that persons have not answered, and how many there are."""
        return awaited_replies(self._database, at_most, owners)

    @property
    def imported_and_waiting(self) -> int:
        """The number of imported cases that wait for their run."""
        return imported_and_waiting(self._database)

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
        """The case of a controller's order; ``None`` where it has none of that id."""
        return case_of_order(self._database, controller, request_id)

    def cases_with_orders(self) -> list[str]:
        """The cases that are handled on behalf of a controller."""
        return cases_with_orders(self._database)

    def orders_to_tell(self) -> list[str]:
        """Return the cases of orders whose controllers want callbacks and lack the latest status."""
        return orders_to_tell(self._database)

    def case_of_agent_request(self, request_id: str) -> tuple[str, str] | None:
        """The case of an agent's request, and the agent's key; ``None`` where there is none of that id."""
        return case_of_agent_request(self._database, request_id)

    def agent_requests_to_tell(self) -> list[str]:
        """Return the cases of agents that want callbacks and may lack the latest status."""
        return agent_requests_to_tell(self._database)

    def to_follow_up(self, today: date, after: str = "") -> list[str]:
        """Return the cases with an erasure to be followed up by a day, in the order of their ids.

        Args:
            today: The present day in the controller's zone.
            after: The id after which to go on; empty to begin.
        """
        query = select(CaseRow.id).where(CaseRow.follow_up_on <= today, CaseRow.id > after)
        with self._database.reading() as session:
            return list(session.scalars(query.order_by(CaseRow.id).limit(FOLLOWED_AT_ONCE)))

    def to_replay(self, system: str, after: str = "") -> list[str]:
        """Cases in which a record was erased, muted, blanked, restricted or corrected at a system, or a mark lifted.

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
        with self._database.reading() as session:
            return list(session.scalars(query.distinct().order_by(FindingRow.case_id).limit(FOLLOWED_AT_ONCE)))

    def look_at_due(self, judge: Judge, now: datetime) -> Looked:
        """Watch a batch of cases that are due and raise their rungs."""
        return look_at_due(self._database, now, judge)

    def dispatch(self, reminder: timedelta | None) -> Dispatch:
        """Return the dispatch of alerts: those to send, the recipients, and the interval of reminders, if any."""
        return Dispatch(self._database, self._now, reminder, at_once=self.sent_at_once)
