"""Letters at the desk: read, mailed, noted as sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.domain.people import Proof
from tests.integration.desk.cases import entries
from tests.support.bench import CANARIES, SETTINGS
from tests.support.mailing import mailing
from tests.support.steps import answered_access, approved, carry_out


@pytest.fixture
def officer(rig):
    return rig.browser("olga")


@pytest.fixture
def case(rig):
    return rig.bench.open("access", name="Anna Quillfeather")


def at(case, below=""):
    return f"/cases/{case}/letters/L1{below}"


def line(bench, case):
    with bench.file(case) as file:
        return next(one for one in file.outbox.lines() if one.template_id == "L1")


@pytest.mark.apart
def test_a_letter_is_shown_only_to_who_says_why_and_that_is_in_the_ledger(rig, case, officer):
    assert [one for one in CANARIES if one in officer.get(at(case)).text] == []
    assert officer.send(at(case, "/read"), at(case), reason=" ").status_code == 422
    page = officer.send(at(case, "/read"), at(case), reason="to print it")
    assert '<div class="letter">' in page.text
    looked = entries(rig.bench, case)["PersonalDataRevealed"]
    assert (looked.actor, looked.details["signed_in"]) == ("Olga Officer", Proof.PASSWORD_AND_CODE.value)


@pytest.mark.apart
def test_a_letter_is_noted_as_sent_with_its_day_and_channel(rig, case, officer):
    for field, value in (
        ("sent_on", "2026-03-06"),
        ("sent_on", "2026-03-04"),
        ("sent_on", "soon"),
        ("channel", ""),
        ("proof", "x" * 201),
    ):
        typed = {"sent_on": "2026-03-05", "channel": "post", "proof": "RR 1234"} | {field: value}
        page = officer.send(at(case, "/sent"), at(case), **typed)
        assert (page.status_code, f'id="{field}-wrong"' in page.text) == (422, True)
        assert line(rig.bench, case).sent_at is None
        assert rig.followed == []

    assert officer.get(f"/cases/{case}/letters/L9").status_code == 404

    for path in ("/", f"/cases/{case}"):
        assert f'href="/desk/cases/{case}/letters/L1"' in officer.get(path).text

    sent = {"sent_on": "2026-03-05", "channel": "registered post", "proof": "RR 1234"}
    answer = officer.send(at(case, "/sent"), at(case), **sent)
    assert answer.headers["location"] == f"/desk/cases/{case}"
    noted = entries(rig.bench, case)["LetterSent"]
    assert (noted.actor, noted.details["channel"]) == ("Olga Officer", "registered post")
    assert rig.followed == [case]
    assert "Mark as sent" not in officer.get(at(case)).text


class Server:
    """A mail server that takes all."""

    def __init__(self):
        self.mails = []

    def send(self, mail):
        self.mails.append(mail)
        return type("Taken", (), {"code": "250", "text": "queued as 4bX"})()


def test_a_letter_is_mailed_where_it_may_be(rig, case, officer):
    assert "Mail it now" not in officer.get(at(case)).text
    assert officer.send(at(case, "/mail"), at(case)).status_code == 409
    server = Server()
    raw = SETTINGS.model_dump(mode="json", exclude_defaults=True)
    mail = {"mail": {"host": "mail.example.com", "sender": "desk@example.com"}}
    settings = type(SETTINGS).model_validate(raw | {"delivery": mail})
    rig.bench.runtime = replace(rig.bench.runtime, settings=settings, open_mail=lambda *_: server)
    with installed(rig.bench.runtime):
        assert "Mail it now" in officer.get(at(case)).text
        assert officer.send(at(case, "/mail"), at(case)).status_code == 303
        assert current_app() is rig.bench.runtime
    assert [one.to_email for one in server.mails] == ["anna.quill@example.com"]
    assert line(rig.bench, case).sent_at is not None
    assert entries(rig.bench, case)["LetterSent"].actor == "Olga Officer", "and not the machine"


def noted(bench, case, event):
    with bench.file(case) as file:
        return sum(one.event == event for one in file.ledger.entries())


def test_the_free_parts_of_a_letter_are_worded_and_read(rig, case, officer):
    answer = officer.send(at(case, "/edit"), at(case), salutation="Dear Ms Quillfeather", remark="We write again soon.")
    read = answer.text
    assert "The text of letter L1 was changed" in read
    assert read.index('<div class="letter">') < read.index(">Change the letter<"), (
        "edited with its text beside the fields"
    )
    assert ">We write again soon.</textarea>" in read
    assert "Dear Ms Quillfeather,\n" in read
    assert "We write again soon.\n\nYours sincerely" in read
    officer.send(at(case, "/edit"), at(case), salutation="Dear Ms Quillfeather", remark="We write again soon.")
    assert noted(rig.bench, case, "LetterEdited") == 1, "a form that is sent again changes nothing"
    refused = officer.send(at(case, "/edit"), at(case), remark="You are a customer.")
    assert (refused.status_code, "You are a customer." in refused.text) == (409, True)


@pytest.mark.apart
def test_what_became_of_a_letter_is_noted(rig, case, officer):
    officer.send(at(case, "/sent"), at(case), sent_on="2026-03-05", channel="post", proof="")
    assert officer.send(at(case, "/delivered"), at(case), arrived_on="soon").status_code == 422
    for _ in range(2):
        officer.send(at(case, "/delivered"), at(case), arrived_on="2026-03-05", arrival_proof="RR 1")
    assert noted(rig.bench, case, "LetterDelivered") == 1, "a form that is sent again is noted once"
    officer.send(at(case, "/delivered"), at(case), arrived_on="2026-03-05", arrival_proof="RR 2")
    assert noted(rig.bench, case, "LetterDelivered") == 2, "another proof is another entry"
    assert "Letter delivered" in officer.get(at(case)).text
    officer.send(at(case, "/returned"), at(case), arrived_on="2026-03-05")
    page = officer.get(at(case)).text
    assert "Letter returned" in page
    assert "Mark as sent" in page
    assert line(rig.bench, case).sent_at is None


def answered_erasure(bench):
    case_id = approved(bench)
    carry_out(case_id)
    write_answer(current_app(), case_id)
    return case_id


def mailed(rig, officer, case_id, letter):
    """The letter's page, what came of mailing it there, and the mails that went out."""
    here, server = f"/cases/{case_id}/letters/{letter}", Server()
    with mailing(rig.bench, 1):
        rig.bench.runtime = replace(rig.bench.runtime, open_mail=lambda *_: server)
        with installed(rig.bench.runtime):
            page = officer.send(f"{here}/read", here, reason="to send it").text
            return page, officer.send(f"{here}/mail", here), server.mails


@pytest.mark.apart
def test_the_answer_to_an_erasure_is_mailed_from_its_page(rig, officer):
    case_id = answered_erasure(rig.bench)
    page, answer, mails = mailed(rig, officer, case_id, "L11")
    assert "It goes to the address that the request gave" in page
    assert (answer.status_code, [one.to_email for one in mails]) == (303, ["anna.quill@example.com"])
    assert "anna.quill" not in page
    # Standard wording is folded on the screen; what is printed is the whole letter.
    screen, _, printed = page.partition('<div class="letter printed">')
    assert "<summary>Standard wording: complaint, courts, contact</summary>" in screen
    assert "You can complain to a supervisory authority" in printed
    happened = officer.get(f"/cases/{case_id}/letters/L11").text
    assert "Letter sent</strong>, L11, e-mail, the address that the request gave, Olga Officer" in happened


@pytest.mark.apart
def test_a_package_that_cannot_be_mailed_says_why_and_once_it_went_out_how_its_passphrase_is_told(rig, officer):
    case_id = answered_access(rig.bench)
    page, answer, mails = mailed(rig, officer, case_id, "L9")
    assert "only to an address of the person that a code proved" in page
    assert "Mail it now" not in page
    assert (answer.status_code, mails) == (409, [])

    here = f"/cases/{case_id}/letters/L9"
    assert "Tell the passphrase" not in officer.get(here).text
    officer.send(f"{here}/sent", here, sent_on="2026-03-05", channel="post", proof="")
    assert "Tell it to the person by telephone from the case owner, and never in a mail" in officer.get(here).text
