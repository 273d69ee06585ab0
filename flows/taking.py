"""The access of a batch to a case store that may be away for a while, as while its database restarts.

A batch that failed on a missing case store could neither release its role nor report its end to a server that uses the
same database. The batch would seem to be under way, and no other would start, long after the database is back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Final, Generic, TypeVar

from rightsflow.domain.errors import Transient

T = TypeVar("T")

AWAY_SECONDS: Final = 300.0
"""For how long the case store may be away until a batch ends by it, so that a person sees it: longer than a database
takes to be started again, or to be replaced by its standby."""


def when_it_answers(ask: Callable[[], T], wait: Callable[[], None], clock: Callable[[], float] = monotonic) -> T:
    """Ask the case store until it answers.

    Args:
        ask: Asks it.
        wait: Waits a moment, or raises where it is no use any more.
        clock: Gives seconds that only grow.

    Raises:
        Transient: The case store has been away for too long.
    """
    until = clock() + AWAY_SECONDS
    while True:
        try:
            return ask()
        except Transient:
            if clock() > until:
                raise
        wait()


class Taking(Generic[T]):
    """Takes cases that wait.

    Args:
        take: Takes so many of the most urgent ones from the case store, at most.
        clock: Gives seconds that only grow.
    """

    def __init__(self, take: Callable[[int], Sequence[T]], clock: Callable[[], float] = monotonic) -> None:
        self._take, self._clock = take, clock
        self._away_since: float | None = None

    @property
    def is_away(self) -> bool:
        """True if the case store did not answer the last call."""
        return self._away_since is not None

    def take(self, most: int) -> Sequence[T]:
        """Take the most urgent ones; none while the case store is away.

        Args:
            most: How many at most.

        Raises:
            Transient: The case store has been away for too long.
        """
        try:
            taken = self._take(most)
        except Transient:
            now = self._clock()
            self._away_since = now if self._away_since is None else self._away_since
            if now - self._away_since > AWAY_SECONDS:
                raise
            return ()
        self._away_since = None
        return taken
