"""What a law keeps loses what it does not need after the answer too, once what kept the rest has ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.follow_up.approval import approve_task, keep_longer
from rightsflow.cases.course.follow_up.lifting import announce_lifting
from rightsflow.cases.course.follow_up.rounds import follow_up
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.work.erasure.legal_hold import place_hold, release_hold
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.case.record_decisions import read_record_decisions
from rightsflow.domain.errors import Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.vocabulary.records import DocumentClass, Method, OutcomeKind, RecordRef
from rightsflow.testing.fields import FakeFields
from tests.support import looks
from tests.support.held_records import all_needed
from tests.support.steps import carry_out, others_digest, outcomes, search, send_answer

INVOICE, BORIS_INVOICE = (RecordRef("payments", "invoice", key) for key in ("i1", "i2"))
HELD = {"name": "Anna Quill", "phone": "+493023125001", "date of birth": "1980-05-01"}
BLANKED = HELD | {"phone": "", "date of birth": ""}


@pytest.fixture
def payments(bench):
    """A payment system whose invoices are vouchers with fields, and can be marked."""
    system = FakeFields(system="payments")
    system.add(*bench.systems["payments"].records())
    system.kinds = tuple(
        replace(
            one,
            methods=one.methods | {Method.BLANK, Method.RESTRICT},
            blankable=frozenset({"phone", "date of birth"}),
            document=DocumentClass.VOUCHER,
        )
        if one.name == "invoice"
        else one
        for one in system.kinds
    )
    for ref in (INVOICE, BORIS_INVOICE):
        system.hold(ref, HELD)
    bench.systems["payments"] = system
    return system


def answered(bench, *, decided=""):
    """An answered erasure that keeps the invoice whole: under a hold, or as a person decided."""
    case_id = bench.open("erasure", customer_id="C-10001")
    reach_gate(current_app(), case_id, Gate.IDENTITY)
    bench.confirm_identity(case_id)
    search(case_id)
    prepare_plan(current_app(), case_id)
    if not decided:
        day = current_app().today + timedelta(days=60)
        place_hold(current_app(), "a claim", day, by="Olga Opener", owner="case_owner", case_id=case_id)
        prepare_again(case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    number = next(one.number for one in looks.findings(bench, case_id, "payments") if one.ref == INVOICE)
    lines = [f"{number}: {decided}"] if decided else []
    records = all_needed(case_id) | read_record_decisions(lines)
    approved = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider", records=records)
    record_decision(current_app(), case_id, approved)
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    write_answer(current_app(), case_id)
    send_answer(bench, case_id)
    return case_id


def prepare_again(case_id):
    with current_app().store.case_file(case_id) as file:
        file.steps.take_back("plan")
    prepare_plan(current_app(), case_id)


def blanking(bench, case_id):
    return looks.tasks(bench, case_id, TaskKind.BLANK)


def released(bench, payments):
    case_id = answered(bench)
    assert payments.values[INVOICE] == HELD
    release_hold(current_app(), 1, by="Dana Decider", reason="settled")
    follow_up(current_app())
    follow_up(current_app())
    return case_id


@pytest.mark.apart
def test_once_a_hold_is_released_what_is_left_to_the_law_is_blanked_after_an_approval(bench, payments):
    others, case_id = others_digest(bench), released(bench, payments)
    (task,) = blanking(bench, case_id)
    assert task.what == (
        "Approve what goes of 1 record that a law alone keeps by now. What that does not need is blanked there: date "
        "of birth and telephone number."
    )
    assert task.is_shown
    assert payments.values[INVOICE] == HELD, "no one has approved it"
    with pytest.raises(Conflict, match="four eyes"):
        approve_task(current_app(), case_id, task.number, by="Olga Opener")
    approve_task(current_app(), case_id, task.number, by="Dana Decider")
    payments.fail("blank", after=0)
    follow_up(current_app())
    assert not blanking(bench, case_id)[0].done_on
    follow_up(current_app())
    assert payments.values[INVOICE] == BLANKED
    assert payments.values[BORIS_INVOICE] == HELD
    assert others_digest(bench) == others
    with bench.file(case_id) as file:
        (kept,) = [one for one in file.findings.all("payments") if one.ref == INVOICE]
        (said,) = [one for one in file.ledger.entries() if one.event == "BlankingApproved"]
    assert kept.outcome is OutcomeKind.RESTRICTED, "what stays is stored only"
    assert "is blanked there: date of birth and telephone number." in kept.reason
    assert "§ 147" in kept.legal_basis
    assert kept.until is not None
    assert (said.actor, said.details["count"]) == ("Dana Decider", 1)
    assert blanking(bench, case_id)[0].done_on
    follow_up(current_app())
    assert len(blanking(bench, case_id)) == 1, "what was blanked is not asked again"


@pytest.mark.apart
def test_what_the_configuration_names_otherwise_after_the_approval_is_not_blanked(bench, payments):
    case_id = released(bench, payments)
    (task,) = blanking(bench, case_id)
    approve_task(current_app(), case_id, task.number, by="Dana Decider")
    payments.kinds = tuple(
        replace(one, blankable=one.blankable | {"name", "email"}) if one.blankable else one for one in payments.kinds
    )
    follow_up(current_app())
    assert payments.values[INVOICE] == HELD


@pytest.mark.apart
def test_who_decides_to_keep_it_whole_is_not_asked_again(bench, payments):
    case_id = released(bench, payments)
    (task,) = blanking(bench, case_id)
    until = current_app().today + timedelta(days=400)
    keep_longer(current_app(), case_id, task.number, until, ground="a claim", provision="Art. 17(3)(e)", by="Dana")
    follow_up(current_app())
    assert [bool(one.done_on) for one in blanking(bench, case_id)] == [True]
    assert payments.values[INVOICE] == HELD


@pytest.mark.apart
def test_once_a_restriction_is_lifted_the_same_holds(bench, payments):
    case_id = answered(bench, decided="restrict | you need it for a claim | Art. 18(1)(c) | until 2027-01-31")
    assert outcomes(bench, case_id)["payments", "invoice", "i1"] is OutcomeKind.RESTRICTED
    (before,) = [one for one in looks.findings(bench, case_id, "payments") if one.ref == INVOICE]
    day = current_app().today + timedelta(days=9)
    announce_lifting(current_app(), case_id, [before.number], day, reason="It is settled.", by="Dana Decider")
    record_sent(current_app(), case_id, "L15", by="Ben")
    bench.pass_time(timedelta(days=9))
    for _ in range(2):
        follow_up(current_app())
    (task,) = blanking(bench, case_id)
    assert payments.values[INVOICE] == HELD
    approve_task(current_app(), case_id, task.number, by="Dana Decider")
    follow_up(current_app())
    assert payments.values[INVOICE] == BLANKED
    (after,) = [one for one in looks.findings(bench, case_id, "payments") if one.ref == INVOICE]
    assert (after.until, after.legal_basis) == (before.until, before.legal_basis), "the letter's day stays"
