"""The time that is given to sessions, shared among them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

LAST_PART = 0.3
"""The part of a session's time that is left for the cases to be answered."""


@dataclass
class Shares:
    """The time that is left, shared among the sessions that are still to come.

    Args:
        minutes: How many for all of them; ``None`` for as many as they take.
        sessions: How many are to come.
        quiet: How many sessions without kills are to come, which take about half as long.
    """

    minutes: float | None
    sessions: int
    quiet: int
    started: float = field(default_factory=time.monotonic)

    def next(self) -> float | None:
        """Until when the next session kills, by the monotonic clock."""
        if self.minutes is None:
            return None
        now = time.monotonic()
        left = self.started + 60 * self.minutes - now
        share = left / (self.sessions + self.quiet / 2)
        self.sessions -= 1
        return now + share * (1 - LAST_PART)
