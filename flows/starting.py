"""Start a case's own run, once: a run of its right's deployment, named by the case."""

from __future__ import annotations

from functools import cache
from typing import Final
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError

from rightsflow.cases.overview.case_sheet import labels_of
from rightsflow.domain.request import Right
from tasks.composition import current_app

_NOT_FOUND: Final = 404
BULK_QUEUE: Final = "bulk"
"""The work queue of cases that are one of many; every other run goes before its runs."""


def start_case(case_id: str, right: Right, *, queue: str | None = None) -> FlowRun:
    """Start a case's run, or find the one that was started before.

    Args:
        case_id: The case.
        right: What it is about.
        queue: The work queue; the pool's own by default.

    Raises:
        BadInput: There is no such case.
    """
    app = current_app()
    with app.store.case_file(case_id) as file:
        # Noted first: where Prefect does not answer, or loses the run before a worker begins it, the keeper starts one.
        file.bulk.note_run()
        tags = sorted(labels_of(file, app))
    with get_client(sync_client=True) as client:
        try:
            return _create(client, case_id, tags, right, queue)
        except (ObjectNotFound, PrefectHTTPStatusError) as error:
            # The server is another one, or its deployments were made anew: Prefect's client tells that in two ways.
            if isinstance(error, PrefectHTTPStatusError) and error.response.status_code != _NOT_FOUND:
                raise
            _deployment_of.cache_clear()
            return _create(client, case_id, tags, right, queue)


def _create(client: SyncPrefectClient, case_id: str, tags: list[str], right: Right, queue: str | None) -> FlowRun:
    return client.create_flow_run_from_deployment(
        _deployment_of(str(client.api_url), right),
        parameters={"case_id": case_id},
        name=case_id,
        tags=tags,
        idempotency_key=case_id,
        work_queue_name=queue,
    )


@cache
def _deployment_of(_api_url: str, right: Right) -> UUID:
    with get_client(sync_client=True) as client:
        return client.read_deployment_by_name(f"{right.value}-request/{right.value}-request").id
