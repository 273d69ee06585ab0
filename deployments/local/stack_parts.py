"""What ``up`` is made of: the parts that it starts, and what it brings to the server."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from deployments.catalogue import apply_deployments, sweep_now
from deployments.keeping.keeper import Duties
from deployments.local.choice import choose_database
from deployments.local.database import ServerDatabase
from deployments.local.moving import move_runs
from deployments.local.pulse import Pulse
from deployments.local.server import LocalServer
from deployments.notifications.automations import apply_notifications
from rightsflow.config.settings import Settings
from rightsflow.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class StackParts:
    """The makers of the parts, and the acts that set the server up.

    Args:
        choose: Chooses the server's database.
        server: Makes the server.
        duties: Makes what the keeper does.
        pulse: Makes what feels whether the database answers.
        create: Creates the deployments; returns their ids.
        notify: Creates the notifications; returns what is missing for them.
        move: Moves the runs of another pool to this one.
        sweep: Does at once what fell due while nothing was up.
        pause: Waits some seconds.
    """

    choose: Callable[..., tuple[ServerDatabase, str]] = choose_database
    server: Callable[..., LocalServer] = LocalServer
    duties: Callable[[Store, Settings], Duties] = Duties.of
    pulse: Callable[[Callable[[], bool]], Pulse] = Pulse
    create: Callable[..., dict[str, str]] = apply_deployments
    notify: Callable[[Settings], list[str]] = apply_notifications
    move: Callable[..., object] = move_runs
    sweep: Callable[[], object] = sweep_now
    pause: Callable[[float], None] = time.sleep
