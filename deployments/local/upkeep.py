"""Keep parts of the local stack well: start again what ended, end what hangs, and report a full disk once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from rightsflow.domain.errors import RightsflowError
from rightsflow.files.machine import LEAST_FREE, disk_state

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


_GOES_ON: Final = "Nothing is lost; what needs the disk is tried again until it can be written."


class DiskWatch:
    """Looks after the disk of a home.

    Args:
        home: Rightsflow's home.
        least: The bytes without which it counts as full.
    """

    def __init__(self, home: Path, least: int = LEAST_FREE) -> None:
        self._home = home
        self._least = least
        self._is_at_fault = False

    def look(self) -> bool:
        """Say what has changed; returns whether the disk can be written."""
        fault = disk_state(self._home, f"Rightsflow's home {self._home}", least=self._least).fault
        if fault and not self._is_at_fault:
            logger.warning("%s %s", fault, _GOES_ON)
        elif self._is_at_fault and not fault:
            logger.warning("The disk of Rightsflow's home %s can be written again.", self._home)
        self._is_at_fault = bool(fault)
        return not fault


ASKED_SECONDS: Final = 15.0
"""The time after which a server that answered is asked again."""
DOUBT_SECONDS: Final = 5.0
"""The time after which a server that did not answer is asked again."""
HUNG_SECONDS: Final = 60.0
"""For how long a database is silent before it is taken for hung; a busy machine makes one slow."""


class Pulse:
    """Asks one part now and then.

    Args:
        answers: Asks it; returns whether it answered in time.
        hung_seconds: For how long it is silent before it is taken for hung.
        clock: Gives seconds that only grow.
    """

    def __init__(
        self,
        answers: Callable[[], bool],
        hung_seconds: float = HUNG_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._answers = answers
        self._hung_seconds = hung_seconds
        self._clock = clock
        self._next = clock() + ASKED_SECONDS
        self._silent_since: float | None = None

    def is_felt(self) -> bool:
        """Return True if the part has answered lately; ask the part where that is due."""
        if self._clock() >= self._next:
            if self._answers():
                self.reset()
            else:
                self._silent_since = self._clock() if self._silent_since is None else self._silent_since
                self._next = self._clock() + DOUBT_SECONDS
        return self._silent_since is None or self._clock() - self._silent_since < self._hung_seconds

    def reset(self) -> None:
        """Begin anew, as after a start."""
        self._silent_since = None
        self._next = self._clock() + ASKED_SECONDS
