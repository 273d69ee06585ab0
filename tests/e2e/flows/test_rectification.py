"""A rectification as a run: decided item by item by a form, approved, and answered by L25; nothing of it in Prefect."""

from __future__ import annotations

import json

from flows.desk import decide_on_corrections
from flows.erasure import rectification_request
from rightsflow.app import installed
from tests.e2e.flows.whole_cases import letters
from tests.support.flow_runs import order_run, read_run, resume, work_on
from tests.support.identity import as_form

OLD, NEW = "+493023125001", "+493023125009"
STATEMENT = "she never called on that day"


def test_it_is_followed_from_the_request_to_the_answer(bench, deployments):
    with installed(bench.runtime):
        case_id = bench.open("rectification", corrections=f"phone | {OLD} | {NEW}\nname | Anna Quil | Anna Quill")
        run = order_run(deployments["rectification-request"], case_id=case_id)
        assert work_on(rectification_request, run.id).name == "Suspended"
        resume(run.id, **as_form(bench.moment[0]))
        assert work_on(rectification_request, run.id).name == "Suspended"
        form = order_run(
            deployments["decide-corrections"],
            case_id=case_id,
            decisions=f"1: accept\n2: complete | {STATEMENT}",
            your_name="Olga Opener",
        )
        assert work_on(decide_on_corrections, form.id).name == "Decided"
        assert STATEMENT not in json.dumps(read_run(form.id).parameters)
        resume(run.id, decision="approve", decided_by="Dana Decider")
        assert work_on(rectification_request, run.id).name == "Answered"
        text = letters(bench, case_id)["L25"]
        assert "We found no record in which our programs could do all of it." in text
        assert NEW not in text
