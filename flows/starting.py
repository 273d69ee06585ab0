"""Start a case's own run, once: a run of its right's deployment, named by the case; or a batch of many cases."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from functools import cache
from typing import Any, Final
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkerFilter,
    WorkerFilterStatus,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectNotFound, PrefectException, PrefectHTTPStatusError

from flows.gates import suspension
from flows.options import BATCH_TAG
from flows.runs import OURS
from rightsflow.app import current_app
from rightsflow.cases.course.case_runs import note_run
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.vocabulary.rights import Right
from tasks.prefect_io.events import awaiting_decision
from tasks.prefect_io.kinds import Values
from tasks.prefect_io.server_shapes import post_events
from tasks.prefect_io.sheet import publish_sheet

_NOT_FOUND: Final = 404
_ONLINE: Final = WorkerFilter(status=WorkerFilterStatus(any_=["ONLINE"]))
BULK_QUEUE: Final = "bulk"
"""The work queue of batches; every other run goes before its runs."""
RIGHTS_OF_BATCH: Final = {
    "access-batch": frozenset({Right.ACCESS}),
    "erasure-batch": frozenset(set(Right) - {Right.ACCESS}),
}
"""The batches by name, each with the rights whose cases it works on."""
_NO_ANSWER: Final = (httpx.HTTPError, PrefectException, RightsflowError)
_UNDER_WAY: Final = FlowRunFilterState(
    type=FlowRunFilterStateType(any_=[StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.CANCELLING])
)


def start_case(case_id: str, right: Right) -> FlowRun:
    """Start a case's run, or find the one that was started before.

    Where the person's identity has still to be checked, the run is suspended from the beginning, and no worker needs to
    begin it before.

    Args:
        case_id: The case.
        right: What it is about.

    Raises:
        BadInput: There is no such case.
    """
    noted = note_run(current_app(), case_id)
    waiting = noted.first.seen
    state = suspension(noted.first.view) if waiting else None
    named: dict[str, Any] = {"name": case_id, "tags": sorted(noted.labels), "idempotency_key": case_id}
    with get_client(sync_client=True) as client:
        flow = f"{right.value}-request"
        run = _create(client, flow, {"case_id": case_id}, state=state, **named)
        if run.deployment_id != _deployment_of(str(client.api_url), flow):
            # Its deployment was deleted while it was suspended: no worker would ever take it.
            client.delete_flow_run(run.id)
            run = _create(client, flow, {"case_id": case_id}, state=state, **named)
        if waiting:
            # The next act on the case shows it again.
            with suppress(*_NO_ANSWER):
                publish_sheet(waiting, run.id)
                post_events(client, [awaiting_decision(case_id, noted.first.view.gate)])
    return run


def start_batch(client: SyncPrefectClient, flow: str) -> FlowRun:
    """Start a batch, which takes the cases that wait for it.

    Args:
        client: Talks to the server.
        flow: The batch's flow.
    """
    return _create(client, flow, {}, name=flow.replace("-", " "), work_queue_name=BULK_QUEUE, tags=[BATCH_TAG])


def start_waiting() -> None:
    """Start a batch for imported cases that wait, where none of their kind is under way.

    The keeper does that too, and whatever else is needed; but it looks every few seconds only. So nothing is lost where
    the server or the case store does not answer.
    """
    with suppress(*_NO_ANSWER):
        app = current_app()
        due = app.store.waiting.due
        if waiting := [name for name, rights in RIGHTS_OF_BATCH.items() if due(1, in_bulk=True, rights=rights)]:
            with get_client(sync_client=True) as client:
                under_way = batches_under_way(client)
                for name in waiting:
                    if not under_way[name] and under_way.total() < app.settings.imports.batches_at_once:
                        start_batch(client, name)
                        under_way[name] += 1


def start_next(flow: str) -> bool:
    """Start the batch that goes on where this one, which still runs, takes no more cases; returns whether one goes on.

    Args:
        flow: The batch's flow.
    """
    with suppress(*_NO_ANSWER):
        app = current_app()
        if not app.store.waiting.due(1, in_bulk=True, rights=RIGHTS_OF_BATCH[flow]):
            return False
        with get_client(sync_client=True) as client:
            under_way = batches_under_way(client)
            # This one, which is about to end, makes the room for it. A worker has no use for a second one.
            if under_way.total() <= app.settings.imports.batches_at_once and under_way[flow] <= workers_for(
                client, flow
            ):
                start_batch(client, flow)
    # Where it could not be started, the keeper does it.
    return True


def batches_under_way(client: SyncPrefectClient) -> Counter[str]:
    """Count the batches of each kind that are under way.

    Args:
        client: Talks to the server.
    """
    under_way = FlowRunFilter(state=_UNDER_WAY)
    return Counter(
        {
            name: client.count_flow_runs(
                flow_filter=FlowFilter(name=FlowFilterName(any_=[name])),
                flow_run_filter=under_way,
                deployment_filter=OURS,
            )
            for name in RIGHTS_OF_BATCH
        }
    )


def workers_for(client: SyncPrefectClient, flow: str) -> int:
    """Count the workers that take the runs of a flow now; return one where none shows itself, since one may come.

    Args:
        client: Talks to the server.
        flow: The flow.
    """
    pool = client.read_deployment(_deployment_of(str(client.api_url), flow)).work_pool_name
    if pool is None:
        return 1
    return max(len(client.read_workers_for_work_pool(pool, worker_filter=_ONLINE)), 1)


def _create(client: SyncPrefectClient, flow: str, parameters: Values, **options: Any) -> FlowRun:
    try:
        deployment = _deployment_of(str(client.api_url), flow)
        return client.create_flow_run_from_deployment(deployment, parameters=parameters, **options)
    except (ObjectNotFound, PrefectHTTPStatusError) as error:
        # The server is another one, or its deployments were made anew: Prefect's client tells that in two ways.
        if isinstance(error, PrefectHTTPStatusError) and error.response.status_code != _NOT_FOUND:
            raise
        _deployment_of.cache_clear()
        deployment = _deployment_of(str(client.api_url), flow)
        return client.create_flow_run_from_deployment(deployment, parameters=parameters, **options)


@cache
def _deployment_of(_api_url: str, flow: str) -> UUID:
    with get_client(sync_client=True) as client:
        return client.read_deployment_by_name(f"{flow}/{flow}").id
