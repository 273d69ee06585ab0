"""The failure of a step, in words without content, and the signals from outside that are no failure."""

from __future__ import annotations

import logging
import traceback
from asyncio import CancelledError
from collections.abc import Iterator
from contextlib import contextmanager

from rightsflow.domain.errors import RightsflowError, Transient

logger = logging.getLogger(__name__)

_signals: list[type[BaseException]] = [KeyboardInterrupt, GeneratorExit, CancelledError]


def stops_steps(*signals: type[BaseException]) -> None:
    """Let the signals of what runs the steps stop them, instead of counting as their failures.

    Args:
        *signals: Such as Prefect's, when a run is to be paused or cancelled.
    """
    _signals.extend(signal for signal in signals if signal not in _signals)


def stopping() -> tuple[type[BaseException], ...]:
    """Return the exceptions that stop a step from outside; all others are failures, even a panic in Rust."""
    return tuple(_signals)


class StepFailed(RightsflowError):
    """A step failed in an unforeseen way; the text holds the error's type and place, never its message."""


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
    except stopping():
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
    except stopping():
        raise
    except BaseException as error:  # noqa: BLE001 - whatever went wrong, its message must not reach a log
        logger.warning("%s is passed over: %s", case_id, without_content(error, "it"))


def without_content(error: BaseException, what: str) -> RightsflowError:
    """Return a failure in words that are safe to log: our own errors as they are, others by type and place."""
    if isinstance(error, RightsflowError):
        error.__context__ = None
        return error
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].name}, line {frames[-1].lineno}" if frames else "an unknown place"
    plain = StepFailed(f"{what} failed unexpectedly: {type(error).__name__} in {place}; report this as a fault.")
    plain.__context__ = None
    return plain
