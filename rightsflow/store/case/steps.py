"""The steps of a case at each system, and its turn among many cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from rightsflow.domain.errors import StepFault
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.states import CaseState, StepState
from rightsflow.store.coordination import system_limits
from rightsflow.store.coordination.system_limits import CaseSlots
from rightsflow.store.core.context import Context
from rightsflow.store.tables import StepRow

_TAKEN_BACK = "taken back"
"""The scope of a step that has to be done again; no digest of identifiers reads like it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step at one system, without personal data."""

    step: str
    system: str
    scope: str
    state: StepState
    attempts: int
    started_at: datetime
    finished_at: datetime | None
    counts: dict[str, Any]
    error: str
    failing_since: datetime | None = None
    fault: StepFault | None = None


class Steps:
    """The steps of one case; each (step, system) exists once.

    Args:
        context: The open transaction.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self.slots = CaseSlots(context)
        self._known: dict[tuple[str, str], StepRow] | None = None

    def _rows(self) -> dict[tuple[str, str], StepRow]:
        """Return all steps, in the order in which they were first started; read once a transaction."""
        if self._known is None:
            self._known = {(row.step, row.system): row for row in self._context.rows(StepRow)}
        return self._known

    def _row(self, step: StepName, system: str) -> StepRow | None:
        return self._rows().get((step, system))

    def done(self, step: StepName, system: str = "", scope: str = "") -> Step | None:
        """Return the step, if it is done (under this scope); otherwise ``None``."""
        row = self._row(step, system)
        if row is None or row.state != StepState.DONE or row.scope != scope:
            return None
        return _step(row)

    def start(self, step: StepName, system: str = "", scope: str = "") -> None:
        """Note that an attempt begins."""
        row = self._row(step, system)
        if row is None:
            row = StepRow(case_id=self._context.row.id, step=step, system=system, attempts=0, counts={})
            self._context.session.add(row)
            self._context.puts_in(StepRow)
            self._rows()[step, system] = row
        row.scope, row.state, row.error = scope, StepState.RUNNING.value, ""
        row.attempts += 1
        row.started_at, row.finished_at = self._context.now, None

    def finish(self, step: StepName, system: str = "", **counts: object) -> None:
        """Note that it is done, with its counts."""
        row = self._row(step, system)
        if row is None:
            raise LookupError(f"the step {step} was not started")
        row.state, row.finished_at, row.counts, row.error = StepState.DONE.value, self._context.now, counts, ""
        row.failing_since = None
        self._note_fault(row, None)

    def fail(self, step: StepName, system: str, error: str, fault: StepFault = StepFault.SILENT) -> None:
        """Note that the attempt failed, in one sentence without personal data, and the sort of its fault."""
        row = self._row(step, system)
        if row is None:
            raise LookupError(f"the step {step} was not started")
        row.state, row.finished_at, row.error = StepState.FAILED.value, self._context.now, error
        row.failing_since = row.failing_since or self._context.now
        self._note_fault(row, fault)
        if self._context.row.closed_at is None or step.is_follow_up:
            self._context.row.watch_at = self._context.now

    def wait(self, step: StepName, system: str, sentence: str) -> None:
        """Note that the step goes on later because its system works something off by itself; nothing failed."""
        row = self._row(step, system)
        if row is None:
            raise LookupError(f"the step {step} was not started")
        row.state, row.finished_at, row.error = StepState.FAILED.value, self._context.now, sentence
        row.failing_since = None
        self._note_fault(row, None)

    def _note_fault(self, row: StepRow, fault: StepFault | None) -> None:
        row.fault = fault.value if fault else ""
        refused = any(item.fault == StepFault.REFUSED for item in self._rows().values())
        if self._context.row.refused != refused:
            self._context.row.refused = refused

    def note_answer(self, system: str) -> None:
        """Note that a system called by a step answers, whatever the answer."""
        system_limits.note_answer(self._context.session, system)

    def take_back(self, step: StepName) -> None:
        """Let a step be done again at every system, whatever it is done under.

        Args:
            step: The step's name.
        """
        for row in self._rows().values():
            if row.step == step:
                row.scope = _TAKEN_BACK

    def all(self) -> list[Step]:
        """Return every step, in the order in which they were first started."""
        return [_step(row) for row in self._rows().values()]


def _step(row: StepRow) -> Step:
    return Step(
        step=row.step,
        system=row.system,
        scope=row.scope,
        state=StepState(row.state),
        attempts=row.attempts,
        started_at=row.started_at,
        finished_at=row.finished_at,
        counts=row.counts,
        error=row.error,
        failing_since=row.failing_since,
        fault=StepFault(row.fault) if row.fault else None,
    )


_TO_DO: Final = frozenset({CaseState.IN_PROGRESS, CaseState.EXECUTING, CaseState.REFUSED})
"""The states in which no person is waited for at a gate, and the answer is still to be written."""


class Bulk:
    """A case as one of many. One that has no run of its own in Prefect is worked on by batches, whenever it has a turn.

    Args:
        context: The open transaction.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    @property
    def makes_room(self) -> bool:
        """True if a run on the case ends instead of waiting long for a system, and resumes later."""
        return self._context.row.in_bulk

    @property
    def turn(self) -> datetime | None:
        """The instant (aware) at which the case's turn came or comes; ``None`` if nothing is left to do on the case."""
        return self._context.row.start_at

    def note_run(self) -> None:
        """Note that the case has a run in Prefect."""
        self._context.row.has_run = True

    def note_batch(self) -> None:
        """Note that it is worked on by batches, and has no run of its own that anything would have to look for."""
        self._context.row.has_run = False

    def make_room(self, system: str) -> None:
        """Note for which system the work would have waited."""
        self._context.row.waits_for = system

    def note_moved(self, to: CaseState) -> None:
        """Give a case to the next batch after a person's decision; a case with a turn keeps it.

        A case with a run of its own goes on by that.

        Args:
            to: Where it stands now.
        """
        row = self._context.row
        if to in _TO_DO and row.in_bulk and not row.has_run and row.start_at is None:
            row.start_at = self._context.now

    def start_again(self) -> None:
        """Let the keeper restart work that ended before the answer: the run in Prefect if any, else a batch."""
        row = self._context.row
        if (row.has_run or row.in_bulk) and not CaseState(row.state).is_settled:
            row.start_at = self._context.now

    def rest(self, turn: datetime | None) -> None:
        """Note that nothing is left to do on it until something happens.

        Args:
            turn: The turn in which the work began; one that it was given since stays.
        """
        if self._context.row.start_at == turn:
            self._context.row.start_at = None

    def wait_again(self, pause: timedelta) -> bool:
        """Give the case another turn if it had paused; return whether it did.

        Args:
            pause: For how long it is left at least.
        """
        if self._context.row.waits_for:
            self.try_again(pause)
        return bool(self._context.row.waits_for)

    def try_again(self, pause: timedelta) -> None:
        """Give the case another turn.

        Args:
            pause: For how long it is left at least.
        """
        self._context.row.start_at = self._context.now + pause
