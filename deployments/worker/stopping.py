"""Runs under way that the server has in another state: cancelled, suspended, given to others. They are to stop here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

import anyio
from prefect.client.schemas.objects import FlowRun

from deployments.worker.executing import UNDER_WAY, Execution, Stop

_SETTLING_SECONDS: Final = 0.25
"""The time a run that suspends itself takes to end here after the server has announced it."""


class ExecutionStopper:
    """Stops executions of runs that the server has in another state than under way.

    Args:
        executions: Those under way at any time, by their runs' ids.
        read: Reads runs by their ids.
    """

    def __init__(
        self,
        executions: Mapping[UUID, Execution],
        read: Callable[[Collection[UUID]], Awaitable[Sequence[FlowRun]]],
    ) -> None:
        self._executions, self._read = executions, read
        self._doubtful: dict[UUID, Execution] = {}
        self._some = asyncio.Event()

    def told(self, run_id: UUID | None) -> None:
        """Note that the server told of a run that it may have to stop.

        Args:
            run_id: The run.
        """
        if run_id is not None and run_id in self._executions:
            self._doubtful[run_id] = self._executions[run_id]
            self._some.set()

    async def look_when_told(self) -> None:
        """Look after those of which the server told; most have just suspended themselves. Never ends."""
        while True:
            await self._some.wait()
            await anyio.sleep(_SETTLING_SECONDS)
            self._some.clear()
            # Not one that was resumed since, which is another execution.
            left = {run_id for run_id, told_of in self._doubtful.items() if self._executions.get(run_id) is told_of}
            self._doubtful.clear()
            await self.look(left)

    async def look(self, run_ids: Collection[UUID]) -> None:
        """Stop those that the server has in another state than under way.

        Args:
            run_ids: The runs.
        """
        if not run_ids:
            return
        with suppress(Exception):
            for run in await self._read(run_ids):
                execution = self._executions.get(run.id)
                if execution is None or run.state is None or run.state.type in UNDER_WAY:
                    continue
                is_cancelled = run.state.is_cancelling() or run.state.is_cancelled()
                if not execution.stop(Stop.CANCELLED if is_cancelled else Stop.GONE):
                    # It is just beginning.
                    self.told(run.id)
