"""What each call of Prefect's server costs without need, taken from it.

What a call is given besides its own parameters, such as the database, is made by plain functions of a few microseconds;
FastAPI hands each of them to a thread and waits for it, as it does not know that they wait for nothing. And each time
that a worker asks for runs, the server queues two tasks that note that it asked, of which the second locks all
deployments of the pool.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

NOTED_SECONDS: Final = 20.0
"""How often is noted that a worker asks for runs. Prefect takes one that has not asked for a minute for gone."""

_NOTES: Final = frozenset({"mark_work_queues_ready", "mark_deployments_ready"})
_WAITLESS: Final = "prefect.server."
"""Whose plain functions wait for nothing; asynchronous ones are awaited anyhow."""

Add = Callable[..., Callable[..., Awaitable[Any]]]


class Notes:
    """Lets a queue of tasks take the same note only now and then.

    Args:
        clock: Gives seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._noted: dict[str, float] = {}

    def sparing(self, add: Add) -> Add:
        """The queue's method to add a task, which leaves out notes that were taken a moment ago.

        A work queue that no one asked before is noted at once: it is shown as not ready until then.

        Args:
            add: The method, bound to its queue.
        """

        def spared(function: Any, when: Any = None, key: str | None = None) -> Callable[..., Awaitable[Any]]:
            schedule = add(function, when, key)
            if key is None or getattr(function, "__name__", function) not in _NOTES:
                return schedule

            async def noted_now_and_then(*given: Any, **named: Any) -> Any:
                now = self._clock()
                if not named.get("ready_work_queue_ids") and now - self._noted.get(key, -NOTED_SECONDS) < NOTED_SECONDS:
                    return None
                self._noted[key] = now
                return await schedule(*given, **named)

            return noted_now_and_then

        return spared


def note_seldom() -> bool:
    """Let the server note now and then only that a worker asks for runs; returns whether it will.

    Where a later version queues its tasks in another way, it stays as it is.
    """
    # Late: the server takes seconds to import.
    from docket import Docket  # noqa: PLC0415
    from prefect.server.api import server  # noqa: PLC0415

    if getattr(server, "Docket", None) is not Docket or list(inspect.signature(Docket.add).parameters) != _ADDING:
        return False

    class Sparing(Docket):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self.add = Notes().sparing(super().add)  # type: ignore[method-assign]

    server.Docket = Sparing  # type: ignore[attr-defined]
    return True


_ADDING: Final = ["self", "function", "when", "key"]


def spare_threads() -> bool:
    """Let the server make what its calls are given without handing that to threads; returns whether it will.

    Where a later FastAPI does it in another way, it stays as it is.
    """
    # Late: FastAPI is the server's alone.
    from fastapi.dependencies import utils  # noqa: PLC0415
    from starlette.concurrency import run_in_threadpool  # noqa: PLC0415

    if getattr(utils, "run_in_threadpool", None) is not run_in_threadpool:
        return False

    async def made(function: Callable[..., object], *given: Any, **named: Any) -> object:
        if getattr(function, "__module__", "").startswith(_WAITLESS):
            return function(*given, **named)
        return await run_in_threadpool(function, *given, **named)

    utils.run_in_threadpool = made  # type: ignore[assignment, attr-defined]
    return True
