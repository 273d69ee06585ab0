"""Bring what is on the server of ``up`` up to date: deployments, notifications, another pool's runs, what is due."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import PrefectException
from prefect.settings import get_current_settings
from prefect.states import Cancelled

from deployments.applying import apply_deployments, sweep_now
from deployments.local.server import serves
from deployments.local.worker_process import SetUpReport
from deployments.notifications.automations import apply_notifications
from deployments.pool_types import PoolType
from deployments.runs.keeper import Keeper
from deployments.runs.restoring import DeploymentRestorer
from flows.runs import runs_that
from flows.starting import BULK_QUEUE
from rightsflow.config.settings import Settings
from rightsflow.domain.errors import Transient


def move_runs(pool: str) -> int:
    """Move the runs that wait, for their time or for a decision; returns how many.

    Args:
        pool: The work pool of the deployments.
    """
    with get_client(sync_client=True) as client:
        waiting = [run for run in _waiting(client) if run.work_pool_name != pool and not run.auto_scheduled]
        for run in waiting:
            _move(client, run)
    return len(waiting)


def _waiting(client: SyncPrefectClient) -> list[FlowRun]:
    types = FlowRunFilterStateType(any_=[StateType.SCHEDULED, StateType.PAUSED])
    # All at once: one that is moved leaves the list.
    return list(runs_that(FlowRunFilter(state=FlowRunFilterState(type=types)), client))


def _move(client: SyncPrefectClient, run: FlowRun) -> None:
    if run.deployment_id is None:
        return
    other = client.create_flow_run_from_deployment(
        run.deployment_id,
        parameters=run.parameters,
        name=run.name,
        tags=run.tags,
        work_queue_name=BULK_QUEUE if run.work_queue_name == BULK_QUEUE else None,
    )
    client.set_flow_run_state(run.id, Cancelled(message=f"It goes on as the run {other.id}."), force=True)


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
