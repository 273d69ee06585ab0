"""Cases that wait for their turn: imported ones, and those that made room while a system did not answer.

They wait here and not in Prefect, so that a more urgent one that comes later is worked on before them. What is of many
is handed out to batches: the one that takes a case has it for a minute, by when it holds the case's lease. The turn is
not over until the work ends, so that what a dead process had is handed out again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from rightsflow.domain.erasure.safeguards import ALL
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.processors.terms import Action
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.letter_ids import ANSWERS, LetterId
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import ENDED_UNANSWERED, SETTLED, CaseState, StepState
from rightsflow.store.coordination.leases import is_alive
from rightsflow.store.coordination.system_limits import left_alone, let_try
from rightsflow.store.core.context import JOBS, LEASE_TIME, LeaseClock
from rightsflow.store.database import Database
from rightsflow.store.tables import (
    BrakeRow,
    CaseRow,
    DecisionRow,
    InstructionRow,
    LeaseRow,
    LetterRow,
    SecretRow,
    StepRow,
)

_STARTING: Final = timedelta(minutes=1)
"""The time that the run of a case may take to start."""
LONGEST_PAUSE: Final = timedelta(hours=1)
"""For how long a case waits at most; one that seems to wait longer was noted by a clock that was set back since."""
_FIRST_PAUSE: Final = timedelta(seconds=15)
_AT_WORK: Final = 100
"""The number of cases looked at beyond those asked for: cases that are worked on are skipped."""


@dataclass(frozen=True, slots=True)
class WaitingCase:
    """A case whose turn has come.

    Args:
        case_id: The case.
        right: What it is about.
        tries: The system that it tries again for all; empty for none.
    """

    case_id: str
    right: Right
    tries: str = ""


@dataclass(frozen=True, slots=True)
class StartedCase:
    """An open case whose run was started.

    Args:
        case_id: The case.
        right: What it is about.
    """

    case_id: str
    right: Right


def pause_after(failures: int) -> timedelta:
    """After which time something that failed is tried again.

    Args:
        failures: How often it failed in a row.
    """
    # Not by the power alone, which is beyond any number after weeks.
    doubled = 1 << min(max(failures - 1, 0), 10)
    return min(_FIRST_PAUSE * doubled, LONGEST_PAUSE)


class Waiting:
    """The cases that wait.

    Args:
        database: Where they lie.
        now: Gives the present instant (aware).
        clock: The clock of leases.
    """

    def __init__(self, database: Database, now: Callable[[], datetime], clock: LeaseClock) -> None:
        self._database = database
        self._now = now
        self._clock = clock

    def are_any(self) -> bool:
        """Return whether the turn of any case has come, even of a busy one; if not, :meth:`due` returns none either."""
        waits = exists().where(CaseRow.start_at.is_not(None), _turn_has_come(self._now()), CaseRow.closed_at.is_(None))
        with self._database.reading() as session:
            return bool(session.scalar(select(waits)))

    def due(self, most: int, *, in_bulk: bool, rights: Collection[Right] = tuple(Right)) -> list[WaitingCase]:
        """Return the cases whose turn has come and that no one works on, the most urgent first.

        Of those that wait for a system whose circuit breaker is open, none; once it is to be tried again, one. Of those
        that wait to erase at a system that is braked, none; nor one that is approved and braked itself.

        Args:
            most: How many at most.
            in_bulk: Whether those of many, which batches work on, or those that have a run of their own.
            rights: What they are about.
        """
        now = self._now()
        with self._database.reading() as session:
            alone = left_alone(session)
            waiting = _waiting(now, braked(session)).where(
                CaseRow.in_bulk == in_bulk, CaseRow.right.in_([right.value for right in rights])
            )
            free = waiting.where(CaseRow.waits_for.not_in(list(alone))).limit(most + _AT_WORK)
            cases = [WaitingCase(row.id, Right(row.right)) for row in session.execute(free)]
            for system, breaker in alone.items():
                if not breaker.lets_through("", now):
                    continue
                first = session.execute(waiting.where(CaseRow.waits_for == system).limit(1)).one_or_none()
                if first:
                    cases.insert(0, WaitingCase(first.id, Right(first.right), system))
            worked_on = self._worked_on(session, [item.case_id for item in cases])
        return [item for item in cases if item.case_id not in worked_on][:most]

    def _worked_on(self, session: Session, case_ids: Collection[str]) -> set[str]:
        """Return the cases that a living process works on."""
        if not case_ids:
            return set()
        ended = self._clock.ended()
        held = session.scalars(select(LeaseRow).where(LeaseRow.case_id.in_(case_ids)))
        return {row.case_id for row in held if is_alive(row, ended)}

    def take(self, most: int, rights: Collection[Right]) -> list[WaitingCase]:
        """Reserve the most urgent cases for the caller for a minute.

        Args:
            most: How many at most.
            rights: What they are about.
        """
        cases = self.due(most, in_bulk=True, rights=rights)
        if not cases:
            return []
        now = self._now()
        mine = update(CaseRow).where(CaseRow.id.in_([item.case_id for item in cases]), _turn_has_come(now))
        given = mine.values(start_at=now + LEASE_TIME, waits_for="").returning(CaseRow.id)
        # Rows lost in a power cut concern processes that are lost too.
        with self._database.passing() as session:
            taken = set(session.scalars(given.execution_options(synchronize_session=False)))
            for waiting_case in cases:
                if waiting_case.tries and waiting_case.case_id in taken:
                    let_try(session, waiting_case.tries, waiting_case.case_id, now)
        return [item for item in cases if item.case_id in taken]

    def has_turn(self, case_id: str) -> bool | None:
        """Return whether a batch works on a case in its turn; ``None`` if batches do not work on it."""
        query = select(CaseRow.start_at).where(CaseRow.id == case_id, CaseRow.in_bulk, ~CaseRow.has_run)
        with self._database.reading() as session:
            row = session.execute(query).one_or_none()
        return None if row is None else row.start_at is not None

    def note_tries(self, cases: Collection[WaitingCase]) -> None:
        """Note which of some cases try a system again, before they are started."""
        trying = [entry for entry in cases if entry.tries]
        if trying:
            with self._database.transaction() as session:
                for item in trying:
                    let_try(session, item.tries, item.case_id, self._now())

    def note_started(self, case_ids: Collection[str]) -> None:
        """Note that the runs of some cases were started."""
        if case_ids:
            with self._database.transaction() as session:
                session.execute(
                    update(CaseRow)
                    .where(CaseRow.id.in_(case_ids))
                    .values(start_at=None, waits_for="")
                    .execution_options(synchronize_session=False)
                )

    def left_over(self, case_ids: Collection[str]) -> dict[str, CaseState]:
        """Return the cases whose run has failed and that wait for no other run, each with its state."""
        if not case_ids:
            return {}
        query = select(CaseRow.id, CaseRow.state).where(CaseRow.id.in_(case_ids), CaseRow.start_at.is_(None))
        with self._database.reading() as session:
            return {row.id: CaseState(row.state) for row in session.execute(query)}

    def started(self, after: str, most: int) -> list[StartedCase]:
        """Return open cases whose run was started and has something left to do, in the order of their ids.

        One that was opened by hand and never started has no run, nor has one that batches work on; one that was opened
        a moment ago may get its run just now.

        Args:
            after: The id after which to go on; empty to begin.
            most: How many at most.
        """
        query = (
            select(CaseRow.id, CaseRow.right)
            .where(
                CaseRow.closed_at.is_(None),
                or_(CaseRow.state.not_in(sorted(SETTLED)), ~_ANSWER_IS_WRITTEN),
                CaseRow.start_at.is_(None),
                or_(CaseRow.has_run, and_(CaseRow.intake_id.is_not(None), ~CaseRow.in_bulk)),
                CaseRow.opened_at < self._now() - _STARTING,
                CaseRow.id > after,
            )
            .order_by(CaseRow.id)
            .limit(most)
        )
        with self._database.reading() as session:
            return [StartedCase(row.id, Right(row.right)) for row in session.execute(query)]

    def start_without_processors(self, today: date) -> None:
        """Let the keeper restart the runs that waited for processors beyond their deadline.

        Args:
            today: The present day in the controller's zone.
        """
        asked = InstructionRow.action.not_in([Action.TAKE_NOTE.value, Action.CALL_OFF.value])
        mine = (InstructionRow.case_id == CaseRow.id, asked)
        waits = exists().where(*mine, InstructionRow.is_open)
        over = update(CaseRow).where(
            CaseRow.closed_at.is_(None),
            _BY_MACHINE,
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
        """Return the cases with an approved erasure not yet begun, of which the person was told a later day (L21)."""
        notified = exists().where(
            LetterRow.case_id == CaseRow.id, LetterRow.template_id == LetterId.BEFORE_ERASURE.value
        )
        begun = exists().where(StepRow.case_id == CaseRow.id, StepRow.step == StepName.SETTLE_PLAN.value)
        query = select(CaseRow.id).where(
            CaseRow.state == CaseState.EXECUTING.value, _BY_MACHINE, CaseRow.start_at.is_(None), notified, ~begun
        )
        with self._database.reading() as session:
            return list(session.scalars(query.order_by(CaseRow.id)))

    def with_jobs(self) -> list[str]:
        """Return the cases whose erasure has begun jobs of systems, and on which nothing works."""
        begun = exists().where(SecretRow.case_id == CaseRow.id, SecretRow.field.startswith(JOBS))
        query = select(CaseRow.id).where(
            CaseRow.state == CaseState.EXECUTING.value, _BY_MACHINE, CaseRow.start_at.is_(None), begun
        )
        with self._database.reading() as session:
            return list(session.scalars(query.order_by(CaseRow.id)))

    def to_correct(self) -> list[str]:
        """Return the approved rectifications that nothing works on: they may have waited for an erasure."""
        query = select(CaseRow.id).where(
            CaseRow.state == CaseState.EXECUTING.value,
            CaseRow.right == Right.RECTIFICATION.value,
            _BY_MACHINE,
            CaseRow.start_at.is_(None),
            ~_ANSWER_IS_WRITTEN,
            # A failed run is started again elsewhere, or needs a person.
            ~exists().where(StepRow.case_id == CaseRow.id, StepRow.state == StepState.FAILED.value),
        )
        with self._database.reading() as session:
            return list(session.scalars(query.order_by(CaseRow.id)))

    def decided(self, waiting: Collection[tuple[str, Gate]]) -> set[tuple[str, Gate]]:
        """Return the cases that wait at a gate needlessly.

        It was decided there, a new search was ordered instead, or the request was withdrawn or its case stopped.

        Args:
            waiting: The cases, each with its gate.
        """
        cases = {case_id for case_id, _ in waiting}
        if not cases:
            return set()
        with self._database.reading() as session:
            rows = session.execute(select(DecisionRow.case_id, DecisionRow.gate).where(DecisionRow.case_id.in_(cases)))
            decided = {(case_id, gate) for case_id, gate in rows}
            moved = CaseRow.state.in_(sorted({*ENDED_UNANSWERED, CaseState.IN_PROGRESS}))
            states = dict(session.execute(select(CaseRow.id, CaseRow.state).where(CaseRow.id.in_(cases), moved)).all())
        passed = {item.value: set(Gate) for item in ENDED_UNANSWERED} | {CaseState.IN_PROGRESS.value: {Gate.APPROVAL}}
        return {
            (case_id, gate)
            for case_id, gate in waiting
            if (case_id, gate.value) in decided or gate in passed.get(states.get(case_id, ""), ())
        }


_BY_MACHINE = or_(CaseRow.has_run, CaseRow.in_bulk)
"""The condition that a run or a batch works on a case, not only a person at the command line."""
_ANSWER_IS_WRITTEN = exists().where(LetterRow.case_id == CaseRow.id, LetterRow.template_id.in_(sorted(ANSWERS)))


def _turn_has_come(now: datetime) -> ColumnElement[bool]:
    return or_(CaseRow.start_at <= now, CaseRow.start_at > now + LONGEST_PAUSE)


def braked(session: Session) -> list[str]:
    """Return the names of the brakes in force: systems, cases, or :data:`~rightsflow.domain.erasure.safeguards.ALL`."""
    return list(session.scalars(select(BrakeRow.system).where(BrakeRow.released_at.is_(None))))


def _waiting(now: datetime, brakes: Collection[str]) -> Select[str, str]:
    query = (
        select(CaseRow.id, CaseRow.right)
        .where(CaseRow.start_at.is_not(None), _turn_has_come(now), CaseRow.closed_at.is_(None))
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
    held = and_(CaseRow.id.in_(brakes), CaseRow.state == CaseState.EXECUTING.value)
    if ALL not in brakes:
        is_stopped = is_stopped.where(CaseRow.waits_for.in_(brakes))
    return query.where(~is_stopped, ~held)
