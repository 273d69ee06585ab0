"""Start again what a dead process left behind.

A run that Prefect shows as running while no living process holds its case's lease was cut short, and one that it shows
as crashed lost its process while the worker looked on. Their state is set back to scheduled, and since flows are
re-entrant they go on from what the case file shows as done; one that was to be cancelled is cancelled. A batch shows by
a role in the case store that a living process works on it. A run that ended since something did not answer is started
again (:mod:`deployments.runs.interrupted`). A run that is suspended at a gate which was decided meanwhile, while no
server was up to be told, is resumed, and so is one whose request was withdrawn or stopped; one that was cancelled there
waits there again. A case whose run Prefect has lost gets another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Cancelled, Scheduled

from deployments.catalogue import WATCH_TAG
from deployments.runs.interrupted import InterruptedRuns
from deployments.runs.lost import LostRuns
from deployments.runs.stopped import StoppedRuns
from deployments.runs.sweep_limits import LIMITS, SweepLimits
from flows.runs import case_or_none, runs_that
from flows.suspended import gate_of, resume, suspended_runs
from rightsflow.store import Store
from tasks.prefect_io.kinds import AnyState

_MOST_CRASHES: Final = 5
"""The number of times a crashing run is restarted, so that a broken installation does not start runs for ever."""


class Reconciler:
    """Finds runs that no one works on.

    Args:
        store: The case store, whose leases say which cases are worked on.
        limits: How long it waits, and how much it looks at.
    """

    def __init__(self, store: Store, limits: SweepLimits = LIMITS) -> None:
        self._store = store
        self._limits = limits
        self._suspects: set[UUID] = set()
        self._passed_over = 0
        self._lost = LostRuns(store)
        self._stopped = StoppedRuns(store)
        self._interrupted = InterruptedRuns(store, limits)

    def sweep(self, *, worker_is_new: bool = False) -> int:
        """Start again the runs that were cut short, resume those that were decided; returns how many.

        Args:
            worker_is_new: Whether no worker ran a moment ago, so that a claimed run cannot be one just starting.
        """
        with get_client(sync_client=True) as client:
            # Together: where nothing is under way, each call is most of what a look costs.
            some = _runs(client, StateType.RUNNING, StateType.PENDING, StateType.CANCELLING, StateType.CRASHED)
            crashed = [run for run in some if run.state and run.state.is_crashed()]
            running = [run for run in some if not (run.state and run.state.is_crashed())]
            orphans = [run for run in running if self._is_orphan(run, worker_is_new=worker_is_new)]
            # Seen twice: between giving the lease back and reporting its end, a healthy run looks like an orphan.
            again = [run for run in orphans if worker_is_new or run.id in self._suspects]
            self._suspects = {run.id for run in orphans} - {run.id for run in again}
            again += [run for run in crashed if self._is_worth_another(client, run)]
            for run in again:
                client.set_flow_run_state(run.id, _next_state(run), force=True)
            started = len(again) + self._interrupted.sweep(client)
            suspended = self._suspended(client)
            decided = self._decided(suspended)
            started += self._lost.sweep(client) + self._stopped.sweep(client)
            started += sum(resume(client, run) for run in suspended if run.id in decided)
            return started

    def _is_orphan(self, run: FlowRun, *, worker_is_new: bool) -> bool:
        if WATCH_TAG in run.tags and not worker_is_new:
            return False  # A long sweep is no dead one, and what a dead one left the next one does.
        if self._is_worked_on(run):
            return False
        since = run.state.timestamp if run.state else None
        # One that seems to start in the future began before a clock was set back.
        begun = run.state is not None and run.state.is_running()
        longest = self._limits.beginning if begun else self._limits.starting
        return worker_is_new or since is None or abs(datetime.now(UTC) - since) > longest

    def _is_worth_another(self, client: SyncPrefectClient, run: FlowRun) -> bool:
        if self._is_worked_on(run):
            return False
        crashes = sum(state.type is StateType.CRASHED for state in client.read_flow_run_states(run.id))
        return crashes <= _MOST_CRASHES

    def _is_worked_on(self, run: FlowRun) -> bool:
        if case_id := case_or_none(run):
            return self._store.is_worked_on(case_id)
        # By its id a batch has a role while it is worked on; no other run has.
        return self._store.has_role(run.id.hex)

    def _suspended(self, client: SyncPrefectClient) -> list[FlowRun]:
        """Runs that wait at a gate; of very many each sweep takes the next ones."""
        most = self._limits.suspended_at_once
        some = list(islice(suspended_runs(client, offset=self._passed_over), most))
        self._passed_over = self._passed_over + len(some) if len(some) == most else 0
        return some

    def _decided(self, suspended: Sequence[FlowRun]) -> set[UUID]:
        """Return the suspended runs that need not wait."""
        waiting = {
            run.id: (case_id, gate) for run in suspended if (gate := gate_of(run)) and (case_id := case_or_none(run))
        }
        # A case of another home that uses the same server is not there, nor one that was purged.
        decided = self._store.waiting.decided(waiting.values())
        return {run_id for run_id, gate in waiting.items() if gate in decided}


def _next_state(run: FlowRun) -> AnyState:
    """Return the next state of a run that no process works on: a run that a person cancelled is not restarted."""
    if run.state is not None and run.state.is_cancelling():
        return Cancelled(message="No process works on it any more.")
    return Scheduled(name="AwaitingRetry")


def _runs(client: SyncPrefectClient, *types: StateType) -> list[FlowRun]:
    """Runs in some states, all at once: one that is given another state leaves the list."""
    fit = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types))))
    return list(runs_that(fit, client))
