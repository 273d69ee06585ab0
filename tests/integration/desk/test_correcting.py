"""The items of a rectification at the desk: shown to who says why, decided on one by one, bound to what is read."""

from __future__ import annotations

import re

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.work.erasure.steps import prepare_plan
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.rectification.corrections import RulingKind
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.states import CaseState
from tests.integration.desk.cases import entries, state
from tests.support.steps import search

OLD, NEW = "+493023125001", "+493023125009"
ITEMS = f"phone | {OLD} | {NEW} | <b>a digit</b> | bill seen\nname | Anna Quil | Anna Quill"
BOUND = {name: re.compile(rf'name="{name}" value="([0-9a-f]+)"') for name in ("read", "noted")}

UNSAYABLE = [
    ({}, "Choose a decision for an item at least."),
    ({"act-1": "accept", "act-2": "delete"}, "Item 2 does not say accept, refuse or complete"),
    ({"act-1": "accept", "text-2": "x"}, "Item 2 does not say accept, refuse or complete"),
    ({"act-1": "refuse", "text-1": "x" * 501}, "more than 500 characters"),
    ({"act-1": "complete", "text-1": "a\u202eb"}, "cannot be seen"),
    ({"act-2": "accept", "act-1": "refuse", "text-1": "all your data were deleted"}, "says that all data are gone"),
]


@pytest.fixture
def case(bench):
    case_id = bench.open("rectification", corrections=ITEMS)
    bench.confirm_identity(case_id)
    search(case_id)
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    return case_id


def bound(browser, path, *names):
    shown = browser.get(path).text
    return {name: BOUND[name].search(shown)[1] for name in names}


def rulings(bench, case):
    with bench.file(case) as file:
        return [one.ruling.kind if one.ruling else None for one in file.corrections.all()]


@pytest.mark.apart
def test_the_values_are_shown_once_to_who_says_why_and_nowhere_else(bench, rig, case):
    dana, here = rig.browser("dana"), f"/cases/{case}/corrections"
    for path in (here, f"/cases/{case}", f"/cases/{case}/plan", "/"):
        text = dana.get(path).text
        assert OLD not in text
        assert NEW not in text
    shown = dana.send(f"{here}/look", of=here, reason="to decide").text
    assert OLD in shown
    assert "&lt;b&gt;a digit&lt;/b&gt;" in shown
    assert CaseEvent.PERSONAL_DATA_REVEALED in entries(bench, case)
    assert "Items to be corrected" in dana.get(f"/cases/{case}/plan").text


@pytest.mark.apart
def test_items_are_decided_one_by_one_and_then_the_plan_is_approved(bench, rig, case):
    dana, here, plan = rig.browser("dana"), f"/cases/{case}/corrections", f"/cases/{case}/plan"
    early = dana.send(f"{plan}/approve", of=plan, **bound(dana, plan, "read", "noted"))
    assert "Decide on each item" in early.text
    wrong = dana.send(f"{here}/decide", of=here, **bound(dana, here, "read"), **{"act-1": "refuse"})
    assert "refuses without a reason" in wrong.text
    typed = {"act-1": "accept", "act-2": "refuse", "text-2": "the contract shows it"}
    read = bound(dana, here, "read")
    before = bound(dana, plan, "read", "noted")
    assert dana.send(f"{here}/decide", of=here, **read, **typed).status_code == 303
    assert rulings(bench, case) == [RulingKind.ACCEPTED, RulingKind.REFUSED]
    assert "has changed since" in dana.send(f"{here}/decide", of=here, **read, **{"act-1": "accept"}).text
    assert "has changed since" in dana.send(f"{plan}/approve", of=plan, **before).text
    assert dana.send(f"{plan}/approve", of=plan, **bound(dana, plan, "read", "noted")).status_code == 303
    assert state(bench, case) is CaseState.EXECUTING


def test_another_case_has_no_items(bench, rig):
    case = bench.open("access")
    assert "asks for no rectification" in rig.browser("dana").get(f"/cases/{case}/corrections").text


def test_a_request_is_opened_with_its_items(bench, rig):
    olga = rig.browser("olga")
    typed = {"right": "rectification", "received": "2026-03-05", "channel": "e-mail", "email": "anna.quill@example.com"}
    wrong = olga.send("/open", **typed, corrections="phone | 1")
    assert "Item 1 to be corrected cannot be read" in wrong.text
    assert olga.send("/open", **typed, corrections=ITEMS).status_code == 303
    ((_, right),) = rig.started
    assert right == "rectification"


@pytest.mark.apart
def test_who_only_reads_cases_neither_looks_nor_decides_nor_does_a_forged_form(bench, rig, case):
    olga, axel, here = rig.browser("olga"), rig.browser("axel"), f"/cases/{case}/corrections"
    page = axel.get(here).text
    assert "Why you look" not in page
    assert "act-1" not in page
    typed = bound(olga, here, "read") | {"token": olga.token(here), "reason": "x", "act-1": "accept"}
    for act in ("look", "decide"):
        assert axel.client.post(f"/desk{here}/{act}", data=typed).status_code == 403
        assert olga.client.post(f"/desk{here}/{act}", data=typed | {"token": "0" * 43}).status_code == 403
    assert rulings(bench, case) == [None, None]


@pytest.mark.apart
def test_a_decision_that_the_answer_could_not_say_is_refused_with_all_others(bench, rig, case):
    olga, here = rig.browser("olga"), f"/cases/{case}/corrections"
    for typed, said in UNSAYABLE:
        answer = olga.send(f"{here}/decide", of=here, **bound(olga, here, "read"), **typed)
        assert answer.status_code == 422
        assert said in answer.text
    assert rulings(bench, case) == [None, None]
