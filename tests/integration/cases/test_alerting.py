"""One round of the watch: what it does in which order, and what is left when it is cut short."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from rightsflow.app import current_app, installed
from rightsflow.cases.course.letters.answers import put_letter
from rightsflow.cases.course.letters.renewal import renew_cases
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.facts.deadlines.alerts import NoticeDelivery, Swept, sweep
from rightsflow.cases.facts.people import hand_over
from rightsflow.documents.letters import Letter
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.errors import Transient
from rightsflow.domain.vocabulary.states import CaseAction
from rightsflow.store.case.case_tasks import NewTask
from tests.integration.cases.watch_year import CHANNEL, SETTINGS_OF_THE_YEAR

DAY = timedelta(days=1)


class Carrier:
    """Carries all, and can be told to fail."""

    def __init__(self):
        self.posted = []
        self.reaches = lambda recipient: True
        self.is_down = False
        self.keeps_up = True
        self.waited_for = []

    def post(self, notices):
        self._answer()
        self.posted += notices

    def deliveries(self, sent):
        self._answer()
        return [
            NoticeDelivery(attempt=one.known_by, recipient=to, delivered=self.reaches(to))
            for one in self.posted
            if one.known_by in sent
            for to in one.recipients
        ]

    def let_through(self, notices):
        self.waited_for.append(len(notices))
        return self.keeps_up

    def links(self, case_ids):
        return {case_id: f"https://example.com/{case_id}" for case_id in case_ids}

    def _answer(self):
        if self.is_down:
            raise Transient("The server does not answer.", system="prefect")


def a_round(current, carrier) -> Swept:
    """One round of the watch, as its task makes it."""
    renew_cases(current)
    return sweep(current, carrier)


@pytest.fixture
def current(bench):
    changed = replace(bench.runtime, settings=SETTINGS_OF_THE_YEAR)
    with installed(changed):
        yield changed


@pytest.fixture
def carrier():
    return Carrier()


@pytest.fixture
def case_id(bench, current):
    """Received on 5 March 2026, to be answered by 2 April; on 26 March seven days are left."""
    made = bench.open("access")
    bench.moment[0] = datetime(2026, 3, 26, 12, 0, tzinfo=UTC)
    return made


def letter(name):
    return Letter(template_id=name, version=1, language="en", subject_line="", body="Nothing.", variables_hash="0" * 64)


def kinds(carrier):
    return sorted(one.kind.value for one in carrier.posted)


def test_what_is_due_is_raised_and_sent_in_the_same_round(current, carrier, case_id):
    swept = a_round(current, carrier)
    assert swept == Swept(looked=1, raised=6, sent=5, unreached=0)
    assert kinds(carrier) == ["acknowledgement-missing", "at-risk", "due-soon", "extension-notice-due", "gate-waiting"]
    assert {one.link for one in carrier.posted} == {f"https://example.com/{case_id}"}
    assert all(CHANNEL in one.recipients for one in carrier.posted)
    assert {(one.case_id, one.right, one.attempt, one.reminder) for one in carrier.posted} == {
        (case_id, "access", 1, 0)
    }
    with current.store.case_file(case_id) as file:
        assert file.forecasts.present.at_risk, "it drifted there by waiting"


def test_the_next_round_does_nothing_twice(current, carrier, case_id):
    a_round(current, carrier)
    for _ in range(3):
        assert a_round(current, carrier) == Swept(looked=0, raised=0, sent=0, unreached=0)


def test_a_messenger_that_is_down_loses_nothing(current, carrier, case_id):
    carrier.is_down = True
    for _ in range(2):
        with pytest.raises(Transient):
            a_round(current, carrier)
    carrier.is_down = False
    assert a_round(current, carrier).sent == 5
    assert {one.attempt for one in carrier.posted} == {1}


def test_what_did_not_arrive_is_sent_to_the_rest(bench, current, carrier, case_id):
    carrier.reaches = lambda recipient: recipient == CHANNEL
    a_round(current, carrier)
    swept = a_round(current, carrier)
    assert (swept.unreached, swept.sent) == (5, 5)
    assert all(CHANNEL not in one.recipients for one in carrier.posted if one.attempt == 2)
    carrier.reaches = lambda recipient: True
    assert a_round(current, carrier).unreached == 0
    assert a_round(current, carrier).sent == 0


def test_what_nobody_acknowledges_is_sent_again_the_next_day(bench, current, carrier, case_id):
    a_round(current, carrier)
    a_round(current, carrier)
    with bench.file(case_id) as file:
        assert file.alerts.acknowledge("Ida") == 5
    hand_over(current_app(), case_id, "anna", by="Olga", reason="holidays")
    bench.pass_time(DAY)
    assert a_round(current, carrier).sent == 0, "all of them were acknowledged"
    bench.moment[0] = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)
    assert a_round(current, carrier).sent == 1, "the next rung comes all the same"
    assert set(carrier.posted[-1].recipients) == {"person.anna", "person.dpo", CHANNEL}
    a_round(current, carrier)
    bench.pass_time(DAY)
    assert a_round(current, carrier).sent == 1
    assert carrier.posted[-1].reminder == 1


def test_of_a_closed_case_nothing_is_sent(bench, current, carrier, case_id):
    carrier.is_down = True
    with pytest.raises(Transient):
        a_round(current, carrier)
    with bench.file(case_id) as file:
        file.advance(CaseAction.WITHDRAW)
    carrier.is_down = False
    bench.pass_time(30 * DAY)
    assert a_round(current, carrier) == Swept(looked=1, raised=0, sent=0, unreached=0)


@pytest.mark.parametrize(("keeps_up", "rounds"), [(True, [5, 0]), (False, [2, 2, 1])])
def test_no_more_are_sent_than_can_be_carried(current, carrier, case_id, keeps_up, rounds):
    """After each whole batch it is waited, and one that does not go through ends the round."""
    current.store.work.sent_at_once = 2
    carrier.keeps_up = keeps_up
    assert [a_round(current, carrier).sent for _ in rounds] == rounds
    assert carrier.waited_for == [2, 2]
    assert len(carrier.posted) == 5


def test_an_answer_that_was_written_and_not_sent_is_still_owed(bench, current, carrier, case_id):
    """The case was closed when the answer was written; the person has it when it has gone out."""
    with bench.file(case_id) as file:
        file.advance(CaseAction.CONFIRM_IDENTITY)
        put_letter(file, letter("L8"))
        file.advance(CaseAction.REPORT_NOTHING_HELD)
    a_round(current, carrier)
    assert kinds(carrier) == ["due-soon"]
    bench.moment[0] = datetime(2026, 4, 9, 12, 0, tzinfo=UTC)
    a_round(current, carrier)
    assert kinds(carrier) == ["at-risk", "due-soon", "letter-unsent", "overdue"]
    record_sent(current_app(), case_id, "L8", by="Ida")
    bench.pass_time(2 * DAY)
    assert a_round(current, carrier).sent == 0


def test_one_case_whose_key_is_wrong_does_not_stop_the_round(bench, current, carrier, case_id):
    bad = bench.open("erasure", email="boris.other@example.org")
    with current.store.database.transaction() as session:
        session.execute(text("UPDATE cases SET wrapped_key = :key WHERE id = :case"), {"key": b"x" * 60, "case": bad})
        session.execute(text("UPDATE cases SET holidays_version = 'another'"))
    assert renew_cases(current) == 1
    sweep(current, carrier)
    assert {one.case_id for one in carrier.posted} == {case_id}


def test_a_task_by_hand_of_a_closed_case_is_told_on_its_day_and_not_once_it_is_done(bench, current, carrier):
    case_id = bench.open("erasure")
    due_on = current.today + 400 * DAY
    with bench.file(case_id) as file:
        file.advance(CaseAction.WITHDRAW)
        step = NewTask(kind=TaskKind.MANUAL, system="calls", what="Ask the carrier.", records=1, due_on=due_on)
        file.tasks.note([step], owner="case_owner")
    assert a_round(current, carrier).raised == 0
    hand_over(current_app(), case_id, "dpo", by="Ida", reason="She left.")
    bench.pass_time(400 * DAY)
    assert a_round(current, carrier).raised == 1
    assert [(one.kind, one.recipients) for one in carrier.posted] == [("task-due", ("person.dpo", CHANNEL))]
    with bench.file(case_id) as file:
        file.tasks.mark_done(1, due_on, by="Ida")
    bench.pass_time(3 * DAY)
    a_round(current, carrier)
    assert len(carrier.posted) == 1
    with bench.file(case_id) as file:
        assert all(one.ended_at for one in file.alerts.all())
