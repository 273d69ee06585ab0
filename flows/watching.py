"""The watch over deadlines: every quarter of an hour it looks at what is due, and tells people."""

from __future__ import annotations

from prefect import flow
from prefect.states import Completed, Failed

from flows.options import FLOW
from rightsflow.domain.errors import RightsflowError
from tasks.prefect_io.kinds import AnyState
from tasks.watching import sweep_deadlines, update_deadline_board


@flow(name="watch-deadlines", flow_run_name="watch deadlines", **FLOW)
def watch_deadlines() -> AnyState:
    """Look at every open case whose time has come, raise the alerts that are due, and bring the board up to date.

    It runs by itself every 15 minutes. Run it now to see a change at once.
    """
    try:
        swept = sweep_deadlines()
        still_open = update_deadline_board()
    except RightsflowError as error:
        return Failed(message=str(error))
    return Completed(
        message=f"{still_open} open, {swept.looked} looked at, {swept.raised} alerts raised, {swept.sent} sent.",
    )
