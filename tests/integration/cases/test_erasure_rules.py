"""The acceptance tests of the rule book for erasure (§10), as far as they can be passed, named by their numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from rightsflow.cases.erasure.erasing import prepare_plan, settle_plan
from rightsflow.cases.find import Sought
from rightsflow.cases.follow_up.approving import approve_task
from rightsflow.cases.follow_up.replaying import replay_system
from rightsflow.cases.follow_up.rounds import follow_up
from rightsflow.cases.gates.gates import reach_gate
from rightsflow.cases.legal_hold import place_hold, release_hold
from rightsflow.cases.letters.answering import write_answer
from rightsflow.domain.erasure.retention import DocumentClass
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.records import OutcomeKind
from rightsflow.store.case.case_tasks import TaskKind
from tasks.composition import current_app
from tests.support.bench import ANNA_PROFILE
from tests.support.steps import approved, carry_out, identified, outcomes, search, send_answer

INVOICE, TICKET, CALL, PROFILE = (
    ("payments", "invoice", "i1"),
    ("helpdesk", "ticket", "t1"),
    ("calls", "recording", "r1"),
    ("helpdesk", "profile", "u1"),
)


def answered(bench):
    case_id = approved(bench)
    carry_out(case_id)
    write_answer(current_app(), case_id)
    send_answer(bench, case_id)
    return case_id


def ends(bench, case_id):
    with bench.file(case_id) as file:
        return {(one.ref.system, one.ref.kind, one.ref.ref): one.until for one in file.findings.all()}


@pytest.mark.parametrize("is_trade_letter", [True, False])
def test_1_invoice_chat_recording_and_profile_of_a_german_controller(bench, is_trade_letter):
    """The suppression entry of the rule's number 1 is not made: there is no such list yet."""
    fake, document = bench.systems["helpdesk"], DocumentClass.TRADE_LETTER if is_trade_letter else DocumentClass.NONE
    fake.kinds = tuple(replace(one, document=document) if one.name == "ticket" else one for one in fake.kinds)
    case_id = identified(bench, "erasure")
    search(case_id)
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    bench.approve(case_id)
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    found = outcomes(bench, case_id)
    assert (found[INVOICE], ends(bench, case_id)[INVOICE]) == (OutcomeKind.RETAINED, date(2034, 12, 31))
    if is_trade_letter:
        assert (found[TICKET], ends(bench, case_id)[TICKET]) == (OutcomeKind.RETAINED, date(2032, 12, 31))
    else:
        assert found[TICKET] is OutcomeKind.ERASED
    assert found[CALL] is found[PROFILE] is OutcomeKind.ERASED


def test_2_an_open_claim_keeps_its_records_and_its_end_opens_the_decision_by_itself(bench):
    review_on = current_app().today + timedelta(days=90)
    number, _ = place_hold(
        current_app(),
        "A claim.",
        review_on,
        by="Lena Law",
        owner="dpo",
        person=Sought(email="anna.quill@example.com"),
        system="calls",
    )
    case_id = answered(bench)
    found = outcomes(bench, case_id)
    assert (found[CALL], found[TICKET]) == (OutcomeKind.RETAINED, OutcomeKind.ERASED)
    with bench.file(case_id) as file:
        (held,) = file.findings.all("calls")
        assert held.legal_basis.startswith("Art. 17(3)(e)")
    assert current_app().store.legal_holds.all()[0].review_on == review_on
    release_hold(current_app(), number, by="Ben Boss", reason="Settled.")
    follow_up(current_app())
    with bench.file(case_id) as file:
        (task,) = [one for one in file.tasks.all() if one.kind is TaskKind.RELEASED]
    approve_task(current_app(), case_id, task.number, by="Dana Decider")
    follow_up(current_app())
    assert outcomes(bench, case_id)[CALL] is OutcomeKind.ERASED


def test_4_a_retained_record_reaches_its_end_and_the_ledger_keeps_what_was_done(bench):
    case_id = answered(bench)
    bench.moment[0] = datetime(2035, 1, 1, 9, tzinfo=UTC)
    follow_up(current_app())
    approve_task(current_app(), case_id, 1, by="Dana Decider")
    follow_up(current_app())
    assert outcomes(bench, case_id)[INVOICE] is OutcomeKind.REDACTED
    with bench.file(case_id) as file:
        said = [one.event for one in file.ledger.entries()]
    assert said.index("TaskApproved") < said.index("RetentionEnded") < said.index("TaskDone")


def test_5_a_restored_snapshot_is_erased_again(bench):
    snapshot = {name: fake.records() for name, fake in bench.systems.items()}
    answered(bench)
    for name, records in snapshot.items():
        bench.systems[name].add(*records)
    for name in snapshot:
        replay_system(current_app(), name, by="Dana Decider")
    left = [one for fake in bench.systems.values() for one in fake.records() if one.names(ANNA_PROFILE)]
    assert {one.key for one in left} <= {"i1"}, "the voucher is retained, and the snapshot has it as it was"


def test_8_a_second_request_is_not_answered_with_nothing_held(bench):
    answered(bench)
    bench.pass_time(timedelta(days=40))
    second = identified(bench, "erasure")
    search(second)
    with bench.file(second) as file:
        assert not file.found_nothing
    assert prepare_plan(current_app(), second) == {"retained": 1}


MISSING = {
    "3": "muting an interval of a recording",
    "6": "processors are instructed by hand",
    "7": "recipients are told by hand",
    "9": "the Spanish state of blocked data",
    "10": "the suppression list",
}
"""Of the ten, those of which the software has nothing yet."""


def test_the_ten_are_here_or_named_as_missing():
    numbers = {name.split("_")[1] for name in globals() if name.startswith("test_") and name.split("_")[1].isdigit()}
    assert numbers | set(MISSING) == {str(number) for number in range(1, 11)}
    assert not numbers & set(MISSING)
