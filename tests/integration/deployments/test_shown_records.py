"""What ``rightsflow show`` says of the records of a case: planned until it is done, and an outcome only then."""

from __future__ import annotations

from deployments.cli.commands.cases import print_records
from deployments.cli.output import console
from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.cases.facts.overview.case_sheet import read_overview
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from tests.support.steps import carry_out, search


def shown(case_id):
    with console.capture() as heard:
        print_records(read_overview(current_app(), case_id))
    return " ".join(heard.get().split())


def test_what_is_planned_is_not_shown_as_an_outcome_before_it_is_done(bench):
    case_id = bench.open("erasure")
    bench.confirm_identity(case_id)
    search(case_id)
    assert "planned" not in shown(case_id)
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    before = shown(case_id)
    assert "planned: erased" in before
    assert before.count("erased") == before.count("planned: erased")
    record_decision(current_app(), case_id, Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider"))
    settle_plan(current_app(), case_id)
    assert "planned: erased" in shown(case_id), "approved, and not done"
    carry_out(case_id)
    after = shown(case_id)
    assert "erased" in after
    assert "planned" not in after
