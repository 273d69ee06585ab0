"""The end of an attempt at a step: stored alone or with the next step, or failed without any personal data."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeVar

from rightsflow.cases.step.faults import stopping, without_content
from rightsflow.cases.step.limits import give_back, note_given_back
from rightsflow.cases.step.one_attempt import Attempt
from rightsflow.cases.step.steps_at_hand import at_hand
from rightsflow.domain.telemetry import StepEnd, recorder
from rightsflow.domain.whereabouts import busy_with
from rightsflow.store import CaseFile
from rightsflow.store.coordination.slots import Slot

logger = logging.getLogger(__name__)

T = TypeVar("T")


def end_step(trial: Attempt[Any], write: Callable[[CaseFile], object], *, alone: bool = False) -> None:
    """Store what a step did, and that it is done; where more of its case follows at once, together with that.

    Args:
        trial: Its attempt.
        write: Stores what it did; it may be called again where that was not stored.
        alone: Whether it may refuse what the step did, which is then stored at once.
    """
    ended, hand = EndedStep(trial, write), at_hand(trial.app, trial.case_id)
    trial.is_held = hand is not None and not alone and hand.hold(ended)
    if not trial.is_held:
        with trial.app.store.case_file(trial.case_id) as file:
            ended.store(file)
    trial.is_finished = True


@dataclass(frozen=True, slots=True)
class EndedStep:
    """A step that has done its work.

    Args:
        trial: Its attempt.
        write: Stores what it did.
    """

    trial: Attempt[Any]
    write: Callable[[CaseFile], object]

    @property
    def place(self) -> Slot | None:
        """Its place before the system."""
        return self.trial.place

    def store(self, file: CaseFile) -> None:
        """Store what it did, and that it is done."""
        self.write(file)
        self.trial.finish(file)

    def store_alone(self) -> None:
        """The same in a transaction of its own; where that fails, it is the step that failed."""
        trial = self.trial
        with busy_with(trial.case_id, trial.step, trial.system), giving_back(trial):
            trial.is_held = False
            with noting_failure(trial), trial.app.store.case_file(trial.case_id) as file:
                self.store(file)

    def note_stored(self) -> None:
        """Say that it is stored for good, so that the next step at its system may begin."""
        if self.trial.place is not None:
            note_given_back(self.trial.place)


@contextmanager
def giving_back(trial: Attempt[T]) -> Iterator[None]:
    """Give the step's place back, unless that was stored with its end, or is with what follows."""
    try:
        yield
    except BaseException:
        if trial.place is not None:
            give_back(trial.app, trial.place)
        raise
    if trial.place is not None and not trial.is_held:
        note_given_back(trial.place)


@contextmanager
def noting_failure(trial: Attempt[T]) -> Iterator[None]:
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
