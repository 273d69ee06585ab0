"""A request that is taken back: closed from wherever it stands, and not once an erasure was approved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.case_runs import working_on
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.processors.processor_answers import (
    record_instruction_sent,
    record_processor_answer,
    reveal_instruction,
)
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.course.sending.mail import mail_letters
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.cases.facts.deadlines.alerts import look_at_cases
from rightsflow.cases.facts.overview.personal_data import reveal
from rightsflow.cases.work.access.package import extract_records
from rightsflow.cases.work.processors.instructions import instruct_processor
from rightsflow.cases.work.processors.processor_mail import mail_to_processors
from rightsflow.cases.work.search import locate_records
from rightsflow.config.sections.mail_server import MailServer
from rightsflow.domain.alerts.ladder import RungKind
from rightsflow.domain.errors import BadInput, Conflict, Transient
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.processors.answers import StatedAnswer
from rightsflow.domain.processors.terms import ProcessorAnswer
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from tests.integration.cases.kept import folder, prepared, removals
from tests.integration.cases.written import letters
from tests.support import looks
from tests.support.bench import CANARIES
from tests.support.desk import DAY, TEXT, facts, refuse_identity
from tests.support.instead import Instead
from tests.support.kept_cases import staged
from tests.support.mail_server import Post
from tests.support.mailing import mailing
from tests.support.post import smtp_server
from tests.support.processors import with_archive, with_processors
from tests.support.signing_in import settings_with
from tests.support.steps import approved, identified, search, searched


def opened(bench, right):
    return bench.open(right)


def at_identity(bench, right):
    case_id = bench.open(right)
    reach_gate(current_app(), case_id, Gate.IDENTITY)
    return case_id


@staged
def at_approval(bench, right):
    case_id = searched(bench, right)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    return case_id


def executing_access(bench, _right):
    case_id = prepared(bench)
    bench.approve(case_id)
    return case_id


@pytest.mark.parametrize("right", ["access", "erasure"])
@pytest.mark.parametrize("stage", [opened, at_identity, identified, at_approval])
def test_it_closes_from_every_state_before_the_end(bench, right, stage):
    case_id = stage(bench, right)
    assert withdraw(current_app(), case_id.lower(), by=" Ida  Identity ", reason=f" It is\n {TEXT}. ").startswith(
        f"{case_id} is withdrawn"
    )
    with bench.file(case_id) as file:
        assert file.state is CaseState.WITHDRAWN
        assert file.closed_at == bench.moment[0]
        (entry,) = (one for one in file.ledger.entries() if one.event == "CaseWithdrawn")
        assert entry.actor == "Ida Identity"
        assert TEXT not in repr(list(file.ledger.entries()))
        assert file.outbox.titles() == ["L1", "L18"]
    assert reveal(current_app(), case_id, by="Ida", reason="a question").withdrawal == f"It is {TEXT}."


def told(bench, case_id):
    return letters(bench, case_id)["L18"]


def test_the_person_is_told_what_was_done_and_by_name_only_once_it_is_clear_who_they_are(bench):
    case_id = bench.open("access", name="Anna Quillfeather")
    said = withdraw(current_app(), case_id, by="Ida", reason=TEXT)
    assert said.endswith("The letter to the person (L18) is in the outbox; send it, and record when it went out.")
    text = told(bench, case_id)
    assert "you withdraw your request for access (Art. 15 GDPR). We noted that on 5 March 2026, 10:00" in text
    assert "No copy of data was sent to you." in text
    assert "until 31 December 2029" in text
    assert "Quillfeather" not in text
    assert TEXT not in text
    known = identified(bench, "access", name="Anna Quillfeather", email="anna.second@example.com")
    withdraw(current_app(), known, by="Ida")
    assert "Anna Quillfeather" in told(bench, known)


def test_who_wrote_by_mail_is_told_by_mail_and_it_goes_with_the_next_round_where_the_server_fails(bench):
    with smtp_server() as box, mailing(bench, box.port):
        case_id = bench.open("erasure")
        assert "The person is told by mail (letter L18)." in withdraw(current_app(), case_id, by="Ida")
        assert box.messages[-1]["Message-ID"] == f"<{case_id.lower()}.l18@example.com>"
        other = bench.open("access")
        deaf = replace(current_app(), open_mail=lambda *_: Deaf())
        assert "is in the outbox" in withdraw(deaf, other, by="Ida")
        assert (mail_letters(current_app()), mail_letters(current_app())) == (1, 0)
        assert box.messages[-1]["Message-ID"] == f"<{other.lower()}.l18@example.com>"


class Deaf:
    """A mail server that does not answer."""

    def send(self, _mail):
        raise Transient("The mail server hung up.", system="mail")


def test_what_was_asked_of_others_before_is_said_and_that_nothing_was_erased_is_not(bench):
    """A colleague is asked to erase where no program looks, though nothing was found."""
    with installed(replace(bench.runtime, settings=with_archive(bench.runtime.settings))):
        case_id = identified(bench, "erasure", email="nobody.here@example.net")
        search(case_id)
        reach_gate(current_app(), case_id, Gate.APPROVAL)
        bench.approve(case_id)
        instruct_processor(current_app(), case_id, "cctv")
        record_instruction_sent(current_app(), case_id, 1, by="Ben")
        withdraw(current_app(), case_id, by="Ida")
    assert "- We had asked who looks after CCTV archive to erase what is there of you." in told(bench, case_id)
    assert "Nothing was erased" not in told(bench, case_id)


@pytest.fixture
def house(bench):
    """A bench with an archive that no program reaches, whose owner is reached by mail."""
    post = Post()
    raw = with_archive(settings_with(address="https://rights.example.com", typed_names="allowed"), channel="email")
    server = MailServer(host="127.0.0.1", security="none", sender="mail@example.com")
    settings = raw.model_copy(update={"delivery": raw.delivery.model_copy(update={"mail": server})})
    bench.runtime = replace(bench.runtime, settings=settings, open_mail=lambda _config, _name: post)
    with installed(bench.runtime):
        yield bench, post


@pytest.mark.apart
def test_a_colleague_who_was_asked_is_told_that_nothing_more_is_to_be_done(house):
    bench, post = house
    case_id = searched(bench, "access")
    instruct_processor(current_app(), case_id, "cctv")
    mail_to_processors(current_app())
    post.taken.clear()
    withdraw(current_app(), case_id, by="Ida")
    assert (
        "- We had asked who looks after CCTV archive for a copy of what is there of you. There is no answer yet, and "
        "we tell them that nothing more is to be done."
    ) in told(bench, case_id)
    for days in (0, 6, 9):
        bench.pass_time(days * DAY)
        mail_to_processors(current_app())
    ((to, subject, body),) = [(one.to_email, one.subject, one.body) for one in post.taken if "cctv" in one.subject]
    assert (to, subject) == ("security@example.com", f"Task {case_id}/cctv/end"), "and no one is reminded any more"
    assert f"With task {case_id}/cctv of 5 March 2026 we asked you to act on personal data of one person" in body
    assert "Do nothing more for it, and give us nothing more for it." in body
    assert not any(word in body for word in (*CANARIES, "processor", "https://"))
    with bench.file(case_id) as file:
        assert [one.standing.value for one in file.instructions.all()] == ["called off", "told"]
        (entry,) = [one for one in file.ledger.entries() if one.event == "InstructionCalledOff"]
    assert (entry.actor, entry.details["number"], entry.details["sent"]) == ("Ida", 1, True)
    stated = StatedAnswer(answer=ProcessorAnswer.NOTHING_HELD, on=current_app().today)
    with pytest.raises(Conflict, match="request has ended"):
        record_processor_answer(current_app(), case_id, 1, stated, by="Ben")


@pytest.mark.apart
def test_what_has_not_gone_out_goes_out_no_more_and_what_was_answered_is_not_called_off(house):
    bench, post = house
    case_id = searched(bench, "access")
    instruct_processor(current_app(), case_id, "cctv")
    withdraw(current_app(), case_id, by="Ida")
    mail_to_processors(current_app())
    assert not [one for one in post.taken if "cctv" in one.subject]
    with bench.file(case_id) as file:
        assert [one.standing.value for one in file.instructions.all()] == ["called off"]
    other = searched(bench, "access", email="nobody.here@example.net")
    instruct_processor(current_app(), other, "cctv")
    mail_to_processors(current_app())
    stated = StatedAnswer(answer=ProcessorAnswer.NOTHING_HELD, on=current_app().today)
    record_processor_answer(current_app(), other, 1, stated, by="Ben")
    withdraw(current_app(), other, by="Ida")
    with bench.file(other) as file:
        assert [one.standing.value for one in file.instructions.all()] == ["confirmed"]


@pytest.mark.apart
def test_what_can_be_told_in_no_other_way_is_a_persons_who_is_reminded_of_it(bench):
    processors = with_processors(bench.runtime.settings, systems=["helpdesk"], holds_own_records=True)
    with installed(replace(bench.runtime, settings=processors)):
        case_id = searched(bench, "access")
        instruct_processor(current_app(), case_id, "callhouse")
        record_instruction_sent(current_app(), case_id, 1, by="Ben")
        withdraw(current_app(), case_id, by="Ida")
        text = reveal_instruction(current_app(), case_id, 2, by="Ben")
        assert text.startswith(f"Callhouse Lisbon\n\nInstruction {case_id}/callhouse/end\n")
        assert "Tell that to each of your own processors" in text
        bench.pass_time(10 * DAY)
        look_at_cases(current_app())
        with bench.file(case_id) as file:
            assert [one.text for one in file.alerts.all() if one.kind is RungKind.INSTRUCTION_UNSENT] == [
                "Instruction 2 to Callhouse Lisbon was written on Thursday 5 March 2026 and is not noted as sent."
            ]
        record_instruction_sent(current_app(), case_id, 2, by="Ben")
    with installed(bench.runtime):
        other = searched(bench, "access", email="nobody.here@example.net")
        with installed(replace(bench.runtime, settings=with_archive(bench.runtime.settings))):
            instruct_processor(current_app(), other, "cctv")
            record_instruction_sent(current_app(), other, 1, by="Ben")
        withdraw(current_app(), other, by="Ida")
        (task,) = looks.tasks(bench, other)
        assert task.what.startswith(f"Tell CCTV archive by hand that nothing more is to be done in {other}")


def test_who_wanted_no_advertising_is_told_that_the_list_stays(bench):
    case_id = bench.open("objection")
    withdraw(current_app(), case_id, by="Ida")
    assert "to which we send no advertising, and stays there until you ask us" in told(bench, case_id)
    assert "Nothing was erased." in told(bench, case_id)


def test_of_an_access_request_also_while_it_is_answered(bench):
    case_id = executing_access(bench, "access")
    withdraw(current_app(), case_id, by="Ida")
    assert not folder(bench, case_id).exists()
    assert removals(bench, case_id) == ["withdrawn"]
    revealed = reveal(current_app(), case_id, by="Ida", reason="a question")
    assert (revealed.package, revealed.passphrase, revealed.withdrawal) == ("", "", "")


def test_an_approved_erasure_is_not_stopped_half_way(bench):
    case_id = approved(bench)
    before = facts(bench, case_id)
    with pytest.raises(Conflict, match="what is erased cannot be brought back; it is carried out to its end"):
        withdraw(current_app(), case_id, by="Ida")
    assert facts(bench, case_id) == before


def test_what_is_not_usable_or_not_said_by_whom_or_of_a_closed_case_withdraws_nothing(bench):
    for case_id, by, sentence in [
        ("DSR-2026-AAAAAA", "Ida", "There is no case"),
        (TEXT, "Ida", "not a case id"),
        ("", " ", "not a case id"),
    ]:
        with pytest.raises(BadInput, match=sentence):
            withdraw(current_app(), case_id, by=by)
    with pytest.raises(BadInput, match="Your name is missing"):
        withdraw(current_app(), bench.open("access"), by=" ")
    case_id = at_identity(bench, "erasure")
    refuse_identity(case_id)
    with pytest.raises(Conflict, match="is refused already"):
        withdraw(current_app(), case_id, by="Ida")


def test_its_alerts_end_and_none_is_raised_any_more(bench):
    case_id = bench.open("access")
    bench.pass_time(40 * DAY)
    look_at_cases(bench.runtime)
    withdraw(current_app(), case_id, by="Ida")
    record_sent(current_app(), case_id, "L18", by="Ida")
    with bench.file(case_id) as file:
        assert all(one.ended_at for one in file.alerts.all())
        count = len(file.alerts.all())
    bench.pass_time(40 * DAY)
    look_at_cases(bench.runtime)
    with bench.file(case_id) as file:
        assert count == len(file.alerts.all()) > 0


def test_no_step_is_begun_any_more(bench):
    case_id = identified(bench, "access")
    withdraw(current_app(), case_id, by="Ida")
    before = facts(bench, case_id)
    with pytest.raises(Conflict, match="was withdrawn; nothing more is done on it"):
        locate_records(current_app(), case_id, "helpdesk")
    assert facts(bench, case_id) == before
    assert reach_gate(current_app(), case_id, Gate.APPROVAL).has_ended


def ended(case_id):
    """How a run leaves the case that does nothing on it."""
    with working_on(current_app(), case_id, Right.ACCESS, has_run=False, is_shown=lambda _: False) as case:
        return case.end(has_failed=False)


def test_what_a_run_copied_meanwhile_goes_when_the_run_ends(bench):
    case_id = searched(bench, "access")
    assert current_app().store.take_lease(case_id, "the run")
    helpdesk = bench.systems["helpdesk"]

    def extract(*arguments):
        parts = list(helpdesk.extract(*arguments))
        withdraw(current_app(), case_id, by="Ida")
        return iter(parts)

    meanwhile = current_app().connectors | {"helpdesk": Instead(helpdesk, extract=extract)}
    extract_records(replace(current_app(), connectors=meanwhile), case_id, "helpdesk")
    assert any(path.is_file() for path in Path(folder(bench, case_id)).rglob("*"))
    current_app().store.release_lease(case_id, "the run")
    assert ended(case_id).ended_as
    assert not folder(bench, case_id).exists()
    assert removals(bench, case_id) == ["withdrawn"]
    assert ended(case_id).ended_as
    assert removals(bench, case_id) == ["withdrawn"]


def test_a_run_whose_case_was_not_withdrawn_clears_nothing_up(bench):
    case_id = prepared(bench)
    assert not ended(case_id).ended_as
    assert folder(bench, case_id).exists()
