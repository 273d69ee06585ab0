"""Take note of alerts."""

from __future__ import annotations

from rightsflow.case import read_case_id
from tasks.people import said
from tasks.runtime import open_store


def acknowledge(case_id: str, *, by: str) -> str:
    """Take note of all alerts of a case that stand; returns a sentence.

    Args:
        case_id: The case, as typed.
        by: Who takes note.

    Raises:
        BadInput: There is no such case, or it is not said who.
        Conflict: There is nothing to acknowledge.
    """
    who = said(by)
    with open_store().case_file(read_case_id(case_id)) as file:
        count = file.alerts.acknowledge(who)
    return f"{count} {'alert' if count == 1 else 'alerts'} acknowledged."
