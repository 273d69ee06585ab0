"""Start again the runs that a person cancelled while they waited at a gate: their cases wait there all the same.

Cancelling such a run stops nothing, since it does nothing but wait; the clock of the law goes on. One that was
cancelled at work is left as it is: that is how a person stops work in Prefect.
"""

from __future__ import annotations

import logging
from typing import Final
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterName,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.states import Scheduled

from flows.runs import case_or_none, runs_that
from rightsflow.cases.course.case_runs import RunEnding, note_started_again
from rightsflow.domain.errors import BadInput
from rightsflow.store import Store
from tasks.prefect_io.kinds import AnyState

logger = logging.getLogger(__name__)

_CANCELLED: Final = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.CANCELLED])))
_CANCELLING: Final = frozenset({StateType.CANCELLING, StateType.CANCELLED})
_MESSAGE: Final = "It was cancelled while it waited at a gate; the case still waits there."


class StoppedRuns:
    """Finds such runs.

    Args:
        store: The case store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: set[UUID] = set()

    def sweep(self, client: SyncPrefectClient) -> int:
        """Look once; returns how many are started again. Each time that a run is cancelled is judged once.

        Args:
            client: Talks to the server.
        """
        cancelled = [run for run in runs_that(_CANCELLED, client) if run.state and run.state.id not in self._seen]
        self._seen |= {run.state.id for run in cancelled if run.state}
        left = {case_id: run for run in cancelled if (case_id := case_or_none(run)) and self._needs_a_run(case_id)}
        return sum(self._start_again(client, case_id, run) for case_id, run in left.items())

    def _needs_a_run(self, case_id: str) -> bool:
        try:
            with self._store.case_file(case_id) as file:
                return file.needs_a_run
        except BadInput:
            # Of another home that uses the same server.
            return False

    def _start_again(self, client: SyncPrefectClient, case_id: str, run: FlowRun) -> bool:
        if not _was_at_a_gate(client, run) or _has_another(client, case_id, run):
            return False
        # Not by force: then Prefect forgets that the run was suspended here before, so that it is suspended again.
        again: AnyState = Scheduled(name="AwaitingRetry", message=_MESSAGE)
        answer = client.set_flow_run_state(run.id, again)
        if answer.status is not SetStateStatus.ACCEPT:
            return False
        note_started_again(self._store, case_id, RunEnding.CANCELLED)
        logger.warning("the run of %s was cancelled at a gate; it is started again", case_id)
        return True


def _was_at_a_gate(client: SyncPrefectClient, run: FlowRun) -> bool:
    """Return True if the run waited for a decision when it was cancelled."""
    states = sorted(client.read_flow_run_states(run.id), key=lambda flow_run_state: flow_run_state.timestamp)
    before = [state for state in states if state.type not in _CANCELLING]
    return bool(before) and before[-1].type is StateType.PAUSED


def _has_another(client: SyncPrefectClient, case_id: str, cancelled: FlowRun) -> bool:
    """Return True if the case has another run that is not cancelled."""
    named = FlowRunFilter(name=FlowRunFilterName(any_=[case_id]))
    others = [run for run in runs_that(named, client) if run.id != cancelled.id]
    return any(run.state is None or run.state.type is not StateType.CANCELLED for run in others)
