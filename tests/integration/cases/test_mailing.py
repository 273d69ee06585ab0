"""Letters that are mailed: to whom, once, only while they are true, and what a mail server's faults result in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.mail import Taken
from rightsflow.app import current_app
from rightsflow.cases.course.letters.further_letters import extend
from rightsflow.cases.course.letters.questions import ask_clarification, ask_identity
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.course.sending.mail import MAILED, mail_letters, try_to_mail
from rightsflow.cases.facts.overview.case_sheet import read_overview, render_sheet
from rightsflow.domain.errors import BadInput, Conflict, Transient
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.request import Channel
from rightsflow.domain.vocabulary.states import CaseAction
from rightsflow.store.case.outbox import CLAIM_TIME
from tests.support.bench import ANNA_EMAIL, CANARIES
from tests.support.canary import Scanner, all_logs
from tests.support.desk import DAY, DOUBT, REASON, due, facts, move_to, sent
from tests.support.instead import Instead
from tests.support.mailing import mailing
from tests.support.post import smtp_server

SCANNER = Scanner({value: value for value in CANARIES})


@pytest.fixture(scope="module")
def server():
    with smtp_server() as box:
        yield box


@pytest.fixture
def fresh(bench, server):
    """The mail server, not talked to yet."""
    # It has each case's mails, so that no case is copied.
    bench.is_known_outside = True
    vars(server).update(messages=[], refusal="", recipient_refusal="", acceptance="250 OK")
    return server


@pytest.fixture
def box(bench, fresh):
    with mailing(bench, fresh.port):
        yield fresh


def subjects(box):
    return [message["Subject"] for message in box.messages]


def write(file, letter):
    file.outbox.put(template_id=letter, version="1", language="en", subject_line="s", body="b", variables_hash="f" * 64)


def to_be_mailed(bench):
    channels = [Channel.EMAIL.value, Channel.WEB_FORM.value]
    return bench.runtime.store.rounds.cases_to_mail([letter.value for letter in MAILED], channels, "", 100)


class HangingUp:
    """A mail server that hangs up on mails to some addresses.

    Args:
        addresses: To whom.
    """

    def __init__(self, *addresses):
        self._addresses, self.tried = addresses, []

    def send(self, mail):
        self.tried.append(mail.to_email)
        if mail.to_email in self._addresses:
            raise Transient("The mail server hung up.", system="mail")
        return Taken("250", "OK")


class Taking:
    """One that takes every mail, while something happens.

    Args:
        act: What.
    """

    def __init__(self, act):
        self._act = act

    def send(self, _mail):
        self._act()
        return Taken("250", "OK")


def mails_by(bench, server):
    """The letters are mailed by that server; returns how many were."""
    return mail_letters(replace(bench.runtime, open_mail=lambda *_: server))


def ledger(bench, case_id, event):
    return [entry.details for entry in facts(bench, case_id)[3] if entry.event == event]


def test_the_acknowledgement_goes_out_when_the_case_is_opened(bench, box):
    case_id = bench.open("access")
    (message,) = box.messages
    assert message["To"] == "anna.quill@example.com"
    assert message["From"] == "Example Devices GmbH <mail@example.com>"
    assert message["Reply-To"] == "case-owner@example.com"
    assert message["Subject"] == f"We have received your request ({case_id})"
    assert message["Message-ID"] == f"<{case_id.lower()}.l1@example.com>"
    (letter,) = facts(bench, case_id)[2]
    assert (letter.sent_at, letter.sent_by) == (bench.moment[0], "rightsflow")
    assert mail_letters(bench.runtime) == 0
    assert len(box.messages) == 1


@pytest.mark.apart
def test_a_question_a_clarification_and_a_notice_go_out_at_once_and_the_clock_follows(bench, box):
    case_id = bench.open("access")
    said = ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
    assert said == "The question (letter L2) has gone out by mail. The clock is suspended until the answer."
    assert facts(bench, case_id)[0].suspended_since == bench.moment[0]
    assert DOUBT in box.messages[-1].get_content().replace("\n", " ")
    with pytest.raises(Conflict, match="went out already"):
        record_sent(current_app(), case_id, "L2", by="Ida")


@pytest.mark.apart
def test_a_notice_goes_out_at_once_and_the_period_is_extended_and_a_clarification_too(bench, box):
    case_id = bench.open("access")
    bench.confirm_identity(case_id)
    said = ask_clarification(current_app(), case_id, areas=["tickets"], by="Ida")
    assert said == (
        "The question (letter L3) has gone out by mail. It does not stop the clock: it stays due Tue 07 Apr 2026."
    )
    assert sent(bench, case_id) == ["L1", "L3"]
    prepared = extend(current_app(), case_id, reason=REASON, by="Dana")
    assert prepared.is_sent
    assert prepared.sentence == ("The notice (letter L6) has gone out by mail; the period now ends Fri 05 Jun 2026.")
    assert due(bench, case_id) == "2026-06-05"


@pytest.mark.apart
@pytest.mark.parametrize("letter", ["L3", "L6"])
def test_while_it_is_not_clear_who_wrote_a_person_decides_on_what_goes_out(bench, box, letter):
    case_id = bench.open("access")
    extend(current_app(), case_id, reason=REASON, by="Dana")
    with bench.file(case_id) as file:
        write(file, "L3")
    assert mail_letters(bench.runtime) == 0
    assert letter not in sent(bench, case_id)
    bench.confirm_identity(case_id)
    assert mail_letters(bench.runtime) == 2
    assert letter in sent(bench, case_id)


@pytest.mark.parametrize("channel", ["phone", "letter", "helpdesk", "other", "not stated"])
def test_who_did_not_write_electronically_gets_no_mail(bench, box, channel):
    case_id = bench.open("access", channel=channel)
    assert ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida").startswith(
        "The question (letter L2) is in the outbox; send it"
    )
    assert not extend(current_app(), case_id, reason=REASON, by="Dana").is_sent
    assert mail_letters(bench.runtime) == 0
    assert (box.messages, sent(bench, case_id)) == ([], [])


def test_who_gave_no_address_gets_no_mail_not_even_to_one_learnt_since(bench, box):
    case_id = bench.open("access", email="", customer_id="C-10001", channel="web form")
    with bench.file(case_id) as file:
        file.identifiers.add([ANNA_EMAIL], learnt_from="helpdesk")
    assert mail_letters(bench.runtime) == 0
    assert box.messages == []
    assert to_be_mailed(bench) == []


def test_answers_and_refusals_are_sent_by_people(bench, box):
    case_id = bench.open("access")
    with bench.file(case_id) as file:
        for letter in ("L7", "L8", "L9", "L10", "L11"):
            write(file, letter)
    assert mail_letters(bench.runtime) == 0
    assert sent(bench, case_id) == ["L1"]


def test_without_a_mail_server_letters_wait_for_somebody(bench):
    case_id = bench.open("access")
    assert (mail_letters(bench.runtime), try_to_mail(case_id, bench.runtime)) == (0, frozenset())
    assert sent(bench, case_id) == []


class TestWhatIsNoLongerTrue:
    def written(self, bench, act):
        case_id = bench.open("access")
        act(case_id)
        return case_id

    @pytest.mark.parametrize(("local", "goes"), [("2026-04-07T23:30", True), ("2026-04-08T00:30", False)])
    def test_a_late_notice_is_not_mailed(self, bench, fresh, local, goes):
        case_id = self.written(bench, lambda case_id: extend(current_app(), case_id, reason=REASON, by="Dana"))
        bench.confirm_identity(case_id)
        move_to(bench, local)
        with mailing(bench, fresh.port):
            mail_letters(bench.runtime)
            assert (f"Our answer takes longer ({case_id})" in subjects(fresh)) is goes
        assert ("L6" in sent(bench, case_id)) is goes
        assert due(bench, case_id) == ("2026-06-05" if goes else "2026-04-07")

    def test_nobody_is_asked_whose_identity_is_decided(self, bench, fresh):
        case_id = self.written(bench, lambda case_id: ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida"))
        bench.confirm_identity(case_id)
        with mailing(bench, fresh.port):
            assert mail_letters(bench.runtime) == 1
        assert sent(bench, case_id) == ["L1"]

    def test_a_question_that_says_that_the_clock_stands_is_not_mailed_when_it_no_longer_would(self, bench, fresh):
        case_id = self.written(bench, lambda case_id: ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida"))
        bench.pass_time(6 * DAY)
        with mailing(bench, fresh.port):
            mail_letters(bench.runtime)
        assert sent(bench, case_id) == ["L1"]
        assert "L2) has not gone out.** The clock runs" in render_sheet(
            read_overview(current_app(), case_id), bench.runtime
        )

    def test_nothing_is_mailed_about_a_closed_case(self, bench, fresh):
        case_id = self.written(bench, lambda case_id: None)
        with bench.file(case_id) as file:
            file.advance(CaseAction.WITHDRAW)
        with mailing(bench, fresh.port):
            assert mail_letters(bench.runtime) == 0
            assert try_to_mail(case_id, bench.runtime) == frozenset()
        assert fresh.messages == []


class TestFaults:
    @pytest.mark.apart
    def test_a_server_that_is_away_ends_the_round_and_the_next_one_goes_on(self, bench, fresh):
        addresses = [f"person{number}@example.org" for number in range(5)]
        cases = [bench.open("access", email=address) for address in addresses]
        with mailing(bench, fresh.port):
            server = HangingUp(*addresses)
            with all_logs() as heard:
                assert mails_by(bench, server) == 0
            assert len(server.tried) == 3, "a round does not wait for the same server once per letter"
            assert heard.getvalue().count("are mailed later") == 3
            assert "person" not in heard.getvalue()
            assert [sent(bench, case_id) for case_id in cases] == [[]] * 5
            assert mail_letters(bench.runtime) == 5, "what was claimed was given back"
        assert [sent(bench, case_id) for case_id in cases] == [["L1"]] * 5

    @pytest.mark.apart
    def test_mails_that_the_server_hangs_up_on_do_not_hold_up_the_others(self, bench):
        addresses = {bench.open("access", email=f"person{number}@example.org"): number for number in range(7)}
        ordered = [f"person{addresses[case_id]}@example.org" for case_id in sorted(addresses)]
        hung_up_on = [ordered[number] for number in (0, 1, 3, 4, 6)]
        server = HangingUp(*hung_up_on)
        with mailing(bench, 1):
            assert mails_by(bench, server) == 2
        assert server.tried == ordered, "a mail that is taken in between shows that the server is there"

    def test_of_one_case_the_server_hangs_up_on_once(self, bench):
        case_id = bench.open("access")
        ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        server = HangingUp("anna.quill@example.com")
        with mailing(bench, 1):
            assert mails_by(bench, server) == 0
        assert len(server.tried) == 1

    @pytest.mark.apart
    @pytest.mark.parametrize("fault", [BadInput("The key is another."), ValueError("Anna Quillfeather")])
    def test_a_case_that_cannot_be_read_does_not_hold_up_the_others(self, bench, fresh, fault):
        cases = sorted(bench.open("access", email=f"person{number}@example.org") for number in range(3))
        store = bench.runtime.store

        def case_file(case_id):
            if case_id == cases[0]:
                raise fault
            return store.case_file(case_id)

        with mailing(bench, fresh.port):
            faulty = replace(bench.runtime, store=Instead(store, case_file=case_file))
            with all_logs() as heard:
                assert mail_letters(faulty) == 2
                assert try_to_mail(cases[0], faulty) == frozenset()
            assert f"{cases[0]} is passed over" in heard.getvalue()
            assert "Quillfeather" not in heard.getvalue()
            assert mail_letters(bench.runtime) == 1

    def test_a_clock_behind_that_of_the_machine_that_wrote_the_letter(self, bench, fresh):
        case_id = bench.open("access")
        (written,) = facts(bench, case_id)[2]
        bench.pass_time(-timedelta(minutes=2))
        with mailing(bench, fresh.port):
            assert mail_letters(bench.runtime) == 1
            bench.pass_time(DAY)
            assert mail_letters(bench.runtime) == 0, "it is noted as sent, and goes out once"
        (letter,) = facts(bench, case_id)[2]
        assert letter.sent_at == written.written_at

    def test_a_case_is_opened_and_asked_all_the_same(self, bench):
        with mailing(bench, 1):
            case_id = bench.open("access")
            assert "is in the outbox" in ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        assert sent(bench, case_id) == []

    @pytest.mark.apart
    def test_an_address_nobody_knows_is_tried_once_and_shown(self, bench):
        with smtp_server(refused_recipients=True) as box, mailing(bench, box.port), all_logs() as heard:
            case_id = bench.open("access")
            other = bench.open("access", email="other@example.org", channel="letter")
            for _ in range(3):
                assert mail_letters(bench.runtime) == 0
            assert to_be_mailed(bench) == []
            assert ledger(bench, case_id, "LetterNotMailable") == [{"letter": "L1", "status": "550"}]
            assert ledger(bench, other, "LetterNotMailable") == []
        assert "could not be mailed" in heard.getvalue()
        # The test's own mail server, which runs in this process, logs what it is told.
        ours = [line for line in heard.getvalue().splitlines() if " mail.log " not in line]
        assert not SCANNER.scan("\n".join(ours).encode(), "logs")
        assert "the mail server refuses it: send it in another way" in render_sheet(
            read_overview(current_app(), case_id), bench.runtime
        )
        assert record_sent(current_app(), case_id, "L1", by="Ida") == "Letter L1 is noted as sent."

    @pytest.mark.apart
    def test_a_mail_that_is_to_come_again_later_does_not_hold_up_the_others(self, bench, fresh):
        first, second = (bench.open("access", email=f"person{number}@example.org") for number in range(2))
        with mailing(bench, fresh.port):
            fresh.refusal = "451 greylisted"
            assert mail_letters(bench.runtime) == 0
            assert ledger(bench, first, "LetterNotMailable") == []
            fresh.refusal = ""
            assert mail_letters(bench.runtime) == 2
        assert (sent(bench, first), sent(bench, second)) == (["L1"], ["L1"])

    @pytest.mark.parametrize("answer", ["554 relay access denied", "550 5.7.1 relaying denied", "450 4.2.0 greylisted"])
    def test_a_server_that_does_not_relay_is_asked_again_once_it_is_mended(self, bench, fresh, answer):
        case_id = bench.open("access")
        with mailing(bench, fresh.port):
            fresh.recipient_refusal = answer
            assert mail_letters(bench.runtime) == 0
            assert ledger(bench, case_id, "LetterNotMailable") == []
            fresh.recipient_refusal = ""
            assert mail_letters(bench.runtime) == 1

    def test_a_secret_that_is_missing_does_not_stop_the_watch(self, bench, fresh, monkeypatch):
        monkeypatch.delenv("NO_SUCH_SECRET", raising=False)
        case_id = bench.open("access")
        with mailing(bench, fresh.port, username="u", password="env:NO_SUCH_SECRET"):
            with all_logs() as heard:
                assert mail_letters(bench.runtime) == 0
                assert try_to_mail(case_id, bench.runtime) == frozenset()
            assert "NO_SUCH_SECRET" in heard.getvalue()

    def test_a_case_store_that_does_not_answer_is_told(self, bench):
        def away(*_):
            raise Transient("The case store does not answer.", system="case store")

        store = bench.runtime.store
        with mailing(bench, 1):
            faulty = replace(bench.runtime, store=Instead(store, rounds=Instead(store.rounds, cases_to_mail=away)))
            with pytest.raises(Transient, match="case store"):
                mail_letters(faulty)


class TestTwoAtOnce:
    def test_what_another_process_is_mailing_is_left_alone_until_its_time_is_over(self, bench, fresh):
        case_id = bench.open("access")
        with bench.file(case_id) as file:
            assert file.outbox.claim("L1") is not None
        with mailing(bench, fresh.port):
            bench.pass_time(CLAIM_TIME - timedelta(seconds=1))
            assert mail_letters(bench.runtime) == 0
            bench.pass_time(timedelta(seconds=1))
            assert mail_letters(bench.runtime) == 1, "the other one died: mailed again, under the same Message-ID"
        assert len(fresh.messages) == 1

    def test_what_somebody_noted_while_it_was_on_its_way_stays_as_noted(self, bench):
        case_id = bench.open("access")
        server = Taking(lambda: record_sent(current_app(), case_id, "L1", by="Ida"))
        with mailing(bench, 1):
            assert mails_by(bench, server) == 1
        (letter,) = facts(bench, case_id)[2]
        assert letter.sent_by == "Ida"

    def test_identity_decided_while_the_question_was_on_its_way_stops_no_clock(self, bench):
        case_id = bench.open("access")
        ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        record_sent(current_app(), case_id, "L1", by="Ida")
        server = Taking(lambda: bench.confirm_identity(case_id))
        with mailing(bench, 1):
            assert mails_by(bench, server) == 1
        dates, events, letters, _ = facts(bench, case_id)
        assert "IDENTITY_REQUESTED" not in events
        assert dates.suspended_since is None
        assert letters[1].sent_at is not None
        with bench.file(case_id) as file:
            assert file.decisions.at(Gate.IDENTITY) is not None


def test_of_a_mailed_letter_the_servers_code_and_its_id_are_kept_and_no_free_text(bench, box):
    box.acceptance = f"250 2.0.0 Ok: queued as 4XyZq12abcz9, hello {ANNA_EMAIL}"
    case_id = bench.open("access")
    (noted,) = ledger(bench, case_id, "LetterSent")
    assert noted == {
        "letter": "L1",
        "at": noted["at"],
        "channel": "e-mail",
        "address": "the address that the request gave",
        "smtp_code": "250",
        "queue_id": "4XyZq12abcz9",
    }


def test_an_id_in_which_an_address_may_hide_is_left_out(bench, box):
    box.acceptance = f"250 2.0.0 Ok: queued as <{ANNA_EMAIL}>"
    case_id = bench.open("access")
    (noted,) = ledger(bench, case_id, "LetterSent")
    assert (noted["smtp_code"], "queue_id" in noted) == ("250", False)
