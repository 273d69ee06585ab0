"""The time that cases take at the desk: an estimate for statistics, of cases and never of people.

Counted is the time between opening a page of a case and the next request of the same session, at most five minutes
each; an act on the case adds what was counted to it. Nothing says whose time it is: sessions are known here by their
hash, in this process's memory alone, until their case is acted on.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Final

MOST_AT_A_PAGE: Final = timedelta(minutes=5)
"""The most that one page counts: a page left open longer was not read all the time."""
_MOST: Final = 2_000
"""The number of sessions, and of their cases, that are remembered."""


class DeskTime:
    """Counts the time between requests."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._opened: OrderedDict[str, tuple[str, datetime]] = OrderedDict()
        self._seconds: OrderedDict[tuple[str, str], float] = OrderedDict()

    def opened(self, session: str, case_id: str, now: datetime) -> None:
        """Count the page before, and begin with this one.

        Args:
            session: The session's cookie.
            case_id: The case that the page is about; empty for none.
            now: The present instant (aware).
        """
        whose = sha256(session.encode()).hexdigest()
        with self._lock:
            before, since = self._opened.pop(whose, ("", now))
            if before:
                spent = min(max(now - since, timedelta()), MOST_AT_A_PAGE).total_seconds()
                self._seconds[whose, before] = self._seconds.pop((whose, before), 0.0) + spent
            if case_id:
                self._opened[whose] = (case_id, now)
            for memory in (self._opened, self._seconds):
                while len(memory) > _MOST:
                    memory.popitem(last=False)

    def acted(self, session: str, case_id: str, now: datetime) -> int:
        """Return the seconds counted for a case since the last act on it, in whole seconds; they are forgotten here.

        Args:
            session: The session's cookie.
            case_id: The case.
            now: The present instant (aware).
        """
        self.opened(session, case_id, now)
        with self._lock:
            return round(self._seconds.pop((sha256(session.encode()).hexdigest(), case_id), 0.0))
