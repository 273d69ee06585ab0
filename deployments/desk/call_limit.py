"""Limits on calls of pages without an account: per link, and per address without a valid link.

A valid link has a limit of its own, which no stranger uses up; attempts without a valid link are counted by address.
Calls are counted in this process's memory only: an address is kept for a minute, and never written.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Final

WINDOW_SECONDS: Final = 60.0
_MOST_KEYS: Final = 10_000


class CallLimit:
    """The calls allowed within each minute.

    Args:
        each: How many calls of one link, or of one address without a link.
        clock: Gives seconds that never go back.
    """

    def __init__(self, each: int = 60, clock: Callable[[], float] = time.monotonic) -> None:
        self._each = each
        self._clock = clock
        self._began = clock()
        self._calls: Counter[str] = Counter()

    def takes(self, caller: str) -> bool:
        """Count a call; return whether it is within the limit.

        Args:
            caller: A link, or an address.
        """
        now = self._clock()
        # Forgotten as well where there are too many: no flood of addresses fills the memory, or refuses another one.
        if now - self._began >= WINDOW_SECONDS or len(self._calls) >= _MOST_KEYS:
            self._began = now
            self._calls.clear()
        if self._calls[caller] >= self._each:
            return False
        self._calls[caller] += 1
        return True
