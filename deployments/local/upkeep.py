"""Start a part of the local stack again when it has ended, with longer and longer waits if it ends each time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from rightsflow.domain.errors import RightsflowError

logger = logging.getLogger(__name__)

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0
STEADY_SECONDS: Final = 60.0
"""One that ran for so long ended for another reason than the one before."""


class Upkeep:
    """Keeps one part going.

    Args:
        what: Its name, for the log.
        is_running: Whether it runs.
        start: Starts it again.
        clock: Gives seconds that only grow.
    """

    def __init__(
        self,
        what: str,
        is_running: Callable[[], bool],
        start: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what = what
        self._is_running = is_running
        self._start = start
        self._clock = clock
        self._pause = 0.0
        self._next_start = 0.0
        self._steady_at = clock() + STEADY_SECONDS

    def look(self) -> bool:
        """Start it again where it has ended and its pause is over; returns whether it runs."""
        if self._is_running():
            if self._clock() >= self._steady_at:
                self._pause = 0.0
            return True
        if self._clock() < self._next_start:
            return False
        logger.warning("the %s ended; it is started again", self._what)
        self._pause = min(max(2 * self._pause, FIRST_PAUSE), LONGEST_PAUSE)
        try:
            self._start()
        except (RightsflowError, OSError) as error:
            # An OSError without a sentence of ours may quote a path, and says in its own words what the system refused.
            why = f"{error.strerror or 'the system refused'}." if isinstance(error, OSError) else error
            logger.warning("the %s did not start: %s It is tried again in %.0f s", self._what, why, self._pause)
            return False
        finally:
            self._next_start = self._clock() + self._pause
            self._steady_at = self._clock() + STEADY_SECONDS
        return True
