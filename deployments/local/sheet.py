"""Show on a case's sheet in Prefect's UI what was done to the case without a run."""

from __future__ import annotations

from contextlib import suppress

from deployments.local.resume import server_access
from deployments.local.talking import answers, talking_to
from tasks.prefect_io.sheet import update_case_sheet


def show_on_sheet(case_id: str) -> None:
    """Bring a case's sheet up to date, if there is a server that answers.

    Args:
        case_id: The case.
    """
    access = server_access()
    # What was done is done, whether or not it can be shown; the case's next run brings the sheet up to date as well.
    with suppress(Exception):
        if access is not None and answers(access):
            with talking_to(access):
                update_case_sheet(case_id)
