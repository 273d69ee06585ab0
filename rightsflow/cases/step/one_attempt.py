"""One attempt at one step: what it began with, what it counts, and what is noted of it in the case file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from rightsflow.cases.app import App
from rightsflow.domain.errors import Conflict, RightsflowError, Unavailable
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.states import nothing_more
from rightsflow.store import CaseFile
from rightsflow.store.coordination.slots import Slot

T = TypeVar("T")


@dataclass(slots=True)
class Attempt(Generic[T]):
    """One attempt at one step.

    Args:
        app: What the step works with.
        case_id: The case.
        step: The step's name.
        already_done: Whether an earlier run did the step; then nothing is to be done.
        read: What the step read of the case file as it began; nothing where it is done already.
        system: The system it is done at, where there is one.
        counts: What the step counts, for the case sheet.
        details: What the ledger keeps besides.
        is_finished: Whether it was noted as done already.
        makes_room: Whether the case is one of many, and does not wait long for a system.
        place: Its place before the system, where it calls one; given back with its end.
        has_answered: Whether its system answered, which is noted with its end.
        is_begun: Whether it has anything to do, so that its failure is noted.
        start_undone: What the result would hold for, while its start is not noted; that is done with its end.
        doubt: Why it fails although what it did is stored, which is noted together.
    """

    app: App
    case_id: str
    step: StepName
    system: str = ""
    already_done: bool = False
    read: T = None  # type: ignore[assignment]
    counts: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    is_finished: bool = False
    makes_room: bool = False
    place: Slot | None = None
    has_answered: bool = False
    is_begun: bool = False
    start_undone: str | None = None
    doubt: RightsflowError | None = None

    @property
    def place_there(self) -> Slot:
        """Its place before the system.

        Raises:
            LookupError: The step was begun as one that calls no system.
        """
        if self.place is None:
            raise LookupError(f"the step {self.step} has no place before a system")
        return self.place

    def note_start(self, file: CaseFile) -> None:
        """Note that the step started, unless that is noted.

        Args:
            file: The case file, open.
        """
        if self.start_undone is not None:
            file.steps.start(self.step, self.system, self.start_undone)

    def finish(self, file: CaseFile) -> None:
        """Note that the step is done in the same transaction as what it did, so that neither stands without the other.

        A step that only calls a system need not: it may be repeated, and is noted when its block ends.
        """
        self.note_start(file)
        file.steps.finish(self.step, self.system, **self.counts)
        file.ledger.append(CaseEvent.STEP_DONE, step=self.step, system=self.system, **self.counts, **self.details)
        self._note_answer(file)
        if self.place is not None:
            file.steps.places.leave(self.place)
        self.is_finished = True

    def _note_answer(self, file: CaseFile) -> None:
        if self.has_answered and not self.app.store.breakers.had_none(self.system):
            file.steps.note_answer(self.system)

    def finish_unless(self, doubt: RightsflowError | None, file: CaseFile) -> None:
        """Note that the step is done; or that it fails although what it did is stored in the same transaction.

        Args:
            doubt: Why it fails; it is raised after the transaction. ``None`` where it does not.
            file: The case file, open.
        """
        if doubt is None:
            self.finish(file)
        else:
            self.note_failure(file, doubt)
            self.doubt = doubt

    def note_failure(self, file: CaseFile, plain: RightsflowError) -> None:
        """Note that the step failed.

        Args:
            file: The case file, open.
            plain: Why, in words that are safe to store.
        """
        self._note_answer(file)
        self.note_start(file)
        file.steps.fail(self.step, self.system, str(plain))
        file.ledger.append(CaseEvent.STEP_FAILED, step=self.step, system=self.system, error=str(plain))
        if isinstance(plain, Unavailable):
            file.bulk.make_room(self.system)


def look(trial: Attempt[T], file: CaseFile, scope: str | Callable[[CaseFile], str]) -> None:
    """Look whether a step is done, as it begins.

    Args:
        trial: Its attempt.
        file: The case file, open.
        scope: What the result holds for, or what reads it of the case file.

    Raises:
        Conflict: The request was withdrawn, or its case stopped.
    """
    refuse_ended(file)
    holds_for = scope if isinstance(scope, str) else scope(file)
    trial.makes_room = file.bulk.makes_room
    if done := file.steps.done(trial.step, trial.system, holds_for):
        trial.already_done, trial.counts = True, dict(done.counts)
        return
    trial.is_begun, trial.start_undone = True, holds_for


def refuse_ended(file: CaseFile) -> None:
    """Do nothing more on a request that was withdrawn, or whose case was stopped.

    Raises:
        Conflict: It was.
    """
    if file.state.ends_unanswered:
        raise Conflict(nothing_more(file.case_id, file.state))
