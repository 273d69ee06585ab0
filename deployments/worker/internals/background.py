"""How often the worker that Prefect's server has for its own tasks looks: by itself four times a second, for ever."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Final

LOOKS_EVERY: Final = timedelta(seconds=5)
"""How often it looks for tasks whose time has come, such as for runs that are late. What is to be done at once it hears
of without looking."""


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
