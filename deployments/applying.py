"""How the Prefect server learns of the deployments: its work pool and queue, and each one created or updated."""

from __future__ import annotations

from collections.abc import Collection
from importlib.metadata import version
from typing import Final

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import VersionInfo
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectAlreadyExists

from deployments.catalogue import planned
from deployments.pool_types import DEFAULT_POOL_TYPE, PoolType
from flows.starting import BULK_QUEUE
from flows.watching import watch_deadlines

_BULK_PRIORITY: Final = 100
"""Behind the pool's own queue, which has 1, and whatever else a person sets up."""


def apply_deployments(
    timezone: str = "UTC", pool_type: PoolType = DEFAULT_POOL_TYPE, systems: Collection[str] = ()
) -> dict[str, str]:
    """Create or update the work pool and the deployments on the server.

    Args:
        timezone: The controller's zone.
        pool_type: Who executes the runs.
        systems: The configured systems, of which one can be chosen.

    Returns:
        The deployments' ids by flow name.
    """
    with get_client(sync_client=True) as client:
        _ensure_pool(client, pool_type)
        _ensure_queue(client, pool_type)
    # Else Prefect asks git, for each of them, for the commit of the folder in which this happens to be called.
    of_ours = VersionInfo(type="prefect:simple", version=version("rightsflow"))
    return {
        item.flow_name or "": str(item.apply(version_info=of_ours)) for item in planned(timezone, pool_type, systems)
    }


def sweep_now() -> None:
    """Let the watch run once at once, instead of at the schedule's next quarter of an hour."""
    name = f"{watch_deadlines.name}/{watch_deadlines.name}"
    run_deployment(name, timeout=0, as_subflow=False)


def _ensure_pool(client: SyncPrefectClient, pool_type: PoolType) -> None:
    pool = WorkPoolCreate(
        name=pool_type.pool,
        type=pool_type.value,
        description="Runs of Rightsflow.",
        # That of another type is filled in by its worker.
        base_job_template=_template() if pool_type is PoolType.RESIDENT else {},
    )
    try:
        client.create_work_pool(pool)
    except ObjectAlreadyExists:
        return


def _template() -> dict[str, object]:
    # Late: with a Prefect that has other internals the worker cannot be imported, and pools of Prefect's own types can
    # be used all the same.
    from deployments.worker.worker_type import ResidentWorker  # noqa: PLC0415

    return ResidentWorker.get_default_base_job_template()


def _ensure_queue(client: SyncPrefectClient, pool_type: PoolType) -> None:
    try:
        client.create_work_queue(
            BULK_QUEUE,
            description="Batches of imported cases; all other runs go before them.",
            priority=_BULK_PRIORITY,
            work_pool_name=pool_type.pool,
        )
    except ObjectAlreadyExists:
        return
