"""One attempt at one step: done once, noted in the case file, and failing without a word of personal data."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Generic, TypeVar, cast, overload

from rightsflow.cases.app import App
from rightsflow.cases.step.faults import stopping, without_content
from rightsflow.cases.step.limits import give_back, most_at_once, note_given_back
from rightsflow.cases.step.starting_points import take_up
from rightsflow.domain.case.states import CaseState
from rightsflow.domain.errors import Conflict, RightsflowError, Unavailable
from rightsflow.domain.events import CaseEvent, StepName
from rightsflow.domain.telemetry import StepEnd, recorder
from rightsflow.domain.whereabouts import busy_with
from rightsflow.store import CaseFile
from rightsflow.store.coordination.slots import Slot

logger = logging.getLogger(__name__)

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
        start_undone: What the result would hold for, while its start is not stored for good and goes where it fails.
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

    def finish(self, file: CaseFile) -> None:
        """Note that the step is done in the same transaction as what it did, so that neither stands without the other.

        A step that only calls a system need not: it may be repeated, and is noted when its block ends.
        """
        file.steps.finish(self.step, self.system, **self.counts)
        file.ledger.append(CaseEvent.STEP_DONE, step=self.step, system=self.system, **self.counts, **self.details)
        if self.has_answered:
            file.steps.note_answer(self.system)
        if self.place is not None:
            file.steps.places.leave(self.place)
        self.is_finished = True

    def finish_unless(self, doubt: RightsflowError | None, file: CaseFile) -> None:
        """Note that the step is done; or that it fails although what it did is stored in the same transaction.

        Args:
            doubt: Why it fails; it is raised after the transaction. ``None`` where it does not.
            file: The case file, open.
        """
        if doubt is None:
            self.finish(file)
        else:
            _note_failure(file, self, doubt)
            self.doubt = doubt


@overload
def attempt(
    app: App,
    case_id: str,
    step: StepName,
    system: str = "",
    *,
    scope: str | Callable[[CaseFile], str] = "",
    calls: bool = False,
) -> AbstractContextManager[Attempt[None]]: ...


@overload
def attempt(
    app: App,
    case_id: str,
    step: StepName,
    system: str = "",
    *,
    scope: str | Callable[[CaseFile], str] = "",
    calls: bool = False,
    read: Callable[[CaseFile], T],
) -> AbstractContextManager[Attempt[T]]: ...


@contextmanager
def attempt(
    app: App,
    case_id: str,
    step: StepName,
    system: str = "",
    *,
    scope: str | Callable[[CaseFile], str] = "",
    calls: bool = False,
    read: Callable[[CaseFile], T] | None = None,
) -> Iterator[Attempt[Any]]:
    """Do a step once.

    Args:
        app: What it works with.
        case_id: The case.
        step: The step's name, for example ``"erase"``.
        system: The system it is done at, where there is one.
        scope: What the result holds for, or what reads it of the case file; under another scope it counts as not done.
        calls: Whether it calls the system: then it takes a place before it with its start, and gives it back with its
            end.
        read: Reads what the step needs, in the transaction in which its start is noted; not where it is done already.

    Raises:
        Conflict: The request was withdrawn.
        RightsflowError: The step failed; the failure is noted in the case file.
    """
    begun = cast("Attempt[Any] | None", take_up(app, case_id, step, system))
    trial: Attempt[Any] = begun or Attempt(app, case_id, step=step, system=system)
    with busy_with(case_id, step, system), _giving_back(trial):
        with _noting_failure(trial):
            if begun is None:
                _start(trial, scope, read, calls=calls)
            yield trial
            _raise_doubt(trial)
        if not trial.already_done and not trial.is_finished:
            with app.store.case_file(case_id) as file:
                trial.finish(file)


@contextmanager
def attempt_at_once(
    app: App, case_id: str, step: StepName, whom: str = "", *, scope: str | Callable[[CaseFile], str] = ""
) -> Iterator[tuple[Attempt[None], CaseFile]]:
    """Do a step once that calls no system: its start, what it does and its end stand in one transaction.

    Where it raises, nothing of it is stored but its failure; see :meth:`Attempt.finish_unless`.

    Args:
        app: What it works with.
        case_id: The case.
        step: The step's name.
        whom: The processor that it is about, where there is one.
        scope: As of :func:`attempt`.

    Yields:
        The attempt, and the case file, open.

    Raises:
        Conflict: The request was withdrawn.
        RightsflowError: The step failed; the failure is noted in the case file.
    """
    trial: Attempt[None] = Attempt(app, case_id, step=step, system=whom)
    with busy_with(case_id, step, whom), _noting_failure(trial):
        with app.store.case_file(case_id) as file:
            begin(trial, file, scope)
            yield trial, file
            if trial.doubt is None and not trial.already_done and not trial.is_finished:
                trial.finish(file)
        _raise_doubt(trial)


def _start(
    trial: Attempt[Any],
    scope: str | Callable[[CaseFile], str],
    read: Callable[[CaseFile], Any] | None,
    *,
    calls: bool,
) -> None:
    app, system = trial.app, trial.system
    with app.store.starting_file(trial.case_id) as file:
        begin(trial, file, scope)
        if not trial.already_done:
            trial.read = read(file) if read else None
            place = file.steps.places.join(system, most_at_once(app, system)) if calls else None
    if not trial.already_done:
        trial.start_undone, trial.place = None, place


def _raise_doubt(trial: Attempt[T]) -> None:
    if trial.doubt is not None:
        raise trial.doubt


def begin(trial: Attempt[T], file: CaseFile, scope: str | Callable[[CaseFile], str]) -> None:
    """Note that a step starts, unless it is done.

    Args:
        trial: Its attempt.
        file: The case file, open.
        scope: What the result holds for, or what reads it of the case file.

    Raises:
        Conflict: The request was withdrawn.
    """
    refuse_withdrawn(file)
    holds_for = scope if isinstance(scope, str) else scope(file)
    trial.makes_room = file.bulk.makes_room
    if done := file.steps.done(trial.step, trial.system, holds_for):
        trial.already_done, trial.counts = True, dict(done.counts)
        return
    trial.is_begun, trial.start_undone = True, holds_for
    file.steps.start(trial.step, trial.system, holds_for)


@contextmanager
def _giving_back(trial: Attempt[T]) -> Iterator[None]:
    """Give the step's place back, unless that was stored with its end."""
    try:
        yield
    except BaseException:
        if trial.place is not None:
            give_back(trial.app, trial.place)
        raise
    if trial.place is not None:
        note_given_back(trial.place)


@contextmanager
def _noting_failure(trial: Attempt[T]) -> Iterator[None]:
    """Note in the case file that an attempt failed, in words that are safe to log."""
    step, system = trial.step, trial.system
    try:
        with _observed(trial):
            yield
    except stopping():
        raise
    except BaseException as error:  # noqa: BLE001 - whatever went wrong, its message must not leave this process
        plain = without_content(error, f"{step} {system}".strip())
        if not trial.is_begun:
            raise plain from None
        if plain is not trial.doubt:
            with trial.app.store.case_file(trial.case_id) as file:
                if trial.start_undone is not None:
                    file.steps.start(step, system, trial.start_undone)
                _note_failure(file, trial, plain)
        logger.warning("step %s: %s", StepEnd.FAILED, plain)
        raise plain from None


@contextmanager
def _observed(trial: Attempt[T]) -> Iterator[None]:
    """Time an attempt, and say how it ended."""
    began, end = perf_counter(), StepEnd.FAILED
    try:
        yield
        end = StepEnd.DONE
    except stopping():
        end = StepEnd.STOPPED
        raise
    finally:
        seconds = perf_counter() - began
        if trial.is_begun:
            recorder().step(trial.step, trial.system, end, seconds)
        if trial.is_begun and end is not StepEnd.FAILED:
            logger.info("step %s", end, extra={"seconds": round(seconds, 3)})


def _note_failure(file: CaseFile, trial: Attempt[T], plain: RightsflowError) -> None:
    step, system = trial.step, trial.system
    if trial.has_answered:
        file.steps.note_answer(system)
    file.steps.fail(step, system, str(plain))
    file.ledger.append(CaseEvent.STEP_FAILED, step=step, system=system, error=str(plain))
    if isinstance(plain, Unavailable):
        file.bulk.make_room(system)


def refuse_withdrawn(file: CaseFile) -> None:
    """Do nothing more on a request that was withdrawn.

    Raises:
        Conflict: It was.
    """
    if file.state is CaseState.WITHDRAWN:
        raise Conflict(f"{file.case_id} was withdrawn; nothing more is done on it.")
