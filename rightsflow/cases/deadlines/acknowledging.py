"""Take note of alerts."""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.cases.people import acting
from rightsflow.domain.vocabulary.states import read_case_id


def acknowledge(app: App, case_id: str, *, by: str) -> str:
    """Take note of all alerts of a case that stand; returns a sentence.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        by: Who takes note.

    Raises:
        BadInput: There is no such case, or the name is missing.
        Conflict: There is nothing to acknowledge.
    """
    who = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        count = file.alerts.acknowledge(who)
    return f"{count} {'alert' if count == 1 else 'alerts'} acknowledged."
