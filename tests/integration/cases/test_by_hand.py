"""Systems that no program reaches: their owners look by hand, and what they have not answered is said to be open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rightsflow.cases.gates.gate_views import reach_gate
from rightsflow.cases.letters.answering import write_answer, write_nothing_held
from rightsflow.cases.processors.instructing_them import instruct_processor, owners_to_ask, processors_to_instruct
from rightsflow.cases.processors.mailing_them import mail_to_processors
from rightsflow.cases.processors.proving import (
    check_processor_answer,
    record_instruction_sent,
    record_processor_answer,
    reveal_instruction,
)
from rightsflow.cases.processors.standing import waits_by_hand
from rightsflow.cases.search.locating import resolve_identifiers
from rightsflow.cases.sending.sent import record_sent
from rightsflow.config.sections.mail_server import MailServer
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.processors.answering import StatedAnswer
from rightsflow.domain.processors.scorecard import scorecard
from rightsflow.domain.processors.terms import Action, InstructionStanding, ProcessorAnswer
from tasks.composition import current_app, installed
from tests.support.bench import ANNA_EMAIL, ANNA_ID, CANARIES
from tests.support.mail_server import Post
from tests.support.processors import with_archive
from tests.support.signing_in import settings_with
from tests.support.steps import approved, carry_out, identified, search

UNKNOWN = "nobody.here@example.net"
FOOTAGE = f"Camera 3, visit of {UNKNOWN}".encode()


@pytest.fixture
def house(bench):
    """A bench with an archive that no program reaches."""
    bench.runtime = replace(bench.runtime, settings=with_archive(bench.runtime.settings))
    with installed(bench.runtime):
        yield bench


def ask(case_id):
    for key in owners_to_ask(current_app(), case_id):
        instruct_processor(current_app(), case_id, key)
    record_instruction_sent(current_app(), case_id, 1, by="Ben")


def answer(case_id, what, *documents, **fields):
    stated = StatedAnswer(answer=what, on=current_app().today, **fields)
    return record_processor_answer(current_app(), case_id, 1, stated, documents=documents, by="Ben")


def letters(bench, case_id):
    with bench.file(case_id) as file:
        return {one.template_id: one.body for one in file.outbox.letters()}


def carried_out(case_id):
    ask(case_id)
    carry_out(case_id)


def test_a_colleague_is_asked_whatever_was_found_and_is_told_of_no_contract_and_no_processor(house):
    case_id = approved(house)
    assert processors_to_instruct(current_app(), case_id) == ["cctv"]
    instruct_processor(current_app(), case_id, "cctv")
    text = reveal_instruction(current_app(), case_id, 1, by="Ben")
    assert text.startswith(f"Building security\n\nTask {case_id}/cctv\n")
    assert "Please look in CCTV archive for records of one person, and erase them (Art. 17 GDPR)." in text
    assert ANNA_ID.value in text
    assert ANNA_EMAIL.value not in text
    assert not any(word in text.lower() for word in ("processor", "contract", "instruct", "art. 28"))
    with house.file(case_id) as file:
        (entry,) = [one for one in file.ledger.entries() if one.event == "ProcessorAsked"]
        (one,) = file.instructions.all()
    assert entry.details["kind"] == "colleague"
    assert not any(canary in str(entry) for canary in CANARIES)
    assert (one.action, one.expected, one.due_on.day) == (Action.ERASE, 0, 10)


def test_they_are_asked_in_the_requests_that_their_section_names(house):
    settings = with_archive(current_app().settings, rights=["access"])
    house.runtime = replace(house.runtime, settings=settings)
    with installed(house.runtime):
        assert owners_to_ask(current_app(), approved(house)) == []


def test_what_is_open_by_hand_is_not_called_erased_and_a_second_letter_follows(house):
    case_id = approved(house)
    carried_out(case_id)
    write_answer(current_app(), case_id)
    letter = letters(house, case_id)["L11"]
    assert "How it stands in systems that people search by hand stands below." in letter
    assert "- CCTV archive: a person has to search it by hand, and to erase what is there of you, by 10 March" in letter
    assert "COMPANIES" not in letter
    assert "we write to you again" in letter
    record_sent(current_app(), case_id, "L11", by="Ben")
    with pytest.raises(BadInput, match="handed on to no company"):
        answer(case_id, ProcessorAnswer.HANDED_ON, sub_processors=("Guards Ltd",))
    assert "L20 to the person is in the outbox" in answer(case_id, ProcessorAnswer.DONE, records=2)
    second = letters(house, case_id)["L20"]
    assert "named systems that people search by hand as open. We have all answers now:" in second
    assert "- CCTV archive: searched by hand on 5 March 2026; what was there of you was erased (2 records)." in second
    assert "compan" not in second.split("WHAT YOU CAN DO")[0]


def test_what_cannot_be_erased_there_is_told_with_its_reason(house):
    case_id = approved(house)
    carried_out(case_id)
    answer(case_id, ProcessorAnswer.CANNOT, note="It is evidence in an inquiry of the police.")
    write_answer(current_app(), case_id)
    assert (
        "could not erase what is there of you, or could not search it: It is evidence" in letters(house, case_id)["L11"]
    )


def nothing_found(bench, right):
    case_id = identified(bench, right, email=UNKNOWN)
    assert (search(case_id).subject, search(case_id).unclear) == (0, 0)
    return case_id


def test_nothing_is_said_to_be_held_while_a_colleague_has_not_looked(house):
    case_id = nothing_found(house, "erasure")
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    house.approve(case_id)
    ask(case_id)
    house.pass_time(timedelta(days=20))
    assert waits_by_hand(current_app(), case_id)
    with pytest.raises(Conflict, match="In CCTV archive a colleague has still to look"):
        write_nothing_held(current_app(), case_id)
    answer(case_id, ProcessorAnswer.NOTHING_HELD)
    write_nothing_held(current_app(), case_id)
    assert (
        "- CCTV archive: searched by hand on 25 March 2026; nothing of you was there." in letters(house, case_id)["L8"]
    )


def test_what_a_colleague_alone_has_erased_is_answered_as_an_erasure(house):
    case_id = nothing_found(house, "erasure")
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    house.approve(case_id)
    ask(case_id)
    answer(case_id, ProcessorAnswer.DONE, records=1)
    with pytest.raises(Conflict, match="the answer is not a no"):
        write_nothing_held(current_app(), case_id)
    write_answer(current_app(), case_id)
    letter = letters(house, case_id)["L10"]
    assert "- CCTV archive: searched by hand on 5 March 2026; what was there of you was erased (1 record)." in letter
    assert "SYSTEM BY SYSTEM" not in letter


def test_what_a_colleague_alone_hands_over_is_found_however_late_it_comes(house):
    case_id = nothing_found(house, "access")
    ask(case_id)
    house.pass_time(timedelta(days=20))
    answer(case_id, ProcessorAnswer.DONE, FOOTAGE)
    with house.file(case_id) as file:
        assert file.instructions.one(1).standing is InstructionStanding.CONFIRMED
    assert resolve_identifiers(current_app(), case_id).subject == 1


def test_a_colleague_stands_beside_processors_on_the_scorecard(house):
    case_id = approved(house)
    ask(case_id)
    answer(case_id, ProcessorAnswer.CANNOT, note="The archive is closed.")
    found = scorecard(
        current_app().store.work.all_instructions(), current_app().today, house.runtime.settings.controller.zone
    )
    assert [(one.name, one.role.value, one.cannot) for one in found] == [("CCTV archive", "colleague", 1)]
    with pytest.raises(Conflict, match="no answer that has to be checked"):
        check_processor_answer(current_app(), case_id, 1, reason="Read.", by="Ben")


def test_a_task_is_mailed_with_a_link_and_reminded_of_under_its_own_name(house):
    post, mail = Post(), MailServer(host="127.0.0.1", security="none", sender="mail@example.com")
    raw = with_archive(settings_with(address="https://rights.example.com", typed_names="allowed"), channel="email")
    settings = raw.model_copy(update={"delivery": raw.delivery.model_copy(update={"mail": mail})})
    with installed(replace(house.runtime, settings=settings, open_mail=lambda _config, _name: post)):
        case_id = approved(house)
        instruct_processor(current_app(), case_id, "cctv")
        post.taken.clear()
        for days in (0, 5, 9):
            house.pass_time(timedelta(days=days))
            mail_to_processors(current_app())
    assert [(one.to_email, one.subject) for one in post.taken] == [
        ("security@example.com", f"Task {case_id}/cctv"),
        ("security@example.com", f"Reminder: task {case_id}/cctv"),
        ("security@example.com", f"Reminder: task {case_id}/cctv"),
        ("facilities@example.com", f"Reminder: task {case_id}/cctv"),
    ]
    assert f"https://rights.example.com/desk/confirm/{case_id}/1/" in post.taken[0].body
    assert not any("nstruct" in one.body or "processor" in one.body for one in post.taken)
    assert not any(canary in one.body for one in post.taken[1:] for canary in CANARIES)
