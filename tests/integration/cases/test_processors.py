"""Processors: who is instructed with what, what they prove, and what the answer says while they have not."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.follow_up.verification import read_everything
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.course.processors.processor_answers import (
    check_processor_answer,
    record_instruction_sent,
    record_processor_answer,
    reveal_instruction,
)
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.facts.deadlines.clock import forecast_case
from rightsflow.cases.work.processors.instructions import instruct_processor, processors_to_instruct, recipients_to_tell
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.processors.answers import StatedAnswer
from rightsflow.domain.processors.scorecard import scorecard
from rightsflow.domain.processors.terms import Doubt, InstructionStanding, ProcessorAnswer
from rightsflow.testing.fakes import FakeRecord
from tests.support.bench import ANNA_EMAIL, ANNA_ID, ANNA_PHONE, BORIS, CANARIES
from tests.support.kept_cases import staged
from tests.support.looks import letters
from tests.support.processors import with_processors
from tests.support.steps import approved, carry_out


@pytest.fixture
def outsourced(bench):
    """A bench whose helpdesk and payments are worked on by a processor; another one works where nothing is."""
    bench.runtime = replace(bench.runtime, settings=with_processors(bench.runtime.settings))
    with installed(bench.runtime):
        yield bench


@staged
def answered(bench, *, proves=False):
    """An erasure whose instruction went out and whose answer is written; proved before that, or not."""
    case_id = approved(bench)
    for processor in processors_to_instruct(current_app(), case_id):
        instruct_processor(current_app(), case_id, processor)
    carry_out(case_id)
    record_instruction_sent(current_app(), case_id, 1, by="Ben")
    if proves:
        answer(case_id, ProcessorAnswer.DONE, records=3)
    write_answer(current_app(), case_id)
    return case_id


def answer(case_id, what, *, proof=b"", **fields):
    stated = StatedAnswer(answer=what, on=fields.pop("on", None) or current_app().today, **fields)
    return record_processor_answer(current_app(), case_id, 1, stated, proof=proof, by="Ben")


def body(bench, case_id, letter="L11"):
    return letters(bench, case_id).get(letter, "")


def standing(bench, case_id):
    with bench.file(case_id) as file:
        return [one.standing for one in file.instructions.all()]


@pytest.mark.apart
def test_who_is_instructed_is_told_the_fewest_identifiers_what_to_keep_and_a_day_a_week_before_ours(outsourced):
    case_id = approved(outsourced)
    assert processors_to_instruct(current_app(), case_id) == ["callhouse"]
    assert not recipients_to_tell(current_app(), case_id)
    instruct_processor(current_app(), case_id, "callhouse")
    instruct_processor(current_app(), case_id, "callhouse")
    text = reveal_instruction(current_app(), case_id, 1, by="Ben")
    assert ANNA_ID.value in text
    assert ANNA_EMAIL.value not in text
    assert ANNA_PHONE.value not in text
    kept = "- invoices, until 31 December 2034, or until we release them if that is later (Art. 17(3)(b) GDPR, § 147"
    assert kept in text
    assert "DPA-2025-014" in text
    with outsourced.file(case_id) as file:
        (one,) = file.instructions.all()
        assert (one.due_on, one.expected) == (date(2026, 3, 15), 5)
        assert one.due_on <= file.work_to_on - timedelta(days=7)
        entries = [one for one in file.ledger.entries() if one.event.startswith("Processor")]
    assert [one.event for one in entries] == ["ProcessorAsked"]
    assert not any(canary in str(entries) for canary in CANARIES)
    with pytest.raises(Conflict, match="has not gone out"):
        answer(case_id, ProcessorAnswer.DONE, records=1)


@pytest.mark.apart
def test_a_number_that_another_person_uses_too_is_not_told_to_who_erases_by_it(outsourced):
    outsourced.systems["calls"].add(
        FakeRecord(kind="recording", key="r7", texts=((BORIS | {ANNA_PHONE}, "from the same line"),))
    )
    settings = with_processors(outsourced.runtime.settings, identifiers=["phone", "email"])
    outsourced.runtime = replace(outsourced.runtime, settings=settings)
    with installed(outsourced.runtime):
        case_id = approved(outsourced)
        instruct_processor(current_app(), case_id, "callhouse")
        text = reveal_instruction(current_app(), case_id, 1, by="Ben")
    assert ANNA_PHONE.value not in text
    assert ANNA_EMAIL.value in text


@pytest.mark.apart
def test_what_is_not_proved_is_not_called_erased_and_a_second_letter_follows(outsourced):
    case_id = answered(outsourced)
    letter = body(outsourced, case_id)
    assert "We have carried this out in part in our own systems and checked" in letter
    assert (
        "- Callhouse Lisbon: it has to erase what it holds of you for us and to prove that by 15 March 2026. "
        "It has not proved it yet." in letter
    )
    assert "we write to you again" in letter
    assert "this is our last message" not in letter
    record_sent(current_app(), case_id, "L11", by="Ben")
    said = answer(case_id, ProcessorAnswer.DONE, records=4, on=date(2026, 3, 5))
    assert said == "Callhouse Lisbon has confirmed it; that is recorded. The letter L20 to the person is in the outbox."
    second = body(outsourced, case_id, "L20")
    assert (
        "- Callhouse Lisbon: confirmed on 5 March 2026 that it has erased what it held of you for us (4 records)."
        in second
    )
    assert "this is our last message" in second


@pytest.mark.apart
def test_one_that_proved_it_before_the_answer_needs_no_second_letter(outsourced):
    case_id = answered(outsourced, proves=True)
    letter = body(outsourced, case_id)
    assert "- Callhouse Lisbon: confirmed on 5 March 2026 that it has erased" in letter
    assert "in our own systems" not in letter
    assert "this is our last message" in letter
    assert not body(outsourced, case_id, "L20")


@pytest.mark.apart
def test_a_zero_where_records_were_found_proves_nothing_until_a_person_has_checked_it(outsourced):
    case_id = answered(outsourced)
    assert "has to be checked" in answer(case_id, ProcessorAnswer.NOTHING_HELD)
    assert standing(outsourced, case_id) == [InstructionStanding.QUESTIONED]
    assert not body(outsourced, case_id, "L20")
    check_processor_answer(current_app(), case_id, 1, reason="They work in our systems only.", by="Ben")
    assert standing(outsourced, case_id) == [InstructionStanding.CONFIRMED]
    assert "holds nothing of you for us" in body(outsourced, case_id, "L20")


def test_what_it_cannot_do_is_told_with_its_reason(outsourced):
    case_id = answered(outsourced)
    with pytest.raises(BadInput, match="reason is missing"):
        answer(case_id, ProcessorAnswer.CANNOT)
    answer(case_id, ProcessorAnswer.CANNOT, note="Its archive is sealed by a court.")
    assert "cannot erase what it holds of you for us: Its archive is sealed by a court." in body(
        outsourced, case_id, "L20"
    )


def test_more_time_ends_before_the_cases_own_date_and_the_proof_lies_encrypted_and_its_hash_in_the_ledger(outsourced):
    case_id = answered(outsourced)
    with pytest.raises(BadInput, match="has to lie before"):
        answer(case_id, ProcessorAnswer.MORE_TIME, until=date(2026, 4, 2))
    answer(case_id, ProcessorAnswer.MORE_TIME, until=date(2026, 3, 30))
    with outsourced.file(case_id) as file:
        assert file.instructions.one(1).due_on == date(2026, 3, 30)
    assert standing(outsourced, case_id) == [InstructionStanding.WAITING]
    answer(case_id, ProcessorAnswer.DONE, records=4, proof=b"erased 4 of Anna")
    with outsourced.file(case_id) as file:
        assert file.instructions.proof(1, 2) == b"erased 4 of Anna"
        (entry,) = [one for one in file.ledger.entries() if one.event == "ProcessorConfirmed"]
    assert entry.details["proof"] == hashlib.sha256(b"erased 4 of Anna").hexdigest()


def test_the_forecast_counts_who_has_still_to_prove_it(outsourced):
    case_id = approved(outsourced)

    def expected_on():
        with outsourced.file(case_id) as file:
            return forecast_case(file, current_app()).expected_at.date()

    before = expected_on()
    instruct_processor(current_app(), case_id, "callhouse")
    assert (expected_on() - before).days >= 4


def test_a_controller_of_its_own_is_told_after_the_erasure_and_has_nothing_to_prove(outsourced):
    case_id = approved(outsourced)
    carry_out(case_id)
    assert recipients_to_tell(current_app(), case_id) == ["carrier"]
    instruct_processor(current_app(), case_id, "carrier")
    text = reveal_instruction(current_app(), case_id, 1, by="Ben")
    assert "We have erased personal data that we had disclosed to you (Art. 17 and 19 GDPR)." in text
    assert ANNA_ID.value in text
    assert record_instruction_sent(current_app(), case_id, 1, by="Ben") == "The notice to Carrier is noted as sent."
    assert standing(outsourced, case_id) == [InstructionStanding.TOLD]
    with pytest.raises(Conflict, match="nothing to prove"):
        answer(case_id, ProcessorAnswer.DONE, records=1)
    write_answer(current_app(), case_id)
    letter = body(outsourced, case_id)
    assert "We have told Carrier about the erasure (Art. 19 GDPR)." in letter
    assert "in our own systems" not in letter


def test_who_was_told_that_it_confirmed_is_told_once_it_took_that_back_and_answered_anew(outsourced):
    """Before, the letter that it had confirmed stood, whatever came later."""
    case_id = answered(outsourced, proves=True)
    answer(case_id, ProcessorAnswer.TAKEN_BACK)
    assert not body(outsourced, case_id, "L20")
    answer(case_id, ProcessorAnswer.CANNOT, note="An archive keeps it by § 147 AO.")
    assert "told us on 5 March 2026 that it cannot" in " ".join(body(outsourced, case_id, "L20").split())
    answer(case_id, ProcessorAnswer.TAKEN_BACK)
    answer(case_id, ProcessorAnswer.DONE, records=3)
    check_processor_answer(current_app(), case_id, 1, reason="Read.", by="Ben")
    assert "confirmed on 5 March 2026" in body(outsourced, case_id, "L20.2")
    assert not body(outsourced, case_id, "L20.3")


def test_what_is_there_again_where_it_works_has_its_answer_checked_again_and_elsewhere_says_nothing_of_it(outsourced):
    elsewhere = outsourced.systems["calls"].records()
    kept = outsourced.systems["helpdesk"].records()
    case_id = answered(outsourced, proves=True)
    outsourced.systems["calls"].add(*elsewhere)
    assert read_everything(current_app(), case_id, "calls")
    assert standing(outsourced, case_id) == [InstructionStanding.CONFIRMED]
    assert standing(outsourced, case_id) == [InstructionStanding.CONFIRMED]
    outsourced.systems["helpdesk"].add(*kept)
    for _ in range(2):
        assert read_everything(current_app(), case_id, "helpdesk")
    with outsourced.file(case_id) as file:
        (one,) = file.instructions.all()
        doubted = [entry for entry in file.ledger.entries() if entry.event == "ProcessorAnswerDoubted"]
    assert (one.standing, one.last.doubts) == (InstructionStanding.QUESTIONED, (Doubt.BACK,))
    assert [entry.details["doubt"] for entry in doubted] == ["back"]
    (score,) = scorecard([one], current_app().today, outsourced.runtime.settings.controller.zone)
    assert (score.found_again, score.contradictions, score.open) == (1, 0, 1)
    check_processor_answer(current_app(), case_id, 1, reason="A back-up of ours was restored.", by="Ben")
    assert standing(outsourced, case_id) == [InstructionStanding.CONFIRMED]
    text = " ".join(body(outsourced, case_id, "L20").split())
    assert "what those named below had answered. Later that had to be doubted, and was checked again." in text
    assert "- Callhouse Lisbon: confirmed on 5 March 2026 that it" in text
    assert "had not proved yet" not in text
