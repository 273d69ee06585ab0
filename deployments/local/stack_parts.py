"""The parts that ``up`` starts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from deployments.local.database import ServerDatabase
from deployments.local.database_choice import choose_database
from deployments.local.disk_watch import DiskWatch
from deployments.local.health import Pulse
from deployments.local.listener_process import LocalListener
from deployments.local.server import LocalServer
from deployments.local.worker_process import LocalWorker


@dataclass(frozen=True, slots=True, kw_only=True)
class StackParts:
    """The makers of the parts.

    Args:
        choose: Chooses the server's database.
        server: Makes the server.
        worker: Makes the worker.
        listener: Makes the listener for what others send.
        pulse: Makes what feels whether database and worker answer.
        disk: Makes what looks after the home's disk.
        clock: Gives seconds that only grow.
        pause: Waits some seconds.
    """

    choose: Callable[..., tuple[ServerDatabase, str]] = choose_database
    server: Callable[..., LocalServer] = LocalServer
    worker: Callable[..., LocalWorker] = LocalWorker
    listener: Callable[..., LocalListener] = LocalListener
    pulse: Callable[..., Pulse] = Pulse
    disk: Callable[..., DiskWatch] = DiskWatch
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep
