"""Take out of Prefect what people typed about our runs and no flow reads, or none has read in time.

A run is looked at when it is new, and again and again afterwards, since it can be changed at any time. What is not one
of our own words goes: to the vault where a flow may still need it, and from there after 30 days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowFilter, FlowFilterName
from prefect.client.schemas.objects import FlowRun

from deployments.catalogue import CATALOGUE
from flows.runs import runs_of
from flows.sealing import keep_typed
from rightsflow.store import Store

_READING: Final = timedelta(seconds=20)
"""How long a run may take from being asked for, or from a new state, to having read and scrubbed its own form."""
_NEWEST: Final = 200
"""How many of the newest runs each sweep looks at."""
_AT_ONCE: Final = 1000
"""How many of all others, so that it comes round to each of 3,000 within a minute."""


class Scrubber:
    """Scrubs our runs.

    Args:
        store: The case store, whose vault takes what may still be needed.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._passed_over = 0

    def sweep(self) -> int:
        """Scrub some of the runs: the newest, and the next ones of all others; returns how many were changed.

        Raises:
            Transient: The case store does not answer.
        """
        with get_client(sync_client=True) as client:
            flows = our_flows(client)
            return sum(self._scrub(client, flows[run.flow_id], run) for run in self._some(client, flows))

    def _some(self, client: SyncPrefectClient, flows: dict[UUID, str]) -> list[FlowRun]:
        which = FlowFilter(name=FlowFilterName(any_=sorted(flows.values())))
        newest = list(islice(runs_of(which, client), _NEWEST))
        if len(newest) < _NEWEST:
            return newest
        others = list(islice(runs_of(which, client, _NEWEST + self._passed_over), _AT_ONCE))
        self._passed_over = self._passed_over + len(others) if len(others) == _AT_ONCE else 0
        return newest + others

    def _scrub(self, client: SyncPrefectClient, flow: str, run: FlowRun) -> bool:
        if _may_be_reading(run):
            return False
        safe = keep_typed(self._store.keep_typed, run.id, flow, run.parameters)
        if safe == run.parameters:
            return False
        client.update_flow_run(run.id, parameters=safe)
        return True


def our_flows(client: SyncPrefectClient) -> dict[UUID, str]:
    """The names of our flows by their ids on this server.

    Args:
        client: Talks to the server.
    """
    names = [flow.name for flow, _ in CATALOGUE]
    return {flow.id: flow.name for flow in client.read_flows(flow_filter=FlowFilter(name=FlowFilterName(any_=names)))}


def _may_be_reading(run: FlowRun) -> bool:
    """Whether its flow may be about to read what was typed and to scrub it itself."""
    times: Iterator[datetime] = (one for one in (run.created, run.state and run.state.timestamp) if one)
    return datetime.now(UTC) - max(times, default=datetime.min.replace(tzinfo=UTC)) < _READING
