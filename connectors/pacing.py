"""Keep below a system's limit on calls by what it says of it on each answer.

A limit counts for all who call: our other workers, and whatever else the controller runs. Who counts the own calls
would have to know of theirs; who reads what is left need not. When little is left, calls wait until the system counts
anew, and those that are on their way at that moment find enough of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from connectors.transport import Patience

_SHARE: Final = 0.05
"""The part of the limit left to calls in progress and to other software, …"""
_LEAST: Final = 25
"""… and the smallest number of calls left: several workers with several calls each learn of it at the same time."""


class RateLimiter:
    """A system's limit on calls, shared by all threads.

    Reads the headers ``ratelimit-limit``, ``ratelimit-remaining`` and ``ratelimit-reset`` (in seconds), as the IETF's
    draft on rate limit headers names them and Zendesk sends them.

    Args:
        patience: How long may be waited inside a call, and how to wait.
        clock: Gives seconds that only grow.
    """

    def __init__(self, patience: Patience, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._clock = clock
        self._until = 0.0
        self._lock = threading.Lock()

    def heed(self, headers: Mapping[str, str]) -> None:
        """Update the limit from an answer's headers; an answer without them changes nothing.

        Args:
            headers: The answer's, of which the names are found in any case.
        """
        limit, remaining, reset = (
            _number(headers.get(f"ratelimit-{name}")) for name in ("limit", "remaining", "reset")
        )
        if limit is None or remaining is None or reset is None or remaining > _margin(limit):
            return
        with self._lock:
            self._until = max(self._until, self._clock() + reset)

    def wait(self) -> float:
        """Wait until there are calls left; returns 0, or for how many seconds there are none where that is too long.

        Nothing was waited then: the caller may do something else meanwhile.
        """
        with self._lock:
            left = self._until - self._clock()
        if left > self._patience.longest_wait_seconds:
            return left
        if left > 0:
            self._patience.sleep(left)
        return 0.0


def _margin(limit: int) -> int:
    # At most half of a small limit, or no call could be made at all.
    return min(max(round(limit * _SHARE), _LEAST), limit // 2)


def _number(header: str | None) -> int | None:
    return int(header) if header is not None and header.isascii() and header.isdigit() else None
