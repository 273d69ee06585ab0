"""Give back what this process holds; what the case store takes back only later, since it does not answer, is not lost.

A lease, a role or a place before a system ends by itself where no one renews it, a minute later. As long as the process
lives that is a minute in which no one else works on the case, or at the system: too long where a database was started
again within seconds.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from rightsflow.domain.errors import RightsflowError
from rightsflow.store.core.context import LEASE_TIME

logger = logging.getLogger(__name__)

_EVERY_SECONDS: Final = 2.0

GiveBack = Callable[[], None]
"""Gives something back that has a name which no one else's ever has, so that it does no harm later."""


class GivingBack:
    """Gives back now or later. Its thread ends when nothing is left.

    Args:
        every_seconds: How often it is tried again.
        clock: Gives seconds that only grow.
    """

    def __init__(self, every_seconds: float = _EVERY_SECONDS, clock: Callable[[], float] = time.perf_counter) -> None:
        self._every, self._clock = every_seconds, clock
        self._lock = threading.Lock()
        self._left: list[tuple[float, GiveBack]] = []
        self._is_running = False

    def give_back(self, what: str, give_back: GiveBack) -> None:
        """Give something back, or try it again until it has ended by itself.

        Args:
            what: What it is, for the log.
            give_back: Gives it back.
        """
        try:
            give_back()
        except RightsflowError as error:
            logger.warning("%s could not be given back: %s; it is tried again", what, error)
            with self._lock:
                self._left.append((self._clock() + LEASE_TIME.total_seconds(), give_back))
                if self._is_running:
                    return
                self._is_running = True
            threading.Thread(target=self._try_until_done, daemon=True, name="giving back").start()

    def try_again(self) -> bool:
        """Try once more with what is left; returns whether anything is left then."""
        with self._lock:
            tried = list(self._left)
        over = [item for item in tried if self._clock() >= item[0] or _is_done(item[1])]
        with self._lock:
            self._left = [item for item in self._left if item not in over]
            self._is_running = self._is_running and bool(self._left)
            return bool(self._left)

    def _try_until_done(self) -> None:
        time.sleep(self._every)
        while self.try_again():
            time.sleep(self._every)


def _is_done(give_back: GiveBack) -> bool:
    try:
        give_back()
    except RightsflowError:
        return False
    return True


GIVING_BACK: Final = GivingBack()
"""The instance of this process."""
