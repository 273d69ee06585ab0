"""Report a run's state to the server again and again while it does not answer, as where its database is started again.

Prefect's client tries some failures again by itself, but none that the server gives as its own fault (500), which is
how it tells of a database that is not there. A run whose end was not reported would seem to be under way until the
keeper finds that no one works on it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

import httpx

R = TypeVar("R")

LONGEST_SECONDS: Final = 300.0
"""After which time it is left to the keeper."""
_PAUSE_SECONDS: Final = 1.0


class ReportClock(Protocol):
    """The clock for times and waits: the module ``time``, or another."""

    def monotonic(self) -> float:
        """Seconds that only grow."""

    def sleep(self, seconds: float, /) -> None:
        """Wait some seconds."""


def until_taken(report: Callable[[], R], is_to_stop: Callable[[], bool], clock: ReportClock = time) -> R:
    """Report something until the server takes it; returns what it answers.

    Args:
        report: Reports it once.
        is_to_stop: Whether it is not to be tried again, since the run is to stop.
        clock: What time is told and waited by.

    Raises:
        httpx.HTTPError: The server refuses it, or has not answered for too long.
    """
    until = clock.monotonic() + LONGEST_SECONDS
    while True:
        try:
            return report()
        except (httpx.TransportError, httpx.HTTPStatusError) as error:
            if not may_pass(error) or is_to_stop() or clock.monotonic() >= until:
                raise
        clock.sleep(_PAUSE_SECONDS)


def may_pass(error: BaseException) -> bool:
    """Return True if the server may accept later the report that it refused now.

    Args:
        error: What the report failed with.
    """
    is_its_fault = isinstance(error, httpx.HTTPStatusError) and error.response.is_server_error
    return is_its_fault or isinstance(error, httpx.TransportError)
