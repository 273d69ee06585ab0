"""The end of an attempt at a step: its result is stored, or its failure without any personal data."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any, TypeVar

from rightsflow.cases.step.faults import stopping, without_content
from rightsflow.cases.step.limits import give_back, note_given_back
from rightsflow.cases.step.one_attempt import Attempt
from rightsflow.domain.telemetry import StepEnd, recorder
from rightsflow.store import CaseFile

logger = logging.getLogger(__name__)

T = TypeVar("T")


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
def giving_back(trial: Attempt[T]) -> Iterator[None]:
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
