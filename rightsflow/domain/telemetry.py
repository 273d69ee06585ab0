"""Counters and timers of the work on cases, and the case, step and system that the code is working on.

A port that does nothing until a :class:`Recorder` is installed (``deployments.monitoring``). No value holds personal
data, and there are few different values of each: never a case id, never an address. The place of work follows the code
through calls, and into threads that are started with a copy of the context (:mod:`contextvars`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class StepEnd(StrEnum):
    """The end of an attempt at a step."""

    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    """From outside, to go on later."""


class Recorder(Protocol):
    """A listener to telemetry. No method may raise, and each call has to cost next to nothing."""

    def step(self, step: str, system: str, end: StepEnd, seconds: float) -> None:
        """Hear of an attempt at a step.

        Args:
            step: The step's name.
            system: The system it was done at; empty where there is none.
            end: How it ended.
            seconds: How long it took.
        """

    def call(self, system: str, operation: str, status: str, seconds: float) -> None:
        """Hear of a call to a system.

        Args:
            system: The system's name in the configuration.
            operation: What was called, in the connector's words.
            status: One of the values of :func:`status_class`, or ``"ok"`` and ``"error"`` where there are no numbers.
            seconds: How long it took until the answer began, repeats within the call included.
        """

    def runs(self, change: int) -> None:
        """Hear that the number of runs that this process executes has changed.

        Args:
            change: By how much.
        """

    def swept(self, timestamp: float) -> None:
        """Hear that the watch has gone round.

        Args:
            timestamp: When, in seconds since 1970 (UTC).
        """


class _Nobody:
    """Listens to nothing."""

    def step(self, step: str, system: str, end: StepEnd, seconds: float) -> None:
        """Do nothing."""

    def call(self, system: str, operation: str, status: str, seconds: float) -> None:
        """Do nothing."""

    def runs(self, change: int) -> None:
        """Do nothing."""

    def swept(self, timestamp: float) -> None:
        """Do nothing."""


_listening: list[Recorder] = [_Nobody()]


def recorder() -> Recorder:
    """Return the present listener."""
    return _listening[-1]


@contextmanager
def recording(to: Recorder) -> Iterator[None]:
    """Let a listener hear, in all threads, for the duration of the block.

    Args:
        to: Who.
    """
    _listening.append(to)
    try:
        yield
    finally:
        _listening.remove(to)


NO_ANSWER = "none"
TOO_MANY = "429"


def status_class(status: int | None) -> str:
    """Return the class of an HTTP status: ``2xx`` to ``5xx``, ``429`` alone, ``none`` where there was no answer.

    Args:
        status: The status.
    """
    if status is None or not 100 <= status < 600:
        return NO_ANSWER
    return TOO_MANY if status == 429 else f"{status // 100}xx"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The case, step and system that the code is working on; empty fields if there are none.

    Args:
        case: The case's id.
        step: The step's name, such as ``"locate"``.
        system: The system's name in the configuration.
    """

    case: str = ""
    step: str = ""
    system: str = ""


_NOWHERE = Whereabouts()
_here: ContextVar[Whereabouts] = ContextVar("whereabouts", default=_NOWHERE)


def here() -> Whereabouts:
    """Return the case, step and system that the calling code is working on."""
    return _here.get()


@contextmanager
def busy_with(case: str, step: str = "", system: str = "") -> Iterator[None]:
    """Be busy with something for the duration of the block.

    Args:
        case: The case's id, in its proper form.
        step: The step's name.
        system: The system's name in the configuration.
    """
    token = _here.set(Whereabouts(case, step, system))
    try:
        yield
    finally:
        _here.reset(token)
