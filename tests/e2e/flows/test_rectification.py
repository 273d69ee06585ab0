"""A rectification as a run: decided item by item, approved, and answered by L25; nothing of it in Prefect."""

from __future__ import annotations

import pytest

from flows.erasure import rectification_request
from flows.runs import outcome_of
from flows.suspended import resume_all
from rightsflow.app import current_app, installed
from rightsflow.cases.work.erasure.plan import decide_corrections
from tests.e2e.flows.whole_cases import letters
from tests.support.flow_runs import order_run, read_run, work_on

OLD, NEW = "+493023125001", "+493023125009"
STATEMENT = "she never called on that day"


@pytest.mark.apart
def test_it_is_followed_from_the_request_to_the_answer(bench, deployments):
    with installed(bench.runtime):
        case_id = bench.open("rectification", corrections=f"phone | {OLD} | {NEW}\nname | Anna Quil | Anna Quill")
        run = order_run(deployments["rectification-request"], case_id=case_id)
        assert work_on(rectification_request, run.id).name == "Suspended"
        bench.confirm_identity(case_id)
        assert resume_all(case_id)
        assert work_on(rectification_request, run.id).name == "Suspended"
        decide_corrections(current_app(), case_id, ["1: accept", f"2: complete | {STATEMENT}"], by="Olga Opener")
        bench.approve(case_id)
        assert resume_all(case_id)
        assert outcome_of(work_on(rectification_request, run.id)) == "Answered"
        assert STATEMENT not in read_run(run.id).model_dump_json()
        text = letters(bench, case_id)["L25"]
        assert "We found no record in which our programs could do all of it." in text
        assert NEW not in text
