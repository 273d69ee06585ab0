"""Runs of which the worker was told and that it did not find.

The server tells of a state a moment before it has stored it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

import anyio
from prefect.client.schemas.objects import FlowRun, StateType

_STORED_SECONDS: Final = 0.2
"""How long the server has for storing what it told of, before it is asked."""
_LOOKS: Final = 5
_NOT_TAKEN: Final = frozenset({StateType.SCHEDULED, StateType.PAUSED})


class Missed:
    """Looks once more for runs that were not there when the worker looked.

    Args:
        read: Reads runs by their ids.
        sleep: Waits some seconds.
    """

    def __init__(
        self,
        read: Callable[[Collection[UUID]], Awaitable[Sequence[FlowRun]]],
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._read, self._sleep = read, sleep
        self._told: set[UUID] = set()
        self._looks: dict[UUID, int] = {}
        self._some = asyncio.Event()

    def told(self, run_id: UUID | None) -> None:
        """Note that the server told of a run that waits.

        Args:
            run_id: The run; ``None`` if some may wait.
        """
        if run_id is not None:
            self._told.add(run_id)

    def not_taken(self, taken: Collection[UUID]) -> None:
        """Ask once more for those of which the server told, after a look that did not find them.

        Args:
            taken: What the worker has.
        """
        self._looks |= dict.fromkeys(self._told.difference(taken), _LOOKS)
        self._told.clear()
        if self._looks:
            self._some.set()

    async def look(self, wake: Callable[[], None]) -> None:
        """Look after them; never ends.

        Args:
            wake: Called when one of them waits to be taken.
        """
        while True:
            await self._some.wait()
            await self._sleep(_STORED_SECONDS)
            # What the server does not answer is found by the polling, some seconds later.
            with suppress(Exception):
                if await self._look():
                    wake()
            if not self._looks:
                self._some.clear()

    async def _look(self) -> bool:
        """Whether one waits by now; what others took is forgotten, and what is not stored is asked for again."""
        left = {one: looks - 1 for one, looks in self._looks.items() if looks}
        self._looks = {}
        runs = await self._read(left) if left else ()
        states = {run.id: run.state.type for run in runs if run.state is not None}
        waiting = {one for one, state in states.items() if state is StateType.SCHEDULED}
        for one, looks in left.items():
            if one not in waiting and states.get(one) in _NOT_TAKEN:
                self._looks.setdefault(one, looks)
        return bool(waiting)
