"""The acceptance tests of the rule book for erasure (§10), as far as they can be passed, named by their numbers.

| no. | here, on systems in memory | further, on real systems or over years |
|---|---|---|
| 1 | whole: each of the four ends as the rules say, the profile goes on the suppression list | `test_worked_dates.py` |
| 2 | whole: the held record alone stays, its release opens the decision | `proofs/years`; SeaweedFS' own hold (1) |
| 3 | whole: muted where it is kept, gone with it; under a duty of MiFID or a hold a person's task | SeaweedFS (2) |
| 4 | whole: erased on the day after | `test_worked_dates.py`; lifted: `test_restricting.py`; Object Lock (1) |
| 5 | whole: replayed, and nothing but the voucher is there | `proofs/years`: snapshots of any age, over twelve years |
| 6 | whole: open, alarmed in time, not called erased | `proofs/quarter` |
| 7 | whole: reason stored, letter written | |
| 8 | whole: a retained invoice, the list and the evidence are named | |
| 9 | in part: blocked to its day and destroyed; the role of authorities is the system's | `proofs/years` (Spain) |
| 10 | whole on our side: an import that asks is told; that it asks is the import's | |

All ten in real systems: `tests/e2e/acceptance`. (1) `tests/e2e/strangers/test_locked_recordings.py`.
(2) `tests/integration/connectors/s3/test_mute.py`. The worked dates of §4 are computed in the unit tests of the domain
and lived through, with a shop's own database, in `test_worked_dates.py`.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.follow_up.approval import approve_task
from rightsflow.cases.course.follow_up.rounds import follow_up, replay_system
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer, write_nothing_held
from rightsflow.cases.course.processors.processor_answers import record_instruction_sent, record_recipient_not_told
from rightsflow.cases.facts.deadlines.alerts import look_at_cases
from rightsflow.cases.facts.persons import Sought
from rightsflow.cases.work.erasure.legal_hold import place_hold, release_hold
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.cases.work.erasure.suppression import Listed, are_suppressed
from rightsflow.cases.work.processors.instructions import instruct_processor
from rightsflow.cases.work.processors.status import waits_for_processors
from rightsflow.cases.work.purge import purge
from rightsflow.config.sections.policy_settings import SuppressionSettings
from rightsflow.config.sections.processor_settings import ProcessorSettings
from rightsflow.domain.alerts.ladder import Audience, RungKind
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.erasure.retention import Sector
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.records import DocumentClass, Method, OutcomeKind
from rightsflow.testing.fakes import FakeRecord, FakeSystem
from tests.support import looks
from tests.support.bench import ANNA_EMAIL, ANNA_PROFILE, BORIS, BORIS_EMAIL
from tests.support.looks import finding, letter
from tests.support.processors import with_processors
from tests.support.steps import (
    answer_sent,
    answered,
    approved,
    at_approval,
    carry_out,
    identified,
    others_digest,
    outcomes,
    search,
    send_answer,
)

INVOICE, TICKET, CALL, PROFILE = (
    ("payments", "invoice", "i1"),
    ("helpdesk", "ticket", "t1"),
    ("calls", "recording", "r1"),
    ("helpdesk", "profile", "u1"),
)


def with_register(bench, **carrier):
    """Let a processor work at helpdesk and payments, and a controller of its own hold copies of them."""
    settings = with_processors(bench.runtime.settings)
    register = dict(settings.processors)
    register["carrier"] = ProcessorSettings.model_validate(register["carrier"].model_dump() | carrier)
    bench.runtime = replace(bench.runtime, settings=settings.model_copy(update={"processors": register}))


def ends(bench, case_id):
    return {(one.ref.system, one.ref.kind, one.ref.ref): one.until for one in looks.findings(bench, case_id)}


def list_erased(bench):
    """Let the controller put people who are erased on the suppression list."""
    settings = bench.runtime.settings.model_copy(update={"suppression": SuppressionSettings(after_erasure=True)})
    bench.runtime = replace(bench.runtime, settings=settings)
    return installed(bench.runtime)


@pytest.mark.apart
def test_1_invoice_chat_recording_and_profile_of_a_german_controller(bench):
    """That a chat which is no trade letter goes is in ``test_erasing``."""
    fake, document = bench.systems["helpdesk"], DocumentClass.TRADE_LETTER
    fake.kinds = tuple(replace(one, document=document) if one.name == "ticket" else one for one in fake.kinds)
    with list_erased(bench):
        case_id = answered(bench)
        assert [one.value for one in are_suppressed(current_app(), [ANNA_EMAIL.value])] == ["yes"]
    found = outcomes(bench, case_id)
    assert (found[INVOICE], ends(bench, case_id)[INVOICE]) == (OutcomeKind.RETAINED, date(2034, 12, 31))
    assert (found[TICKET], ends(bench, case_id)[TICKET]) == (OutcomeKind.RETAINED, date(2032, 12, 31))
    assert found[CALL] is found[PROFILE] is OutcomeKind.ERASED


@pytest.mark.apart
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
    case_id = answer_sent(bench)
    found = outcomes(bench, case_id)
    assert (found[CALL], found[TICKET]) == (OutcomeKind.RETAINED, OutcomeKind.ERASED)
    with bench.file(case_id) as file:
        (held,) = file.findings.all("calls")
        assert held.legal_basis.startswith("Art. 17(3)(e)")
    assert current_app().store.legal_holds.all()[0].review_on == review_on
    release_hold(current_app(), number, by="Ben Boss", reason="Settled.")
    follow_up(current_app())
    (task,) = looks.tasks(bench, case_id, TaskKind.RELEASED)
    approve_task(current_app(), case_id, task.number, by="Dana Decider")
    follow_up(current_app())
    assert outcomes(bench, case_id)[CALL] is OutcomeKind.ERASED


SOUND, CODE = b"RIFF" + b"hello " * 20, b"four one one"


def with_card_code(bench, *, document=DocumentClass.NONE, sector=Sector.GENERAL):
    """Let a card's security number be recorded in the person's call, and in the call of another person."""
    calls = bench.systems["calls"]
    calls.kinds = tuple(replace(one, methods=one.methods | {Method.MUTE}, document=document) for one in calls.kinds)
    for one in calls.records():
        calls.add(replace(one, audio=SOUND + CODE + SOUND, card_code=CODE, occurred_on=date(2026, 1, 10)))
    controller = bench.runtime.settings.controller.model_copy(update={"sector": sector})
    bench.runtime = replace(
        bench.runtime, settings=bench.runtime.settings.model_copy(update={"controller": controller})
    )


def sounds(bench):
    return {one.key: one.audio for one in bench.systems["calls"].records()}


def kept_as(bench, line):
    """An erasure case of which one record is kept, as a person decides."""
    case_id = at_approval(bench)
    bench.approve(case_id, line)
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    write_answer(current_app(), case_id)
    return case_id


def manual_tasks(bench, case_id):
    return [one.what for one in looks.tasks(bench, case_id) if one.kind is TaskKind.MANUAL]


@pytest.mark.apart
def test_3_a_card_code_is_muted_where_the_recording_is_kept(bench):
    with_card_code(bench)
    before = sounds(bench)
    line = "calls recording: keep | defence of a claim of 4 May 2026 | Art. 17(3)(e) | until 2027-01-31"
    with installed(bench.runtime):
        case_id = kept_as(bench, line)
        silenced = SOUND + bytes(len(CODE)) + SOUND
        assert sounds(bench) == {"r1": silenced, "r2": before["r2"]}
        assert (outcomes(bench, case_id)[CALL], ends(bench, case_id)[CALL]) == (OutcomeKind.RETAINED, date(2027, 1, 31))
        assert "card's security number was recorded is muted for good" in letter(bench, case_id)
        (noted,) = [one.details for one in looks.entries(bench, case_id, "RecordingMuted")]
        assert noted["sha256"] == hashlib.sha256(silenced).hexdigest()
        assert not any("security number" in one for one in manual_tasks(bench, case_id))
        send_answer(bench, case_id)
        bench.moment[0] = datetime(2027, 2, 1, 9, tzinfo=UTC)
        follow_up(current_app())
        (task,) = [one.number for one in looks.tasks(bench, case_id) if one.is_shown and one.is_open]
        approve_task(current_app(), case_id, task, by="Dana Decider")
        follow_up(current_app())
        assert set(sounds(bench)) == {"r2"}


def test_3_a_card_code_goes_with_the_recording_that_is_erased(bench):
    with_card_code(bench)
    with installed(bench.runtime):
        case_id = kept_as(bench, "")
        assert (outcomes(bench, case_id)[CALL], set(sounds(bench))) == (OutcomeKind.ERASED, {"r2"})


@pytest.mark.apart
def test_3_a_recording_under_a_duty_of_mifid_is_not_muted_and_a_person_has_a_task(bench):
    with_card_code(bench, document=DocumentClass.RECORDING, sector=Sector.INVESTMENT_FIRM)
    before = sounds(bench)
    with installed(bench.runtime):
        case_id = kept_as(bench, "")
        assert (sounds(bench), outcomes(bench, case_id)[CALL]) == (before, OutcomeKind.RETAINED)
        (task,) = [one for one in manual_tasks(bench, case_id) if "security number" in one]
        assert task.startswith("Decide with the compliance officer")
        assert "the law orders that the recording is kept unaltered" in letter(bench, case_id)


@pytest.mark.apart
def test_3_a_recording_under_a_hold_is_not_muted_either(bench):
    with_card_code(bench)
    before, review_on = sounds(bench), current_app().today + timedelta(days=90)
    place_hold(current_app(), "A claim.", review_on, by="Lena Law", owner="dpo", system="calls")
    with installed(bench.runtime):
        case_id = kept_as(bench, "")
        assert (sounds(bench), outcomes(bench, case_id)[CALL]) == (before, OutcomeKind.RETAINED)
        assert any("security number" in one for one in manual_tasks(bench, case_id))


@pytest.mark.apart
def test_4_a_retained_record_reaches_its_end_and_the_ledger_keeps_what_was_done(bench):
    case_id = answer_sent(bench)
    bench.moment[0] = datetime(2035, 1, 1, 9, tzinfo=UTC)
    follow_up(current_app())
    approve_task(current_app(), case_id, 1, by="Dana Decider")
    follow_up(current_app())
    assert outcomes(bench, case_id)[INVOICE] is OutcomeKind.REDACTED
    said = [one.event for one in looks.entries(bench, case_id)]
    assert said.index("TaskApproved") < said.index("RetentionEnded") < said.index("TaskDone")


@pytest.mark.apart
def test_5_a_restored_snapshot_is_erased_again(bench):
    snapshot = {name: fake.records() for name, fake in bench.systems.items()}
    answer_sent(bench)
    for name, records in snapshot.items():
        bench.systems[name].add(*records)
    for name in snapshot:
        replay_system(current_app(), name, by="Dana Decider")
    left = [one for fake in bench.systems.values() for one in fake.records() if one.names(ANNA_PROFILE)]
    assert {one.key for one in left} <= {"i1"}, "the voucher is retained, and the snapshot has it as it was"


@pytest.mark.apart
def test_6_a_processor_without_proof_keeps_its_part_open_alarms_before_the_month_ends_and_is_not_called_erased(bench):
    with_register(bench)
    with installed(bench.runtime):
        case_id = approved(bench)
        instruct_processor(current_app(), case_id, "callhouse")
        record_instruction_sent(current_app(), case_id, 1, by="Ben")
        carry_out(case_id)
        assert waits_for_processors(current_app(), case_id)
        with bench.file(case_id) as file:
            bench.moment[0] = datetime.combine(file.instructions.one(1).due_on, time(9), UTC) + timedelta(days=1)
        assert not waits_for_processors(current_app(), case_id), "the person is not kept waiting beyond the month"
        look_at_cases(current_app())
        with bench.file(case_id) as file:
            raised = {one.kind: one for one in file.alerts.all()}
            assert current_app().today < file.work_to_on <= file.due_on
            assert {Audience.OWNER, Audience.MANAGEMENT} <= set(raised[RungKind.PROCESSOR_OVERDUE].tell)
        write_answer(current_app(), case_id)
        send_answer(bench, case_id)
        body = letter(bench, case_id)
        assert "carried this out in part in our own systems" in body
        assert "It has not proved it yet." in body
        assert "confirmed" not in body
        bench.moment[0] = datetime(2045, 1, 1, 9, tzinfo=UTC)
        assert case_id not in purge(current_app()).cases


@pytest.mark.apart
def test_7_a_recipient_that_cannot_be_told_has_its_reason_stored_and_the_letter_is_not_blocked(bench):
    with_register(bench)
    with installed(bench.runtime):
        case_id = approved(bench)
        carry_out(case_id)
        instruct_processor(current_app(), case_id, "carrier")
        with pytest.raises(BadInput, match="reason is missing"):
            record_recipient_not_told(current_app(), case_id, 1, reason=" ", by="Ben")
        record_recipient_not_told(current_app(), case_id, 1, reason="The company was dissolved in 2025", by="Ben")
        with pytest.raises(Conflict, match="no notice that has still to be sent"):
            record_recipient_not_told(current_app(), case_id, 1, reason="Again.", by="Ben")
        assert not waits_for_processors(current_app(), case_id)
        write_answer(current_app(), case_id)
        said = "We could not tell Carrier about the erasure: The company was dissolved in 2025."
        assert said in letter(bench, case_id)
        with bench.file(case_id) as file:
            (noted,) = [one for one in file.ledger.entries() if one.event == "RecipientNotTold"]
            assert (noted.actor, "dissolved" in str(noted.details)) == ("Ben", False)


@pytest.mark.apart
def test_7_a_recipient_that_finds_the_person_by_nothing_that_is_known_is_named_with_that_reason(bench):
    with_register(bench, identifiers=["account_id"])
    with installed(bench.runtime):
        case_id = approved(bench)
        carry_out(case_id)
        instruct_processor(current_app(), case_id, "carrier")
        write_answer(current_app(), case_id)
        assert "We could not tell Carrier about the erasure: it finds records by account number only" in letter(
            bench, case_id
        )


def test_8_a_second_request_is_not_answered_with_nothing_held_while_a_retained_invoice_is_there(bench):
    answer_sent(bench)
    bench.pass_time(timedelta(days=40))
    second = identified(bench, "erasure")
    search(second)
    with bench.file(second) as file:
        assert not file.found_nothing
    assert prepare_plan(current_app(), second) == {"retained": 1}


@pytest.mark.apart
def test_8_where_only_the_list_and_the_evidence_are_left_the_second_answer_names_both(bench):
    with list_erased(bench):
        answer_sent(bench)
        bench.systems["payments"] = FakeSystem(system="payments")
        bench.systems["payments"].add(FakeRecord(kind="profile", key="c2", texts=((BORIS, "payer"),)))
        bench.pass_time(timedelta(days=40))
        body = nothing_left(bench)
    assert "found none, apart from what is named below." in body
    assert "the files about earlier requests of yours (1)" in body
    assert "We keep keyed codes of your e-mail address" in body


def nothing_left(bench):
    """The text of the answer to a second request that finds nothing."""
    second = identified(bench, "erasure")
    search(second)
    reach_gate(current_app(), second, Gate.APPROVAL)
    bench.approve(second)
    write_nothing_held(current_app(), second)
    return letter(bench, second, "L8")


@pytest.mark.apart
def test_9_a_spanish_controllers_records_are_blocked_until_their_day_and_destroyed_after_it(bench):
    """The role by which authorities alone reach them is the system's own: it holds the mark."""
    controller = bench.runtime.settings.controller.model_copy(update={"country": "ES", "timezone": "Europe/Madrid"})
    settings = bench.runtime.settings.model_copy(update={"controller": controller})
    bench.runtime = replace(bench.runtime, settings=settings)
    calls = bench.systems["calls"]
    calls.kinds = tuple(replace(one, methods=one.methods | {Method.RESTRICT}) for one in calls.kinds)
    with installed(bench.runtime):
        before, case_id = others_digest(bench), answer_sent(bench)
        assert "stored for courts and authorities alone and used for nothing else" in letter(bench, case_id)
        assert finding(bench, case_id, "r1").legal_basis == "Art. 32 LOPDGDD"
        assert outcomes(bench, case_id)[CALL] is OutcomeKind.RESTRICTED
        assert ends(bench, case_id)[CALL] == date(2029, 3, 5)
        assert [one.key for one in calls.records() if one.restricted] == ["r1"]
        bench.moment[0] = datetime(2029, 3, 6, 9, tzinfo=UTC)
        follow_up(current_app())
        due = [one.number for one in looks.tasks(bench, case_id) if one.is_shown]
        for number in due:
            approve_task(current_app(), case_id, number, by="Dana Decider")
        follow_up(current_app())
        assert outcomes(bench, case_id)[CALL] is OutcomeKind.ERASED
        assert not [one for one in calls.records() if one.key == "r1"]
        assert others_digest(bench) == before


def test_10_an_import_with_a_suppressed_address_is_told_not_to_contact_it(bench):
    """The import is another program's: it asks before it writes to any of its addresses."""
    with list_erased(bench):
        answer_sent(bench)
        imported = ["new.customer@example.net", "ANNA.QUILL@example.com", "+49 30 23125 001", BORIS_EMAIL.value]
        contacted = [
            one
            for one, told in zip(imported, are_suppressed(current_app(), imported), strict=True)
            if told is Listed.NO
        ]
    assert contacted == ["new.customer@example.net", BORIS_EMAIL.value]


def test_the_ten_are_here():
    numbers = {name.split("_")[1] for name in globals() if name.startswith("test_") and name.split("_")[1].isdigit()}
    assert numbers == {str(number) for number in range(1, 11)}
