"""The instants by which leases are given and end, on a machine whose clock may be set at any moment.

A clock that is set forward makes every lease look expired until its living holder renews it, which takes a third of
:data:`LEASE_TIME`; a second process would take over what the first still works on. One that is set back makes the lease
of a dead process on another machine look good for as long as the jump was. The first is noticed by a second clock that
only grows; the second by an end that no lease can have.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

LEASE_TIME: Final = timedelta(seconds=60)
_TOLERANCE: Final = timedelta(seconds=5)
"""By how much two readings may differ without a jump: a busy machine is between them for a while."""


class LeaseClock:
    """The clock by which leases are given and end.

    Args:
        now: Gives the present instant (aware), by a clock that may be set.
        steady: Gives seconds that only grow, by a clock that no one sets; ``None`` where no jump is to be noticed.
    """

    def __init__(self, now: Callable[[], datetime], steady: Callable[[], float] | None = None) -> None:
        self._now = now
        self._steady = steady
        self._lock = threading.Lock()
        self._jumps: deque[tuple[float, timedelta]] = deque()
        self._before = (now(), steady()) if steady else None

    def now(self) -> datetime:
        """Return the present instant (aware), from which a lease is given."""
        return self._now()

    def latest(self) -> datetime:
        """Return the latest end (aware) of a lease given by now."""
        return self._now() + LEASE_TIME

    def ended(self) -> datetime:
        """The instant (aware) up to which leases have ended.

        It is the present one, less what the clock was set forward within the last :data:`LEASE_TIME`, in which every
        living holder renews what it has.
        """
        now = self._now()
        if self._steady is None:
            return now
        with self._lock:
            self._notice(now, self._steady())
            return now - sum((jump for _, jump in self._jumps), timedelta())

    def _notice(self, now: datetime, steady: float) -> None:
        if self._before is not None:
            jump = (now - self._before[0]) - timedelta(seconds=steady - self._before[1])
            if jump > _TOLERANCE:
                self._jumps.append((steady, jump))
        self._before = now, steady
        while self._jumps and steady - self._jumps[0][0] >= LEASE_TIME.total_seconds():
            self._jumps.popleft()
