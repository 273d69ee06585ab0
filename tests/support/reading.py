"""A decision at a gate by a person who reads before it what has to be read."""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.cases.course.gates.gates import record_decision
from rightsflow.cases.work.access.package_review import open_letter, waits_for_release
from rightsflow.domain.gates.decisions import Decision, Verdict


def read_then_decide(app: App, case_id: str, decision: Decision) -> None:
    """Decide at a gate, once the letter in a package that waits for its release was opened.

    Args:
        app: What it works with.
        case_id: The case.
        decision: The decision.

    Raises:
        BadInput: The decision is not usable.
        Conflict: The gate is decided already, or the person may not decide on it.
    """
    if decision.verdict is Verdict.APPROVED and waits_for_release(app, case_id):
        open_letter(app, case_id, by=decision.by)
    record_decision(app, case_id, decision)
