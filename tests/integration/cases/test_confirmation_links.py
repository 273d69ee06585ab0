"""One-time links: a processor answers by one, once, for its own instruction, and not for another's."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.course.processors.link import UnexplainedZero, answer_by_link, read_link
from rightsflow.cases.course.processors.processor_answers import (
    check_processor_answer,
    record_processor_answer,
    reveal_answer,
)
from rightsflow.cases.work.processors.instructions import instruct_processor
from rightsflow.cases.work.processors.processor_mail import mail_to_processors
from rightsflow.config.sections.mail_server import MailServer
from rightsflow.domain.errors import BadInput, Transient
from rightsflow.domain.processors.answers import StatedAnswer
from rightsflow.domain.processors.terms import Doubt, InstructionStanding, ProcessorAnswer
from rightsflow.store.case.one_time_codes import NO_LINK
from tests.support.bench import BORIS_EMAIL, CANARIES
from tests.support.kept_cases import staged
from tests.support.mail_server import Post
from tests.support.processors import with_processors
from tests.support.signing_in import settings_with
from tests.support.steps import approved, carry_out

DAY = timedelta(days=1)
LINK = re.compile(r"https://rights\.example\.com/desk/confirm/(\S+)/(\d+)/([\w-]+)\n")
PDF = b"%PDF-1.7 erased"


UNMAILED = with_processors(
    settings_with(address="https://rights.example.com", typed_names="allowed"),
    channel="email",
    management_contact="boss@callhouse.example",
    sub_processors=[{"name": "Subcalls SA"}],
)


@pytest.fixture
def post(bench):
    server, mail = Post(), MailServer(host="127.0.0.1", security="none", sender="mail@example.com")
    settings = UNMAILED.model_copy(update={"delivery": UNMAILED.delivery.model_copy(update={"mail": mail})})
    bench.runtime = replace(bench.runtime, settings=settings, open_mail=lambda _config, _name: server)
    with installed(bench.runtime):
        yield server


@pytest.fixture
def case(bench, post):
    mailing = bench.runtime
    bench.runtime = replace(bench.at_first, settings=UNMAILED)
    with installed(bench.runtime):
        case_id = instructed(bench)
    bench.runtime = mailing
    mail_to_processors(current_app())
    return case_id


@staged
def instructed(bench):
    case_id = approved(bench)
    instruct_processor(current_app(), case_id, "callhouse")
    return case_id


def link_in(mail):
    case_id, number, token = LINK.search(mail.body).groups()
    return case_id, int(number), token


def answer(link, what, name="Rita Ramos", proof=b"", **fields):
    stated = StatedAnswer(answer=what, on=fields.pop("on", None) or current_app().today, **fields)
    return answer_by_link(current_app(), *link, stated, name=name, proof=proof)


@pytest.mark.apart
def test_the_mail_brings_a_link_whose_token_is_kept_as_a_keyed_hash_alone_and_is_over_once_it_was_used(
    bench, post, case
):
    link = link_in(post.taken[0])
    assert link[:2] == (case, 1)
    assert len(link[2]) == 43, "256 bits"
    asked = read_link(current_app(), *link)
    assert (asked.reference, asked.due_on) == (f"{case}/callhouse", date(2026, 3, 15))
    assert not any(canary in repr(asked) for canary in CANARIES)
    with bench.file(case) as file:
        (made,) = [entry for entry in file.ledger.entries() if entry.event == "ConfirmationLinkMade"]
        text = file.instructions.text(1)
    assert link[2] not in repr(made.details)
    assert link[2] not in text, "an officer who reads the instruction cannot answer for the processor"
    for content in [b"MZ\x90\x00", b"PK\x03\x04", b"\xff\xfe\x00", b"text\x00"]:
        with pytest.raises(BadInput, match="of no kind that is taken"):
            answer(link, ProcessorAnswer.DONE, records=4, proof=content)
    answered = answer(link, ProcessorAnswer.DONE, records=4, proof=PDF)
    assert answered.standing is InstructionStanding.CONFIRMED
    with bench.file(case) as file:
        entries = {entry.event: entry for entry in file.ledger.entries()}
        assert file.instructions.proof(1, 1) == PDF
    assert entries["ProcessorConfirmed"].actor == "Callhouse Lisbon"
    assert entries["ProcessorConfirmed"].details["signed_in"] == "answered by a one-time link"
    assert "Rita" not in repr(entries)
    assert reveal_answer(current_app(), case, 1, by="Ben") == ("Answered by Rita Ramos.", PDF)
    with pytest.raises(BadInput, match=re.escape(NO_LINK)):
        answer(link, ProcessorAnswer.DONE, records=5)


def guessed(case_id, number, token):
    return case_id, number, "A" * 43


def of_another_case(case_id, number, token):
    return "DSR-2026-7K3M9Q", number, token


def of_no_case(case_id, number, token):
    return "<script>", number, token


def of_another_instruction(case_id, number, token):
    return case_id, 2, token


def test_a_link_is_over_two_weeks_after_the_processors_day_and_once_a_person_noted_the_answer(bench, post, case):
    first = link_in(post.taken[0])
    instruct_processor(current_app(), case, "elsewhere")
    for changed in [guessed, of_another_case, of_no_case, of_another_instruction]:
        link = changed(*first)
        for use in (read_link, lambda app, *link: answer(link, ProcessorAnswer.DONE, records=4)):
            with pytest.raises(BadInput, match=re.escape(NO_LINK)):
                use(current_app(), *link)
    bench.pass_time(24 * DAY - timedelta(minutes=1))
    read_link(current_app(), *first)
    bench.pass_time(timedelta(minutes=1))
    with pytest.raises(BadInput, match=re.escape(NO_LINK)):
        read_link(current_app(), *first)
    mail_to_processors(current_app())
    reminded = link_in(post.taken[1])
    stated = StatedAnswer(answer=ProcessorAnswer.DONE, on=current_app().today, records=4)
    record_processor_answer(current_app(), case, 1, stated, by="Ben")
    with pytest.raises(BadInput, match=re.escape(NO_LINK)):
        read_link(current_app(), *reminded)


@pytest.mark.apart
def test_a_token_of_one_case_is_worth_nothing_at_another_one_that_has_a_link_too(bench, post, case):
    other = approved(bench, email=BORIS_EMAIL.value)
    instruct_processor(current_app(), other, "callhouse")
    mail_to_processors(current_app())
    mine, theirs = (link_in(mail) for mail in post.taken if mail.to_email == "privacy@callhouse.example")
    assert {mine[0], theirs[0]} == {case, other}
    for moved in ((mine[0], 1, theirs[2]), (theirs[0], 1, mine[2])):
        with pytest.raises(BadInput, match=re.escape(NO_LINK)):
            read_link(current_app(), *moved)


def test_reminders_bring_another_to_those_who_do_the_work_and_none_to_their_management(bench, post, case):
    bench.pass_time(18 * DAY)
    mail_to_processors(current_app())
    to = {mail.to_email: bool(LINK.search(mail.body)) for mail in post.taken[1:]}
    assert to == {"privacy@callhouse.example": True, "boss@callhouse.example": False}


def test_one_that_asked_for_more_time_gets_another_link_once(bench, post, case):
    link = link_in(post.taken[0])
    with pytest.raises(BadInput, match="has to lie before"):
        answer(link, ProcessorAnswer.MORE_TIME, until=date(2026, 5, 1))
    answer(link, ProcessorAnswer.MORE_TIME, until=date(2026, 3, 20))
    post.fault = Transient("The mail server hung up.", system="mail")
    assert mail_to_processors(current_app()) == 0
    post.fault = None
    assert [mail_to_processors(current_app()) for _ in range(2)] == [1, 0]
    assert post.taken[1].subject == f"New link: instruction {case}/callhouse"
    assert answer(link_in(post.taken[1]), ProcessorAnswer.DONE, records=4).standing is InstructionStanding.CONFIRMED


def test_a_zero_where_records_were_found_is_asked_about_at_once_and_checked_by_a_person(bench, post, case):
    link = link_in(post.taken[0])
    for zero in ({"what": ProcessorAnswer.NOTHING_HELD}, {"what": ProcessorAnswer.DONE, "records": 0}):
        with pytest.raises(UnexplainedZero, match="Search again"):
            answer(link, **zero)
    answered = answer(link, ProcessorAnswer.NOTHING_HELD, note="We work in your systems only.")
    assert answered.standing is InstructionStanding.QUESTIONED
    assert answered.last.doubts == (Doubt.ZERO,)


@pytest.mark.apart
def test_a_reason_in_the_processors_own_words_reaches_the_person_once_it_was_checked(bench, post, case):
    carry_out(case)
    answered = answer(link_in(post.taken[0]), ProcessorAnswer.CANNOT, note="Its archive is sealed by a court.")
    assert (answered.standing, answered.last.doubts) == (InstructionStanding.QUESTIONED, (Doubt.OWN_WORDS,))
    check_processor_answer(current_app(), case, 1, reason="By telephone.", by="Ben")
    write_answer(current_app(), case)
    with bench.file(case) as file:
        bodies = " ".join(one.body for one in file.outbox.letters())
    assert "cannot erase what it holds of you for us: Its archive is sealed by a court." in bodies


def test_sub_processors_are_in_the_ledger_by_the_registers_names_alone(bench, post, case):
    link = link_in(post.taken[0])
    answer(link, ProcessorAnswer.HANDED_ON, sub_processors=("Subcalls SA", "Anna Ltd"), note="Handed on to Anna Ltd.")
    with bench.file(case) as file:
        assert file.instructions.one(1).last.sub_processors == ("Subcalls SA", "others, named in its answer")
        assert "Anna Ltd" not in repr(list(file.ledger.entries()))


@pytest.mark.apart
def test_without_an_address_of_the_desk_the_mail_brings_no_link(bench, post):
    settings = current_app().settings
    bare = settings.model_copy(update={"desk": settings.desk.model_copy(update={"address": None})})
    bench.runtime = replace(bench.runtime, settings=bare)
    with installed(bench.runtime):
        case_id = approved(bench)
        instruct_processor(current_app(), case_id, "callhouse")
        mail_to_processors(current_app())
        bench.pass_time(DAY)
        assert mail_to_processors(current_app()) == 0
    assert not any("/desk/confirm/" in mail.body for mail in post.taken)
