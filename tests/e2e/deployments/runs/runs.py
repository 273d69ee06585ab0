"""What became of runs."""

from __future__ import annotations

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterWorkQueueName

from flows.starting import BULK_QUEUE


def bulk_runs(client):
    queue = FlowRunFilterWorkQueueName(any_=[BULK_QUEUE])
    return client.read_flow_runs(flow_run_filter=FlowRunFilter(work_queue_name=queue))


def state_of(run_id):
    with get_client(sync_client=True) as client:
        return client.read_flow_run(run_id).state.name
