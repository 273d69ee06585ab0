"""How the worker sends events to Prefect's server: some together, and without a thread that waits for each.

Prefect's sender lets a thread of its own wait for the next event, and hears of it through a chain of futures: that took
the worker as long as the event itself, and each time two threads more were in the way of those that work on cases. Here
the event loop is told that something came, and takes with it what came meanwhile.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import queue
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from prefect.events import utilities
from prefect.events.schemas.events import Event
from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_LOGGING_INTERNAL_LEVEL

TOGETHER_SECONDS: Final = 0.1
"""For how long others are waited for after the first. The server gathers what it is sent for longer."""

_INTERNAL: Final = ("prefect._internal", "prefect._internal.concurrency")


class _Told(queue.Queue[Event | None]):
    """A queue that says when something is put into it.

    Args:
        maxsize: How many it holds; nought for any number.
        told: Called in whichever thread puts.
    """

    def __init__(self, maxsize: int, told: Callable[[], None]) -> None:
        super().__init__(maxsize)
        self._told = told

    def _put(self, item: Event | None) -> None:
        super()._put(item)
        self._told()


class TogetherSender(EventsWorker):
    """Prefect's sender of events, whose loop waits for them itself.

    Args:
        *given: As Prefect's is made.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._queue = _Told(self._queue.maxsize, self._wake)
        self._is_awaited = False
        self._come = asyncio.Event()

    def _wake(self) -> None:
        # Under the queue's lock: one of those who put wakes it, and none but the first has to.
        if self._is_awaited and self._loop is not None:
            self._is_awaited = False
            # Where the loop has ended, no one sends any more.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._come.set)

    async def _get_item(self, timeout: float | None = None) -> Event | None:  # noqa: ASYNC109 - Prefect's
        """The next event; ``None`` at the end. One that is there already is given at once, as by Prefect's."""
        while self._queue.empty():
            self._come.clear()
            self._is_awaited = True
            if self._queue.empty():
                await self._come.wait()
                if not self._stopped:
                    await asyncio.sleep(TOGETHER_SECONDS)
        return await super()._get_item(timeout)


def send_together() -> bool:
    """Let this process send events so; returns whether it will. A Prefect that sends otherwise is left as it is."""
    asked = list(inspect.signature(EventsWorker._get_item).parameters)  # noqa: SLF001 - it has no promised name
    if asked != ["self", "timeout"] or getattr(utilities, "EventsWorker", None) is not EventsWorker:
        return False
    utilities.EventsWorker = TogetherSender  # type: ignore[attr-defined, assignment]
    return True


def decide_once_on_logs() -> None:
    """Let Prefect's innermost logs not ask for each of their lines, written or not, which level is set.

    They are off by default, and were some forty questions for each event and call between threads.
    """
    level = logging.getLevelNamesMapping()[str(PREFECT_LOGGING_INTERNAL_LEVEL.value())]
    for name in _INTERNAL:
        logging.getLogger(name).isEnabledFor = level.__le__  # type: ignore[method-assign, assignment]
