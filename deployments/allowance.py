"""How many calls a minute a listener answers: counted in this process and in memory alone."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Final

_MOST_CALLERS: Final = 10_000


class Allowance:
    """So many a minute, spread evenly: unused ones add up to ten seconds' worth.

    Args:
        per_minute: How many.
        steady: Gives seconds that only grow.
    """

    def __init__(self, per_minute: int, steady: Callable[[], float] = monotonic) -> None:
        self._rate = per_minute / 60
        self._most = max(1.0, per_minute / 6)
        self._left = self._most
        self._steady = steady
        self._at = steady()

    def take(self) -> bool:
        """Use one up; returns whether there was one."""
        now = self._steady()
        self._left, self._at = min(self._most, self._left + (now - self._at) * self._rate), now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Allowances:
    """One allowance for each caller, so that none uses up another's.

    Args:
        per_minute: How many a minute each has.
        steady: Gives seconds that only grow.
    """

    def __init__(self, per_minute: int, steady: Callable[[], float] = monotonic) -> None:
        self._per_minute, self._steady = per_minute, steady
        self._of = OrderedDict[str, Allowance]()

    def of(self, caller: str) -> Allowance:
        """Return a caller's allowance; of many callers the longest silent one is forgotten.

        Args:
            caller: Who calls.
        """
        found = self._of.pop(caller, None) or Allowance(self._per_minute, self._steady)
        self._of[caller] = found
        if len(self._of) > _MOST_CALLERS:
            self._of.popitem(last=False)
        return found
