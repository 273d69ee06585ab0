"""Systems that no program reaches: their owners look by hand, and what they have not answered is said to be open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.follow_up.lifting import announce_lifting, liftable
from rightsflow.cases.course.follow_up.rounds import follow_up
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer, write_nothing_held
from rightsflow.cases.course.processors.processor_answers import (
    check_processor_answer,
    record_instruction_sent,
    record_processor_answer,
    reveal_instruction,
)
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.cases.work.processors.instructions import instruct_processor, owners_to_ask, processors_to_instruct
from rightsflow.cases.work.processors.processor_mail import mail_to_processors
from rightsflow.cases.work.processors.status import acted_by_hand, waits_by_hand, waits_for_processors
from rightsflow.cases.work.search import resolve_identifiers
from rightsflow.config.sections.mail_server import MailServer
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.processors.answers import StatedAnswer
from rightsflow.domain.processors.scorecard import scorecard
from rightsflow.domain.processors.terms import Action, InstructionStanding, ProcessorAnswer
from rightsflow.domain.vocabulary.records import Method
from tests.support.bench import ANNA_EMAIL, ANNA_ID, CANARIES
from tests.support.kept_cases import staged
from tests.support.looks import letters
from tests.support.mail_server import Post
from tests.support.processors import with_archive
from tests.support.signing_in import settings_with
from tests.support.steps import approved, carry_out, searched

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


@staged
def worked(bench):
    """An erasure that our programs carried out, and of which the colleague was asked."""
    case_id = approved(bench)
    ask(case_id)
    carry_out(case_id)
    return case_id


@pytest.mark.apart
def test_a_colleague_is_asked_whatever_was_found_in_the_requests_that_the_section_names_and_is_told_of_no_contract(
    house,
):
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
    settings = with_archive(current_app().settings, rights=["access"])
    house.runtime = replace(house.runtime, settings=settings)
    with installed(house.runtime):
        assert owners_to_ask(current_app(), case_id) == []


@pytest.mark.apart
def test_what_is_open_by_hand_is_not_called_erased_and_a_second_letter_follows(house):
    case_id = worked(house)
    write_answer(current_app(), case_id)
    letter = letters(house, case_id)["L11"]
    assert "The systems that people search by hand are listed below, with the status at each." in letter
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
    case_id = worked(house)
    answer(case_id, ProcessorAnswer.CANNOT, note="It is evidence in an inquiry of the police.")
    write_answer(current_app(), case_id)
    assert (
        "could not erase what is there of you, or could not search it: It is evidence" in letters(house, case_id)["L11"]
    )


def nothing_found(bench, right, **fields):
    return searched(bench, right, email=UNKNOWN, **fields)


@staged
def nothing_approved(bench, right, **fields):
    """A case in which nothing was found, and that was looked at."""
    case_id = nothing_found(bench, right, **fields)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    bench.approve(case_id)
    ask(case_id)
    return case_id


@pytest.mark.apart
def test_nothing_is_said_to_be_held_while_a_colleague_has_not_looked(house):
    case_id = nothing_approved(house, "erasure")
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
    case_id = nothing_approved(house, "erasure")
    answer(case_id, ProcessorAnswer.DONE, records=1)
    with pytest.raises(Conflict, match="the answer is not a no"):
        write_nothing_held(current_app(), case_id)
    write_answer(current_app(), case_id)
    letter = letters(house, case_id)["L10"]
    assert "- CCTV archive: searched by hand on 5 March 2026; what was there of you was erased (1 record)." in letter
    assert "SYSTEM BY SYSTEM" not in letter


@pytest.mark.apart
def test_what_a_colleague_alone_hands_over_is_found_however_late_it_comes(house):
    case_id = nothing_found(house, "access")
    ask(case_id)
    house.pass_time(timedelta(days=20))
    answer(case_id, ProcessorAnswer.DONE, FOOTAGE)
    with house.file(case_id) as file:
        assert file.instructions.one(1).standing is InstructionStanding.CONFIRMED
    assert resolve_identifiers(current_app(), case_id).subject == 1


REQUESTS = {
    "objection": ("end that it is used for our direct marketing", "nothing of you there is used for our direct"),
    "consent-withdrawal": ("end what rests on your consent", "what rested on your consent has ended (1 record)"),
    "restriction": ("see to it that it is stored only", "what is there of you is stored only (1 record)"),
}
ASKED = {
    "objection": "and end that they are used for our direct marketing (Art. 21(3) GDPR)",
    "consent-withdrawal": "and erase what rests on their consent alone (Art. 7(3) GDPR)",
    "restriction": "and see to it that they are stored and used for nothing else (Art. 18 GDPR)",
}
ANSWERS = {"objection": "L17", "consent-withdrawal": "L23", "restriction": "L22"}


def decided(bench, right, **fields):
    """A case of a right in which something is planned, approved and, by our programs, carried out."""
    given = {"ground": "accuracy"} if right == "restriction" else {}
    case_id = searched(bench, right, **given, **fields)
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    bench.approve(case_id)
    settle_plan(current_app(), case_id)
    return case_id


@pytest.mark.apart
@pytest.mark.parametrize("right", REQUESTS)
def test_a_colleague_is_asked_in_each_request_and_the_letters_name_what_is_open_there(house, right):
    case_id, (to_do, done) = decided(house, right), REQUESTS[right]
    ask(case_id)
    carry_out(case_id)
    assert ASKED[right] in reveal_instruction(current_app(), case_id, 1, by="Ben")
    assert waits_for_processors(current_app(), case_id), "until the day that was agreed"
    house.pass_time(timedelta(days=6))
    assert not waits_for_processors(current_app(), case_id)
    write_answer(current_app(), case_id)
    letter = letters(house, case_id)[ANSWERS[right]]
    assert "The systems that people search by hand are listed below, with the status at each." in letter
    assert f"- CCTV archive: a person had to search it by hand, and to {to_do}, by 10 March 2026." in letter
    assert "we write to you again" in letter
    record_sent(current_app(), case_id, ANSWERS[right], by="Ben")
    assert "L20 to the person is in the outbox" in answer(case_id, ProcessorAnswer.DONE, records=1)
    assert done in letters(house, case_id)["L20"]


@pytest.mark.apart
@pytest.mark.parametrize("right", ["objection", "consent-withdrawal"])
def test_what_has_to_end_at_once_waits_for_no_colleague_without_an_end(house, right):
    case_id = nothing_approved(house, right)
    assert waits_by_hand(current_app(), case_id)
    house.pass_time(timedelta(days=6))
    assert not waits_by_hand(current_app(), case_id)
    write_nothing_held(current_app(), case_id)
    assert "That is not done yet." in letters(house, case_id)[ANSWERS[right]]
    assert "L20 to the person is in the outbox" in answer(case_id, ProcessorAnswer.NOTHING_HELD)
    assert "nothing of you was there." in letters(house, case_id)["L20"]


def test_what_a_colleague_alone_has_restricted_is_answered_as_restricted(house):
    case_id = nothing_approved(house, "restriction", ground="accuracy")
    house.pass_time(timedelta(days=20))
    assert waits_by_hand(current_app(), case_id), "nothing is said to be held before they looked"
    assert not acted_by_hand(current_app(), case_id)
    answer(case_id, ProcessorAnswer.DONE, records=1)
    assert acted_by_hand(current_app(), case_id)
    write_answer(current_app(), case_id)
    letter = letters(house, case_id)["L22"]
    assert "In the systems that our programs search we found none that could be restricted." in letter
    assert "What was done in systems that people search by hand is listed below." in letter
    assert (
        "- CCTV archive: searched by hand on 25 March 2026; what is there of you is stored only (1 record)." in letter
    )
    assert "Before we lift the mark" not in letter
    assert "Our programs could not carry this out" not in letter


@pytest.mark.apart
def test_a_colleague_is_told_of_the_end_of_a_restriction_in_words_of_their_own(house):
    fake = house.systems["helpdesk"]
    fake.kinds = tuple(replace(one, methods=one.methods | {Method.RESTRICT}) for one in fake.kinds)
    case_id = decided(house, "restriction")
    ask(case_id)
    carry_out(case_id)
    answer(case_id, ProcessorAnswer.DONE, records=1)
    write_answer(current_app(), case_id)
    record_sent(current_app(), case_id, "L22", by="Ben")
    on, numbers = current_app().today + timedelta(days=9), liftable(current_app(), case_id)
    announce_lifting(current_app(), case_id, numbers, on, reason="They are accurate.", by="Dana Decider")
    record_sent(current_app(), case_id, "L15", by="Ben")
    house.pass_time(timedelta(days=9))
    assert follow_up(current_app()).failed == 0
    text = reveal_instruction(current_app(), case_id, 2, by="Ben")
    assert text.startswith(f"Building security\n\nTask {case_id}/cctv/")
    assert f"With task {case_id}/cctv of 5 March 2026 we asked you to see to it that records of one person in" in text
    assert "See to it that they are used again for what they are held for." in text
    assert not any(word in text.lower() for word in ("processor", "contract", "instruct", "art. 28"))


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


@pytest.mark.apart
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
