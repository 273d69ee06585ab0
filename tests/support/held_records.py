"""The answer that a plan under a legal hold waits for: the claim needs every category that it is asked about."""

from __future__ import annotations

from rightsflow.app import current_app
from rightsflow.domain.case.findings import Question
from rightsflow.domain.case.record_decisions import RecordAct, RecordDecision


def all_needed(case_id: str) -> dict[str, RecordDecision]:
    """The decisions that answer it; none where nothing is asked."""
    with current_app().store.case_file(case_id) as file:
        asked = [one.number for one in file.findings.all() if one.question is Question.HOLD]
    return {str(number): RecordDecision(act=RecordAct.NEEDED) for number in asked}
