"""Tell Prefect what a command did to a case: resume its suspended run, and show it on its sheet.

Prefect is imported only where a server is up or may be named, so that commands without one start quickly.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from deployments.local.up import running_api_url
from deployments.server_access import Access, read_secret
from rightsflow.config.environment import Environment
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.gates.decisions import Gate

_SETTINGS_FILES: Final = ("prefect.toml", ".env", "pyproject.toml")
"""Files of the working directory in which Prefect looks for its settings."""


def server_access() -> Access | None:
    """Return the server to talk to: the one that ``up`` started here, or the one that Prefect's settings name.

    Raises:
        Misconfigured: The sign-in of the one that ``up`` started cannot be read.
    """
    home = Environment().folder
    held = running_api_url(home)
    if held:
        return Access(held, read_secret(home))
    if not _may_be_named():
        return None
    from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL  # noqa: PLC0415

    named = PREFECT_API_URL.value()
    return Access(named, PREFECT_API_AUTH_STRING.value() or None) if named else None


def _may_be_named() -> bool:
    """Return False if there is no place in which Prefect's settings could name a server."""
    if "prefect" in sys.modules or any(name.upper().startswith("PREFECT_") for name in os.environ):
        return True
    files = (Path.home() / ".prefect" / "profiles.toml", *map(Path, _SETTINGS_FILES))
    return any(file.is_file() for file in files)


def resume_waiting_run(case_id: str, gate: Gate | None = None) -> bool:
    """Resume the case's run that is suspended at a gate; return True if there was one.

    Args:
        case_id: The case.
        gate: The gate that was decided; a run that waits at another one goes on waiting. ``None`` for every gate.
    """
    access = server_access()
    if access is None:
        return False
    import httpx  # noqa: PLC0415
    from prefect.settings import temporary_settings  # noqa: PLC0415

    from flows.suspended import resume_all  # noqa: PLC0415

    with temporary_settings(access.settings):
        try:
            return resume_all(case_id, gate)
        except httpx.HTTPError:
            return False


def start_imported() -> None:
    """Start imported cases at once, where a server is known; elsewhere the keeper starts them."""
    with suppress(RightsflowError):
        if access := server_access():
            from prefect.settings import temporary_settings  # noqa: PLC0415

            from flows.starting import start_waiting  # noqa: PLC0415

            with temporary_settings(access.settings):
                start_waiting()


def show_on_sheet(case_id: str) -> None:
    """Bring a case's sheet, its runs' tags and the board up to date, if there is a server that answers.

    Args:
        case_id: The case.
    """
    access = server_access()
    if access is None:
        return
    from deployments.local.server_contact import answers, talking_to  # noqa: PLC0415
    from flows.showing import show_case  # noqa: PLC0415

    # The act is done, whether or not it can be shown; the case's next run and the watch bring it up to date too.
    with suppress(Exception):
        if answers(access):
            with talking_to(access):
                show_case(case_id)
