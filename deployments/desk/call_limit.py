"""How often pages without an account may be called: per address, and by all together.

Counted in this process and in memory alone: an address is kept for a minute, and written nowhere.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from starlette.requests import Request

WINDOW_SECONDS: Final = 60.0


def caller_of(request: Request) -> str:
    """Who calls; behind a proxy that does not pass it on, all who come through it are one.

    Args:
        request: The request.
    """
    return request.client.host if request.client else ""


class CallLimit:
    """What is allowed within each minute.

    Args:
        each: How many calls of one address.
        altogether: How many calls of all.
        clock: Gives seconds that never go back.
    """

    def __init__(self, each: int = 60, altogether: int = 600, clock: Callable[[], float] = time.monotonic) -> None:
        self._each = each
        self._altogether = altogether
        self._clock = clock
        self._began = clock()
        self._calls: Counter[str] = Counter()

    def takes(self, address: str) -> bool:
        """Count a call; returns whether it is within what is allowed.

        Args:
            address: Who calls.
        """
        now = self._clock()
        if now - self._began >= WINDOW_SECONDS:
            self._began = now
            self._calls.clear()
        # What is refused is not counted, so that no flood of addresses fills the memory.
        if self._calls[address] >= self._each or self._calls.total() >= self._altogether:
            return False
        self._calls[address] += 1
        return True
