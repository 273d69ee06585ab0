"""The health of a running part of the local stack: a part that hangs does not end by itself, and is ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

STEADY_SECONDS: Final = 15.0
"""After which time one that answered is asked again."""
DOUBT_SECONDS: Final = 5.0
"""The same for one that did not."""
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
        self._next = clock() + STEADY_SECONDS
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
        self._next = self._clock() + STEADY_SECONDS
