"""Hear from the server which runs are to be looked at, as it happens."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import anyio
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventAnyResourceFilter, EventFilter, EventNameFilter
from prefect.events.schemas.events import Event

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
