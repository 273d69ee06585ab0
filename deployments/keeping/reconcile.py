"""Start again what a dead process left behind.

A run that Prefect shows as running while no living process holds its case's lease was cut short, and one that it shows
as crashed lost its process while the worker looked on. Their state is set back to scheduled, and since flows are
re-entrant they go on from what the case file shows as done; one that was to be cancelled is cancelled. A run that is
suspended at a gate which was decided meanwhile, while no server was up to be told, is resumed, and so is one whose
request was withdrawn.
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
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Cancelled, Scheduled

from deployments.catalogue import WATCH_TAG
from flows.intake import SEALED_PARAMETERS
from flows.sealing import sealed
from flows.suspended import gate_of, resume, suspended_runs
from rightsflow.case import CaseState, read_case_id
from rightsflow.errors import BadInput, RightsflowError
from rightsflow.store import Store

_MOST_CRASHES: Final = 5
"""How often a run that crashes is started again, so that a broken installation does not start runs for ever."""

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
        """Start again the runs that were cut short, resume those that were decided; returns how many.

        Args:
            worker_is_new: Whether no worker ran a moment ago, so that a claimed run cannot be one just starting.
        """
        with get_client(sync_client=True) as client:
            running = _runs(client, StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)
            orphans = [run for run in running if self._is_orphan(run, worker_is_new=worker_is_new)]
            # Seen twice: between giving the lease back and reporting its end, a healthy run looks like an orphan.
            again = [run for run in orphans if worker_is_new or run.id in self._suspects]
            self._suspects = {run.id for run in orphans} - {run.id for run in again}
            again += [run for run in _runs(client, StateType.CRASHED) if self._is_worth_another(client, run)]
            for run in again:
                client.set_flow_run_state(run.id, _next_state(run), force=True)
            _seal_cancelled_forms(client)
            decided = [run for run in suspended_runs(client) if self._is_decided(run)]
            return len(again) + sum(resume(client, run) for run in decided)

    def _is_orphan(self, run: FlowRun, *, worker_is_new: bool) -> bool:
        if WATCH_TAG in run.tags and not worker_is_new:
            return False  # A long sweep is no dead one, and what a dead one left the next one does.
        if self._is_worked_on(run):
            return False
        since = run.state.timestamp if run.state else None
        return worker_is_new or since is None or datetime.now(UTC) - since > _STARTING

    def _is_worth_another(self, client: SyncPrefectClient, run: FlowRun) -> bool:
        if self._is_worked_on(run):
            return False
        states = client.read_flow_run_states(run.id)
        return sum(state.type is StateType.CRASHED for state in states) <= _MOST_CRASHES

    def _is_worked_on(self, run: FlowRun) -> bool:
        try:
            return self._store.is_worked_on(_case_id_of(run))
        except BadInput:
            return False

    def _is_decided(self, run: FlowRun) -> bool:
        gate = gate_of(run)
        if gate is None:
            return False
        try:
            with self._store.case_file(_case_id_of(run)) as file:
                return file.decisions.at(gate) is not None or file.state is CaseState.WITHDRAWN
        except RightsflowError:
            # A case of another home that uses the same server, or one that was purged.
            return False


def _case_id_of(run: FlowRun) -> str:
    """The case that a run is for, as somebody typed it or as the intake gave it.

    Raises:
        BadInput: It is for none.
    """
    return read_case_id(str(run.parameters.get("case_id", "")))


def _next_state(run: FlowRun) -> State[Any]:
    """What becomes of a run that nobody works on: what somebody wanted cancelled is not started again."""
    if run.state is not None and run.state.is_cancelling():
        return Cancelled(message="No process works on it any more.")
    return Scheduled(name="AwaitingRetry")


def _seal_cancelled_forms(client: SyncPrefectClient) -> None:
    """Take what was typed out of forms that were cancelled before any worker could seal them."""
    for run in _runs(client, StateType.CANCELLED):
        seal_form(client, run)


def seal_form(client: SyncPrefectClient, run: FlowRun) -> None:
    """Take what was typed out of a form that no flow reads any more.

    Args:
        client: Talks to the server.
        run: The form's run.
    """
    safe = SEALED_PARAMETERS if "received_on" in run.parameters else sealed(run.parameters)
    if run.parameters != safe:
        client.update_flow_run(run.id, parameters=safe)


def _runs(client: SyncPrefectClient, *types: StateType) -> list[FlowRun]:
    return client.read_flow_runs(
        flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types)))),
        deployment_filter=DeploymentFilter(tags=DeploymentFilterTags(all_=["rightsflow"])),
    )
