"""Start again what a dead worker left behind.

A run that Prefect shows as running while no living process holds its case's lease was cut short. Its state is set back
to scheduled, and since flows are re-entrant it goes on from what the case file shows as done.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Scheduled

from rightsflow.store import Store

_STARTING: Final = timedelta(seconds=60)
"""How long a run may take from being claimed to holding its case's lease."""


class Reconciler:
    """Finds runs that nobody works on.

    Args:
        store: The case store, whose leases say which cases are worked on.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._suspects: set[UUID] = set()

    def sweep(self, *, worker_is_new: bool = False) -> int:
        """Start again the runs that were cut short; returns how many.

        Args:
            worker_is_new: Whether no worker ran a moment ago, so that a claimed run cannot be one just starting.
        """
        with get_client(sync_client=True) as client:
            orphans = [run for run in _unfinished(client) if self._is_orphan(run, worker_is_new=worker_is_new)]
            # Seen twice: between giving the lease back and reporting its end, a healthy run looks like an orphan.
            again = [run for run in orphans if worker_is_new or run.id in self._suspects]
            for run in again:
                client.set_flow_run_state(run.id, Scheduled(name="AwaitingRetry"), force=True)
        self._suspects = {run.id for run in orphans} - {run.id for run in again}
        return len(again)

    def _is_orphan(self, run: FlowRun, *, worker_is_new: bool) -> bool:
        case_id = str(run.parameters.get("case_id", ""))
        if case_id and self._store.is_worked_on(case_id):
            return False
        since = run.state.timestamp if run.state else None
        return worker_is_new or since is None or datetime.now(UTC) - since > _STARTING


def _unfinished(client: SyncPrefectClient) -> list[FlowRun]:
    types: list[Any] = [StateType.RUNNING, StateType.PENDING]
    return client.read_flow_runs(
        flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=types))),
        deployment_filter=DeploymentFilter(tags=DeploymentFilterTags(all_=["rightsflow"])),
    )
