"""Bring what is on the server of ``up`` up to date: deployments, notifications, another pool's runs, what is due."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import httpx
from prefect.exceptions import PrefectException
from prefect.settings import get_current_settings

from deployments.applying import apply_deployments, sweep_now
from deployments.local.api_calls import serves
from deployments.local.moving import move_runs
from deployments.local.set_up_report import SetUpReport
from deployments.notifications.automations import apply_notifications
from deployments.pool_types import PoolType
from deployments.runs.keeper import Keeper
from deployments.runs.restoring import DeploymentRestorer
from rightsflow.config.settings import Settings
from rightsflow.domain.errors import Transient

logger = logging.getLogger(__name__)

_PAUSE_SECONDS: Final = 2.0
_LOOK_SECONDS: Final = 0.25
_LONGEST_SECONDS: Final = 150.0
"""The longest absence of a server during the set-up; it is started again where it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingUp:
    """The acts, and the time they have.

    Args:
        restorer: Says what of the deployments is missing or changed.
        create: Creates the deployments; returns their ids.
        notify: Creates the notifications; returns what is missing for them.
        move: Moves the runs of another pool to this one.
        sweep: Does at once what fell due while nothing was up.
        is_served: Says whether the server, which starts at the same time, is ready.
        clock: Gives seconds that only grow.
        pause: Waits some seconds.
    """

    restorer: Callable[[Settings, PoolType], DeploymentRestorer] = DeploymentRestorer
    create: Callable[..., dict[str, str]] = apply_deployments
    notify: Callable[[Settings], list[str]] = apply_notifications
    move: Callable[..., object] = move_runs
    sweep: Callable[[], object] = sweep_now
    is_served: Callable[[], bool] = lambda: serves(get_current_settings().api.url or "")
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep

    def set_up(self, settings: Settings, keeper: Keeper, pool_type: PoolType) -> SetUpReport:
        """Do all of it; where the server or its database is away meanwhile, once more.

        Args:
            settings: The configuration.
            keeper: Starts again what was cut short; no worker ran a moment ago.
            pool_type: Who executes the runs.

        Raises:
            Misconfigured: The password of the mail server for notifications is missing.
            Transient: The server did not answer for long.
        """
        until = self.clock() + _LONGEST_SECONDS
        while not self.is_served() and self.clock() <= until:
            self.pause(_LOOK_SECONDS)
        while True:
            try:
                return self._once(settings, keeper, pool_type)
            except (httpx.HTTPError, PrefectException) as error:
                logger.warning("the Prefect server does not answer (%s); it is tried again", type(error).__name__)
            if self.clock() > until:
                raise Transient(
                    "The Prefect server does not answer while deployments are created; its log in the home says why."
                )
            self.pause(_PAUSE_SECONDS)

    def _once(self, settings: Settings, keeper: Keeper, pool_type: PoolType) -> SetUpReport:
        restorer = self.restorer(settings, pool_type)
        problems = restorer.before_setting_up()
        deployments = self.create(settings.controller.timezone, pool_type, settings.systems)
        restorer.switch_on()
        problems += self.notify(settings)
        keeper.sweep(worker_is_new=True)
        self.move(pool_type.pool)
        # What fell due while nothing was up is not to wait for the schedule.
        self.sweep()
        return SetUpReport(deployments=deployments, problems=problems)
