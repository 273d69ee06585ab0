"""Time that another side may keep us waiting, renewed by the bytes that it sends. Pure.

A limit on each wait alone is none: a sender of one byte a minute never reaches it. A limit on the whole is too short
for a large file. So each side has a budget of seconds, and what arrives at :data:`SLOWEST` or faster costs nothing.
"""

from __future__ import annotations

from typing import Final

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
