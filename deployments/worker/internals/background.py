"""How often the background work that Prefect's server does by itself looks: by itself some fourteen times a second."""

from __future__ import annotations

import asyncio
import inspect
import queue
import time
from datetime import timedelta
from functools import partial
from typing import Any, Final

LOOKS_EVERY: Final = timedelta(seconds=5)
"""How often it looks for tasks whose time has come, such as for runs that are late. What is to be done at once it hears
of without looking."""

EVALUATES_EVERY: Final = timedelta(seconds=30)
"""How often automations are looked after for which nothing happens: four statements on the server's database."""

LISTENS_SECONDS: Final = 1.0
"""How often it looks whether one of its tasks was cancelled, which no one does."""

_CLEANS_SECONDS: Final = "_WORKER_CHANNEL_CLEANUP_DISPATCH_POLL_SECONDS"


def calm_background() -> bool:
    """Let that worker look every five seconds; returns whether it will.

    Prefect makes it with nothing but the queue, and has no setting for it. Where a later version makes it in another
    way, it stays as it is.
    """
    # Late: the server takes seconds to import.
    from docket import Worker  # noqa: PLC0415
    from prefect.server.api import background_workers  # noqa: PLC0415

    if getattr(background_workers, "Worker", None) is not Worker:
        return False
    calm = partial(Worker, minimum_check_interval=LOOKS_EVERY, scheduling_resolution=LOOKS_EVERY)
    background_workers.Worker = calm  # type: ignore[assignment, attr-defined]
    return True


def calm_listening() -> bool:
    """Let it wait for such news without a thread that looks ten times a second; returns whether it will.

    That was a third of what an idle server took. It concerns the queue in the server's memory alone; one in Redis tells
    by itself. What has come already is given at once.
    """
    # Late, and part of the server alone.
    from burner_redis.pubsub import PubSub  # type: ignore[import-untyped]  # noqa: PLC0415

    waits = getattr(PubSub, "_queue_get", None)
    if waits is None or list(inspect.signature(waits).parameters) != ["self", "timeout"]:
        return False
    PubSub._queue_get = _next_of  # noqa: SLF001 - it has no name that is promised
    return True


def calm_cleaning() -> bool:
    """Let the server look every five seconds, and not each second, whether a worker is to clean up again.

    What is to be cleaned up is told at once; this finds what a worker was given and has not reported in time. Returns
    whether it will; where a later version looks in another way, it stays as it is.
    """
    # Late: the server takes seconds to import.
    from prefect.server.utilities import worker_channel_cleanup  # noqa: PLC0415

    if getattr(worker_channel_cleanup, _CLEANS_SECONDS, None) != 1.0:
        return False
    setattr(worker_channel_cleanup, _CLEANS_SECONDS, LOOKS_EVERY.total_seconds())
    return True


def calm_evaluating() -> bool:
    """Let the server look twice a minute, and not each five seconds, for what its automations wait for in vain.

    What happens is judged at once; this finds events whose predecessor never came, and forgets what is over. Returns
    whether it will; where a later version looks in another way, it stays as it is.
    """
    # Late: the server takes seconds to import.
    from prefect.server.events import triggers  # noqa: PLC0415

    evaluates = getattr(triggers, "evaluate_periodically", None)
    if evaluates is None or list(inspect.signature(evaluates).parameters) != ["periodic_granularity"]:
        return False

    async def calmly(every: timedelta) -> None:
        await evaluates(max(every, EVALUATES_EVERY))

    triggers.evaluate_periodically = calmly  # type: ignore[assignment]
    return True


async def _next_of(self: Any, timeout: float | None) -> Any:  # noqa: ASYNC109 - the name is that of what it replaces
    """The next message of a subscription; ``None`` where none came in time.

    Args:
        self: The subscription.
        timeout: Seconds; nought for not waiting, ``None`` for ever. What waits at all waits a second.
    """
    until = None if timeout is None else time.monotonic() + (timeout and max(timeout, LISTENS_SECONDS))
    while True:
        try:
            return self._queue.get_nowait()
        except queue.Empty:
            if until is not None and time.monotonic() >= until:
                return None
            await asyncio.sleep(LISTENS_SECONDS)
