"""What a law keeps loses the fields that it does not need (Art. 17(3)): planned, bound, carried out and told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.follow_up.rounds import replay_system
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.work.erasure.steps import erase_records
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.records import DocumentClass, Method, OutcomeKind, RecordRef
from rightsflow.testing.fields import FakeFields
from tests.support import looks
from tests.support.looks import letter
from tests.support.steps import approved, carry_out, outcomes

INVOICE = RecordRef("payments", "invoice", "i1")
BORIS_INVOICE = RecordRef("payments", "invoice", "i2")
HELD = {"name": "Anna Quill", "phone": "+493023125001", "date of birth": "1980-05-01", "email": "anna@example.com"}
UNNEEDED = ("date of birth", "phone")


@pytest.fixture
def payments(bench):
    """A payment system whose invoices are vouchers with fields."""
    system = FakeFields(system="payments")
    system.add(*bench.systems["payments"].records())
    system.kinds = tuple(
        replace(
            one, methods=one.methods | {Method.BLANK}, blankable=frozenset(UNNEEDED), document=DocumentClass.VOUCHER
        )
        if one.name == "invoice"
        else one
        for one in system.kinds
    )
    for ref in (INVOICE, BORIS_INVOICE):
        system.hold(ref, HELD)
    bench.systems["payments"] = system
    return system


def answered(bench, case_id):
    carry_out(case_id)
    write_answer(current_app(), case_id)
    return letter(bench, case_id)


@pytest.mark.apart
def test_what_is_not_needed_goes_and_the_answer_and_the_ledger_say_so(bench, payments):
    case_id = approved(bench, customer_id="C-10001")
    text = answered(bench, case_id)
    assert payments.values[INVOICE] == HELD | dict.fromkeys(UNNEEDED, "")
    assert payments.values[BORIS_INVOICE] == HELD
    assert outcomes(bench, case_id)["payments", "invoice", "i1"] is OutcomeKind.RETAINED
    said = "What that does not need is blanked there: date of birth and telephone number."
    assert said in text
    assert "§ 147" in text
    with bench.file(case_id) as file:
        kept = [one.details for one in file.ledger.entries() if one.event == CaseEvent.OUTCOME_RECORDED]
        assert any(said in str(one["reason"]) and one["until"] for one in kept)
        assert not [one for one in file.tasks.all() if "Blank" in one.what]
    assert replay_system(current_app(), "payments", by="Dana Decider").asked == 1
    assert [one.records for one in looks.tasks(bench, case_id) if "of which fields were blanked: 1." in one.what] == [1]


@pytest.mark.apart
def test_what_could_not_be_blanked_is_told_and_left_to_a_person(bench, payments):
    payments.not_taken = frozenset({"phone"})
    text = answered(bench, case_id := approved(bench, customer_id="C-10001"))
    assert payments.values[INVOICE]["phone"] == HELD["phone"]
    assert "could not be blanked there: phone, since the system did not take it." in text
    assert [one.system for one in looks.tasks(bench, case_id) if "Blank by hand" in one.what] == ["payments"]


@pytest.mark.apart
def test_a_class_of_which_nothing_is_stated_is_kept_whole(bench, payments):
    payments.kinds = tuple(replace(one, document=DocumentClass.TRADE_LETTER) for one in payments.kinds)
    text = answered(bench, approved(bench, customer_id="C-10001"))
    assert payments.values[INVOICE] == HELD
    assert "blanked" not in text


def test_other_fields_than_were_approved_are_not_blanked(bench, payments):
    case_id = approved(bench, customer_id="C-10001")
    payments.kinds = tuple(
        replace(one, blankable=one.blankable | {"email"}) if one.blankable else one for one in payments.kinds
    )
    with pytest.raises(RightsflowError, match="other fields to be blanked than the approved plan"):
        erase_records(current_app(), case_id, "payments")
    assert payments.values[INVOICE] == HELD
