"""A log that does not repeat itself: one line, and a minute later how many more there were."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

WINDOW_SECONDS: Final = 60.0
_MOST_LINES: Final = 1_000


class OneLineThenCount(logging.Filter):
    """Lets a message through once a minute, the next time with the number of those that it kept back.

    Args:
        clock: Gives seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._seen: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is written; one with an exception always is."""
        if record.exc_info:
            return True
        key, now = (record.name, record.levelno, str(record.msg)), self._clock()
        began, more = self._seen.get(key, (now - WINDOW_SECONDS, 0))
        if now - began < WINDOW_SECONDS:
            self._seen[key] = (began, more + 1)
            return False
        if len(self._seen) >= _MOST_LINES:
            self._seen.clear()
        self._seen[key] = (now, 0)
        if more:
            record.msg, record.args = f"{record.getMessage()} ({more} more like it since the last one.)", ()
        return True


_ONCE: Final = OneLineThenCount()


def say_once(*names: str) -> None:
    """Let loggers repeat themselves no more than once a minute.

    Args:
        names: Their names.
    """
    for name in names:
        logging.getLogger(name).addFilter(_ONCE)
