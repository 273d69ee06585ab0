"""Background work of the helpdesk as time passes."""

from __future__ import annotations

from rightsflow_sandbox.helpdesk.profiles import anonymise, waited
from rightsflow_sandbox.helpdesk.state import HelpdeskState


def settle(state: HelpdeskState, *, everything: bool = False) -> None:
    """Complete the jobs and the renames that are due.

    Args:
        state: The helpdesk.
        everything: Whether to complete also those whose time has not come, as when a day has passed.
    """
    state.jobs.settle(state.now(), 0 if everything else state.pace.job_seconds)
    for purged in state.purged.values():
        if everything or waited(state, purged) >= state.pace.rename_seconds:
            anonymise(purged)
