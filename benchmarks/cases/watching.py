"""Watches requests from outside: their state, by SQL, in the database of the application that works on them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, create_engine, text

PATIENCE_SECONDS = 60.0
"""And five more for each request."""
LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Watch:
    """A look into one table; the other side of a comparison is watched by the same look."""

    engine: Engine
    statement: str
    has_ended: Callable[[str], bool]

    @classmethod
    def of(cls, url: str, statement: str, has_ended: Callable[[str], bool]) -> Watch:
        return cls(create_engine(url, isolation_level="AUTOCOMMIT"), statement, has_ended)

    def state(self, request: str) -> str:
        with self.engine.connect() as connection:
            return str(connection.scalar(text(self.statement), {"id": request}))

    def wait(self, requests: Sequence[str], meanwhile: Callable[[str], None] = lambda _: None) -> None:
        """Wait until all have ended."""
        end, left = time.monotonic() + PATIENCE_SECONDS + 5 * len(requests), list(requests)
        while left:
            state = self.state(left[0])
            if self.has_ended(state):
                left.pop(0)
                continue
            meanwhile(state)
            if time.monotonic() > end:
                raise RuntimeError(f"{len(left)} of {len(requests)} requests did not end")
            time.sleep(LOOK_SECONDS)
