"""Before an approver decides: what depends on the records is shown at the gate, and told in the answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gate_texts import describe_gate
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.work.erasure.plan_view import read_plan
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.records import Fact, OutcomeKind
from tests.support.looks import letter
from tests.support.steps import carry_out, identified, outcomes, search


def depending(bench, system, key, fact):
    fake = bench.systems[system]
    (record,) = [one for one in fake.records() if one.key == key]
    fake.add(replace(record, facts=record.facts | {fact}))


@pytest.mark.apart
def test_a_ticket_a_mandate_and_an_order_are_shown_and_told(bench):
    depending(bench, "helpdesk", "t1", Fact.OPEN_TICKET)
    depending(bench, "payments", "c1", Fact.MANDATE)
    depending(bench, "calls", "r1", Fact.OPEN_ORDER)
    case_id = identified(bench, "erasure")
    search(case_id)
    prepare_plan(current_app(), case_id)
    view = reach_gate(current_app(), case_id, Gate.APPROVAL)
    assert read_plan(current_app(), case_id).runs_on == [
        ("calls", "1 open order"),
        ("payments", "1 mandate for collecting money"),
        ("helpdesk", "1 ticket that is not solved"),
    ]
    shown = describe_gate(current_app(), view)
    assert "**Other processes depend on these records:**" in shown
    assert "- helpdesk: 1 ticket that is not solved" in shown
    bench.approve(case_id)
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    write_answer(current_app(), case_id)
    body = letter(bench, case_id)
    assert outcomes(bench, case_id)["calls", "recording", "r1"] is OutcomeKind.RETAINED
    assert "An order of yours is not fulfilled yet" in body
    assert "- A service ticket that was not solved yet has ended with its erasure" in body
    assert "a later direct debit needs a new mandate" in body


def test_where_nothing_depends_on_anything_nothing_is_said(bench):
    case_id = identified(bench, "erasure")
    search(case_id)
    prepare_plan(current_app(), case_id)
    view = reach_gate(current_app(), case_id, Gate.APPROVAL)
    assert read_plan(current_app(), case_id).runs_on == []
    assert "depends on these records" not in describe_gate(current_app(), view)
