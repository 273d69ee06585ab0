"""Limits on waiting: a circuit breaker for a system that does not answer, and a budget of time for one exchange. Pure.

After a few failures in a row no call is made for a while; then one case tries, and if that fails the next pause is
twice as long. An answer, in between too, ends the pause. A limit on each wait alone is none (a sender of one byte a
minute never reaches it) and a limit on the whole is too short for a large file, so each side has a budget of seconds,
and bytes that arrive at :data:`SLOWEST` or faster cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

FAILURES = 3
"""After how many failures in a row the circuit breaker opens."""
FIRST_WHILE = timedelta(seconds=15)
LONGEST_WHILE = timedelta(minutes=5)
SKEW = timedelta(minutes=1)
"""Largest difference between the clocks of two machines."""
PROBE_TIME = timedelta(minutes=2)
"""Time that the probing case may take before another one may probe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """The state of a system that has not answered recently.

    Args:
        failures: How many attempts have failed in a row; while it is open those that had begun do not count.
        since: When the first of them failed (aware).
        retry_at: From when it is tried again (aware); ``None`` while it is closed.
        probing_case_id: The case that tries it; empty for none.
        probing_until: Until when no other does (aware).
    """

    failures: int
    since: datetime
    retry_at: datetime | None = None
    probing_case_id: str = ""
    probing_until: datetime | None = None

    @classmethod
    def fresh(cls, now: datetime) -> Breaker:
        """Return the state of a system whose first failure is about to be counted.

        Args:
            now: The present instant (aware).
        """
        return cls(failures=0, since=now)

    def failed(self, now: datetime, wait: timedelta = timedelta(0)) -> Breaker:
        """Return the breaker after a further failure.

        Args:
            now: The present instant (aware).
            wait: For how long the system itself asks not to be called, where it does.
        """
        if self.retry_at is not None and self.since - SKEW <= now < self.retry_at:
            return self
        failures = self.failures + 1
        if failures < FAILURES:
            return replace(self, failures=failures)
        # Not by the power alone, which is beyond any number after weeks.
        longer = FIRST_WHILE * 2 ** min(failures - FAILURES, 10)
        pause = max(min(longer, LONGEST_WHILE), wait)
        return replace(self, failures=failures, retry_at=now + pause, probing_case_id="", probing_until=None)

    def lets_through(self, case_id: str, now: datetime) -> bool:
        """Return whether a case may call the system; a probing case excludes others meanwhile (:meth:`tried_by`).

        Args:
            case_id: The case.
            now: The present instant (aware).
        """
        if self.retry_at is None:
            return True
        # Before its first failure it can only be by a clock that was set back since.
        is_over = now >= self.retry_at or now < self.since - SKEW
        return is_over and (self.probing_case_id in {"", case_id} or not self.is_tried(now))

    def is_tried(self, now: datetime) -> bool:
        """Return whether a case is probing the system at present.

        Args:
            now: The present instant (aware).
        """
        return self.probing_until is not None and self.probing_until - PROBE_TIME - SKEW <= now < self.probing_until

    def tried_by(self, case_id: str, now: datetime) -> Breaker:
        """Return the breaker with the case that probes the system.

        Args:
            case_id: The case.
            now: The present instant (aware).
        """
        return self if self.retry_at is None else replace(self, probing_case_id=case_id, probing_until=now + PROBE_TIME)


SLOWEST: Final = 16 * 1024
"""Bytes a second: a stream slower than a telephone call in stereo counts as waiting."""


class TimeBudget:
    """The seconds that one sender may still keep us waiting.

    Args:
        seconds: The most that it may have.
    """

    __slots__ = ("_left", "_most")

    def __init__(self, seconds: float) -> None:
        self._most = self._left = seconds

    @property
    def left(self) -> float:
        """Seconds that are left; never less than 0."""
        return max(self._left, 0.0)

    @property
    def is_spent(self) -> bool:
        """True if no time is left."""
        return self._left <= 0

    def spend(self, seconds: float, arrived: int) -> None:
        """Count one wait; time is earned by what arrived, and never saved up for a later silence.

        Args:
            seconds: How long was waited.
            arrived: How many bytes came.
        """
        self._left = min(self._most, self._left - seconds + arrived / SLOWEST)
