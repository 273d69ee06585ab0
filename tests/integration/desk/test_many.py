"""Many cases decided together at the desk: each by the rules of a single one, and one that is refused stops none."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.many_cases import IN_ONE_TRANSACTION
from rightsflow.cases.work.access.package import assemble_package
from rightsflow.cases.work.access.package_review import open_letter
from rightsflow.domain.gates.decisions import Gate, Verdict
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.testing.fakes import FakeRecord
from tests.integration.desk.cases import at_approval, entries, state
from tests.support.bench import ANNA_PHONE, BORIS

CASE = re.compile(r'name="case" id="[^"]+" value="([^"]+)"')
ABOUT = re.compile(r'name="about" value="([^"]+)"')


@pytest.fixture
def approver(rig):
    return rig.browser("dana")


def nothing_held(bench, number, **opened):
    """A case of a person of whom nothing is held, waiting for the decision on that."""
    return at_approval(bench, "access", email=f"nobody{number}@example.net", **opened)


def choose(browser, *cases, **asked):
    """Choose cases on the list; gives the page on which they are decided."""
    return browser.get("/cases/many", params={"case": list(cases)} | asked)


def approve(browser, page, reason="nothing odd", **changed):
    """Approve what a page lists under its first heading."""
    listed = page.text.partition("</form>")[0]
    data = {
        "token": browser.token("/sign-out"),
        "about": html.unescape(ABOUT.search(listed)[1]),
        "case": CASE.findall(listed),
        "reason": reason,
    }
    return browser.client.post("/desk/cases/many/approve", data=data | changed)


@pytest.mark.apart
def test_the_list_lets_those_who_decide_choose_what_waits(rig, approver):
    waiting, received = nothing_held(rig.bench, 1), rig.bench.open("access")
    page = approver.get("/cases").text
    assert f'name="case" value="{waiting}"' in page
    assert f'name="case" value="{received}"' not in page
    assert 'name="which"' not in rig.browser("olga").get("/cases").text


@pytest.mark.apart
def test_all_of_a_filter_are_decided_with_one_reason_each_with_its_own_entry(rig, approver, monkeypatch):
    """In several transactions, where one does not hold all of them."""
    monkeypatch.setattr("rightsflow.cases.course.gates.many_cases.IN_ONE_TRANSACTION", 2)
    cases = [nothing_held(rig.bench, number) for number in range(3)]
    page = choose(approver, right="access", which="all")
    answer = approve(approver, page, reason="The mappings were proved today.")
    assert answer.status_code == 200
    assert all(f"{case}</a> approved" in answer.text for case in cases)
    assert {case for case, _ in rig.resumed} == set(cases)
    for case in cases:
        decided = entries(rig.bench, case)["DecisionRecorded"]
        assert (decided.actor, decided.details["signed_in"]) == ("Dana Decider", "signed in by password and code")
        with rig.bench.file(case) as file:
            assert file.decisions.at(Gate.APPROVAL).reason == "The mappings were proved today."
        assert state(rig.bench, case) is CaseState.EXECUTING


@pytest.mark.apart
def test_one_that_is_refused_stops_none_and_leaves_nothing_behind(rig, approver):
    good, own = nothing_held(rig.bench, 1), nothing_held(rig.bench, 2, opened_by="Dana Decider")
    page = choose(approver, good, own)
    assert "cannot decide on it" in page.text.partition("Not decided with the others")[2]
    answer = approve(approver, page, case=[f"{good} ", f"{own} "])
    told = answer.text.partition("Not decided")
    assert good in told[0]
    assert own in told[2]
    assert "another person has to (four eyes)" in told[2]
    assert (state(rig.bench, good), state(rig.bench, own)) == (CaseState.EXECUTING, CaseState.AWAITING_APPROVAL)
    assert "DecisionRecorded" not in {
        event for event in entries(rig.bench, own) if entries(rig.bench, own)[event].actor == "Dana Decider"
    }
    assert rig.resumed == [(good, Gate.APPROVAL)]


@pytest.mark.apart
def test_plans_packages_and_nothing_held_are_not_mixed(rig, approver):
    plan, nothing = at_approval(rig.bench, "erasure"), nothing_held(rig.bench, 1)
    package = at_approval(rig.bench, "access", email="boris.other@example.org")
    assemble_package(current_app(), package)
    page = choose(approver, plan, nothing, package)
    assert set(ABOUT.findall(page.text)) == {
        "the plan of an erasure",
        "the release of a package",
        "the answer that nothing is held",
    }
    bound = {one.partition(" ")[0]: one for one in CASE.findall(page.text)}
    assert "No one has opened the letter in this package" in page.text
    open_letter(current_app(), package, by="Olga Officer")
    answer = approve(approver, page, about="the release of a package", case=[bound[plan], bound[package]])
    assert f"{package}</a> approved" in answer.text
    assert "is about the plan of an erasure by now" in answer.text
    assert state(rig.bench, plan) is CaseState.AWAITING_APPROVAL


@pytest.mark.apart
def test_what_is_unclear_is_decided_on_its_own_page(rig, approver):
    rig.bench.systems["helpdesk"].add(
        FakeRecord(kind="profile", key="u3", texts=((BORIS | {ANNA_PHONE}, "Boris, who has the number too"),))
    )
    case = at_approval(rig.bench, "erasure")
    page = choose(approver, case)
    assert "records are unclear" in page.text
    assert not CASE.findall(page.text)
    with rig.bench.file(case) as file:
        bound = file.what_is_approved()
    answer = approve_plan_of(approver, case, bound)
    assert "records are unclear" in answer.text
    assert state(rig.bench, case) is CaseState.AWAITING_APPROVAL


def approve_plan_of(browser, case, bound):
    data = {"token": browser.token("/sign-out"), "about": "the plan of an erasure", "reason": "why"}
    return browser.client.post("/desk/cases/many/approve", data=data | {"case": f"{case} {bound}"})


@pytest.mark.apart
def test_what_has_changed_is_neither_approved_refused_nor_sent_back(rig, approver):
    case = at_approval(rig.bench, "erasure")
    answer = approve_plan_of(approver, case, "0" * 64)
    assert "has changed since the list was shown" in answer.text
    assert state(rig.bench, case) is CaseState.AWAITING_APPROVAL

    page = choose(approver, case)
    for act, typed in (("refuse", R9), ("search", {"why": "a mapping"})):
        answer = send(approver, page, act, **typed, case=[f"{case} {'0' * 64}"])
        assert "has changed since the list was shown" in answer.text
    assert state(rig.bench, case) is CaseState.AWAITING_APPROVAL
    assert rig.resumed == []


def send(browser, page, act, **typed):
    """Send what a page lists under its first heading by another of its buttons."""
    listed = page.text.partition("</form>")[0]
    about = html.unescape(ABOUT.search(listed)[1])
    bound = {"token": browser.token("/sign-out"), "about": about, "case": CASE.findall(listed)}
    return browser.client.post(f"/desk/cases/many/{act}", data=bound | typed)


R9 = {"refusal": "R9", "refusal_reason": "Another law applies to you.", "R9-1": "Art. 3 GDPR"}


@pytest.mark.apart
def test_plans_are_refused_together_and_what_is_argued_singly_is_not(rig, approver):
    case = at_approval(rig.bench, "erasure")
    page = choose(approver, case)
    assert 'value="R2"' not in page.text
    singly = {"refusal": "R2", "refusal_reason": "Again.", "R2-1": "x", "R2-2": "x", "R2-3": "x"}
    assert send(approver, page, "refuse", **singly).status_code == 422
    assert send(approver, page, "refuse", **R9 | {"refusal_reason": ""}).status_code == 422
    missing = send(approver, page, "refuse", **R9 | {"R9-1": ""})
    assert (missing.status_code, "</a> refused" in missing.text) == (200, False)
    assert state(rig.bench, case) is CaseState.AWAITING_APPROVAL
    assert f"{case}</a> refused" in send(approver, page, "refuse", **R9).text
    with rig.bench.file(case) as file:
        decision = file.decisions.at(Gate.APPROVAL)
    assert (decision.verdict, decision.code, decision.by) == (Verdict.REFUSED, "R9", "Dana Decider")


@pytest.mark.apart
def test_cases_of_each_sort_are_sent_back_with_one_remark(rig, approver):
    plan, nothing = at_approval(rig.bench, "erasure"), nothing_held(rig.bench, 1)
    package = at_approval(rig.bench, "access", email="boris.other@example.org")
    assemble_package(current_app(), package)
    for case in (plan, nothing, package):
        page = choose(approver, case)
        assert send(approver, page, "search", why="").status_code == 422
        assert f"{case}</a> sent back" in send(approver, page, "search", why="The mapping was wrong.").text
        assert state(rig.bench, case) is CaseState.IN_PROGRESS
    assert {"NewSearchOrdered", "PackageSentBack"} <= entries(rig.bench, plan).keys() | entries(
        rig.bench, package
    ).keys()
    assert rig.resumed == [(case, Gate.APPROVAL) for case in (plan, nothing, package)]


@pytest.mark.apart
def test_cases_are_handed_over_together_those_set_aside_too_with_a_fresh_code(rig):
    olga = rig.browser("olga")
    waiting, received = nothing_held(rig.bench, 1), rig.bench.open("access", email="nobody2@example.net")
    page = choose(olga, waiting, received)
    assert "It waits for no decision at this gate" in page.text
    typed = {"token": olga.token("/sign-out"), "case": [waiting, received], "to": "dpo", "hand_over_reason": "leave"}
    hand_over = "/desk/cases/many/hand-over"
    assert olga.client.post(hand_over, data=typed | {"to": "no one"}).status_code == 422
    assert olga.client.post(hand_over, data=typed | {"hand_over_reason": ""}).status_code == 422
    rig.bench.pass_time(timedelta(minutes=6))
    assert olga.client.post(hand_over, data=typed).status_code == 422
    code = {"code": rig.team.code("olga")}
    answer = olga.client.post(hand_over, data=typed | code)
    assert answer.text.count("</a> handed over") == 2
    for case in (waiting, received):
        with rig.bench.file(case) as file:
            assert file.ownership.owner == "dpo"
    again = olga.client.post(hand_over, data=typed).text
    assert again.partition("Not decided")[2].count("<li>") == 2


@pytest.mark.apart
def test_who_does_not_decide_decides_on_none(rig):
    case, olga = nothing_held(rig.bench, 1), rig.browser("olga")
    for act in ("approve", "refuse", "search"):
        data = {"token": olga.token("/sign-out"), "about": "the answer that nothing is held", "case": f"{case} "}
        assert (
            olga.client.post(f"/desk/cases/many/{act}", data=data | R9 | {"reason": "x", "why": "x"}).status_code == 403
        )
        assert state(rig.bench, case) is CaseState.AWAITING_APPROVAL


@pytest.mark.apart
def test_what_is_missing_is_told_and_changes_nothing(rig, approver):
    case = nothing_held(rig.bench, 1)
    for changed, said in (
        ({"reason": " "}, "Say why these are decided together"),
        ({"case": []}, "Choose the cases that are decided on"),
        ({"about": "x"}, "choose the cases again"),
    ):
        answer = approve(approver, choose(approver, case), **changed)
        assert (answer.status_code, said in answer.text) == (422, True)
        assert state(rig.bench, case) is CaseState.AWAITING_APPROVAL


@pytest.mark.slow
def test_five_hundred_are_decided_in_one_act(rig, approver):
    cases = [nothing_held(rig.bench, number) for number in range(500)]
    begun = []
    rig.bench.runtime.store.database.transaction = counting(rig.bench.runtime.store.database.transaction, begun)
    answer = approve(approver, choose(approver, which="all"))
    assert answer.text.count("</a> approved") == len(cases)
    assert len(begun) < 3 * len(cases) / IN_ONE_TRANSACTION + len(cases) / 10
    assert all(state(rig.bench, case) is CaseState.EXECUTING for case in cases[::50])


def counting(transaction, begun):
    def counted(*given, **named):
        begun.append(1)
        return transaction(*given, **named)

    return counted
