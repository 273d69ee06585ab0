"""Show in Prefect's UI what was done to a case without a run, if there is a server."""

from __future__ import annotations

from contextlib import suppress

from deployments.local.resume import server_access
from deployments.local.server_contact import answers, talking_to
from flows.showing import show_case


def show_on_sheet(case_id: str) -> None:
    """Bring a case's sheet, its runs' tags and the board up to date, if there is a server that answers.

    Args:
        case_id: The case.
    """
    access = server_access()
    # What was done is done, whether or not it can be shown; the case's next run and the watch bring it up to date too.
    with suppress(Exception):
        if access is not None and answers(access):
            with talking_to(access):
                show_case(case_id)
