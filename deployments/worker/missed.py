"""Runs of which the worker was told and that it did not find.

The server tells of a state a moment before it has stored it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Container, Iterable, Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

import anyio
from prefect.client.schemas.objects import FlowRun, StateType

_STORED_SECONDS: Final = 0.2
"""The time that the server has to store an announced run, before it is asked."""
_LOOKS: Final = 5
_NOT_TAKEN: Final = frozenset({StateType.SCHEDULED, StateType.PAUSED})


class Missed:
    """Looks once more for runs that were not there when the worker looked.

    Args:
        taken: What the worker has at any time.
        read: Reads runs by their ids.
        sleep: Waits some seconds.
    """

    def __init__(
        self,
        taken: Container[UUID],
        read: Callable[[Collection[UUID]], Awaitable[Sequence[FlowRun]]],
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._taken, self._read, self._sleep = taken, read, sleep
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

    def found(self, run_id: UUID) -> None:
        """Note that a run was taken: what was told of it before is over, also where it soon ends.

        Args:
            run_id: The run.
        """
        self._told.discard(run_id)
        self._looks.pop(run_id, None)

    def ask_again(self) -> None:
        """Ask once more for those of which the server told and that a look has not found."""
        self._looks |= dict.fromkeys(self._left(self._told), _LOOKS)
        self._told.clear()
        if self._looks:
            self._some.set()

    def _left(self, told: Iterable[UUID]) -> list[UUID]:
        return [run_id for run_id in told if run_id not in self._taken]

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
        """Return True if a run waits by now; forget taken runs, and ask again for those that are not stored."""
        left = {look: self._looks[look] - 1 for look in self._left(self._looks) if self._looks[look]}
        self._looks = {}
        runs = await self._read(left) if left else ()
        states = {run.id: run.state.type for run in runs if run.state is not None}
        waiting = {entry for entry, state in states.items() if state is StateType.SCHEDULED}
        for item, looks in left.items():
            if item not in waiting and states.get(item) in _NOT_TAKEN:
                self._looks.setdefault(item, looks)
        return bool(waiting)
