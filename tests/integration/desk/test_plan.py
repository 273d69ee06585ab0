"""The plan of an erasure at the desk: read group by group, looked at, decided on record by record, approved or not."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.questions import record_clarified
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.facts.overview.case_sheet import read_overview
from rightsflow.cases.work.erasure.steps import prepare_plan
from rightsflow.domain.board import WaitingFor
from rightsflow.domain.case.findings import Planned
from rightsflow.domain.doubts import CARRIES, RecordDoubt
from rightsflow.domain.errors import Transient
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.records import Fact, Method, OutcomeKind
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.testing.fakes import FakeRecord
from tests.integration.desk.cases import at_approval, entries, state
from tests.support.bench import ANNA_ID, ANNA_PHONE, ANNA_PROFILE, ANNA_TEXT, BORIS, BORIS_EMAIL, CANARIES
from tests.support.instead import Instead
from tests.support.steps import search

READ = re.compile(r'name="read" value="([0-9a-f]{64})"')
NOTED = re.compile(r'name="noted" value="([0-9a-f]*)"')
KEEP = {"act-these": "keep", "ground-these": "defence of a claim", "provision-these": "Art. 17(3)(e)"}
KEEP |= {"until-these": "2027-01-31"}


@pytest.fixture
def case(bench):
    """A plan with an unclear record, an open subscription, a shared ticket, and matters of course."""
    shared = frozenset({ANNA_PHONE})
    bench.systems["helpdesk"].add(
        FakeRecord(kind="profile", key="u3", texts=((BORIS | shared, "Boris, who has the number too"),)),
    )
    bench.systems["calls"].add(FakeRecord(kind="recording", key="r3", texts=((shared, "call"),), audio=b"RIFF"))
    bench.systems["payments"].add(
        FakeRecord(
            kind="invoice",
            key="i2",
            profile="c1",
            texts=((frozenset({ANNA_ID}), "subscription"),),
            occurred_on=date(2026, 1, 3),
            facts=frozenset({Fact.ACTIVE_CONTRACT}),
        )
    )
    return at_approval(bench, "erasure")


@pytest.fixture
def approver(rig, case):
    """Who decides on the plan; enrolled after the case is made, which on an untouched store is copied."""
    return rig.browser("dana")


class Plan:
    """A plan's page in a browser.

    Args:
        browser: Whose.
        case: The case.
    """

    def __init__(self, browser, case):
        self.browser, self.case, self.here = browser, case, f"/cases/{case}/plan"

    def page(self, group="", page=1):
        return self.browser.client.get(f"/desk{self.here}", params={"group": group, "page": page}).text

    def send(self, act, group="", **typed):
        shown = self.page()
        bound = {"token": self.browser.token(self.here), "read": READ.search(shown)[1], "noted": NOTED.search(shown)[1]}
        where = f"/desk{self.here}/{act}"
        return self.browser.client.post(where, params={"group": group}, data=bound | typed)

    def numbers(self, group):
        return re.findall(r'name="record" value="(\d+)"', self.page(group))


@pytest.fixture
def plan(approver, case):
    return Plan(approver, case)


@pytest.mark.apart
def test_what_needs_a_look_comes_first_with_why_and_whose_and_without_personal_data(approver, case, plan, rig):
    assert approver.get(f"/cases/{case}/approval").headers["location"] == f"/desk/cases/{case}/plan"

    page = plan.page()
    assert "Ownership unclear" in page[: page.index("Dependencies")]
    assert page.index("Hold another person") < page.index("helpdesk profile: erase")
    assert "phone number (learnt from helpdesk, which other people used too)" in page
    dependent = plan.page("consequence")
    assert "such as a subscription" in dependent
    assert "No ground" in dependent or "no ground of Art. 17(1)" in dependent

    for group in re.findall(r"\?group=([^&\"#]+)", plan.page()):
        page = plan.page(group.replace("+", " ").replace("%3A", ":"))
        assert not [one for one in CANARIES if one in page]

    page = plan.page("unclear")
    assert "It is left as it is; the answer says so, and what would show whose it is. By Art. 11(2) GDPR." in page
    assert "The answer will say: “We found it by" in page
    assert "until you give us" not in page

    before = {name: dict(one.calls) for name, one in rig.bench.systems.items()}
    page = plan.browser.get(f"{plan.here}/dry-run").text
    assert re.search(r"service tickets</td><td>erase</td>", page)
    assert page.index("service tickets") < page.index("customer profiles")
    assert {name: dict(one.calls) for name, one in rig.bench.systems.items()} == before


@pytest.mark.apart
def test_a_look_shows_records_once_and_the_ledger_knows_which_and_why(rig, plan):
    tickets = plan.numbers("helpdesk ticket erase")
    page = plan.send("look", "helpdesk ticket erase", record=tickets, reason="whose are they", read="0" * 64)
    assert (page.status_code, "has changed since" in page.text, ANNA_TEXT in page.text) == (409, True, False)
    assert looks(rig.bench, plan.case) == []

    answer = plan.send("look", "helpdesk ticket erase", record=tickets, reason="whose are they")
    assert ANNA_TEXT in answer.text
    assert ANNA_TEXT not in plan.page("helpdesk ticket erase")
    looked = entries(rig.bench, plan.case)["PersonalDataRevealed"]
    assert (looked.actor, looked.details["count"]) == ("Dana Decider", len(tickets))

    profile = plan.numbers("helpdesk profile erase")
    page = plan.send("look", "helpdesk profile erase", record=profile, reason="why").text
    assert "e-mail address anna.quill@example.com" in page

    rig.bench.systems["calls"].fail("extract", error=Transient("The recordings do not answer."))
    both = plan.numbers("unclear") + plan.numbers("helpdesk ticket erase")
    page = plan.send("look", "unclear", record=both, reason="why").text
    assert "The recordings do not answer." in page


def test_what_was_looked_at_is_not_shown_with_a_plan_that_was_made_meanwhile(rig, plan):
    tickets, helpdesk = plan.numbers("helpdesk ticket erase"), rig.bench.runtime.connectors["helpdesk"]

    def extract(refs, known):
        yield from helpdesk.extract(refs, known)
        with rig.bench.file(plan.case) as file:
            file.findings.plan([Planned(ref=ref, method=None, expected=OutcomeKind.FAILED) for ref in refs])

    runtime = rig.bench.runtime
    rig.bench.runtime = replace(
        runtime, connectors={**runtime.connectors, "helpdesk": Instead(helpdesk, extract=extract)}
    )
    page = plan.send("look", "helpdesk ticket erase", record=tickets[:1], reason="whose is it")
    assert (page.status_code, "has changed since" in page.text, ANNA_TEXT in page.text) == (409, True, False)


def looked_at_a_call(plan):
    """Look at the recordings whose attribution is unclear; gives the address of one to listen to."""
    page = plan.send("look", "unclear", record=plan.numbers("unclear"), reason="whose voice it is").text
    return re.search(r'<audio [^>]*src="([^"]+)"', page)[1]


def looks(bench, case):
    with bench.file(case) as file:
        return [one for one in file.ledger.entries() if one.event == "PersonalDataRevealed"]


@pytest.mark.apart
def test_a_recording_is_listened_to_in_parts_by_who_looked_alone_and_for_an_hour(rig, plan):
    address = looked_at_a_call(plan)
    before = len(looks(rig.bench, plan.case))
    answer = plan.browser.client.get(address, headers={"range": "bytes=0-3"})
    assert (answer.status_code, answer.headers["content-type"]) == (206, "audio/wav")
    whole = plan.browser.client.get(address)
    assert whole.content[:4] == answer.content
    assert int(whole.headers["content-length"]) == len(whole.content)
    heard = looks(rig.bench, plan.case)[before:]
    assert [(one.actor, one.details["count"]) for one in heard] == [("Dana Decider", 1)]

    assert rig.browser("olga").client.get(address).status_code == 409
    number = address.rpartition("/recordings/")[2].partition("/")[0]
    elsewhere = address.replace(f"/recordings/{number}/", f"/recordings/{int(number) + 99}/")
    assert plan.browser.client.get(elsewhere).status_code == 404
    assert plan.browser.client.get(address.rpartition("/")[0] + "/9").status_code == 404
    plan.send("search", why="another call")
    assert plan.browser.client.get(address).status_code == 409
    assert len(looks(rig.bench, plan.case)) == before + 1


@pytest.mark.apart
def test_a_note_is_shown_counted_by_the_dry_run_and_taken_back(plan):
    group = "helpdesk ticket erase"
    answer = plan.send("note", group, record=plan.numbers(group)[0], **KEEP)
    assert answer.headers["location"].endswith("#records")
    page = plan.browser.client.get(answer.headers["location"]).text
    assert page.index("it counts with the approval") > page.index('<h2 id="records">')
    refused = plan.send("note", group, **KEEP).text
    assert refused.index("Nothing was changed") > refused.index('<h2 id="records">')

    assert plan.send("take-back", note="1").status_code == 303
    assert "Noted on single records" not in plan.page()
    assert plan.send("take-back", note="1").status_code == 422

    def erased(page):
        return sum(map(int, re.findall(r"</td><td>erase</td><td class=\"n\">(\d+)<", page)))

    before = erased(plan.browser.get(f"{plan.here}/dry-run").text)
    assert "The dry run counts it in." not in plan.page("helpdesk ticket erase")
    plan.send("note", "helpdesk ticket erase", which="all", **KEEP)
    after = erased(plan.browser.get(f"{plan.here}/dry-run").text)
    assert before - after == len(plan.numbers("helpdesk ticket erase"))
    assert "The dry run counts it in." in plan.page("helpdesk ticket erase")


@pytest.mark.apart
def test_a_look_needs_a_reason_a_choice_and_a_fresh_code(rig, plan):
    ticked = plan.numbers("unclear")
    assert plan.send("look", record=ticked, reason=" ").status_code == 422
    assert plan.send("look", reason="why").status_code == 422
    rig.bench.pass_time(timedelta(minutes=6))
    assert plan.send("look", record=ticked, reason="why").status_code == 422
    assert "PersonalDataRevealed" not in entries(rig.bench, plan.case)


@pytest.mark.apart
def test_a_decision_is_noted_for_ticked_records_shown_and_taken_with_the_approval(rig, plan):
    number = plan.numbers("helpdesk ticket erase")[0]
    answer = plan.send("note", "helpdesk ticket erase", record=number, **KEEP)
    assert answer.status_code == 303, answer.text
    assert re.search(r"<strong>keep</strong> until \w+ 31 Jan 2027", plan.page("helpdesk ticket erase"))
    assert plan.send("approve").status_code == 303
    assert rig.resumed == [(plan.case, Gate.APPROVAL)]
    with rig.bench.file(plan.case) as file:
        kept = file.findings.all()[int(number) - 1]
        assert (kept.decided.act.value, kept.decided.ground, kept.until) == (
            "keep",
            "defence of a claim",
            date(2027, 1, 31),
        )
        assert file.decisions.at(Gate.APPROVAL).by == "Dana Decider"


@pytest.mark.apart
def test_a_record_is_restricted_where_its_system_can(rig, plan):
    fake = rig.bench.systems["helpdesk"]
    fake.kinds = tuple(replace(one, methods=one.methods | {Method.RESTRICT}) for one in fake.kinds)
    number = plan.numbers("helpdesk ticket erase")[0]
    answer = plan.send("note", "helpdesk ticket erase", record=number, **KEEP | {"act-these": "restrict"})
    assert answer.status_code == 303, answer.text
    assert re.search(r"<strong>restrict</strong> until \w+ 31 Jan 2027", plan.page("helpdesk ticket erase"))
    assert plan.send("approve").status_code == 303
    with rig.bench.file(plan.case) as file:
        assert file.findings.all()[int(number) - 1].method is Method.RESTRICT


@pytest.mark.apart
def test_a_whole_group_is_decided_on_at_once_and_a_later_note_goes_before(rig, plan):
    assert plan.send("note", "shared", which="all", **KEEP).status_code == 303
    later = KEEP | {"ground-these": "another ground", "until-these": "2028-01-31"}
    assert plan.send("note", "shared", record=plan.numbers("shared")[0], **later).status_code == 303
    page = plan.page("shared")
    assert "31 Jan 2028" in page
    assert "defence of a claim" not in page or len(plan.numbers("shared")) > 1


def test_an_unclear_record_is_shown_as_unclear_and_not_as_retained(rig, plan):
    """Before, the case said "planned: retained" of it, as of what a law keeps."""
    counted = read_overview(current_app(), plan.case).outcomes()
    fates = {fate: count for (_, _, fate), count in counted.items() if "unclear" in fate}
    assert fates == {"unclear whose it is, to be decided": len(plan.numbers("unclear"))}


@pytest.mark.apart
def test_unclear_records_are_decided_on_one_by_one(rig, plan):
    rig.bench.systems["calls"].add(
        FakeRecord(kind="recording", key="r4", texts=((frozenset({ANNA_PHONE}), "call"),), audio=b"RIFF")
    )
    plan.send("search", why="another call")
    search(plan.case)
    prepare_plan(current_app(), plan.case)
    reach_gate(current_app(), plan.case, Gate.APPROVAL)
    unclear = plan.numbers("unclear")
    assert len(unclear) > 1
    refused = plan.send("note", "unclear", record=unclear, **{"act-these": "erase"})
    assert refused.status_code == 422
    assert "decide on it alone, on its evidence" in refused.text
    assert plan.send("note", "unclear", record=unclear[0], **{"act-these": "erase"}).status_code == 303
    assert plan.send("approve").status_code == 303
    with rig.bench.file(plan.case) as file:
        methods = {str(one.number): one.method for one in file.findings.all()}
    assert (methods[unclear[0]] is None, methods[unclear[1]] is None) == (False, True)


@pytest.mark.apart
def test_what_has_changed_since_it_was_read_or_cannot_be_decided_so_is_refused(plan, rig):
    refused = plan.send("note", "consequence", record=plan.numbers("consequence"), **{"act-these": "erase"})
    assert refused.status_code == 422
    assert "cannot be erased by a decision" in refused.text

    number = plan.numbers("helpdesk ticket erase")[0]
    page = plan.send("note", "helpdesk ticket erase", record=number, **KEEP | {"provision-these": ""})
    assert page.status_code == 422
    assert 'href="#provision-these"' in page.text
    assert 'value="defence of a claim"' in page.text
    assert re.search(rf'value="{number}" id="tick-{number}"[^>]* checked', page.text)

    refused = plan.send("ask", "unclear", record=plan.numbers("helpdesk ticket erase"))
    assert (refused.status_code, "nothing but a number that several people used" in refused.text) == (422, True)
    with rig.bench.file(plan.case) as file:
        assert not file.outbox.has("L3")

    for bound in ({"read": "0" * 64}, {"noted": "0" * 64}, {"read": ""}):
        page = plan.send("approve", **bound)
        assert (page.status_code, "has changed since" in page.text) == (409, True)
        assert state(rig.bench, plan.case) is CaseState.AWAITING_APPROVAL

    numbers = plan.numbers("helpdesk ticket erase")
    rig.bench.pass_time(timedelta(minutes=6))
    for act, typed in (("approve", {}), ("search", {"why": "a mapping"}), ("note", {"record": numbers, **KEEP})):
        refused = plan.send(act, "helpdesk ticket erase", **typed)
        assert (refused.status_code, 'href="#code"' in refused.text) == (422, True), act
    assert state(rig.bench, plan.case) is CaseState.AWAITING_APPROVAL
    assert "Noted on single records" not in plan.page()
    assert plan.send("approve", code=rig.team.code("dana")).status_code == 303


@pytest.mark.apart
def test_who_opened_the_request_neither_notes_nor_approves(rig, bench):
    rig.team.people["olga"] = ("Olga Officer", ["officer", "approver"])
    own = Plan(rig.browser("olga"), at_approval(bench, "erasure", opened_by="Olga Officer"))
    assert "another person decides" in own.page()
    read = rig.bench.runtime.store
    with read.case_file(own.case) as file:
        bound = {"token": own.browser.token("/sign-out"), "read": file.what_is_approved(), "noted": ""}
    for act, typed in (("approve", {}), ("note", {"record": "1", **KEEP})):
        assert own.browser.client.post(f"/desk{own.here}/{act}", data=bound | typed).status_code == 409
    assert state(rig.bench, own.case) is CaseState.AWAITING_APPROVAL


@pytest.mark.apart
def test_a_plan_is_sent_back_searched_again_and_made_anew(rig, plan):
    assert plan.send("search", why="").status_code == 422
    rig.bench.systems["helpdesk"].add(
        FakeRecord(kind="ticket", key="late", profile="u1", texts=((ANNA_PROFILE, "a late one"),))
    )
    assert plan.send("search", why="A ticket of last week is missing.").status_code == 303
    assert rig.resumed == [(plan.case, Gate.APPROVAL)]
    assert state(rig.bench, plan.case) is CaseState.IN_PROGRESS
    with rig.bench.file(plan.case) as file:
        before = len(file.findings.all())
    search(plan.case)
    prepare_plan(current_app(), plan.case)
    reach_gate(current_app(), plan.case, Gate.APPROVAL)
    with rig.bench.file(plan.case) as file:
        findings = file.findings.all()
    assert (len(findings), all(one.planned for one in findings)) == (before + 1, True)
    assert plan.send("approve").status_code == 303


@pytest.mark.apart
def test_thousands_of_records_are_read_page_by_page(rig, bench):
    bench.systems["helpdesk"].add(
        *(
            FakeRecord(kind="ticket", key=f"x{number}", profile="u1", texts=((ANNA_PROFILE, f"ticket {number}"),))
            for number in range(120)
        )
    )
    case = at_approval(bench, "erasure")
    plan = Plan(rig.browser("dana"), case)
    group = "helpdesk ticket erase"
    pages = [plan.page(group, page) for page in (1, 2, 3, 9)]
    shown = [set(re.findall(r'name="record" value="(\d+)"', page)) for page in pages]
    assert [len(one) for one in shown] == [50, 50, 21, 21]
    assert len(set.union(*shown)) == 121
    assert plan.send("note", group, which="all", **KEEP).status_code == 303
    assert "121 noted" in plan.page()
    assert plan.send("approve").status_code == 303
    with rig.bench.file(plan.case) as file:
        assert sum(one.decided is not None for one in file.findings.all()) == 121


@pytest.mark.apart
def test_unclear_records_are_put_to_the_person_by_their_number_alone_and_the_case_waits(rig, plan):
    answer = plan.send("ask", "unclear", record=plan.numbers("unclear"))
    assert answer.status_code == 303, answer.text
    with rig.bench.file(plan.case) as file:
        (letter,) = [one for one in file.outbox.letters() if one.template_id == "L3"]
        due = file.due_on
    assert "- call recordings: 2" in letter.body
    assert "You need not answer" in letter.body
    assert not [one for one in CANARIES if one in letter.body]
    record_sent(current_app(), plan.case, "L3", by="Olga Officer")
    seen = read_overview(current_app(), plan.case)
    assert (seen.waits_for, seen.due_on, seen.suspended_since) == (WaitingFor.CLARIFICATION, due, None)
    record_clarified(current_app(), plan.case, by="Olga Officer")
    assert read_overview(current_app(), plan.case).waits_for is WaitingFor.APPROVAL
    assert plan.send("ask", "unclear", record=plan.numbers("unclear")).status_code == 409
    assert plan.send("approve").status_code == 303


@pytest.mark.apart
def test_what_may_be_another_persons_says_why_and_is_decided_on_one_by_one(rig):
    """Found: a number that was given again made another customer's profile the person's."""
    for key in ("c7", "c8"):
        rig.bench.systems["payments"].add(
            FakeRecord(kind="profile", key=key, texts=((frozenset({BORIS_EMAIL, ANNA_ID}), "former payer"),))
        )
    case = at_approval(rig.bench, "erasure")
    plan = Plan(rig.browser("dana"), case)
    page, numbers = plan.page("doubtful"), plan.numbers("doubtful")
    assert len(numbers) == 2
    assert "May be another person&#39;s, each for its own reason" in page
    assert CARRIES[RecordDoubt.OTHER_IDENTIFIER] in page
    assert BORIS_EMAIL.value not in page
    assert "Ask the requester about the selected records" not in page
    refused = plan.send("note", "doubtful", record=numbers, **{"act-these": "erase"})
    assert (refused.status_code, "decide on it alone, on its evidence" in refused.text) == (422, True)
    assert plan.send("ask", "doubtful", record=numbers).status_code == 422
    assert plan.send("note", "doubtful", record=numbers[0], **{"act-these": "erase"}).status_code == 303
    assert plan.send("approve").status_code == 303
    with rig.bench.file(case) as file:
        methods = {str(one.number): one.method for one in file.findings.all()}
    assert (methods[numbers[0]], methods[numbers[1]]) == (Method.ERASE, None)
