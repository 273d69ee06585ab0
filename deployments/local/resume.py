"""Resume a case's suspended run after a decision was made outside Prefect's form."""

from __future__ import annotations

import httpx
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

from deployments.local.suspended import gate_of, resume, suspended_runs
from deployments.local.up import running_api_url
from rightsflow.environment import Environment
from rightsflow.gates import Gate


def api_url() -> str | None:
    """The server to talk to: the one that ``up`` holds up here, or the one that ``PREFECT_API_URL`` names."""
    return running_api_url(Environment().folder) or PREFECT_API_URL.value()


def resume_waiting_run(case_id: str, gate: Gate) -> bool:
    """Let the case's run that is suspended at a gate go on; returns whether there was one.

    Args:
        case_id: The case.
        gate: The gate that was decided; a run that waits at another one is left alone.
    """
    url = api_url()
    if url is None:
        return False
    with temporary_settings({PREFECT_API_URL: url}), get_client(sync_client=True) as client:
        try:
            resumed = [resume(client, run) for run in suspended_runs(client, case_id) if gate_of(run) is gate]
        except httpx.HTTPError:
            return False
    return any(resumed)
