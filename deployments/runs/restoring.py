"""Restore deployments that are missing on the server, or that were changed there.

Without its deployment no case's run starts, and with its schedule off nothing watches the deadlines. Both can be done
by anyone who has the server's secret, by mistake too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Final

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName
from prefect.client.schemas.responses import DeploymentResponse
from prefect.deployments.runner import RunnerDeployment

from deployments.applying import apply_deployments
from deployments.catalogue import planned
from deployments.internals import form_of
from deployments.pool_types import DEFAULT_POOL_TYPE, PoolType
from rightsflow.config.settings import Settings

logger = logging.getLogger(__name__)

_PAGE: Final = 200


class DeploymentRestorer:
    """Looks whether all deployments are there and as they are to be, and restores them where not.

    Args:
        settings: The configuration.
        pool_type: Who executes the runs; ``None`` where ``rightsflow service deploy`` or ``prefect deploy`` said so,
            whose pool, pull steps and job variables are the operator's own.
        apply: Creates and updates the deployments.
    """

    def __init__(
        self,
        settings: Settings,
        pool_type: PoolType | None = None,
        *,
        apply: Callable[..., object] = apply_deployments,
    ) -> None:
        self._settings = settings
        self._pool_type = pool_type
        self._apply = apply

    def sweep(self) -> int:
        """Look once; returns how many deployments were restored."""
        with get_client(sync_client=True) as client:
            there = self._there(client)
            missing, changed = self._out_of_place(there)
            if not missing and not changed:
                return 0
            controller, systems = self._settings.controller, self._settings.systems
            self._apply(controller.timezone, self._pool_type or _pool_type_of(there), systems)
            self._switch_on(client)
        for sentence in _sentences(missing, changed):
            logger.warning("%s", sentence)
        return len(missing) + len(changed)

    def before_setting_up(self) -> list[str]:
        """Say in a sentence each what is about to be restored; nothing on a server that never had a deployment."""
        with get_client(sync_client=True) as client:
            there = self._there(client)
        return _sentences(*self._out_of_place(there)) if there else []

    def switch_on(self) -> None:
        """Undo what :func:`apply_deployments` leaves as it is, such as a deployment that is switched off."""
        with get_client(sync_client=True) as client:
            self._switch_on(client)

    def _out_of_place(self, there: Sequence[DeploymentResponse]) -> tuple[list[str], list[str]]:
        """Return the names of missing and of changed ones."""
        missing = self._wanted.keys() - {response.name for response in there}
        return sorted(missing), sorted({response.name for response in there if self._is_changed(response)})

    @cached_property
    def _wanted(self) -> dict[str, RunnerDeployment]:
        pool_type, timezone = self._pool_type or DEFAULT_POOL_TYPE, self._settings.controller.timezone
        return {item.name: item for item in planned(timezone, pool_type, self._settings.systems)}

    def _there(self, client: SyncPrefectClient) -> list[DeploymentResponse]:
        """Return the deployments of our names and flows: another flow's deployment of the same name is not ours."""
        named = DeploymentFilter(name=DeploymentFilterName(any_=sorted(self._wanted)))
        found = client.read_deployments(deployment_filter=named, limit=_PAGE)
        flows = {flow.id: flow.name for flow in client.read_flows(deployment_filter=named, limit=_PAGE)}
        return [
            deployment
            for deployment in found
            if flows.get(deployment.flow_id) == self._wanted[deployment.name].flow_name
        ]

    def _is_changed(self, there: DeploymentResponse) -> bool:
        wanted = self._wanted[there.name]
        if there.paused:
            return True
        if there.version != wanted.version:
            # Of a newer Rightsflow, whose keeper is about to take over, or of an older one before its upgrade.
            return False
        is_same = (
            there.entrypoint == wanted.entrypoint
            and _times(there.schedules) == _times(wanted.schedules or ())
            and there.parameter_openapi_schema == form_of(wanted)
        )
        return not is_same or (self._pool_type is not None and not self._runs_as_planned(there, wanted))

    def _runs_as_planned(self, there: DeploymentResponse, wanted: RunnerDeployment) -> bool:
        return (
            there.work_pool_name == wanted.work_pool_name
            and there.job_variables == wanted.job_variables
            and not there.pull_steps
            and not _is_elsewhere(there)
        )

    def _switch_on(self, client: SyncPrefectClient) -> None:
        """Undo what an update leaves as it is: a switch, a path, schedules of one that has none."""
        for response in self._there(client):
            update = (
                DeploymentUpdate(paused=False, path=None) if _is_elsewhere(response) else DeploymentUpdate(paused=False)
            )
            if response.schedules and not self._wanted[response.name].schedules:
                update = DeploymentUpdate(**update.model_dump(exclude_unset=True), schedules=[])
            if self._is_changed(response):
                client.update_deployment(response.id, update)


def _sentences(missing: Sequence[str], changed: Sequence[str]) -> list[str]:
    return [
        f"Deployments were {what} on the Prefect server, and are restored: {', '.join(names)}."
        for names, what in ((missing, "missing"), (changed, "changed"))
        if names
    ]


def _times(schedules: Iterable[object]) -> list[tuple[object, ...]]:
    """Return the times at which each schedule comes due, without its start, which is the schedule's creation."""
    parts = ("interval", "cron", "timezone", "rrule")
    known = [(getattr(schedule, "active", True), getattr(schedule, "schedule", None)) for schedule in schedules]
    return sorted(((is_on, *(getattr(when, part, None) for part in parts)) for is_on, when in known), key=str)


def _is_elsewhere(there: DeploymentResponse) -> bool:
    return there.path not in {None, "", "."}


def _pool_type_of(there: Sequence[DeploymentResponse]) -> PoolType:
    """Return the type of the pool that executes the runs of the existing deployments."""
    pools = {response.work_pool_name for response in there}
    return next((kind for kind in PoolType if kind.pool in pools), DEFAULT_POOL_TYPE)
