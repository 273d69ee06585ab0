"""Acts on a case at the desk, and the controls."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.follow_up.rounds import follow_up
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.domain.people import Proof
from rightsflow.domain.request import RequestForm
from rightsflow.domain.vocabulary.states import CaseState
from tests.integration.cases.answered_erasures import LAST_DAY, answered, go_to
from tests.integration.desk.cases import entries, state
from tests.support.desk import REASON


@pytest.fixture
def officer(rig):
    return rig.browser("olga")


@pytest.fixture
def case(rig):
    case = rig.bench.open("access")
    rig.bench.confirm_identity(case)
    return case


def send(browser, case, act, **typed):
    return browser.send(f"/cases/{case}/acts/{act}", f"/cases/{case}/acts", **typed)


@pytest.mark.parametrize(
    ("act", "typed", "event"),
    [
        ("extend", {"extend_reason": REASON}, "ExtensionDecided"),
        ("ask", {"areas": "tickets, calls"}, "ClarificationAsked"),
        ("hand-over", {"to": "dpo", "hand_over_reason": "holiday"}, "CaseHandedOver"),
        ("withdraw", {"withdraw_reason": "by telephone"}, "CaseWithdrawn"),
        ("stop", {"stop_why": "opened in error", "stop_known": "a test"}, "CaseStopped"),
        ("hold", {"hold_reason": "complaint", "hold_until": "2027-01-31"}, "EvidenceHeld"),
    ],
)
def test_an_act_is_done_by_who_is_signed_in_and_shown_in_prefect(rig, officer, case, act, typed, event):
    answer = send(officer, case, act, **typed)
    assert answer.headers.get("location") == f"/desk/cases/{case}"
    done = entries(rig.bench, case)[event]
    assert (done.actor, done.details["signed_in"]) == ("Olga Officer", Proof.PASSWORD_AND_CODE.value)
    assert rig.followed == [case]


@pytest.mark.apart
def test_what_cannot_be_done_is_told_beside_its_field_and_changes_nothing(rig, officer, case):
    before = list(entries(rig.bench, case))
    for act, typed, field in (
        ("extend", {"extend_reason": "holiday"}, "extend_reason"),
        ("ask", {"areas": " "}, "areas"),
        ("clarified", {"clarified_on": "soon"}, "clarified_on"),
        ("hand-over", {"to": "nobody", "hand_over_reason": "x"}, "to"),
        ("hand-over", {"to": "dpo"}, "hand_over_reason"),
        ("hold", {"hold_reason": "claim", "hold_until": "2026-03-04"}, "hold_until"),
        ("hold", {"hold_reason": "claim", "hold_until": "never"}, "hold_until"),
        ("recipients", {"asked_on": "soon"}, "asked_on"),
        ("lift", {}, "lift_reason"),
        ("task-done", {"task": "one", "done_on": "2026-03-05"}, "task"),
        ("task-done", {"task": "1", "done_on": "2026-03-05", "task_end": "perhaps"}, "task_end"),
    ):
        page = send(officer, case, act, **typed)
        assert (page.status_code, f'href="#{field}"' in page.text) == (422, True)
        assert list(entries(rig.bench, case)) == before
        assert rig.followed == []

    page = send(officer, case, "hand-over", to="case_owner", hand_over_reason="x")
    assert (page.status_code, 'id="to-wrong"' in page.text) == (409, True)
    assert '<option value="dpo">DPO</option>' in page.text, "people are chosen by their names"


def test_a_withdrawn_case_lets_its_run_end_whatever_it_waits_for(rig, officer, case):
    send(officer, case, "withdraw")
    assert rig.resumed == [(case, None)]
    assert state(rig.bench, case) is CaseState.WITHDRAWN
    assert send(officer, case, "withdraw").status_code == 409


@pytest.mark.apart
def test_a_duplicate_is_stopped_and_names_the_case_that_answers(rig, officer):
    first = rig.bench.open("access")
    form = RequestForm(right="access", email="Anna.Quill@example.com", opened_by="Olga Opener", channel="e-mail")
    second = open_request_form(current_app(), form, despite_duplicate=True).case_id
    page = officer.get(f"/cases/{second}/acts").text
    assert f"{first}: received on 5 March 2026, received" in page
    typed = {"stop_why": "duplicate", "stop_known": "It is the same letter."}
    wrong = send(officer, second, "stop", **typed)
    assert (wrong.status_code, "A duplicate needs the case" in wrong.text) == (422, True)
    assert send(officer, second, "stop", **typed, duplicate_of=first).status_code == 303
    assert state(rig.bench, second) is CaseState.STOPPED
    assert (rig.resumed, rig.followed) == ([(second, None)], [first, second])
    assert f"{first} answers the request" in officer.get(f"/cases/{second}").text
    assert send(officer, second, "stop", **typed, duplicate_of=first).status_code == 409


def test_the_answer_to_a_question_is_noted_with_its_day(rig, officer, case):
    send(officer, case, "ask", areas="tickets, calls")
    record_sent(current_app(), case, "L3", by="Olga Officer")
    assert "The person has said what they mean" in officer.get(f"/cases/{case}/acts").text
    assert send(officer, case, "clarified", clarified_on="2026-03-05").status_code == 303


def test_a_hold_is_lifted(rig, officer, case):
    send(officer, case, "hold", hold_reason="complaint")
    assert send(officer, case, "lift", lift_reason="it was dismissed").status_code == 303
    with rig.bench.file(case) as file:
        assert file.holding.present is None


class TestAfterTheAnswer:
    @pytest.fixture
    def due(self, rig):
        """An answered erasure whose invoice need not be kept any more."""
        case = answered(rig.bench)
        go_to(rig.bench, LAST_DAY + timedelta(days=1))
        follow_up(current_app())
        return case

    @pytest.mark.apart
    def test_an_erasure_that_has_become_due_is_approved_by_an_approver(self, rig, due):
        dana, olga = rig.browser("dana"), rig.browser("olga")
        assert f"/desk/cases/{due}/acts?act=approve-task" in dana.get("/").text
        assert "approve_task" not in olga.get(f"/cases/{due}/acts").text
        assert send(olga, due, "approve-task", approve_task="1").status_code == 403
        assert send(dana, due, "approve-task", approve_task="1").status_code == 303
        assert entries(rig.bench, due)["TaskApproved"].actor == "Dana Decider"

    @pytest.mark.apart
    def test_or_the_records_are_kept_longer_on_a_ground(self, rig, due):
        olga = rig.browser("olga")
        typed = {"keep_task": "1", "keep_ground": "An assessment is open.", "keep_provision": "Art. 17(3)(e)"}
        assert send(olga, due, "keep-longer", **typed, keep_until="2034-01-01").status_code == 422
        assert send(olga, due, "keep-longer", **typed, keep_until="2036-12-31").status_code == 303
        assert "RetentionProlonged" in entries(rig.bench, due)


def control(browser, act, **typed):
    return browser.send(f"/controls/{act}", "/controls", **typed)


def test_a_brake_and_an_absence_are_set_and_released(rig, officer):
    assert control(officer, "brake", brake="*", brake_reason="something is odd").status_code == 303
    (brake,) = rig.bench.runtime.store.brakes.present()
    assert (brake.system, brake.by) == ("*", "Olga Officer")
    assert "Erasing at all systems is stopped" in officer.get("/controls").text
    assert control(officer, "release", release="*", release_reason="it was nothing").status_code == 303
    assert rig.bench.runtime.store.brakes.present() == []

    away = {"person": "case_owner", "deputy": "dpo", "first_on": "2026-03-09", "last_on": "2026-03-13"}
    assert control(officer, "absence", **away).status_code == 303
    (noted,) = rig.bench.runtime.store.absences_from(current_app().today)
    assert (noted.absence.deputy, noted.recorded_by) == ("dpo", "Olga Officer")
    assert control(officer, "absence-back", absence=str(noted.number)).status_code == 303
    assert rig.bench.runtime.store.absences_from(current_app().today) == []


@pytest.mark.apart
def test_erasing_is_stopped_in_one_case_from_its_page(rig, officer):
    case_id = rig.bench.open("erasure")

    def act(name, **typed):
        return officer.send(f"/cases/{case_id}/acts/{name}", f"/cases/{case_id}/acts", **typed)

    assert 'href="#brake_reason"' in act("brake").text
    assert act("brake", brake_reason="the plan is of another person").status_code == 303
    page = officer.get(f"/cases/{case_id}").text
    assert "Erasing in this case is stopped</strong> by Olga Officer" in page
    assert "<strong>Brake set</strong>: all systems" in page
    assert f"Erasing <strong>in {case_id}</strong> is stopped" in officer.get("/").text
    assert f"Erasing in {case_id} is stopped" in officer.get("/controls").text
    assert act("brake", brake_reason="again").status_code == 409, "it is stopped already"
    assert act("release", release_reason="it was theirs after all").status_code == 303
    assert "is stopped" not in officer.get(f"/cases/{case_id}").text


def test_the_systems_are_asked_when_a_person_wants_it(officer):
    assert "answers" not in officer.get("/controls").text
    page = control(officer, "check").text
    assert page.count(": answers") == 3
    assert "Of 2 records, 2 carry a readable identifier." in page, "what doctor says is said here too"


def test_a_control_that_cannot_be_used_so_is_told_and_changes_nothing(rig, officer):
    away = {"person": "case_owner", "deputy": "dpo", "first_on": "2026-03-09", "last_on": "2026-03-13"}
    for act, typed, field in (
        ("brake", {"brake": "moon", "brake_reason": "x"}, "brake"),
        ("brake", {"brake": "helpdesk"}, "brake_reason"),
        ("release", {"release": "", "release_reason": "x"}, "release"),
        ("absence", {"first_on": "2026-03-13", "last_on": "2026-03-09"}, "last_on"),
        ("absence", {"deputy": "case_owner"}, "deputy"),
        ("absence", {"first_on": "tomorrow"}, "first_on"),
        ("absence-back", {"absence": "7"}, "absence"),
    ):
        page = control(officer, act, **(away if act == "absence" else {}) | typed)
        assert (page.status_code, f'href="#{field}"' in page.text) == (422, True)
        store = rig.bench.runtime.store
        assert (store.brakes.present(), store.absences_from(current_app().today)) == ([], [])


CHECK = {
    "method": "call back to the known number",
    "done": "They were called back.",
    "at": "2026-03-05T09:30",
    "against": "phone number",
    "held_by": "helpdesk",
    "since": "2024-05-03",
}


@pytest.mark.apart
def test_what_is_wrong_with_a_check_of_identity_stands_beside_its_field(rig, officer):
    here = f"/cases/{rig.bench.open('access')}/identity"
    for typed, field in (
        ({"at": "2026-03-05T23:00"}, "at"),
        ({"since": "2026-03-06"}, "since"),
        ({"held_by": "attic"}, "held_by"),
        ({"representative": "Rita"}, "representative"),
    ):
        page = officer.send(f"{here}/confirm", here, **(CHECK | typed))
        assert (page.status_code, f'id="{field}-wrong"' in page.text) == (422, True)
        assert re.search(rf'id="{field}"[^>]*aria-describedby="[^"]*{field}-wrong"', page.text)


def test_the_case_names_the_persons_language(rig, officer):
    page = officer.get(f"/cases/{rig.bench.open('access', language='de')}").text
    assert "<dd>German, as the request says</dd>" in page


def test_a_missing_proof_names_the_ways_that_the_person_has(rig, officer, case):
    rig.bench.pass_time(timedelta(minutes=6))
    page = officer.send(f"/cases/{case}/reveal", f"/cases/{case}", reason="to check")
    assert "Type the code that your app shows now: this needs a fresh proof that it is you." in page.text
