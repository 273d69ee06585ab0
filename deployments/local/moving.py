"""Move runs to the work pool that is used from now on: a run stays in its pool, and a pool has one type for ever.

A run that waits in a pool that no worker serves any more would wait for ever. It is replaced by a new one of the same
deployment; since flows are re-entrant, that one goes on from what the case file shows as done, up to the same gate.
"""

from __future__ import annotations

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Cancelled

from flows.runs import runs_that
from flows.starting import BULK_QUEUE


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
