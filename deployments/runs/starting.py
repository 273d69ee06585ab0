"""Start the runs of waiting cases, the most urgent first, and only so many that few wait in Prefect at any time.

What waits in Prefect runs in the order in which it came there; what waits in the case store can be overtaken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterName,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterWorkQueueName,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Scheduled

from flows.runs import COOLING_OFF, OURS, WAITING_FOR_PROCESSORS
from flows.starting import BULK_QUEUE, start_case
from rightsflow.store import Store
from rightsflow.store.coordination.waiting import WaitingCase

_AT_ONCE: Final = 50
"""How many cases one look starts: few enough that the keeper gets to its other duties."""
_TOGETHER: Final = 4
"""After how many the choice is made anew."""
_WAITS: Final = frozenset({WAITING_FOR_PROCESSORS, COOLING_OFF})
_ENDED: Final = frozenset({StateType.FAILED, StateType.CRASHED})


class Starter:
    """Starts waiting cases.

    Args:
        store: The case store.
        runs_waiting: How many runs wait in Prefect at a time.
        together: After how many the choice is made anew.
        start: Starts a case's run.
    """

    def __init__(
        self, store: Store, runs_waiting: int, *, together: int = _TOGETHER, start: Callable[..., object] = start_case
    ) -> None:
        self._start_case = start
        self._store = store
        self._together = together
        self._most = runs_waiting

    def start(self) -> bool:
        """Start as many as there is room for; returns whether any waited. While none does, Prefect is not asked."""
        if not self._store.waiting.due(1):
            return False
        with get_client(sync_client=True) as client:
            room = min(self._most - _waiting_runs(client), _AT_ONCE)
            # A few at a time: a server that is busy takes long, and what is more urgent may come meanwhile.
            while room > 0 and (chosen := self._store.waiting.due(min(room, self._together))):
                self._hand_over(client, chosen)
                room -= len(chosen)
        return True

    def _hand_over(self, client: SyncPrefectClient, chosen: Sequence[WaitingCase]) -> None:
        self._store.waiting.note_tries(chosen)
        runs = _newest_runs(client, [case.case_id for case in chosen])
        for case in chosen:
            if self._start(client, case, runs.get(case.case_id)):
                self._store.waiting.note_started([case.case_id])

    def _start(self, client: SyncPrefectClient, case: WaitingCase, run: FlowRun | None) -> bool:
        """Start a case's run, or start it again; returns whether that is done with."""
        state = run.state.type if run and run.state else None
        if run is None or state is None:
            self._start_case(case.case_id, case.right, queue=BULK_QUEUE if case.in_bulk else None)
        elif state is StateType.RUNNING:
            # It has noted that it yields its slot and is just ending.
            return False
        elif state in _ENDED or (run.state is not None and run.state.name in _WAITS):
            client.set_flow_run_state(run.id, Scheduled(name="AwaitingRetry"), force=True)
        # Any other is on its way already, or a person has ended it.
        return True


def _waiting_runs(client: SyncPrefectClient) -> int:
    waiting = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))
    queue = FlowRunFilterWorkQueueName(any_=[BULK_QUEUE])
    return client.count_flow_runs(
        flow_run_filter=FlowRunFilter(state=waiting, work_queue_name=queue), deployment_filter=OURS
    )


def _newest_runs(client: SyncPrefectClient, case_ids: Sequence[str]) -> dict[str, FlowRun]:
    named = FlowRunFilter(name=FlowRunFilterName(any_=list(case_ids)))
    runs = client.read_flow_runs(
        flow_run_filter=named, deployment_filter=OURS, sort=FlowRunSort.EXPECTED_START_TIME_DESC
    )
    # The newest comes first, and the last one that is put in stays.
    return {run.name: run for run in reversed(runs)}
