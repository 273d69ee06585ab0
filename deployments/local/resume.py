"""Resume a case's suspended run after a decision was made outside Prefect's form."""

from __future__ import annotations

from typing import Any

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.settings import PREFECT_API_URL, temporary_settings

from deployments.local.up import running_api_url
from rightsflow.environment import Environment

# The decision is in the case file already, so the form's answer is never read; it only has to be a valid one.
_ANSWERS: dict[str, dict[str, Any]] = {
    "identity": {"result": "confirmed", "decided_by": "recorded in the case file"},
    "approval": {"decision": "approve", "decided_by": "recorded in the case file"},
}


def api_url() -> str | None:
    """The server to talk to: the one that ``up`` holds up here, or the one that ``PREFECT_API_URL`` names."""
    return running_api_url(Environment().folder) or PREFECT_API_URL.value()


def resume_waiting_run(case_id: str) -> bool:
    """Let the case's suspended run go on; returns whether there was one.

    Args:
        case_id: The case.
    """
    url = api_url()
    if url is None:
        return False
    with temporary_settings({PREFECT_API_URL: url}), get_client(sync_client=True) as client:
        try:
            resumed = [_resume(client, run) for run in _suspended(client, case_id)]
        except httpx.HTTPError:
            return False
    return any(resumed)


def _suspended(client: SyncPrefectClient, case_id: str) -> list[FlowRun]:
    return client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            name=FlowRunFilterName(any_=[case_id]),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED])),
        )
    )


def _resume(client: SyncPrefectClient, run: FlowRun) -> bool:
    key = run.state.state_details.pause_key if run.state else None
    answer = _ANSWERS.get((key or "").partition("-")[0])
    result = client.resume_flow_run(run.id, run_input=answer)
    return bool(result.status.value == "ACCEPT")
