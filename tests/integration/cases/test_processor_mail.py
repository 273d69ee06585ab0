"""Processors that are reached by e-mail: instructed and reminded by the watch, each once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.work.processors.instructions import instruct_processor
from rightsflow.cases.work.processors.processor_mail import mail_to_processors
from rightsflow.config.sections.mail_server import MailServer
from rightsflow.domain.errors import Permanent, Transient
from rightsflow.domain.processors.terms import ProcessorChannel
from rightsflow.store.case.outbox import CLAIM_TIME
from tests.support import looks
from tests.support.bench import ANNA_ID, CANARIES
from tests.support.mail_server import Post
from tests.support.processors import with_processors
from tests.support.steps import approved

DAY = timedelta(days=1)


@pytest.fixture
def post(bench):
    settings = with_processors(bench.runtime.settings, channel="email", management_contact="boss@callhouse.example")
    mail = MailServer(host="127.0.0.1", security="none", sender="mail@example.com")
    settings = settings.model_copy(update={"delivery": settings.delivery.model_copy(update={"mail": mail})})
    server = Post()
    bench.runtime = replace(bench.runtime, settings=settings, open_mail=lambda _config, _name: server)
    with installed(bench.runtime):
        yield server


@pytest.fixture
def planned(bench):
    return approved(bench)


@pytest.fixture
def case(planned, post):
    instruct_processor(current_app(), planned, "callhouse")
    # The acknowledgement to the person goes out with it.
    post.taken.clear()
    return planned


def one(bench, case_id):
    with bench.file(case_id) as file:
        return file.instructions.one(1)


@pytest.mark.apart
def test_an_instruction_goes_out_once_and_is_reminded_of_in_words_that_name_no_one_and_then_to_its_management(
    bench, post, case
):
    assert mail_to_processors(current_app()) == 1
    assert mail_to_processors(current_app()) == 0
    (mail,) = post.taken
    assert mail.to_email == "privacy@callhouse.example"
    assert mail.subject == f"Instruction {case}/callhouse"
    assert ANNA_ID.value in mail.body
    assert mail.headers["Reply-To"] == "case-owner@example.com"
    assert one(bench, case).sent_at is not None
    (entry,) = looks.entries(bench, case, "InstructionSent")
    assert entry.actor == "rightsflow"
    sent = []
    for _ in range(30):
        bench.pass_time(DAY)
        mail_to_processors(current_app())
        sent += [((current_app().today - one(bench, case).due_on).days, mail.to_email) for mail in post.taken[1:]]
        assert not any(canary in f"{mail.subject}{mail.body}" for mail in post.taken[1:] for canary in CANARIES)
        del post.taken[1:]
    contact, boss = "privacy@callhouse.example", "boss@callhouse.example"
    assert sent == [(-3, contact), (1, contact), (8, contact), (8, boss), (15, contact), (15, boss)]
    assert one(bench, case).reminders == 4


def test_a_server_that_does_not_answer_is_asked_again_and_one_that_refuses_leaves_it_to_people(bench, post, case):
    post.fault = Transient("The mail server hung up.", system="mail")
    assert mail_to_processors(current_app()) == 0
    post.fault = Permanent("There is no such address.", system="mail", operation="send")
    assert mail_to_processors(current_app()) == 0
    assert one(bench, case).channel is ProcessorChannel.MANUAL
    post.fault = None
    bench.pass_time(CLAIM_TIME)
    assert mail_to_processors(current_app()) == 0
    assert "InstructionNotMailable" in [entry.event for entry in looks.entries(bench, case)]
