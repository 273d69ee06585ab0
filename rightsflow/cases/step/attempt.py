"""Do a step once: one transaction starts it, the work follows, and another transaction ends it.

A case that is one of many yields its slot: instead of holding its worker's slot while it waits, its step fails at once
in words, the run does what it can at the other systems and ends, and the keeper starts it again. A case that a person
entered by hand waits as long as it takes. What either finds out about the system counts for both.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from time import perf_counter
from typing import Any, Generic, TypeVar, overload

from rightsflow.cases.app import App
from rightsflow.cases.step.faults import stopping, without_content
from rightsflow.cases.step.limits import give_back, most_at_once, note_given_back, wait_until_served
from rightsflow.domain.circuit_breaker import Breaker
from rightsflow.domain.connector import Connector, SignsMarks
from rightsflow.domain.errors import (
    Conflict,
    Permanent,
    Refused,
    RightsflowError,
    Transient,
    Unavailable,
    Underway,
    fault_of,
)
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.telemetry import StepEnd, busy_with, recorder
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.records import Method, Outcome, RecordRef
from rightsflow.domain.vocabulary.states import nothing_more
from rightsflow.store import CaseFile
from rightsflow.store.coordination.system_limits import Slot

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
            file.steps.slots.leave(self.place)
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
        if isinstance(plain, Underway):
            file.steps.wait(self.step, self.system, str(plain.args[0]))
            return
        file.steps.fail(self.step, self.system, str(plain), fault_of(plain))
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
    _refuse_ended(file)
    holds_for = scope if isinstance(scope, str) else scope(file)
    trial.makes_room = file.bulk.makes_room
    if done := file.steps.done(trial.step, trial.system, holds_for):
        trial.already_done, trial.counts = True, dict(done.counts)
        return
    trial.is_begun, trial.start_undone = True, holds_for


def _refuse_ended(file: CaseFile) -> None:
    """Do nothing more on a request that was withdrawn, or whose case was stopped."""
    if file.state.ends_unanswered:
        raise Conflict(nothing_more(file.case_id, file.state))


logger = logging.getLogger(__name__)


def end_step(trial: Attempt[Any], write: Callable[[CaseFile], object]) -> None:
    """Store what a step did, and that it is done, in one transaction.

    Args:
        trial: Its attempt.
        write: Stores what it did.
    """
    with trial.app.store.case_file(trial.case_id) as file:
        write(file)
        trial.finish(file)


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
                trial.note_failure(file, plain)
        if isinstance(plain, Underway):
            logger.info("step waits: %s", plain)
        else:
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
    trial: Attempt[Any] = Attempt(app, case_id, step=step, system=system)
    with busy_with(case_id, step, system), _giving_back(trial):
        with _noting_failure(trial):
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
            look(trial, file, scope)
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
        look(trial, file, scope)
        if not trial.already_done:
            trial.note_start(file)
            trial.read = read(file) if read else None
            place = file.steps.slots.join(system, most_at_once(app, system)) if calls else None
    if not trial.already_done:
        trial.start_undone, trial.place = None, place


def _raise_doubt(trial: Attempt[T]) -> None:
    if trial.doubt is not None:
        raise trial.doubt


@contextmanager
def calling(app: App, trial: Attempt[T]) -> Iterator[None]:
    """Call the step's system inside the block; that it answered is noted with the step's end, however that is.

    Args:
        app: What it works with.
        trial: The step's attempt, which has a place before the system.

    Raises:
        Unavailable: The system's circuit breaker is open, or the system is busy, and the case yields its slot.
    """
    system, breakers = trial.system, trial.app.store.breakers
    if trial.makes_room and (breaker := breakers.ask(system, trial.case_id)):
        raise Unavailable(_sentence(app, system, breaker), system=system)
    try:
        wait_until_served(trial.app, trial.place_there, app.slot_seconds if trial.makes_room else None)
    except TimeoutError:
        raise Unavailable(f"{system} is busy with other cases; it is tried again soon.", system=system) from None
    try:
        yield
    except Unavailable:
        # No call was made, which says nothing of the system.
        raise
    except Transient as error:
        # The case store's own fault says nothing of the system, and one that answered is not silent.
        if error.system in {"", system} and not trial.has_answered:
            breakers.note_failure(system, timedelta(seconds=error.retry_after or 0))
        raise
    except (Permanent, Refused):
        trial.has_answered = True
        raise
    trial.has_answered = True


def _sentence(app: App, system: str, breaker: Breaker) -> str:
    again = f"; it is tried again at {_time(app, breaker.retry_at)}" if breaker.retry_at else ""
    return f"{system} has not answered since {_time(app, breaker.since)}{again}."


def _time(app: App, instant: datetime) -> str:
    return f"{instant.astimezone(app.settings.controller.zone):%d %b %H:%M:%S}"


def set_marks(
    connector: Connector, refs: Iterable[RecordRef], method: Method, known: Identifiers, case_id: str
) -> Iterator[Outcome]:
    """Mark records, or take the marks away; where the system's mark has room for it, in the name of a case.

    Args:
        connector: Of the records' system.
        refs: The records, of any kinds.
        method: ``RESTRICT`` or ``LIFT``.
        known: The subject's identifiers.
        case_id: The case.

    Raises:
        RightsflowError: The system gave no answer.
    """
    for _, group in groupby(sorted(refs), key=lambda ref: ref.kind):
        if isinstance(connector, SignsMarks):
            yield from connector.mark(list(group), method, known, case_id)
        else:
            yield from connector.erase(list(group), method, known)
