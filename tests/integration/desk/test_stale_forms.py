"""Forms of a page that was opened before what is decided on became another thing: refused, and nothing is changed."""

from __future__ import annotations

import re

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import order_search, reach_gate
from rightsflow.cases.work.access.package import assemble_package, extract_records, redact_third_parties
from rightsflow.cases.work.erasure.steps import prepare_plan
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.testing.fakes import FakeRecord, FakeSystem
from tests.integration.desk.cases import at_approval, entries, read, state
from tests.support.bench import ANNA_PHONE, ANNA_PROFILE, BORIS
from tests.support.desk_client import hidden_of
from tests.support.steps import SYSTEMS, identified, search

REFUSAL = {"refusal": "R6", "refusal_reason": "Secrecy.", "R6-1": "§ 29 BDSG"}
READ = re.compile(r'name="read" value="([0-9a-f]{64})"')
LATE = frozenset({identifier(IdentifierKind.EMAIL, "late.comer@example.net")})


@pytest.fixture
def approver(rig):
    return rig.browser("dana")


def searched_again(case, prepare):
    """What the case's run does after a new search was ordered."""
    search(case)
    prepare(case)
    reach_gate(current_app(), case, Gate.APPROVAL)


def package_made(case):
    for system in SYSTEMS:
        extract_records(current_app(), case, system)
        redact_third_parties(current_app(), case, system)
    assemble_package(current_app(), case)


def only_others_left(bench):
    """Anna's records are gone from everywhere."""
    for name in SYSTEMS:
        others = [one for one in bench.systems[name].records() if one.owner & BORIS]
        bench.systems[name] = FakeSystem(system=name)
        bench.systems[name].add(*others, FakeRecord(kind="ticket", key="b9", texts=((BORIS, "his own"),)))


@pytest.mark.apart
@pytest.mark.parametrize("act", ["approve", "refuse"])
def test_who_read_that_nothing_is_held_does_not_release_the_package_that_a_new_search_made(rig, approver, act):
    case = identified(rig.bench, "access", email="late.comer@example.net")
    searched_again(case, lambda _: None)
    page = f"/cases/{case}/approval"
    old = hidden_of(approver.get(page).text, f"/desk{page}/{act}")
    order_search(current_app(), case, reason="the mapping was corrected", by="Ines Example")
    rig.bench.systems["helpdesk"].add(FakeRecord(kind="ticket", key="n1", texts=((LATE, "never read by anyone"),)))
    searched_again(case, package_made)
    answer = approver.client.post(f"/desk{page}/{act}", data=old | REFUSAL)
    assert (answer.status_code, "changed since" in answer.text) == (409, True)
    assert state(rig.bench, case) is CaseState.AWAITING_APPROVAL


@pytest.mark.apart
def test_who_read_a_package_does_not_approve_that_nothing_is_held(rig, approver):
    case = at_approval(rig.bench, "access")
    assemble_package(current_app(), case)
    page = f"/cases/{case}/approval"
    old = hidden_of(approver.get(f"{page}?list=all").text, f"/desk{page}/approve")
    release = f"{read(approver, case)}/release"
    sent = approver.send(f"{release}/send-back", release, again="search again", remark="it looks wrong")
    assert sent.status_code == 303, sent.text
    only_others_left(rig.bench)
    searched_again(case, lambda _: None)
    assert "found nothing" in approver.get(page).text
    answer = approver.client.post(f"/desk{page}/approve", data=old)
    assert (answer.status_code, state(rig.bench, case)) == (409, CaseState.AWAITING_APPROVAL)
    again = approver.send(f"/cases/{case}/package/read", page, reason="the release")
    assert again.status_code == 409, "the package of before is not read as if it waited"
    assert approver.client.post(
        f"/desk{page}/approve", data=hidden_of(approver.get(page).text, f"/desk{page}/approve")
    ).is_redirect
    assert not entries(rig.bench, case)["DecisionRecorded"].details["plan"]


@pytest.mark.apart
def test_a_plan_that_changed_is_not_refused_by_who_read_the_one_before(rig, approver):
    case = at_approval(rig.bench, "erasure")
    page = f"/cases/{case}/plan"
    old = hidden_of(approver.get(page).text, f"/desk{page}/refuse")
    order_search(current_app(), case, reason="one lacks", by="Ines Example")
    rig.bench.systems["helpdesk"].add(
        FakeRecord(kind="ticket", key="n1", profile="u1", texts=((ANNA_PROFILE, "more"),))
    )
    searched_again(case, lambda one: prepare_plan(current_app(), one))
    answer = approver.client.post(f"/desk{page}/refuse", data=old | REFUSAL)
    assert (answer.status_code, state(rig.bench, case)) == (409, CaseState.AWAITING_APPROVAL)


def renumbered(bench, case):
    """A new search finds a record that is listed before the others, whose numbers move by that."""
    order_search(current_app(), case, reason="one lacks", by="Ines Example")
    bench.systems["calls"].add(
        FakeRecord(kind="recording", key="a0", texts=((frozenset({ANNA_PHONE}), "earlier"),), audio=b"RIFF")
    )
    bench.systems["calls"].add(
        FakeRecord(kind="recording", key="a1", texts=((ANNA_PROFILE, "mine"),), audio=b"RIFF"),
    )
    searched_again(case, lambda one: prepare_plan(current_app(), one))


@pytest.mark.apart
def test_what_was_ticked_in_another_plan_is_not_ticked_in_this_one(rig, approver):
    case = at_approval(rig.bench, "erasure")
    page = f"/cases/{case}/plan"
    old = approver.get(page).text
    form = {"token": approver.token(page), "read": READ.search(old)[1], "record": ["1", "2"], "act-these": "erase"}
    renumbered(rig.bench, case)
    answer = approver.client.post(f"/desk{page}/note", data=form)
    assert (answer.status_code, READ.search(answer.text)[1] != form["read"]) == (409, True)
    assert 'type="checkbox"' in answer.text
    assert not re.search(r'name="record"[^>]*checked', answer.text), "under their numbers other records stand now"


def test_the_person_is_not_asked_about_records_by_their_numbers_in_another_plan(rig, approver):
    rig.bench.systems["helpdesk"].add(FakeRecord(kind="profile", key="u3", texts=((BORIS | {ANNA_PHONE}, "Boris"),)))
    case = at_approval(rig.bench, "erasure")
    page = f"/cases/{case}/plan"
    with rig.bench.file(case) as file:
        unclear = [str(one.number) for one in file.findings.all() if one.attribution is Attribution.UNCLEAR]
    assert unclear
    form = {"token": approver.token(page), "read": READ.search(approver.get(page).text)[1], "record": unclear}
    renumbered(rig.bench, case)
    answer = approver.client.post(f"/desk{page}/ask", data=form)
    assert (answer.status_code, "The plan has changed" in answer.text) == (409, True)
    with rig.bench.file(case) as file:
        assert "L3" not in file.outbox.titles()
