"""The runs that a worker looks at: heard of from the server as it happens, missed ones, its share of the batches."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Collection, Container, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import anyio
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventAnyResourceFilter, EventFilter, EventNameFilter
from prefect.events.schemas.events import Event

from flows.options import BATCH_TAG

logger = logging.getLogger(__name__)

_STATE: Final = "prefect.flow-run."
_WAITING: Final = frozenset({"Scheduled", "Resuming", "AwaitingRetry", "AwaitingConcurrencySlot", "Late"})
_STOPPED: Final = frozenset({"Cancelling", "Cancelled", "Suspended"})
_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class News:
    """An event in a work pool.

    Args:
        run_id: The run that it happened to; ``None`` if anything may have happened.
        waits: Whether it waits to be taken now; otherwise it may have to stop.
    """

    run_id: UUID | None
    waits: bool = True


async def news(
    pool_id: UUID,
    subscribe: Callable[..., AbstractAsyncContextManager[AsyncIterable[Event]]] = get_events_subscriber,
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
) -> AsyncIterator[News]:
    """Yield the events in a work pool, as the server announces them: a moment before it has stored them, or after.

    It never ends. When the connection breaks, it is made again, and news of no run tell that some may have been missed.

    Args:
        pool_id: The work pool.
        subscribe: Gives the server's events that fit.
        sleep: Waits some seconds.
    """
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            async with subscribe(filter=_of_pool(pool_id)) as subscriber:
                yield News(None)
                pause = _FIRST_PAUSE_SECONDS
                async for event in subscriber:
                    yield _meaning(event)
        except Exception as error:  # noqa: BLE001 - whatever ended the connection: until the next one there is the polling
            logger.debug("the server's events are not heard (%s)", type(error).__name__)
        await sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def _of_pool(pool_id: UUID) -> EventFilter:
    return EventFilter(
        event=EventNameFilter(name=[f"{_STATE}{name}" for name in sorted(_WAITING | _STOPPED)]),
        any_resource=EventAnyResourceFilter(id=[f"prefect.work-pool.{pool_id}"]),
    )


def _meaning(event: Event) -> News:
    return News(UUID(event.resource.id.rpartition(".")[2]), event.event.removeprefix(_STATE) in _WAITING)


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


FOR_OTHERS: Final = timedelta(seconds=2)
"""For how long a worker that has a batch leaves another one to those that have none."""


def chosen(waiting: Sequence[FlowRun], at_work: Iterable[FlowRun], now: datetime) -> list[FlowRun]:
    """Return the waiting runs that a worker takes: a single batch, and another where no worker has taken it.

    Args:
        waiting: The runs, the most urgent first.
        at_work: The runs that the worker executes.
        now: This instant (aware).
    """
    taken: list[FlowRun] = []
    has_one = any(BATCH_TAG in run.tags for run in at_work)
    for run in waiting:
        if BATCH_TAG in run.tags:
            if has_one and run.expected_start_time is not None and now - run.expected_start_time < FOR_OTHERS:
                continue
            has_one = True
        taken.append(run)
    return taken
