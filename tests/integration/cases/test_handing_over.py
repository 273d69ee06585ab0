"""Access requests at processors: what they hand over is masked and in the package, or comes with a second letter."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.course.processors.processor_answers import (
    check_processor_answer,
    record_instruction_sent,
    record_processor_answer,
    reveal_document,
    reveal_instruction,
)
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.work.access.package import (
    assemble_package,
    extract_records,
    make_copies_again,
    redact_third_parties,
)
from rightsflow.cases.work.processors.instructions import instruct_processor, processors_to_instruct
from rightsflow.cases.work.processors.status import waits_for_processors
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.processors.answers import StatedAnswer
from rightsflow.domain.processors.terms import Doubt, InstructionStanding, ProcessorAnswer
from tests.support import looks
from tests.support.bench import ANNA_EMAIL, ANNA_ID, ANNA_PHONE
from tests.support.kept_cases import staged
from tests.support.looks import letters
from tests.support.packages import opened
from tests.support.processors import with_processors
from tests.support.steps import identified, search, searched

NOTES = json.dumps({"customer": ANNA_ID.value, "note": "Anna rang; passed on by carl.colleague@example.net"}).encode()
PDF = b"%PDF-1.7 a scanned form"


@pytest.fixture
def outsourced(bench):
    bench.runtime = replace(bench.runtime, settings=with_processors(bench.runtime.settings))
    with installed(bench.runtime):
        yield bench


@pytest.fixture
def case(outsourced):
    return instructed(outsourced)


@staged
def instructed(bench):
    """An access request that was searched, and whose instruction went out."""
    case_id = searched(bench, "access")
    for processor in processors_to_instruct(current_app(), case_id):
        instruct_processor(current_app(), case_id, processor)
    record_instruction_sent(current_app(), case_id, 1, by="Ben")
    return case_id


def give(case_id, *documents, what=ProcessorAnswer.DONE, **fields):
    stated = StatedAnswer(answer=what, on=current_app().today, **fields)
    return record_processor_answer(current_app(), case_id, 1, stated, documents=documents, by="Ben")


def one(bench, case_id):
    with bench.file(case_id) as file:
        return file.instructions.one(1)


def assembled(bench, case_id):
    """Copy, mask and assemble everything, as the flow does."""
    for system in make_copies_again(current_app(), case_id):
        extract_records(current_app(), case_id, system)
        redact_third_parties(current_app(), case_id, system)
    return assemble_package(current_app(), case_id)


def answered(bench, case_id):
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    bench.approve(case_id)
    write_answer(current_app(), case_id)


def test_those_that_hold_records_of_their_own_are_asked_for_a_copy_and_for_nothing_that_we_have(outsourced, case):
    assert processors_to_instruct(current_app(), case) == ["callhouse"]
    text = reveal_instruction(current_app(), case, 1, by="Ben")
    assert "Give us every record that you hold for us under:\n- customer number: C-10001" in text
    assert "What lies in our own systems (helpdesk, payments) we take from there ourselves" in text
    assert ANNA_EMAIL.value not in text
    assert "erase" not in text.lower()
    settings = with_processors(current_app().settings, holds_own_records=False)
    outsourced.runtime = replace(outsourced.runtime, settings=settings)
    with installed(outsourced.runtime):
        assert processors_to_instruct(current_app(), case) == []


@pytest.mark.apart
def test_a_text_that_names_the_person_goes_into_the_package_masked_and_is_kept_no_longer(outsourced, case):
    assert waits_for_processors(current_app(), case)
    assert give(case, NOTES) == "Callhouse Lisbon has confirmed it; that is recorded."
    assert not waits_for_processors(current_app(), case)
    assert assembled(outsourced, case)["call notes"] == 1
    with outsourced.file(case) as file:
        (part,) = outsourced.runtime.workspace(file).read("redacted", "callhouse")
        (entry,) = [each for each in file.ledger.entries() if each.event == "ProcessorConfirmed"]
    assert part.content["customer"] == ANNA_ID.value
    assert "carl.colleague@example.net" not in str(part.content)
    assert entry.details["files"] == [one(outsourced, case).documents[0].sha256]
    assert "carl" not in repr(entry)
    answered(outsourced, case)
    said = "- Callhouse Lisbon: gave us on 5 March 2026 what it holds of you for us besides; it is in the package."
    assert said in letters(outsourced, case)["L9"]
    with pytest.raises(BadInput, match="This file is gone"):
        reveal_document(current_app(), case, 1, 1, by="Ben")
    assert "L20" not in letters(outsourced, case)
    record_sent(current_app(), case, "L9", by="Ben")
    later = identified(outsourced, "erasure")
    assert search(later).subject
    with outsourced.file(later) as file:
        assert "callhouse" not in file.findings.systems()


@pytest.mark.apart
def test_what_no_program_sees_to_be_the_persons_is_read_by_a_person_first(outsourced, case):
    assert "they have to be read" in give(case, PDF)
    assert one(outsourced, case).last.doubts == (Doubt.UNREAD,)
    assert waits_for_processors(current_app(), case)
    with outsourced.file(case) as file:
        assert "callhouse" not in file.findings.systems()
    assert reveal_document(current_app(), case, 1, 1, by="Ben")[1] == PDF
    check_processor_answer(current_app(), case, 1, reason="Read it.", by="Ben")
    assert assembled(outsourced, case)["call notes"] == 1
    assert [each.ref.kind for each in looks.findings(outsourced, case, "callhouse")] == ["document"]


@pytest.mark.apart
def test_nothing_held_besides_is_an_answer_and_is_told(outsourced, case):
    give(case, what=ProcessorAnswer.NOTHING_HELD)
    assembled(outsourced, case)
    answered(outsourced, case)
    assert "that it holds nothing of you for us besides" in letters(outsourced, case)["L9"]


@pytest.mark.apart
def test_what_comes_after_the_package_goes_with_a_second_letter_and_is_read_before(outsourced, case):
    outsourced.pass_time(timedelta(days=11))
    assert not waits_for_processors(current_app(), case)
    assembled(outsourced, case)
    give(case, NOTES)
    assert one(outsourced, case).last.doubts == (Doubt.LATE,)
    with pytest.raises(Conflict, match="once the answer is written"):
        check_processor_answer(current_app(), case, 1, reason="Read it.", by="Ben")
    answered(outsourced, case)
    assert "- Callhouse Lisbon: it answered on" in letters(outsourced, case)["L9"]
    assert "we write to you again, with what it gives us" in letters(outsourced, case)["L9"]
    record_sent(current_app(), case, "L9", by="Ben")
    said = check_processor_answer(current_app(), case, 1, reason="Read it.", by="Ben")
    assert "enclose the files that were handed over" in said
    second = letters(outsourced, case)["L20"]
    assert "named companies that work for us and had not given us yet what they hold" in second
    assert "what it holds of you for us besides; it comes with this letter." in second
    assert reveal_document(current_app(), case, 1, 1, by="Ben")[1] == NOTES
    record_sent(current_app(), case, "L20", by="Ben")
    with pytest.raises(BadInput, match="This file is gone"):
        reveal_document(current_app(), case, 1, 1, by="Ben")


@pytest.mark.apart
def test_what_is_open_when_the_answer_is_written_is_named(outsourced, case):
    outsourced.pass_time(timedelta(days=11))
    assembled(outsourced, case)
    answered(outsourced, case)
    said = "it had to give us by 15 March 2026 what it holds of you for us. It has not done so yet."
    assert said in letters(outsourced, case)["L9"]
    assert one(outsourced, case).is_promised
    give(case, what=ProcessorAnswer.NOTHING_HELD)
    assert "holds nothing of you for us besides" in letters(outsourced, case)["L20"]


def test_what_cannot_be_taken_over_is_said(outsourced, case):
    for documents, fields, said in [
        ((), {}, "The records are missing"),
        ((b"MZ\x90\x00",), {}, "of no kind that is taken"),
        ((NOTES,), {"what": ProcessorAnswer.NOTHING_HELD}, "leave them out"),
        ((NOTES,) * 11, {}, "more than an answer takes"),
    ]:
        with pytest.raises(BadInput, match=said):
            give(case, *documents, **fields)
        assert one(outsourced, case).standing is InstructionStanding.WAITING


READ_FIRST = (
    b"Notes on C-100012, and on nobody else",
    b"ID3 a call",
    json.dumps([{"customer": ANNA_ID.value}, {"customer": "C-20002", "note": "rang"}]).encode(),
    f"customer,mail\n{ANNA_ID.value},{ANNA_EMAIL.value}\nC-20002,boris.other@example.org\n".encode(),
    f"customer {ANNA_ID.value}9, phone {ANNA_PHONE.value}9".encode(),
    f"calls 493023 and 125001 of {date(2026, 3, 5)}".encode(),
    f"{ANNA_ID.value} rang about her neighbour Berta Nachbar, berta@nachbar.example".encode(),
    f"{ANNA_ID.value} rang.\nBerta Nachbar complained about the noise.".encode(),
)
TAKEN = (
    json.dumps([{"customer": ANNA_ID.value}, {"customer": ANNA_ID.value, "by": "carl.colleague@example.net"}]).encode(),
    f"customer,mail\n{ANNA_ID.value},{ANNA_EMAIL.value}\n{ANNA_ID.value},carl.colleague@example.net\n".encode(),
    b"Call from 030 23125 001, answered",
)


@pytest.mark.apart
def test_a_text_that_may_name_others_is_read_first_and_one_of_which_each_entry_names_the_person_is_taken(
    outsourced, case
):
    """Of a list of all callers the person got the others' names and numbers of customers."""
    for document in (*READ_FIRST, *TAKEN):
        give(case, document)
        assert one(outsourced, case).last.doubts == ((Doubt.UNREAD,) if document in READ_FIRST else ())
        assert waits_for_processors(current_app(), case) is (document in READ_FIRST)
        give(case, what=ProcessorAnswer.TAKEN_BACK)


@pytest.mark.apart
def test_what_it_takes_back_is_in_no_package_and_what_it_gives_instead_is(outsourced, case):
    """It may have been another person's."""
    give(case, NOTES)
    assert assembled(outsourced, case)["call notes"] == 1
    reach_gate(current_app(), case, Gate.APPROVAL)
    give(case, what=ProcessorAnswer.TAKEN_BACK)
    with outsourced.file(case) as file:
        assert "callhouse" not in file.findings.systems()
    give(case, f"Other notes on {ANNA_ID.value}".encode())
    assert assembled(outsourced, case)["call notes"] == 1
    with outsourced.file(case) as file:
        (part,) = outsourced.runtime.workspace(file).read("redacted", "callhouse")
    assert part.content == {"text": f"Other notes on {ANNA_ID.value}"}


NEIGHBOUR = ("Berta Nachbar", "berta@nachbar.example", "5551234", "C-20002", "her own matter")
HERS = {"customer": "C-20002", "name": "Berta Nachbar", "phone": "+49 171 5551234", "note": "her own matter"}
BESIDE = {"customer": ANNA_ID.value, "contact": "Berta Nachbar", "contact mail": "berta@nachbar.example"}


OF_A_NEIGHBOUR = [
    json.dumps([{"customer": ANNA_ID.value, "note": "ok"}, HERS]),
    json.dumps({"customer": ANNA_ID.value, "household": {"members": [HERS]}}),
    json.dumps({"customer": ANNA_ID.value}) + "\n" + json.dumps(HERS),
    f"customer,name,note\n{ANNA_ID.value},Anna,ok\nC-20002,Berta Nachbar,her own matter\n",
    json.dumps(BESIDE),
    json.dumps([BESIDE, {"customer": ANNA_ID.value, "note": "Berta Nachbar rang for her"}]),
]


@pytest.mark.apart
def test_nothing_of_a_neighbour_in_such_a_file_leaves_the_house(outsourced, case):
    """From the file to the bytes of the package, also where a person has accepted it."""
    give(case, *(one.encode() for one in OF_A_NEIGHBOUR))
    assert one(outsourced, case).standing is InstructionStanding.QUESTIONED
    check_processor_answer(current_app(), case, 1, reason="Read it.", by="Ben")
    assert assembled(outsourced, case)["call notes"] == len(OF_A_NEIGHBOUR)
    found = b"\n".join(opened(outsourced, case).values()).decode(errors="replace")
    assert ANNA_ID.value in found
    assert [said for said in NEIGHBOUR if said in found] == []
