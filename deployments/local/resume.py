"""Resume a case's suspended run after a decision outside Prefect's form, or a withdrawal."""

from __future__ import annotations

import httpx
from prefect.settings import PREFECT_API_URL, temporary_settings

from deployments.local.up import running_api_url
from flows.suspended import resume_all
from rightsflow.environment import Environment
from rightsflow.gates import Gate


def api_url() -> str | None:
    """The server to talk to: the one that ``up`` holds up here, or the one that ``PREFECT_API_URL`` names."""
    return running_api_url(Environment().folder) or PREFECT_API_URL.value()


def resume_waiting_run(case_id: str, gate: Gate | None = None) -> bool:
    """Let the case's run that is suspended at a gate go on; returns whether there was one.

    Args:
        case_id: The case.
        gate: The gate that was decided; a run that waits at another one is left alone. ``None`` for every gate.
    """
    url = api_url()
    if url is None:
        return False
    with temporary_settings({PREFECT_API_URL: url}):
        try:
            return resume_all(case_id, gate)
        except httpx.HTTPError:
            return False
