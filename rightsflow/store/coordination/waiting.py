"""Cases that wait for their run: imported ones, and those that made room while a system did not answer.

They wait here and not in Prefect, so that a more urgent one that comes later is started before them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Select, and_, exists, or_, select, update

from rightsflow.domain.case.states import SETTLED, CaseState
from rightsflow.domain.erasure.brakes import ALL
from rightsflow.domain.events import StepName
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.letter_ids import ANSWERS, LetterId
from rightsflow.domain.processors.terms import Action
from rightsflow.domain.request import Right
from rightsflow.store.case.context import Context
from rightsflow.store.case.steps import StepState
from rightsflow.store.coordination.brakes import braked
from rightsflow.store.coordination.breakers import left_alone, let_try
from rightsflow.store.database import Database
from rightsflow.store.tables import CaseRow, DecisionRow, InstructionRow, LetterRow, StepRow

_STARTING: Final = timedelta(minutes=1)
"""How long the run of a case may take to be started."""
LONGEST_PAUSE: Final = timedelta(hours=1)
"""For how long a case waits at most; one that seems to wait longer was noted by a clock that was set back since."""


@dataclass(frozen=True, slots=True)
class WaitingCase:
    """A case whose run can be started.

    Args:
        case_id: The case.
        right: What it is about.
        in_bulk: Whether it is one of many.
        tries: The system that it tries again for all; empty for none.
    """

    case_id: str
    right: Right
    in_bulk: bool
    tries: str = ""


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A case whose run has failed, and that waits for no other.

    Args:
        in_bulk: Whether it is one of many.
        is_settled: Whether it is settled: its run has nothing to do but to end.
    """

    in_bulk: bool
    is_settled: bool


@dataclass(frozen=True, slots=True)
class StartedCase:
    """An open case whose run was started.

    Args:
        case_id: The case.
        right: What it is about.
        in_bulk: Whether it is one of many.
    """

    case_id: str
    right: Right
    in_bulk: bool


class Waiting:
    """The cases that wait.

    Args:
        database: Where they lie.
        now: Gives the present instant (aware).
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def due(self, most: int) -> list[WaitingCase]:
        """The cases whose run can be started now, the most urgent first.

        Of those that wait for a system whose circuit breaker is open, none; once it is to be tried again, one. Of those
        that wait to erase at a system that is braked, none.

        Args:
            most: How many at most.
        """
        now = self._now()
        with self._database.reading() as session:
            alone, waiting = left_alone(session), _waiting(now, braked(session))
            free = waiting.where(CaseRow.waits_for.not_in(list(alone))).limit(most)
            found = [WaitingCase(row.id, Right(row.right), row.in_bulk) for row in session.execute(free)]
            for system, breaker in alone.items():
                if not breaker.lets_through("", now):
                    continue
                first = session.execute(waiting.where(CaseRow.waits_for == system).limit(1)).one_or_none()
                if first:
                    found.insert(0, WaitingCase(first.id, Right(first.right), first.in_bulk, system))
        return found[:most]

    def note_tries(self, cases: Collection[WaitingCase]) -> None:
        """Note which of some cases try a system again, before they are started.

        Args:
            cases: The cases.
        """
        trying = [one for one in cases if one.tries]
        if trying:
            with self._database.transaction() as session:
                for one in trying:
                    let_try(session, one.tries, one.case_id, self._now())

    def note_started(self, case_ids: Collection[str]) -> None:
        """Note that the runs of some cases were started.

        Args:
            case_ids: The cases.
        """
        if case_ids:
            with self._database.transaction() as session:
                session.execute(
                    update(CaseRow)
                    .where(CaseRow.id.in_(case_ids))
                    .values(start_at=None, waits_for="")
                    .execution_options(synchronize_session=False)
                )

    def left_over(self, case_ids: Collection[str]) -> dict[str, LeftOver]:
        """Of cases whose run has failed those that wait for no other run.

        Args:
            case_ids: The cases.
        """
        if not case_ids:
            return {}
        query = select(CaseRow.id, CaseRow.in_bulk, CaseRow.state).where(
            CaseRow.id.in_(case_ids), CaseRow.start_at.is_(None)
        )
        with self._database.reading() as session:
            return {row.id: LeftOver(row.in_bulk, CaseState(row.state).is_settled) for row in session.execute(query)}

    def started(self, after: str, most: int) -> list[StartedCase]:
        """Open cases whose run was started and has something left to do, in the order of their ids.

        One that was opened by hand and never started has no run, and one that was opened a moment ago may get its run
        just now.

        Args:
            after: The id after which to go on; empty to begin.
            most: How many at most.
        """
        query = (
            select(CaseRow.id, CaseRow.right, CaseRow.in_bulk)
            .where(
                CaseRow.closed_at.is_(None),
                or_(CaseRow.state.not_in(sorted(SETTLED)), ~_ANSWER_IS_WRITTEN),
                CaseRow.start_at.is_(None),
                or_(CaseRow.in_bulk, CaseRow.has_run, CaseRow.intake_id.is_not(None)),
                CaseRow.opened_at < self._now() - _STARTING,
                CaseRow.id > after,
            )
            .order_by(CaseRow.id)
            .limit(most)
        )
        with self._database.reading() as session:
            return [StartedCase(row.id, Right(row.right), row.in_bulk) for row in session.execute(query)]

    def wait_again(self, case_id: str, pause: timedelta) -> None:
        """Let the keeper start a case's run again.

        Args:
            case_id: The case.
            pause: For how long it is left at least.
        """
        with self._database.transaction() as session:
            again = update(CaseRow).where(CaseRow.id == case_id, CaseRow.closed_at.is_(None))
            session.execute(again.values(start_at=self._now() + pause))

    def start_without_processors(self, today: date) -> None:
        """Let the keeper start the runs again that waited for processors whose day has passed.

        Args:
            today: The present day in the controller's zone.
        """
        asked = InstructionRow.action != Action.TAKE_NOTE.value
        mine = (InstructionRow.case_id == CaseRow.id, asked)
        waits = exists().where(*mine, InstructionRow.is_open)
        over = update(CaseRow).where(
            CaseRow.closed_at.is_(None),
            CaseRow.has_run,
            CaseRow.start_at.is_(None),
            # An erasure waits before its answer, an access request before its gate.
            or_(
                CaseRow.state == CaseState.EXECUTING.value,
                and_(CaseRow.state == CaseState.IN_PROGRESS.value, CaseRow.right == Right.ACCESS.value),
            ),
            ~_ANSWER_IS_WRITTEN,
            waits,
            ~waits.where(InstructionRow.due_on >= today),
        )
        with self._database.transaction() as session:
            session.execute(over.values(start_at=self._now()).execution_options(synchronize_session=False))

    def cooling_off(self) -> list[str]:
        """The cases whose erasure is approved and has not begun, of which the person was told a later day (L21)."""
        told = exists().where(LetterRow.case_id == CaseRow.id, LetterRow.template_id == LetterId.BEFORE_ERASURE.value)
        begun = exists().where(StepRow.case_id == CaseRow.id, StepRow.step == StepName.SETTLE_PLAN.value)
        query = select(CaseRow.id).where(
            CaseRow.state == CaseState.EXECUTING.value, CaseRow.has_run, CaseRow.start_at.is_(None), told, ~begun
        )
        with self._database.reading() as session:
            return list(session.scalars(query.order_by(CaseRow.id)))

    def decided(self, waiting: Collection[tuple[str, Gate]]) -> set[tuple[str, Gate]]:
        """Of cases that wait at gates those that need not.

        It was decided there, the request was withdrawn, or a new search was ordered instead of a decision.

        Args:
            waiting: The cases, each with its gate.
        """
        cases = {case_id for case_id, _ in waiting}
        if not cases:
            return set()
        with self._database.reading() as session:
            rows = session.execute(select(DecisionRow.case_id, DecisionRow.gate).where(DecisionRow.case_id.in_(cases)))
            decided = {(case_id, gate) for case_id, gate in rows}
            moved = CaseRow.state.in_([CaseState.WITHDRAWN.value, CaseState.IN_PROGRESS.value])
            states = dict(session.execute(select(CaseRow.id, CaseRow.state).where(CaseRow.id.in_(cases), moved)).all())
        passed = {CaseState.WITHDRAWN.value: set(Gate), CaseState.IN_PROGRESS.value: {Gate.APPROVAL}}
        return {
            (case_id, gate)
            for case_id, gate in waiting
            if (case_id, gate.value) in decided or gate in passed.get(states.get(case_id, ""), ())
        }


_ANSWER_IS_WRITTEN = exists().where(LetterRow.case_id == CaseRow.id, LetterRow.template_id.in_(sorted(ANSWERS)))


class Bulk:
    """A case as one of many.

    Args:
        context: The open transaction.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    @property
    def makes_room(self) -> bool:
        """Whether its run ends instead of waiting long for a system, and is started again later."""
        return self._context.row.in_bulk

    def note_run(self) -> None:
        """Note that Prefect keeps a run of it."""
        self._context.row.has_run = True

    def make_room(self, system: str) -> None:
        """Note for which system the run would have waited.

        Args:
            system: The system.
        """
        self._context.row.waits_for = system

    def start_again(self) -> None:
        """Let the keeper start the run again that ended before its answer, where Prefect keeps one."""
        row = self._context.row
        if row.has_run and not CaseState(row.state).is_settled:
            row.start_at = self._context.now

    def wait_again(self, pause: timedelta) -> None:
        """Let the keeper start the run again, if it made room.

        Args:
            pause: For how long it is left at least.
        """
        row = self._context.row
        if row.waits_for:
            row.start_at = self._context.now + pause


def _waiting(now: datetime, brakes: Collection[str]) -> Select[str, str, bool]:
    query = (
        select(CaseRow.id, CaseRow.right, CaseRow.in_bulk)
        .where(
            CaseRow.start_at.is_not(None),
            or_(CaseRow.start_at <= now, CaseRow.start_at > now + LONGEST_PAUSE),
            CaseRow.closed_at.is_(None),
        )
        .order_by(CaseRow.work_to_on, CaseRow.received_at, CaseRow.id)
    )
    if not brakes:
        return query
    is_stopped = exists().where(
        StepRow.case_id == CaseRow.id,
        StepRow.step == StepName.ERASE,
        StepRow.system == CaseRow.waits_for,
        StepRow.state == StepState.FAILED.value,
    )
    if ALL not in brakes:
        is_stopped = is_stopped.where(CaseRow.waits_for.in_(brakes))
    return query.where(~is_stopped)
