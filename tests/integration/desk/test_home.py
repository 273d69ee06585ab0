"""Home: what waits for a person and for the team, and what holds cases up."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.letters.questions import ask_identity
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.facts.deadlines.alerts import look_at_cases
from rightsflow.cases.facts.overview.board import waiting_work
from rightsflow.cases.facts.people import hand_over, record_absence
from rightsflow.cases.work.erasure.brakes import set_brake
from rightsflow.domain.accounts import Role, permissions
from rightsflow.domain.circuit_breaker import FAILURES
from rightsflow.domain.people import Absence
from rightsflow.domain.work_list import ToDoKind
from tests.support.bench import CANARIES

MINE = "/?whose=mine"


@pytest.fixture
def officer(rig):
    return rig.browser("olga")


@pytest.fixture
def cases(rig):
    """Two cases; the first one is the data protection officer's."""
    first, second = rig.bench.open("access"), rig.bench.open("erasure", email="boris@example.com")
    hand_over(current_app(), first, "dpo", by="Olga Officer", reason="It is theirs.")
    return first, second


@pytest.mark.apart
def test_mine_are_those_that_a_person_answers_for_today_and_may_do(officer, cases, rig):
    assert all(one in officer.get("/").text for one in cases)
    assert not any(one in officer.get(MINE).text for one in cases)

    # Before, everybody saw everything, and no one what was theirs.
    first, second = cases
    assert letters_of("dpo", permissions([Role.OFFICER])) == [first]
    assert letters_of("dpo", permissions([Role.DPO])) == [], "their role sends no letter"
    absence = {"first_on": date(2026, 3, 5), "last_on": date(2026, 3, 9)}
    record_absence(current_app(), Absence(person="case_owner", deputy="dpo", **absence), by="Olga")
    assert set(letters_of("dpo", permissions([Role.OFFICER]))) == {first, second}


def letters_of(person, may):
    """The cases of the letters in a person's own list."""
    letters = waiting_work(current_app(), person, may).lists.get(ToDoKind.LETTER)
    return [item.work.case_id for item in letters.shown] if letters else []


@pytest.mark.apart
def test_alerts_and_replies_lead_to_where_they_are_dealt_with(rig, officer):
    asked, late = rig.bench.open("access"), rig.bench.open("access", email="boris@example.com")
    ask_identity(current_app(), asked, doubt="The name is another one.", by="Olga Officer")
    record_sent(current_app(), asked, "L2", by="Olga Officer")
    rig.bench.pass_time(timedelta(days=27))
    look_at_cases(current_app())
    page = rig.browser("olga").get("/").text
    assert f'href="/desk/cases/{late}/acts?act=acknowledge"' in page
    assert f'href="/desk/cases/{asked}/identity"' in page
    assert "Replies to come" in page
    assert [one for one in CANARIES if one in page] == []


def test_what_holds_cases_up_is_said(rig, officer):
    assert "What holds cases up" not in officer.get("/").text
    for _ in range(FAILURES):
        rig.bench.runtime.store.breakers.note_failure("payments")
    set_brake(current_app(), "*", by="Olga Officer", reason="Something is odd.")
    page = officer.get("/").text
    assert "<strong>payments</strong> has not answered since" in page
    assert "Erasing <strong>at all systems</strong> is stopped" in page
