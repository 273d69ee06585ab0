"""Start again the runs that ended since something did not answer: a system, the case store or the Prefect server.

Such a run says so by its state's message. One that failed for another reason, such as a wrong setting, waits for a
person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Scheduled

from deployments.runs.sweep_limits import LIMITS, SweepLimits
from flows.runs import INTERRUPTED, outcome_of, runs_that
from rightsflow.store import Store
from rightsflow.store.coordination.waiting import pause_after

_MOST_ENDINGS: Final = 5
"""The number of failures in a row allowed to a run whose case is closed, so that only its last words are missing."""
_FAILED: Final = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.FAILED])))
_MESSAGE: Final = "What did not answer is tried again."


class InterruptedRuns:
    """Finds such runs, and starts each again after a pause that grows with its failures.

    Args:
        store: The case store.
        limits: How often in a row a run may fail.
    """

    def __init__(self, store: Store, limits: SweepLimits = LIMITS) -> None:
        self._store = store
        self._most = limits.failures

    def sweep(self, client: SyncPrefectClient) -> int:
        """Look once; returns how many are started again.

        Args:
            client: Talks to the server.
        """
        runs = [run for run in runs_that(_FAILED, client) if _is_interrupted(run)]
        # An intake that was interrupted has no case yet, and its run carries the name of its flow, as that of a batch.
        alone = [run for run in runs if not run.parameters.get("case_id")]
        by_case = _newest(client, {run.name for run in runs} - {run.name for run in alone})
        left_over = self._store.waiting.left_over(by_case)
        again: list[bool] = [_start_again(client, run, self._most) for run in alone]
        for case_id, state in left_over.items():
            again.append(_start_again(client, by_case[case_id], _MOST_ENDINGS if state.is_settled else self._most))
        return sum(again)


def failures_in_a_row(client: SyncPrefectClient, run: FlowRun) -> int:
    """Count the failures of a run since it last waited at a gate.

    Args:
        client: Talks to the server.
        run: The run.
    """
    failures = 0
    for state in sorted(client.read_flow_run_states(run.id), key=lambda flow_run_state: flow_run_state.timestamp):
        if state.type is StateType.PAUSED:
            failures = 0
        failures += state.type is StateType.FAILED
    return failures


def _newest(client: SyncPrefectClient, cases: Iterable[str]) -> dict[str, FlowRun]:
    """The interrupted run of each case that has no other run beside it which is under way, waits or came later."""
    names = sorted(cases)
    if not names:
        return {}
    named = FlowRunFilter(name=FlowRunFilterName(any_=names))
    newest: dict[str, FlowRun] = {}
    lives: set[str] = set()
    for run in runs_that(named, client):
        if run.state is None or not run.state.is_final():
            lives.add(run.name)
        elif run.name not in newest or _ended_at(run) > _ended_at(newest[run.name]):
            newest[run.name] = run
    return {name: run for name, run in newest.items() if name not in lives and _is_interrupted(run)}


def _is_interrupted(run: FlowRun) -> bool:
    return run.state is not None and run.state.is_failed() and outcome_of(run.state) == INTERRUPTED


def _ended_at(run: FlowRun) -> datetime:
    return run.state.timestamp if run.state else datetime.min.replace(tzinfo=UTC)


def _start_again(client: SyncPrefectClient, run: FlowRun, most: int) -> bool:
    failures = failures_in_a_row(client, run)
    now_in = client.read_flow_run(run.id).state
    # A person may have pressed Retry meanwhile.
    if failures > most or now_in is None or run.state is None or now_in.id != run.state.id:
        return False
    due = datetime.now(UTC) + pause_after(failures)
    client.set_flow_run_state(run.id, Scheduled(name="AwaitingRetry", scheduled_time=due, message=_MESSAGE), force=True)
    return True
