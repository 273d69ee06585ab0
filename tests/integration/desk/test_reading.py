"""A package read fast: what people have read of it, what is folded for a second one, the letter before the release."""

from __future__ import annotations

import re

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import record_decision
from rightsflow.cases.course.gates.many_cases import look_at_many
from rightsflow.cases.work.access.package import assemble_package
from rightsflow.domain.errors import Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.testing.fakes import FakeRecord
from tests.integration.desk.cases import at_approval, entries, number_of, read, sent_again
from tests.support.bench import ANNA_PROFILE, ANNA_TEXT
from tests.support.kept_cases import brought

UNOPENED = "No one has opened the letter in this package"
MARKED = "call +49 30 23125 099 or write to boris@example.org"


@pytest.fixture
def case(bench):
    bench.systems["helpdesk"].add(
        FakeRecord(kind="ticket", key="t9", profile="u1", texts=((ANNA_PROFILE, f"my neighbour: {MARKED}"),))
    )
    return brought(bench, "a package with a mask", lambda: packaged(bench))


def packaged(bench):
    made = at_approval(bench, "access")
    assemble_package(current_app(), made)
    return made


def button(page, name):
    """The value of the page's button of a name."""
    return re.search(rf'name="{name}" value="([\d ]+)"', page)[1]


def open_part(page):
    """The page without what is folded since another person has read it."""
    return page.partition("without a finding, read by")[0]


@pytest.mark.apart
def test_what_the_officer_has_read_is_folded_for_the_approver_and_a_finding_never_is(rig, case):
    officer, approver = rig.browser("olga"), rig.browser("dana")
    here = read(officer, case)
    page = officer.get(here).text
    assert "0 of " in page
    assert officer.send(f"{here}/mark", here, read=button(page, "read")).status_code == 303
    page = officer.get(here).text
    total = re.search(r"(\d+) of (\d+) read", page)
    assert total[1] == total[2]
    noted = entries(rig.bench, case)["RecordsRead"]
    assert (noted.actor, noted.details["count"]) == ("Olga Officer", int(total[1]))
    assert noted.details["numbers"].startswith("1-")
    assert 'name="read"' not in page
    assert ANNA_TEXT in open_part(page), "the reader's own pages stay as they are"

    theirs = approver.get(read(approver, case)).text
    assert f"{total[1]} of {total[2]} read" in theirs
    assert "read by Olga Officer" in theirs
    assert ANNA_TEXT in theirs
    assert ANNA_TEXT not in open_part(theirs)
    assert "my neighbour" in open_part(theirs), "it is masked, and so to be read"


@pytest.mark.apart
def test_a_record_that_was_changed_since_is_to_be_read_again(rig, case):
    officer = rig.browser("olga")
    here = read(officer, case)
    officer.send(f"{here}/mark", here, read=button(officer.get(here).text, "read"))
    number = number_of(rig.bench, case, "t9")
    record = f"{here}/records/{number}"
    assert "Rebuild package" in officer.get(record).text
    assert officer.send(f"{record}/hide", record, **{"passage": "my neighbour", "hide-ground": "another person's data"})
    sent_again(rig, officer, case, record)
    page = officer.get(read(officer, case)).text
    assert button(page, "read") == str(number)


@pytest.mark.apart
def test_the_redactions_of_a_page_are_confirmed_together_and_only_by_who_prepares(rig, case):
    officer, approver = rig.browser("olga"), rig.browser("dana")
    here = read(officer, case)
    page = officer.get(here).text
    assert officer.send(f"{here}/confirm", here, confirm=button(page, "confirm")).status_code == 303
    assert "MasksDecided" in entries(rig.bench, case)
    assert 'name="confirm"' not in officer.get(here).text
    assert officer.send(f"{here}/confirm", here, confirm=button(page, "confirm")).status_code == 422, "all are decided"
    auditor = rig.browser("axel")
    assert auditor.client.post(f"/desk{here}/mark", data={"read": "1"}).status_code in {403, 404}
    theirs = read(approver, case)
    other = approver.client.post(f"/desk{here}/mark", data={"token": approver.token(theirs), "read": "1"})
    assert other.status_code == 409, "a reading of another session"


@pytest.mark.apart
def test_the_letter_in_the_package_is_read_on_the_page_that_releases_it(rig, case):
    approver = rig.browser("dana")
    page = approver.get(f"{read(approver, case)}/release").text
    letter = page.partition('id="letter"')[2].partition("</section>")[0]
    assert "You asked us on" in letter
    assert "Found about you" in letter
    assert "No one has noted the others as read." in page
    assert entries(rig.bench, case)["LetterOpened"].details["letter"] == "package"
    standing = re.findall(r"<details.*?</details>", letter, re.DOTALL)
    assert any("- Purposes: service" in one for one in standing)
    assert not any("Found about you" in one for one in standing)


@pytest.mark.apart
def test_a_package_whose_letter_no_one_has_opened_is_released_by_no_door(rig, case):
    """Before, the list of records, a batch and a command released it unseen."""
    approver, listed = rig.browser("dana"), f"/cases/{case}/approval"
    token = approver.token(f"{listed}?list=all")
    refused = approver.client.post(f"/desk{listed}/approve", data={"token": token, "read": released_by(rig, case)})
    assert (refused.status_code, UNOPENED in refused.text) == (409, True)
    approved = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider")
    assert UNOPENED in objection(case, approved)
    (listed,) = look_at_many(current_app(), [case], by="Dana Decider")
    assert (UNOPENED in listed.caveat, listed.obstacle) == (True, ""), "it can still be refused or sent back"
    assert listed.counts["masked"] == 2

    approver.get(f"{read(approver, case)}/release")
    approver.get(f"{read(approver, case)}/release")
    with rig.bench.file(case) as file:
        assert len(list(file.ledger.entries("LetterOpened"))) == 1, "once for each person and package"
    assert look_at_many(current_app(), [case], by="Dana Decider")[0].caveat == ""
    assert objection(case, approved) == ""


def released_by(rig, case):
    with rig.bench.file(case) as file:
        return file.what_is_approved()


def objection(case, decision):
    try:
        record_decision(current_app(), case, decision)
    except Conflict as error:
        return str(error)
    return ""
