"""Start what waits: batches for imported cases, and the runs of cases that have one of their own.

Only a few batches are under way at a time. What waits in Prefect runs in the order in which it came there; what waits
in the case store can be overtaken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Scheduled

from flows.batches import BATCH_OF, IN_HAND
from flows.runs import OURS
from flows.starting import batches_under_way, start_batch, start_case, workers_for
from rightsflow.store import Store
from rightsflow.store.coordination.waiting import WaitingCase

_AT_ONCE: Final = 50
"""The number of cases that one look starts: few enough to leave the keeper time for its other duties."""
_TOGETHER: Final = 4
"""After how many the choice is made anew."""
_PATIENCE: Final = 3
"""At how many looks cases are left to the batches under way before another one is started for them."""
_ENDED: Final = frozenset({StateType.FAILED, StateType.CRASHED, StateType.COMPLETED})


class Starter:
    """Starts what waits.

    Args:
        store: The case store.
        batch_size: How many cases a batch works on at most.
        batches_at_once: How many batches are under way at a time.
        start: Starts a case's run.
    """

    def __init__(
        self, store: Store, batch_size: int, batches_at_once: int, *, start: Callable[..., object] = start_case
    ) -> None:
        self._start_case = start
        self._store = store
        self._size = batch_size
        self._most = batches_at_once
        self._passed_over = 0

    def start(self) -> bool:
        """Start as many as there is room for; returns whether any waited. While none does, Prefect is not asked."""
        if not self._store.waiting.are_any():
            # As an idle keeper finds it, every few seconds.
            self._passed_over = 0
            return False
        alone = self._store.waiting.due(1, in_bulk=False)
        many = self._store.waiting.due(self._size * self._most, in_bulk=True)
        if not many:
            self._passed_over = 0
        if alone or many:
            with get_client(sync_client=True) as client:
                self._start_batches(client, many)
                self._start_alone(client)
        return bool(alone or many)

    def _start_batches(self, client: SyncPrefectClient, waiting: Sequence[WaitingCase]) -> None:
        """Start as many batches as the waiting cases need besides those under way, which take some of them."""
        if not waiting:
            return
        under_way = batches_under_way(client)
        room = self._most - under_way.total()
        # In the order of the most urgent case of each.
        for batch, count in Counter(BATCH_OF[case.right].name for case in waiting).items():
            needed = max(-(-count // self._size), self._shares(client, batch, count)) - under_way[batch]
            if needed < 1 and self._passed_over >= _PATIENCE:
                # Those under way have taken all that they may, and one of their cases takes long.
                needed = 1
            for _ in range(min(needed, room)):
                start_batch(client, batch)
                room, self._passed_over = room - 1, -1
        self._passed_over += 1

    def _shares(self, client: SyncPrefectClient, batch: str, count: int) -> int:
        """Among how many workers so many cases are shared out, so that none is idle beside one that has them all."""
        shares = min(count // IN_HAND, self._most)
        return min(shares, workers_for(client, batch)) if shares > 1 else shares

    def _start_alone(self, client: SyncPrefectClient) -> None:
        room = _AT_ONCE
        # A few at a time: a server that is busy takes long, and what is more urgent may come meanwhile.
        while room > 0 and (chosen := self._store.waiting.due(min(room, _TOGETHER), in_bulk=False)):
            self._hand_over(client, chosen)
            room -= len(chosen)

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
            self._start_case(case.case_id, case.right)
        elif state is StateType.RUNNING:
            # It has noted that it yields its slot and is just ending.
            return False
        elif state in _ENDED:
            client.set_flow_run_state(run.id, Scheduled(name="AwaitingRetry"), force=True)
        # Any other is on its way already, or a person has ended it.
        return True


def _newest_runs(client: SyncPrefectClient, case_ids: Sequence[str]) -> dict[str, FlowRun]:
    named = FlowRunFilter(name=FlowRunFilterName(any_=list(case_ids)))
    runs = client.read_flow_runs(
        flow_run_filter=named, deployment_filter=OURS, sort=FlowRunSort.EXPECTED_START_TIME_DESC
    )
    # The newest comes first, and the last one that is put in stays.
    return {run.name: run for run in reversed(runs)}
