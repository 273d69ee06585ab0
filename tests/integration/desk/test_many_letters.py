"""Answers of several cases read on one page and mailed together: each read, each by its own rules."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from rightsflow.app import installed
from rightsflow.cases.course.sending.mail import mail_letters
from rightsflow.cases.course.sending.many_letters import differing
from rightsflow.domain.errors import Permanent
from rightsflow.domain.vocabulary.states import CaseState
from tests.integration.desk.cases import entries
from tests.support.mailing import mailing
from tests.support.steps import nothing_held

LETTER = re.compile(r'name="letter" value="([^"]+)"')
CASE = re.compile(r'name="case" value="([^"]+)"')


class Server:
    """A mail server that takes all."""

    def __init__(self):
        self.mails = []

    def send(self, mail):
        self.mails.append(mail)
        return type("Taken", (), {"code": "250", "text": "queued as 4bX"})()


@pytest.fixture
def server(rig):
    made = Server()
    with mailing(rig.bench, 1):
        rig.bench.runtime = replace(rig.bench.runtime, open_mail=lambda *_: made)
        with installed(rig.bench.runtime):
            yield made


@pytest.mark.apart
def test_answers_are_read_together_and_mailed_in_one_act(rig, server):
    cases = [nothing_held(rig.bench, email=f"nobody{number}@example.net") for number in range(3)]
    by_letter = nothing_held(rig.bench, email="nobody9@example.net", channel="letter")
    server.mails.clear()
    officer = rig.browser("olga")
    assert "Send these letters by mail" in officer.get("/").text
    listed = officer.get("/letters").text
    assert set(CASE.findall(listed)) == {*cases, by_letter}
    token = officer.token("/letters")

    sent = officer.client.post("/desk/letters/mail", data={"token": token, "letter": [f"{cases[0]} L8"]})
    assert "No one has opened letter L8 as it is now" in sent.text
    assert server.mails == []

    page = officer.client.post("/desk/letters/read", data={"token": token, "case": [*cases, by_letter]}).text
    assert {value.partition(" ")[0] for value in LETTER.findall(page)} == set(cases)
    assert "Not mailed: The request did not come by e-mail" in page
    assert page.count("We searched") <= 1 or "but for:" in page
    done = officer.client.post("/desk/letters/mail", data={"token": token, "letter": LETTER.findall(page)}).text
    assert done.count("mailed; the case is closed") == 3
    assert len(server.mails) == 3
    for case in cases:
        assert entries(rig.bench, case)["LetterSent"].actor == "Olga Officer"
        with rig.bench.file(case) as file:
            assert (file.is_closed, file.state) == (True, CaseState.NOTHING_HELD)


@pytest.mark.apart
def test_who_does_not_send_letters_reads_and_mails_none(rig, server):
    case = nothing_held(rig.bench, email="nobody@example.net")
    server.mails.clear()
    auditor = rig.browser("axel")
    token = auditor.token("/letters")
    for act, data in (("read", {"case": case}), ("mail", {"letter": f"{case} L8"})):
        assert auditor.client.post(f"/desk/letters/{act}", data={"token": token} | data).status_code == 403
    assert server.mails == []


def test_every_line_in_which_a_letter_differs_is_shown_one_that_is_missing_too():
    first = ["Dear Anna,", "we hold nothing.", "Regards"]
    assert list(differing(first, first)) == []
    assert list(differing(first, ["Dear Ben,", *first[1:]])) == ["Dear Ben,"]
    assert list(differing(first, ["Dear Anna,", "Regards"])) == ["(without: we hold nothing.)"]
    assert list(differing(first, [*first, "P. S."])) == ["P. S."]


class Moody(Server):
    """A mail server that refuses for good until it is set up rightly."""

    refuses = True

    def send(self, mail):
        if self.refuses:
            raise Permanent("The mail server refuses to relay.", system="mail", operation="send", status=550)
        return super().send(mail)


@pytest.mark.apart
def test_letters_left_unsent_are_mailed_in_one_act_and_none_twice(rig):
    """Before, what a mail server had refused was offered to no one again, and routine letters not together."""
    unset = rig.bench.open("access", email="nobody1@example.net")
    made = Moody()
    with mailing(rig.bench, 1):
        rig.bench.runtime = replace(rig.bench.runtime, open_mail=lambda *_: made)
        with installed(rig.bench.runtime):
            refused = rig.bench.open("access", email="nobody2@example.net")
            mail_letters(rig.bench.runtime)
            assert "LetterNotMailable" in entries(rig.bench, refused)
            made.refuses = False
            by_letter = rig.bench.open("access", email="nobody3@example.net", channel="letter")
            officer = rig.browser("olga")
            assert "Send these letters by mail" in officer.get("/").text
            page = officer.get("/letters").text
            chosen = LETTER.findall(page)
            assert set(chosen) == {f"{unset} L1", f"{refused} L1"}
            assert by_letter in page.partition("not mailed</summary>")[2]
            data = {"token": officer.token("/letters"), "letter": chosen}
            auditor = rig.browser("axel")
            theirs = {"token": auditor.token("/letters"), "letter": chosen}
            assert auditor.client.post("/desk/letters/mail", data=theirs).status_code == 403
            done = officer.client.post("/desk/letters/mail", data=data).text
            assert (done.count("mailed</li>"), "the case is closed" in done) == (2, False)
            officer.client.post("/desk/letters/mail", data=data)
            mail_letters(rig.bench.runtime)
    assert sorted(mail.to_email for mail in made.mails) == ["nobody1@example.net", "nobody2@example.net"]
    for case in (unset, refused):
        assert entries(rig.bench, case)["LetterSent"].actor == "Olga Officer"
