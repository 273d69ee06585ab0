"""The steps of a case: what was done at which system, and what is still missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rightsflow.domain.vocabulary.events import StepName
from rightsflow.store.coordination import breakers
from rightsflow.store.coordination.slots import CasePlaces
from rightsflow.store.core.context import Context
from rightsflow.store.core.stages import StepState
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


class Steps:
    """The steps of one case; each (step, system) exists once.

    Args:
        context: The open transaction.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self.places = CasePlaces(context)
        self._known: dict[tuple[str, str], StepRow] | None = None

    def _rows(self) -> dict[tuple[str, str], StepRow]:
        """All of them, in the order in which they were first started; read once a transaction."""
        if self._known is None:
            self._known = {(row.step, row.system): row for row in self._context.rows(StepRow)}
        return self._known

    def _row(self, step: StepName, system: str) -> StepRow | None:
        return self._rows().get((step, system))

    def done(self, step: StepName, system: str = "", scope: str = "") -> Step | None:
        """The step, if it is done (under this scope); otherwise ``None``."""
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

    def fail(self, step: StepName, system: str, error: str) -> None:
        """Note that the attempt failed, in one sentence without personal data."""
        row = self._row(step, system)
        if row is None:
            raise LookupError(f"the step {step} was not started")
        row.state, row.finished_at, row.error = StepState.FAILED.value, self._context.now, error
        row.failing_since = row.failing_since or self._context.now
        if self._context.row.closed_at is None or step.is_follow_up:
            self._context.row.watch_at = self._context.now

    def wait(self, step: StepName, system: str, sentence: str) -> None:
        """Note that the step goes on later because its system works something off by itself; nothing failed."""
        row = self._row(step, system)
        if row is None:
            raise LookupError(f"the step {step} was not started")
        row.state, row.finished_at, row.error = StepState.FAILED.value, self._context.now, sentence
        row.failing_since = None

    def note_answer(self, system: str) -> None:
        """Note that a system called by a step answers, whatever the answer."""
        breakers.note_answer(self._context.session, system)

    def take_back(self, step: StepName) -> None:
        """Let a step be done again at every system, whatever it is done under.

        Args:
            step: The step's name.
        """
        for row in self._rows().values():
            if row.step == step:
                row.scope = _TAKEN_BACK

    def all(self) -> list[Step]:
        """Every step, in the order in which they were first started."""
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
    )
