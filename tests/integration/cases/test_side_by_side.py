"""Two open requests of one person: what one erases, no answer to the other says is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.facts.persons import ERASED_MEANWHILE, erased_beside
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.records import Method, OutcomeKind
from tests.support.looks import letter
from tests.support.steps import carried_out, carry_out, others_digest, outcomes, prepared, searched

TICKET = ("helpdesk", "ticket", "t1")


@pytest.fixture
def marking(bench):
    """A bench whose helpdesk can mark records."""
    fake = bench.systems["helpdesk"]
    fake.kinds = tuple(replace(one, methods=one.methods | {Method.RESTRICT}) for one in fake.kinds)
    return bench


def restricted(bench):
    """A restriction that was carried out, and is not answered yet."""
    case_id = searched(bench, "restriction", ground="accuracy")
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    bench.approve(case_id)
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    return case_id


@pytest.mark.apart
def test_what_an_erasure_took_meanwhile_is_not_called_restricted(marking):
    """Before, L22 said of records that had gone that they are stored, and that the person is told before that ends."""
    case_id, others = restricted(marking), others_digest(marking)
    assert outcomes(marking, case_id)[TICKET] is OutcomeKind.RESTRICTED
    carried_out(marking)
    write_answer(current_app(), case_id)
    assert outcomes(marking, case_id)[TICKET] is OutcomeKind.NOT_HELD
    answer = letter(marking, case_id, "L22")
    assert f"- service tickets (Helpdesk), 2 records: {ERASED_MEANWHILE}" in answer
    assert "marked in the system to be stored only" not in answer
    assert "invoices (Payments), 1 record: " in answer, "what the erasure kept is there"
    assert others_digest(marking) == others


def test_the_package_says_how_much_of_it_was_erased_since(bench):
    case_id = prepared(bench, "access")
    carried_out(bench)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    bench.approve(case_id)
    write_answer(current_app(), case_id)
    said = "5 records in the package were erased after we had copied them, as another request of yours asked."
    assert said in letter(bench, case_id, "L9")


@pytest.mark.apart
def test_what_was_there_at_a_search_after_the_erasure_is_not_called_erased(bench):
    """A back-up was restored."""
    snapshot = bench.systems["helpdesk"].records()
    carried_out(bench)
    bench.pass_time(timedelta(days=1))
    bench.systems["helpdesk"].add(*snapshot)
    case_id = prepared(bench, "access")
    with bench.file(case_id) as file:
        assert file.findings.all("helpdesk")
        assert not [one for one in erased_beside(file) if one.system == "helpdesk"]


@pytest.mark.apart
def test_a_stranger_s_erasure_changes_no_answer(marking):
    """They share a number, by which no one is known to be the same person."""
    case_id = restricted(marking)
    other = searched(marking, "erasure", email="ben@example.org", phone="+49 30 23125 001")
    before = outcomes(marking, case_id)
    prepare_plan(current_app(), other)
    reach_gate(current_app(), other, Gate.APPROVAL)
    marking.approve(other, include_unclear=True)
    settle_plan(current_app(), other)
    carry_out(other)
    with marking.file(case_id) as file:
        assert erased_beside(file) == frozenset()
    write_answer(current_app(), case_id)
    assert outcomes(marking, case_id) == before
