"""Suspended runs that no one has to wait for any more, and how they are made to go on.

Their gate was decided, or the request was withdrawn or its case stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic
from typing import Final

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterName,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import SetStateStatus

from flows.runs import runs_that
from flows.starting import start_waiting
from rightsflow.app import current_store
from rightsflow.domain.gates.decisions import Gate
from tasks.prefect_io.server_shapes import suspension_of

_WAKES_SECONDS: Final = 2.0
"""For which time a batch that was found or started is relied on: without work it looks for more for twice as long."""
_PAUSED = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED]))


class Wakes:
    """Lets batches begin whose cases were moved on: not after each of many decisions, since a batch looks for more.

    Args:
        clock: Gives seconds that only grow.
        start: Starts them.
    """

    def __init__(self, clock: Callable[[], float] = monotonic, start: Callable[[], None] = start_waiting) -> None:
        self._clock, self._start = clock, start
        self._next = clock()

    def wake(self) -> None:
        """Look whether batches are to be started, unless that was done a moment ago."""
        if (now := self._clock()) >= self._next:
            self._next = now + _WAKES_SECONDS
            self._start()


_BATCHES: Final = Wakes()


def suspended_runs(client: SyncPrefectClient, case_id: str = "", offset: int = 0) -> Iterator[FlowRun]:
    """Yield the runs that wait for a decision.

    Args:
        client: Talks to the server.
        case_id: The case; all cases by default.
        offset: How many to pass over.
    """
    name = FlowRunFilterName(any_=[case_id]) if case_id else None
    return runs_that(FlowRunFilter(name=name, state=_PAUSED), client, offset)


def gate_of(run: FlowRun) -> Gate | None:
    """Return the gate at which a run is suspended."""
    word = suspension_of(run).partition("-")[0]
    return Gate(word) if word in set(Gate) else None


def resume(client: SyncPrefectClient, run: FlowRun) -> bool:
    """Let a suspended run go on; returns whether the server accepted that.

    Args:
        client: Talks to the server.
        run: The run; the decision at its gate is in the case file.
    """
    result = client.resume_flow_run(run.id)
    return result.status is SetStateStatus.ACCEPT


def resume_all(case_id: str, gate: Gate | None = None) -> bool:
    """Let a case go on whose runs are suspended; returns whether there were any, or a batch goes on with it.

    Args:
        case_id: The case.
        gate: The gate that was decided: a run that waits at another one goes on waiting. ``None`` for every gate.
    """
    turn = current_store().waiting.has_turn(case_id)
    if turn is not None:
        # It was noted with the decision.
        if turn:
            _BATCHES.wake()
        return turn
    with get_client(sync_client=True) as client:
        # All at once: one that goes on leaves the list.
        waiting = list(suspended_runs(client, case_id))
        resumed = [resume(client, run) for run in waiting if gate is None or gate_of(run) is gate]
    return any(resumed)
