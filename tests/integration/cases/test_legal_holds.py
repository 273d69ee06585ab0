"""A legal hold stops what would be erased, and only that; released, the decision opens again by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.follow_up.approval import approve_task
from rightsflow.cases.course.follow_up.manual_tasks import mark_task_done
from rightsflow.cases.course.follow_up.rounds import follow_up
from rightsflow.cases.facts.persons import Sought
from rightsflow.cases.work.erasure.legal_hold import approve_hold, place_hold, release_hold, review_hold
from rightsflow.cases.work.erasure.steps import erase_records, prepare_plan
from rightsflow.domain.case.holds import RELEASED
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.store.core.case_ledger import own_entries
from tests.integration.cases.answered_erasures import KeepsOnErasing
from tests.support import looks
from tests.support.kept_cases import staged
from tests.support.looks import letter
from tests.support.steps import answer_sent, approved, identified, others_digest, outcomes, searched

ANNA = Sought(email="anna.quill@example.com")
MATTER = "Quillfeather ./. Example Devices, 4 C 12/26"


def place(**scope):
    given = {"person": ANNA} | scope
    review_on = current_app().today + timedelta(days=90)
    return place_hold(current_app(), MATTER, review_on, by="Lena Law", owner="dpo", **given)[0]


def release(number, by="Ben Boss"):
    return release_hold(current_app(), number, by=by, reason="The claim was settled.")


@staged
def held(bench, **scope):
    """The same, under a hold of Anna's records or of some of them, the first of its store."""
    place(**scope)
    return answer_sent(bench)


def kept(bench, case_id):
    return {key for key, outcome in outcomes(bench, case_id).items() if outcome is OutcomeKind.RETAINED}


@pytest.mark.apart
def test_a_hold_keeps_a_persons_records_and_the_letter_tells_it_without_details(bench):
    before, case_id = others_digest(bench), held(bench)
    assert set(outcomes(bench, case_id).values()) == {OutcomeKind.RETAINED}
    body = letter(bench, case_id)
    assert "needed for a legal claim that is pending or to be expected" in body
    assert "Art. 17(3)(e) GDPR" in body
    assert f"Kept until {RELEASED}" in body
    assert "12/26" not in body
    assert others_digest(bench) == before


@pytest.mark.apart
def test_a_hold_covers_what_its_scope_names_and_nothing_else(bench):
    other = identified(bench, "access", email="boris.other@example.org")
    place(person=None, case_id=other)
    place(person=Sought(email="boris.other@example.org"))
    place(person=None, system="helpdesk", category="customer profiles")
    assert kept(bench, answer_sent(bench)) == {("helpdesk", "profile", "u1"), ("payments", "invoice", "i1")}


def test_a_hold_stops_an_erasure_that_is_under_way_at_its_next_step(bench):
    case_id = approved(bench)
    erase_records(current_app(), case_id, "helpdesk")
    place()
    erase_records(current_app(), case_id, "calls")
    assert outcomes(bench, case_id)["calls", "recording", "r1"] is OutcomeKind.RETAINED
    assert outcomes(bench, case_id)["helpdesk", "profile", "u1"] is OutcomeKind.ERASED


@pytest.mark.apart
def test_released_the_decision_opens_again_by_itself(bench):
    number, case_id = 1, held(bench)
    assert follow_up(current_app()).ended == 0
    with pytest.raises(Conflict, match="four eyes"):
        release(number, by="lena law")
    release(number)
    follow_up(current_app())
    waiting = [one for one in looks.tasks(bench, case_id) if one.kind is TaskKind.RELEASED and one.is_open]
    assert {one.system for one in waiting} == {"helpdesk", "calls", "payments"}
    for one in waiting:
        approve_task(current_app(), case_id, one.number, by="Dana Decider")
    follow_up(current_app())
    assert kept(bench, case_id) == {("payments", "invoice", "i1")}, "the law on books goes on"
    with bench.file(case_id) as file:
        (invoice,) = [one for one in file.findings.all("payments") if one.ref.kind == "invoice"]
        assert "§ 147" in invoice.legal_basis
        assert RELEASED not in invoice.ends_when


@pytest.mark.apart
def test_what_its_system_keeps_then_without_a_day_is_erased_once_it_lets_go(bench):
    """Before, it was left out of its task, which failed for good."""
    number, case_id = 1, held(bench, system="calls")
    assert kept(bench, case_id) == {("calls", "recording", "r1"), ("payments", "invoice", "i1")}
    release(number)
    follow_up(current_app())
    (task,) = looks.tasks(bench, case_id, TaskKind.RELEASED)
    approve_task(current_app(), case_id, task.number, by="Dana Decider")
    calls = KeepsOnErasing(bench.systems["calls"], None)
    with installed(replace(bench.runtime, connectors={**bench.runtime.connectors, "calls": calls})):
        for _ in range(2):
            assert follow_up(current_app()).failed == 1
        assert {system for system, *_ in kept(bench, case_id)} == {"calls", "payments"}
        calls.is_locked = False
        assert follow_up(current_app()).ended == 1
    assert {system for system, *_ in kept(bench, case_id)} == {"payments"}


@pytest.mark.apart
def test_while_another_hold_covers_it_nothing_opens(bench):
    first, _ = place(), place(system="calls")
    case_id = answer_sent(bench)
    release(first)
    with bench.file(case_id) as file:
        assert {one.system for one in file.tasks.all() if one.kind is TaskKind.RELEASED} == {"helpdesk", "payments"}


@pytest.mark.apart
def test_a_hold_that_is_released_before_the_answer_is_followed_up_after_it(bench):
    number = place(system="calls")
    case_id = searched(bench, "erasure")
    assert prepare_plan(current_app(), case_id)["retained"] == 2
    release(number)
    assert looks.tasks(bench, case_id) == []


@pytest.mark.apart
def test_its_review_is_at_most_six_months_ahead_and_its_owner_is_told(bench):
    far = current_app().today + timedelta(days=200)
    with pytest.raises(BadInput, match="within 6 months"):
        place_hold(current_app(), MATTER, far, by="Lena Law", owner="dpo", person=ANNA)
    number, case_id = 1, held(bench)
    bench.pass_time(timedelta(days=77))
    follow_up(current_app())
    follow_up(current_app())
    (review,) = looks.tasks(bench, case_id, TaskKind.REVIEW)
    assert (review.owner, review.due_on) == ("dpo", current_app().today + timedelta(days=13))
    with pytest.raises(Conflict, match=f"decision on legal hold {number}, which was not taken"):
        mark_task_done(current_app(), case_id, review.number, on=None, by="Lena Law")
    review_hold(current_app(), number, current_app().today + timedelta(days=60), by="Lena Law")
    (ended,) = looks.tasks(bench, case_id, TaskKind.REVIEW)
    assert (ended.done_on, ended.done_by) == (current_app().today, "Lena Law"), "the decision ends the task"
    (hold,) = current_app().store.legal_holds.all()
    assert hold.stands(current_app().today) == "in force, not approved"


def test_a_release_ends_the_task_to_review_it_too(bench):
    number, case_id = 1, held(bench)
    bench.pass_time(timedelta(days=77))
    follow_up(current_app())
    release(number)
    assert [one.done_by for one in looks.tasks(bench, case_id) if one.kind is TaskKind.REVIEW] == ["Ben Boss"]


def test_a_hold_that_names_nothing_is_refused_and_a_second_person_approves_one_once_whose_matter_is_not_readable(bench):
    for scope, sentence in [
        ({"person": None}, "names nothing"),
        ({"system": "nowhere"}, "no such system"),
        ({"person": Sought()}, "Nothing is given"),
        ({"case_id": "DSR-2026-7K3M9Q"}, "There is no case"),
    ]:
        with pytest.raises(BadInput, match=sentence):
            place(**scope)
        assert current_app().store.legal_holds.all() == []
    number = place()
    with bench.runtime.store.database.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT * FROM legal_holds").all()
    assert "12/26" not in str(rows)
    assert "anna" not in str(rows).casefold()
    assert current_app().store.legal_holds.matter(number) == MATTER
    with pytest.raises(Conflict, match="four eyes"):
        approve_hold(current_app(), number, by="Lena  LAW")
    approve_hold(current_app(), number, by="Ben Boss")
    with pytest.raises(Conflict, match="approved already"):
        approve_hold(current_app(), number, by="Ben Boss")
    with pytest.raises(BadInput, match="no hold 9"):
        approve_hold(current_app(), 9, by="Ben Boss")
    release(number)
    with pytest.raises(Conflict, match="released already"):
        release(number)


NUMBERS = [
    (Sought(phone="+49 30 23125 001"), "all who share the phone number"),
    (Sought(email="anna.quill@example.com", phone="+49 30 23125 001"), "the e-mail address or the phone number"),
]


@pytest.mark.parametrize(("sought", "words"), NUMBERS, ids=["alone", "beside an address"])
def test_who_holds_by_a_number_is_told_how_many_it_covers_and_confirms_that(bench, sought, words):
    """Before, all who shared a household's or a switchboard's number were held too, and no one was told."""
    for email in ("anna.quill@example.com", "boris.other@example.org"):
        bench.open("erasure", email=email, phone="+49 30 23125 001")
    for confirmed in (None, 1, 3):
        with pytest.raises(Conflict, match=rf"{words}: 2 cases at present.*Name the case.*confirm that it covers 2"):
            place(person=sought, confirmed=confirmed)
    assert not bench.runtime.store.legal_holds.all()
    place(person=sought, confirmed=2)
    (hold,) = bench.runtime.store.legal_holds.all()
    assert words in hold.scope.words
    with bench.runtime.store.database.reading() as session:
        (placed,) = own_entries(session, "LegalHoldPlaced")
    assert placed.details["cases_confirmed"] == 2
    assert words in placed.details["scope"]


def test_a_hold_on_a_case_needs_no_such_confirmation(bench):
    case_id = bench.open("erasure", phone="+49 30 23125 001")
    place(person=Sought(phone="+49 30 23125 001"), case_id=case_id)
    (hold,) = bench.runtime.store.legal_holds.all()
    assert hold.scope.words == f"one person, case {case_id}"
