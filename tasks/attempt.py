"""One attempt at one step: done once, noted in the case file, and failing without a word of personal data."""

from __future__ import annotations

import logging
import traceback
from asyncio import CancelledError
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final

from prefect.client.schemas.objects import State, TaskRun
from prefect.exceptions import ExternalSignal, PrefectSignal

from rightsflow.case import CaseState
from rightsflow.environment import Environment
from rightsflow.errors import BadInput, Conflict, Misconfigured, RightsflowError, Transient, Unavailable
from rightsflow.store import CaseFile
from rightsflow.telemetry import StepEnd, recorder
from rightsflow.whereabouts import busy_with
from tasks.runtime import Runtime, runtime

logger = logging.getLogger(__name__)

STOPPING: Final = (KeyboardInterrupt, GeneratorExit, CancelledError, PrefectSignal, ExternalSignal)
"""What stops a step from outside; anything else is its failure, also what is no ``Exception``, as a panic in Rust."""


class StepFailed(RightsflowError):
    """A step failed in a way nobody foresaw; the text holds the error's type and place, never its message."""


@dataclass(slots=True)
class Attempt:
    """One attempt at one step.

    Args:
        runtime: What the step works with.
        case_id: The case.
        already_done: Whether an earlier run did the step; then nothing is to be done.
        step: The step's name.
        system: The system it is done at, where there is one.
        counts: What the step counts, for the case sheet.
        details: What the ledger keeps besides.
        is_finished: Whether it was noted as done already.
        makes_room: Whether the case is one of many, and does not wait long for a system.
    """

    runtime: Runtime
    case_id: str
    already_done: bool
    step: str
    system: str = ""
    counts: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    is_finished: bool = False
    makes_room: bool = False

    def finish(self, file: CaseFile) -> None:
        """Note that the step is done in the same transaction as what it did, so that neither stands without the other.

        A step that only calls a system need not: it may be repeated, and is noted when its block ends.
        """
        file.steps.finish(self.step, self.system, **self.counts)
        file.ledger.append("StepDone", step=self.step, system=self.system, **self.counts, **self.details)
        self.is_finished = True


@contextmanager
def attempt(case_id: str, step: str, system: str = "", scope: str = "") -> Iterator[Attempt]:
    """Do a step once.

    Args:
        case_id: The case.
        step: The step's name, for example ``"erase"``.
        system: The system it is done at, where there is one.
        scope: What the result holds for; done under another scope counts as not done.

    Raises:
        Conflict: The request was withdrawn.
        RightsflowError: The step failed; the failure is noted in the case file.
    """
    current = runtime()
    with current.store.case_file(case_id) as file:
        refuse_withdrawn(file)
        done = file.steps.done(step, system, scope)
        if done is None:
            file.steps.start(step, system, scope)
        makes_room = file.bulk.makes_room
    trial = Attempt(
        current,
        case_id,
        already_done=done is not None,
        step=step,
        system=system,
        counts=dict(done.counts) if done else {},
        makes_room=makes_room,
    )
    if trial.already_done:
        yield trial
        return
    with busy_with(case_id, step, system):
        with _noting_failure(trial):
            yield trial
        if not trial.is_finished:
            with current.store.case_file(case_id) as file:
                trial.finish(file)


@contextmanager
def _noting_failure(trial: Attempt) -> Iterator[None]:
    """Note in the case file that an attempt failed, in words that are safe to log."""
    step, system = trial.step, trial.system
    try:
        with _observed(step, system):
            yield
    except STOPPING:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever went wrong, its message must not leave this process
        plain = without_content(error, f"{step} {system}".strip())
        with trial.runtime.store.case_file(trial.case_id) as file:
            _note_failure(file, step, system, plain)
        logger.warning("step %s: %s", StepEnd.FAILED, plain)
        raise plain from None


@contextmanager
def _observed(step: str, system: str) -> Iterator[None]:
    """Time an attempt, and say how it ended."""
    began, end = perf_counter(), StepEnd.FAILED
    try:
        yield
        end = StepEnd.DONE
    except STOPPING:
        end = StepEnd.STOPPED
        raise
    finally:
        seconds = perf_counter() - began
        recorder().step(step, system, end, seconds)
        if end is not StepEnd.FAILED:
            logger.info("step %s", end, extra={"seconds": round(seconds, 3)})


def _note_failure(file: CaseFile, step: str, system: str, plain: RightsflowError) -> None:
    file.steps.fail(step, system, str(plain))
    file.ledger.append("StepFailed", step=step, system=system, error=str(plain))
    if isinstance(plain, Unavailable):
        file.bulk.make_room(system)


def refuse_withdrawn(file: CaseFile) -> None:
    """Do nothing more on a request that was withdrawn.

    Raises:
        Conflict: It was.
    """
    if file.state is CaseState.WITHDRAWN:
        raise Conflict(f"{file.case_id} was withdrawn; nothing more is done on it.")


@contextmanager
def in_plain_words(what: str) -> Iterator[None]:
    """Let a failure inside the block come out in words that are safe to log.

    Args:
        what: What is being done, to begin the sentence with.

    Raises:
        RightsflowError: Something failed.
    """
    try:
        yield
    except STOPPING:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever went wrong, its message must not leave this process
        raise without_content(error, what) from None


@contextmanager
def one_case_of_many(case_id: str) -> Iterator[None]:
    """Let one case's fault not keep a round from the others: it is logged in plain words.

    Args:
        case_id: The case.

    Raises:
        Transient: The case store does not answer; so it will for no other case.
    """
    try:
        yield
    except Transient:
        raise
    except STOPPING:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever went wrong, its message must not reach a log
        logger.warning("%s is passed over: %s", case_id, without_content(error, "it"))


def without_content(error: BaseException, what: str) -> RightsflowError:
    """The same failure in words that are safe to log: an error of ours as it is, any other by type and place."""
    if isinstance(error, RightsflowError):
        error.__context__ = None
        return error
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].name}, line {frames[-1].lineno}" if frames else "an unknown place"
    plain = StepFailed(f"{what} failed unexpectedly: {type(error).__name__} in {place}; report this as a fault.")
    plain.__context__ = None
    return plain


def is_worth_retrying(_task: object, _run: TaskRun, state: State[Any]) -> bool:
    """Prefect's question after a failed attempt: only what may go through later is tried again.

    What was not even tried, so that others need not wait, is not: the keeper runs the case again. What nobody foresaw
    is tried again too: it may be a passing fault, and the step is safe to repeat.
    """
    error = state.data if isinstance(state.data, Exception) else None
    if isinstance(error, BadInput | Unavailable):
        return False
    return isinstance(error, Transient | StepFailed)


def retry_seconds() -> list[float]:
    """How long to wait before each further attempt (``RIGHTSFLOW_RETRY_SECONDS``, a JSON list).

    It is read while modules are imported, where a wrong variable would be a traceback; whoever needs it is told later.
    """
    try:
        return Environment().retry_seconds
    except Misconfigured:
        waits: list[float] = Environment.model_fields["retry_seconds"].default
        return waits
