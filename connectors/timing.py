"""Time the calls to a system, for those who listen (:mod:`rightsflow.domain.telemetry`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from rightsflow.domain.telemetry import NO_ANSWER, recorder, status_class


class TimedCall:
    """A call under way; without an answer unless one is noted."""

    __slots__ = ("status",)

    def __init__(self) -> None:
        self.status = NO_ANSWER

    def answered(self, status: int | None) -> None:
        """Note the answer.

        Args:
            status: Its HTTP status, if it had one.
        """
        self.status = status_class(status)


@contextmanager
def timed_call(system: str, operation: str) -> Iterator[TimedCall]:
    """Time a call to a system, whether it ends well or raises.

    Args:
        system: The system's name in the configuration.
        operation: What is called, in the connector's words.
    """
    call, began = TimedCall(), perf_counter()
    try:
        yield call
    finally:
        recorder().call(system, operation, call.status, perf_counter() - began)
