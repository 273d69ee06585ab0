"""Identity by a code to an address on file: looked up at the systems, mailed by a real server, given back, recorded."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.domain.gates.decisions import Gate, IdentityMethod, OnFile
from rightsflow.domain.gates.identity import spelt
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.testing.fakes import FakeRecord
from tests.integration.desk.cases import entries, state
from tests.support.bench import ANNA_EMAIL, ANNA_PROFILE, BORIS, CANARIES
from tests.support.canary import Scanner, all_logs
from tests.support.mailing import CODE, mailing
from tests.support.post import smtp_server

LATER = timedelta(minutes=2)
SINCE = date(2024, 5, 3)


def profile(key="u9", owner=ANNA_PROFILE, on=SINCE):
    return FakeRecord(kind="profile", key=key, texts=((owner, "profile"),), occurred_on=on)


@pytest.fixture
def box(rig):
    rig.bench.systems["helpdesk"].add(profile())
    with smtp_server() as box, mailing(rig.bench, box.port):
        yield box


@pytest.fixture
def officer(rig):
    return rig.browser("olga")


def waiting(rig, **fields):
    case = rig.bench.open("access", **fields)
    reach_gate(current_app(), case, Gate.IDENTITY)
    return case


def act(browser, case, name, **typed):
    return browser.send(f"/cases/{case}/identity/{name}", f"/cases/{case}/identity", **typed)


def offered(page):
    """The addresses that can be chosen: what stands for each, and its words."""
    return dict(re.findall(r'<option value="([0-9a-f]{64})"[^>]*>([^<]+)<', page.text))


def send(browser, case):
    (choice,) = offered(act(browser, case, "on-file"))
    return act(browser, case, "send-code", address=choice)


def codes_in(box):
    """The mails with codes; the acknowledgement of the request is mailed too."""
    return [one for one in box.messages if one["Subject"].startswith("Your code")]


def code_in(box):
    return CODE.search(codes_in(box)[-1].get_content())[1]


@pytest.mark.apart
def test_a_code_goes_to_the_address_on_file_and_confirms_who_gives_it_back(rig, box, officer):
    case = waiting(rig)
    page = act(officer, case, "on-file")
    assert list(offered(page).values()) == ["a•••@e•••.com, helpdesk, on file since 3 May 2024"]
    assert ANNA_EMAIL.value not in page.text
    assert send(officer, case).status_code == 303
    (mail,) = codes_in(box)
    assert mail["To"].addresses[0].addr_spec == ANNA_EMAIL.value
    assert mail["Reply-To"] == "case-owner@example.com"
    assert "Anna" not in mail.get_content()
    typed = {"given_code": code_in(box), "given_back": "on the telephone"}
    assert act(officer, case, "check-code", **typed).headers["location"] == f"/desk/cases/{case}"
    assert rig.resumed == [(case, Gate.IDENTITY)]
    with rig.bench.file(case) as file:
        decided = file.decisions.at(Gate.IDENTITY)
    check = decided.check
    assert (decided.method, decided.by) == (IdentityMethod.CODE, "Olga Officer")
    assert (check.against, check.held_by, check.on_file_since) == (OnFile.EMAIL, "helpdesk", SINCE)
    assert check.at == rig.bench.moment[0]
    accepted = entries(rig.bench, case)["IdentityCodeAccepted"]
    assert (accepted.details["number"], accepted.details["signed_in"]) == (1, "signed in by password and code")
    digest = entries(rig.bench, case)["IdentityCodeMade"].details["hash"]
    assert digest not in officer.get(f"/cases/{case}").text, "a hash says nothing to people"
    again = {"token": officer.token("/sign-out")} | typed
    assert officer.client.post(f"/desk/cases/{case}/identity/check-code", data=again).status_code == 409


@pytest.mark.apart
def test_a_form_without_an_address_is_shown_again_with_the_addresses(rig, box, officer):
    case = waiting(rig)
    for name, typed in (("send-code", {}), ("address", {"why": "whose it is"})):
        page = act(officer, case, name, **typed)
        assert (page.status_code, len(offered(page))) == (422, 1)
        assert 'id="address-wrong"' in page.text
    assert codes_in(box) == []


def test_choices_begin_with_a_capital_and_name_laws_as_they_are_written(rig, officer):
    page = officer.get(f"/cases/{waiting(rig)}/identity").text
    assert ">Organisation mandated under Art. 80(1) GDPR<" in page


def test_the_person_learns_in_their_language_what_they_read(rig, box, officer):
    send(officer, waiting(rig, language="de"))
    assert "Dieser Brief ist auf Englisch." in codes_in(box)[-1].get_content()


@pytest.mark.apart
def test_another_code_is_refused_counted_and_noted_and_what_is_none_is_no_attempt(rig, box, officer):
    case = waiting(rig)
    send(officer, case)
    for typed in ("", "1234", "abcdefgh", "123456789"):
        assert act(officer, case, "check-code", given_code=typed, given_back="in person").status_code == 422
        assert "IdentityCodeRejected" not in entries(rig.bench, case)

    right = code_in(box).replace(" ", "")
    wrong = f"{(int(right) + 1) % 10**8:08}"
    for attempt in range(1, 6):
        page = act(officer, case, "check-code", given_code=wrong, given_back="in person")
        assert page.status_code == 422
        assert "not the code that was sent" in page.text
        assert entries(rig.bench, case)["IdentityCodeRejected"].details["attempt"] == attempt
    page = officer.client.post(
        f"/desk/cases/{case}/identity/check-code",
        data={"token": officer.token("/sign-out"), "given_code": right, "given_back": "in person"},
    )
    assert page.status_code == 409
    assert "tried 5 times in vain" in page.text
    assert state(rig.bench, case) is CaseState.IDENTITY_PENDING


@pytest.mark.apart
def test_a_code_ends_after_a_day_and_another_one_ends_the_one_before(rig, box, officer):
    case = waiting(rig)
    send(officer, case)
    first = code_in(box)
    assert "less than a minute ago" in send(officer, case).text
    rig.bench.pass_time(LATER)
    send(officer, case)
    assert act(officer, case, "check-code", given_code=first, given_back="in person").status_code == 422
    second = code_in(box)
    rig.bench.pass_time(timedelta(hours=24))
    officer = rig.browser("olga")
    page = officer.get(f"/cases/{case}/identity").text
    assert "Its time is over." in page
    typed = {"token": officer.token("/sign-out"), "given_code": second, "given_back": "in person"}
    assert officer.client.post(f"/desk/cases/{case}/identity/check-code", data=typed).status_code == 409


@pytest.mark.apart
def test_three_codes_a_day_are_the_most(rig, box, officer):
    case = waiting(rig)
    for _ in range(3):
        assert send(officer, case).status_code == 303
        rig.bench.pass_time(LATER)
    assert "which is the most" in send(officer, case).text
    assert len(codes_in(box)) == 3


def test_an_address_of_the_request_alone_is_none_on_file(rig, box, officer):
    """Otherwise who asks under another's customer number would prove to be that person by their own mailbox."""
    case = waiting(rig, email="mallory@example.net", customer_id="C-10001")
    page = act(officer, case, "on-file")
    assert list(offered(page).values()) == ["a•••@e•••.com, helpdesk, on file since 3 May 2024"]


def test_a_request_that_names_two_people_is_not_proved_by_one_of_their_mailboxes(rig, box, officer):
    mallory = identifier(IdentifierKind.EMAIL, "mallory@example.net")
    rig.bench.systems["helpdesk"].add(profile("u8", frozenset({mallory})))
    page = act(officer, waiting(rig, email=mallory.value, customer_id="C-10001"), "on-file")
    assert offered(page) == {}
    assert "would not prove the person of all of them" in page.text


def test_another_persons_number_in_the_request_proves_nothing_either(rig, box, officer):
    phone = identifier(IdentifierKind.PHONE, "+49 30 23125 777")
    rig.bench.systems["helpdesk"].add(profile("u7", BORIS | {phone}))
    page = act(officer, waiting(rig, phone=phone.value), "on-file")
    assert offered(page) == {}


def test_what_came_on_file_with_the_request_is_not_offered(rig, officer):
    """A helpdesk makes a profile of every person who writes to it."""
    rig.bench.systems["helpdesk"].add(profile(on=date(2026, 3, 5)))
    for key in ("u1", "t1", "t2"):
        kind = "profile" if key == "u1" else "ticket"
        rig.bench.systems["helpdesk"].add(FakeRecord(kind=kind, key=key, texts=()))
    with smtp_server() as box, mailing(rig.bench, box.port):
        page = act(officer, waiting(rig), "on-file")
    assert offered(page) == {}
    assert "1 address came on file on the day of the request" in page.text


@pytest.mark.apart
def test_where_the_system_gives_no_day_a_person_says_it(rig, officer):
    with smtp_server() as box, mailing(rig.bench, box.port):
        case = waiting(rig)
        page = act(officer, case, "on-file")
        ((choice, words),) = offered(page).items()
        assert words.endswith("the system gives no day")
        page = act(officer, case, "send-code", address=choice)
        assert (page.status_code, choice in offered(page)) == (422, True)
        assert act(officer, case, "send-code", address=choice, address_since="2026-03-05").status_code == 422
        assert act(officer, case, "send-code", address=choice, address_since="2024-05-03").status_code == 303


@pytest.mark.apart
def test_an_address_is_seen_in_clear_for_a_reason_and_with_a_fresh_code_alone(rig, box, officer):
    case = waiting(rig)
    (choice,) = offered(act(officer, case, "on-file"))
    rig.bench.pass_time(timedelta(minutes=5))
    assert act(officer, case, "address", address=choice, why="Two look alike.").status_code == 422
    page = act(officer, case, "address", address=choice, why="Two look alike.", code=rig.team.code("olga"))
    assert ANNA_EMAIL.value in page.text
    assert entries(rig.bench, case)["PersonalDataRevealed"].actor == "Olga Officer"


def test_a_system_that_does_not_answer_is_named(rig, box, officer):
    with rig.bench.systems["helpdesk"].outage():
        page = act(officer, waiting(rig), "on-file")
    assert "helpdesk does not answer" in page.text


@pytest.mark.apart
def test_a_server_that_does_not_take_the_mail_sends_nothing_and_it_is_noted(rig, box, officer):
    case = waiting(rig)
    box.refusal = "554 5.7.1 not today"
    page = send(officer, case)
    assert (page.status_code, "Nothing was sent" in page.text) == (409, True)
    assert entries(rig.bench, case)["IdentityCodeNotSent"].details["number"] == 1
    assert "did not take the last code" in officer.get(f"/cases/{case}/identity").text


def test_without_a_mail_server_the_page_says_what_to_set(rig, officer):
    assert "[delivery.mail]" in officer.get(f"/cases/{waiting(rig)}/identity").text


@pytest.mark.apart
def test_neither_code_nor_address_is_left_outside_of_the_mail(rig, box, officer):
    case = waiting(rig)
    with all_logs() as logs:
        send(officer, case)
    code = code_in(box)
    assert code not in officer.get(f"/cases/{case}/identity").text
    with rig.bench.file(case) as file:
        # The log of the test's own mail server is not ours.
        ours = [line for line in logs.getvalue().splitlines() if " mail.log " not in line]
        seen = "\n".join(ours) + repr([entry.details for entry in file.ledger.entries()])
    assert code.replace(" ", "") not in seen.replace(" ", "")
    assert not Scanner({value: value for value in CANARIES}).scan(seen.encode(), "ledger and log")


@pytest.mark.apart
def test_a_representative_is_kept_with_the_mandate_and_not_named_in_the_ledger(rig, box, officer):
    case = waiting(rig)
    send(officer, case)
    typed = {"given_code": code_in(box), "given_back": "in person", "code_representative": "Rita Example-Zebra"}
    assert act(officer, case, "check-code", **typed).status_code == 422
    more = {"code_representative_mandate": "written power of attorney", "code_representative_seen_on": "2026-03-05"}
    more |= {"code_representative_address": "office@zebra.example"}
    assert act(officer, case, "check-code", **typed, **more).status_code == 303
    with rig.bench.file(case) as file:
        kept = file.decisions.at(Gate.IDENTITY).check.representative
        assert (kept.name, kept.address) == ("Rita Example-Zebra", "office@zebra.example")
    decided = entries(rig.bench, case)["DecisionRecorded"].details
    assert (decided["mandate"], decided["mandate_seen_on"]) == ("written power of attorney", "2026-03-05")
    assert "zebra" not in repr(decided).lower()


def test_a_code_is_read_as_people_write_it():
    assert spelt("12345678") == "1234 5678"
