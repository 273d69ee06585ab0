"""Resume a case's suspended run after a decision outside Prefect's form, or a withdrawal."""

from __future__ import annotations

from contextlib import suppress

import httpx
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from deployments.local.up import running_api_url
from deployments.server_access import Access, read_secret
from flows.starting import start_waiting
from flows.suspended import resume_all
from rightsflow.config.environment import Environment
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.gates.decisions import Gate


def server_access() -> Access | None:
    """The server to talk to: the one that ``up`` holds up here, or the one that ``PREFECT_API_URL`` names.

    Raises:
        Misconfigured: The sign-in of the one that is held up cannot be read.
    """
    home = Environment().folder
    held = running_api_url(home)
    if held:
        return Access(held, read_secret(home))
    named = PREFECT_API_URL.value()
    return Access(named, PREFECT_API_AUTH_STRING.value() or None) if named else None


def resume_waiting_run(case_id: str, gate: Gate | None = None) -> bool:
    """Let the case's run that is suspended at a gate go on; returns whether there was one.

    Args:
        case_id: The case.
        gate: The gate that was decided; a run that waits at another one goes on waiting. ``None`` for every gate.
    """
    access = server_access()
    if access is None:
        return False
    with temporary_settings(access.settings):
        try:
            return resume_all(case_id, gate)
        except httpx.HTTPError:
            return False


def start_imported() -> None:
    """Let cases that were imported be worked on at once, where a server is known; else the keeper starts them."""
    with suppress(RightsflowError):
        if access := server_access():
            with temporary_settings(access.settings):
                start_waiting()
