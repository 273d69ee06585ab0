"""The rungs of one case, each at its instant, with whom it tells and in which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rightsflow.domain.alerts.ladder import (
    Audience,
    Calendar,
    DueSoon,
    Ladder,
    RungKind,
    WatchedInstruction,
    WatchedTask,
)
from rightsflow.domain.alerts.rungs import Rung
from rightsflow.domain.deadlines.working_days import WEEKENDS_ONLY, Place
from rightsflow.domain.vocabulary.states import SETTLED, CaseState
from tests.unit.domain.alerts.cases import (
    BERLIN,
    CALENDAR,
    DAY,
    DUE,
    LADDER,
    OPENED,
    SECOND,
    WORK_TO,
    at,
    case,
    names,
    of_kind,
    seen,
)

OWNER, DPO, MANAGEMENT = Audience.OWNER, Audience.DPO, Audience.MANAGEMENT


def test_rungs_before_the_date_begin_at_midnight_and_name_both_dates() -> None:
    # So many days before the target date from midnight on.
    for days, tell in ((14, {OWNER}), (7, {OWNER}), (3, {OWNER, DPO}), (1, {DPO, MANAGEMENT})):
        begin = at(WORK_TO - days * DAY)
        assert f"due-soon {days}/{WORK_TO}" not in names(seen(case(), begin - SECOND).due)
        last = seen(case(), begin).due[-1]
        assert (last.key, last.at, last.about_on, set(last.tell)) == (f"{days}/{WORK_TO}", begin, WORK_TO, tell)
    # The words name both dates.
    [rung] = seen(case(), at(WORK_TO - 14 * DAY)).due
    assert rung.text == (
        "To be answered by Wednesday 8 July 2026 (14 days left on Wednesday 24 June 2026); the law's last day is "
        "Friday 10 July 2026."
    )
    [later] = of_kind(seen(case(), at(WORK_TO - 13 * DAY)), RungKind.DUE_SOON)
    assert later.text == rung.text, "it says from which day it counts, so that it is true on later days"
    assert "(1 day left on Tuesday 7 July 2026)" in seen(case(), at(WORK_TO - DAY)).due[-1].text
    [rung] = of_kind(seen(case(suspended_since=OPENED), at(WORK_TO - 14 * DAY)), RungKind.DUE_SOON)
    assert rung.text.endswith("; without the suspension the law's last day is Friday 10 July 2026.")
    # The next look is at the next rung.
    found = seen(case(), OPENED)
    for days in (14, 7, 3, 1):
        assert found.next_at == at(WORK_TO - days * DAY)
        found = seen(case(), found.next_at)
    assert found.next_at == at(WORK_TO + DAY)
    # Of the deadlines rungs the last one stands.
    found = seen(case(), at(WORK_TO - 2 * DAY))
    assert names(found.due) == [f"due-soon {days}/{WORK_TO}" for days in (14, 7, 3)]
    assert names(found.standing) == [f"due-soon 3/{WORK_TO}"]


def test_after_the_date_each_day_has_its_rung() -> None:
    # Each day after the target date has its rung.
    for day, kind, about in (
        (WORK_TO + DAY, RungKind.TARGET_MISSED, WORK_TO),
        (DUE, RungKind.TARGET_MISSED, WORK_TO),
        (DUE + DAY, RungKind.OVERDUE, DUE),
        (DUE + 200 * DAY, RungKind.OVERDUE, DUE),
    ):
        for now in (at(day), at(day, 23, 59)):
            found = seen(case(), now)
            [rung] = [one for one in found.standing if one.kind in {RungKind.TARGET_MISSED, RungKind.OVERDUE}]
            assert (rung.kind, rung.key, rung.at, rung.about_on) == (kind, str(day), at(day), about)
            assert set(rung.tell) == {OWNER, DPO, MANAGEMENT}
            assert found.next_at == at(day + DAY)
    # The words after the date.
    missed = seen(case(), at(WORK_TO + DAY)).standing[0]
    assert missed.text == (
        "The target date, Wednesday 8 July 2026, has passed; the law's last day is Friday 10 July 2026."
    )
    assert seen(case(), at(DUE + DAY)).standing[0].text == "The law's last day, Friday 10 July 2026, passed 1 day ago."
    assert "passed 2 days ago" in seen(case(), at(DUE + 2 * DAY)).standing[0].text
    # A moved date has rungs of its own.
    moved = case(work_to_on=WORK_TO + 30 * DAY, due_on=DUE + 30 * DAY)
    now = at(WORK_TO + 29 * DAY)
    assert not set(names(seen(case(), now).due)) & set(names(seen(moved, now).due))
    # Imported a week after its last day: all are due, one of the deadline's stands.
    found = seen(case(), at(DUE + 7 * DAY, 10))
    assert names(found.due)[:4] == [f"due-soon {days}/{WORK_TO}" for days in (14, 7, 3, 1)]
    assert names(found.standing) == [f"overdue {DUE + 7 * DAY}"]


def test_a_clock_that_stands_and_a_closed_case_miss_nothing() -> None:
    found = seen(case(suspended_since=OPENED), at(DUE + 3 * DAY))
    assert not of_kind(found, RungKind.TARGET_MISSED) + of_kind(found, RungKind.OVERDUE)
    # Of a closed case nothing is due.
    for state in sorted(SETTLED):
        late = case(state=state, closed=True, at_risk=True, acknowledged=False, failing_since={"erase": OPENED})
        found = seen(late, at(DUE + DAY))
        assert (found.due, found.next_at) == ((), None)
    # Of a closed case a failing step of the follow up is told and no other.
    since = {"verify again helpdesk": at(DUE), "erase helpdesk": at(DUE)}
    one = case(state=CaseState.ANSWERED, closed=True, failing_since=since)
    assert [rung.text.split(" has ")[0] for rung in seen(one, at(DUE + 3 * DAY)).due] == [
        "The step verify again helpdesk"
    ]
    found = seen(case(state=CaseState.ANSWERED, closed=True, tasks=(TASK,)), at(DUE + 200 * DAY))
    assert (found.due, found.next_at) == ((), at(TASK.due_on))
    # Of a closed case the letter that its answer promised is told and no other.
    unsent = {"L20": OPENED, "L1": OPENED, "L6": OPENED}
    one = case(state=CaseState.ANSWERED, closed=True, unsent_since=unsent)
    assert [rung.text.split(" was ")[0] for rung in seen(one, at(DUE)).due] == ["The letter L20"]


def test_a_risk_a_silence_and_a_failing_step_are_told() -> None:
    # The risk is told at once.
    [rung] = seen(case(at_risk=True), OPENED).due
    assert (rung.kind, rung.key, rung.tell) == (RungKind.AT_RISK, str(WORK_TO), (OWNER,))
    assert rung.text == "By the forecast it may not be answered by the target date, Wednesday 8 July 2026."
    assert not seen(case(), OPENED).due
    # An acknowledgement that has not gone out.
    missing = case(acknowledged=False)
    begin = at(date(2026, 6, 12))  # Tuesday to Thursday are the three working days
    assert not seen(missing, begin - SECOND).due
    [rung] = seen(missing, begin).due
    assert (rung.kind, rung.tell, rung.about_on) == (RungKind.ACKNOWLEDGEMENT_MISSING, (OWNER,), OPENED.date())
    assert rung.text == "It was opened on Monday 8 June 2026, and its acknowledgement has not gone out."
    assert not seen(case(), begin).due
    # Each step that fails for more than a day.
    failing = case(failing_since={"erase helpdesk": OPENED, "erase calls": OPENED + timedelta(hours=1)})
    assert not seen(failing, OPENED + DAY - SECOND).due
    [rung] = seen(failing, OPENED + DAY).due
    assert (rung.kind, rung.tell) == (RungKind.STEP_FAILING, (OWNER,))
    assert rung.text == "The step erase helpdesk has been failing since Monday 8 June 2026."
    [rung] = seen(replace(failing, refused=frozenset({"erase helpdesk"})), OPENED + timedelta(minutes=5)).due
    assert rung.text == "The step erase helpdesk was refused by its system on Monday 8 June 2026; decide what follows."
    assert len(seen(failing, OPENED + DAY + timedelta(hours=1)).standing) == 2, "the one does not replace the other"


class TestExtensionNotice:
    BEGIN = at(WORK_TO - 7 * DAY)

    def test_it_is_asked_for_while_it_can_be_sent_and_is_of_use(self) -> None:
        # It is asked for while the approval is far.
        for state in (CaseState.RECEIVED, CaseState.IDENTITY_PENDING, CaseState.IN_PROGRESS):
            assert not of_kind(seen(case(state=state), self.BEGIN - SECOND), RungKind.EXTENSION_NOTICE_DUE)
            [rung] = of_kind(seen(case(state=state), self.BEGIN), RungKind.EXTENSION_NOTICE_DUE)
            assert (rung.at, rung.key, rung.about_on, set(rung.tell)) == (self.BEGIN, str(DUE), DUE, {OWNER, DPO})
            assert rung.text == (
                "If it takes longer, the notice of extension has to go out by Wednesday 8 July 2026, "
                "at the latest by Friday 10 July 2026."
            )
        # Later only where the forecast is bad.
        for state in (CaseState.AWAITING_APPROVAL, CaseState.EXECUTING):
            assert not of_kind(seen(case(state=state), self.BEGIN), RungKind.EXTENSION_NOTICE_DUE)
            assert of_kind(seen(case(state=state, at_risk=True), self.BEGIN), RungKind.EXTENSION_NOTICE_DUE)
        # Not where it has no use.
        for changes in ({"extended": True}, {"notice_due_on": None}):
            found = seen(case(state=CaseState.IN_PROGRESS, **changes), self.BEGIN)
            assert not of_kind(found, RungKind.EXTENSION_NOTICE_DUE)
        # It can be sent on the last day and not after.
        late = case(state=CaseState.IN_PROGRESS)
        assert of_kind(seen(late, at(DUE, 23, 59)), RungKind.EXTENSION_NOTICE_DUE)
        assert not of_kind(seen(late, at(DUE + DAY)), RungKind.EXTENSION_NOTICE_DUE)
        # The alert has to end then.
        found = seen(case(state=CaseState.IN_PROGRESS), at(DUE, 12))
        assert found.next_at == at(DUE + DAY)
        # A suspension that may be unjustified does not move it.
        unpaused = DUE - 20 * DAY
        standing = case(state=CaseState.IDENTITY_PENDING, suspended_since=OPENED)
        assert of_kind(seen(standing, self.BEGIN), RungKind.EXTENSION_NOTICE_DUE)
        [rung] = of_kind(
            seen(case(state=CaseState.IN_PROGRESS, no_pause_due_on=unpaused), at(unpaused - 7 * DAY)),
            RungKind.EXTENSION_NOTICE_DUE,
        )
        assert rung.text.startswith(
            "If it takes longer, the notice of extension has to go out by Saturday 20 June 2026, "
        )
        # One day is named once.
        [rung] = of_kind(
            seen(case(state=CaseState.IN_PROGRESS, notice_due_on=WORK_TO), self.BEGIN), RungKind.EXTENSION_NOTICE_DUE
        )
        assert rung.text == "If it takes longer, the notice of extension has to go out by Wednesday 8 July 2026."


class TestRefusal:
    """Art. 12(4) GDPR: no extension moves its last day."""

    def test_its_last_day_is_named_once_the_period_is_extended(self) -> None:
        # Its last day is named once the period is extended.
        extended = case(state=CaseState.AWAITING_APPROVAL, extended=True)
        assert not of_kind(seen(extended, at(DUE - 7 * DAY) - SECOND), RungKind.REFUSAL_DUE)
        [rung] = of_kind(seen(extended, at(DUE - 7 * DAY)), RungKind.REFUSAL_DUE)
        assert (rung.about_on, set(rung.tell)) == (DUE, {OWNER, DPO})
        assert rung.text == (
            "The period is extended, but a refusal, also of a part, has to go out by Friday 10 July 2026."
        )
        # After it nothing is said and the watch looks when that is.
        extended = case(state=CaseState.AWAITING_APPROVAL, extended=True, work_to_on=DUE + 60 * DAY)
        assert seen(extended, at(DUE, 12)).next_at == at(DUE + DAY)
        assert not of_kind(seen(extended, at(DUE + DAY)), RungKind.REFUSAL_DUE)
        # It is looked at again once the month without the suspension is over.
        plain_on = DUE - 6 * DAY
        suspended = case(extended=True, no_pause_due_on=plain_on, work_to_on=DUE + 60 * DAY)
        before = seen(suspended, at(plain_on, 12))
        assert [rung.key for rung in of_kind(before, RungKind.REFUSAL_DUE)] == [str(plain_on)]
        assert before.next_at == at(plain_on + DAY)
        after = seen(suspended, at(plain_on + DAY))
        assert [rung.key for rung in of_kind(after, RungKind.REFUSAL_DUE)] == [str(DUE)]
        assert not of_kind(seen(case(), at(DUE)), RungKind.REFUSAL_DUE)


class TestLetters:
    WRITTEN = datetime(2026, 6, 12, 15, 0, tzinfo=UTC)  # a Friday

    def test_one_that_does_not_go_out_is_reported_after_a_whole_working_day(self) -> None:
        # One that does not go out is reported after a whole working day.
        waits = case(unsent_since={"L6": self.WRITTEN})
        assert not of_kind(seen(waits, at(date(2026, 6, 16)) - SECOND), RungKind.LETTER_UNSENT)
        [rung] = of_kind(seen(waits, at(date(2026, 6, 16))), RungKind.LETTER_UNSENT)
        assert rung.text == "The letter L6 was written on Friday 12 June 2026 and is not noted as sent."
        assert (rung.key, rung.tell) == ("L6/2026-06-12", (OWNER,))
        # An answer that lies in the outbox answers nobody: the date runs on.
        for letter in ("L7", "L8", "L9", "L10", "L11"):
            for state in (CaseState.ANSWERED, CaseState.REFUSED, CaseState.NOTHING_HELD):
                owed = case(
                    state=state, unsent_since={letter: self.WRITTEN}, at_risk=True, failing_since={"erase x": OPENED}
                )
                found = seen(owed, at(DUE + DAY))
                kinds = {rung.kind for rung in found.due}
                late = {RungKind.DUE_SOON, RungKind.OVERDUE, RungKind.AT_RISK}
                assert kinds == late | {RungKind.LETTER_UNSENT, RungKind.STEP_FAILING}
        # Other letters are of no use once the answer is written.
        for letter in ("L2", "L3", "L6"):
            found = seen(case(state=CaseState.ANSWERED, unsent_since={letter: self.WRITTEN}), at(DUE))
            assert not of_kind(found, RungKind.LETTER_UNSENT)
        # A run that broke down between the decision and the letter left nothing that was watched.
        assert of_kind(seen(case(state=CaseState.REFUSED), at(DUE + DAY)), RungKind.OVERDUE)


class TestGates:
    def test_it_is_reported_after_two_whole_working_days(self) -> None:
        # It is reported after two whole working days.
        for since, told_on in (
            (date(2026, 6, 8), date(2026, 6, 11)),  # Monday; Tuesday and Wednesday are the two days
            (date(2026, 6, 11), date(2026, 6, 16)),  # Thursday; Friday and Monday
            (date(2026, 6, 12), date(2026, 6, 17)),  # Friday
            (date(2026, 6, 13), date(2026, 6, 17)),  # Saturday
            (date(2026, 5, 21), date(2026, 5, 27)),  # Thursday before Whit Monday: Friday and Tuesday
            (date(2026, 12, 23), date(2026, 12, 29)),  # before Christmas: the 24th and Monday the 28th
        ):
            waiting = case(
                state=CaseState.AWAITING_APPROVAL, state_since=at(since, 15, 30), work_to_on=date(2027, 6, 1)
            )
            assert not of_kind(seen(waiting, at(told_on) - SECOND), RungKind.GATE_WAITING)
            [rung] = of_kind(seen(waiting, at(told_on)), RungKind.GATE_WAITING)
            assert (rung.at, rung.about_on, rung.tell) == (at(told_on), since, (OWNER,))
        # The words say which.
        for state, words in (
            (CaseState.RECEIVED, "its run has not reached the identity check"),
            (CaseState.IDENTITY_PENDING, "the person's identity is not decided"),
            (CaseState.AWAITING_APPROVAL, "the approval gate is not decided"),
        ):
            [rung] = of_kind(seen(case(state=state), OPENED + 4 * DAY), RungKind.GATE_WAITING)
            assert rung.text == f"It waits since Monday 8 June 2026: {words}."
        for state in (CaseState.IN_PROGRESS, CaseState.EXECUTING):
            assert not of_kind(seen(case(state=state), OPENED + 9 * DAY), RungKind.GATE_WAITING)
        # Coming to a gate a second time is another rung.
        keys = set()
        for since in (OPENED, OPENED + DAY):
            waiting = case(state=CaseState.AWAITING_APPROVAL, state_since=since)
            keys |= {rung.key for rung in of_kind(seen(waiting, since + 9 * DAY), RungKind.GATE_WAITING)}
        assert len(keys) == 2

    def test_while_the_person_is_asked_the_approval_alone_is_waited_for(self) -> None:
        # While the person is asked it is the person who is waited for.
        asked = case(state=CaseState.IDENTITY_PENDING, suspended_since=OPENED, work_to_on=date(2027, 6, 1))
        assert not seen(asked, at(OPENED.date() + 30 * DAY) - SECOND).due, "the reminder before it needs no one"
        [rung] = seen(asked, at(OPENED.date() + 30 * DAY)).due
        assert rung.text == (
            "The person was asked on Monday 8 June 2026 and has not answered; decide whether to close the case or to "
            "go on."
        )
        both = case(state=CaseState.AWAITING_APPROVAL, suspended_since=OPENED)
        assert of_kind(seen(both, OPENED + 4 * DAY), RungKind.GATE_WAITING)


def test_another_ladder_counts_and_the_default_one_is_used_here() -> None:
    # Another ladder.
    ladder = Ladder(
        due_soon=(DueSoon(2, (MANAGEMENT,)), DueSoon(0, (OWNER,))), missed=(DPO,), gate_working_days=0, step_hours=0
    )
    found = seen(
        case(state=CaseState.AWAITING_APPROVAL, failing_since={"locate": OPENED}), at(WORK_TO + DAY), ladder=ladder
    )
    assert [(rung.kind.value, rung.at) for rung in found.due] == [
        ("step-failing", OPENED),
        ("gate-waiting", at(OPENED.date() + DAY)),
        ("due-soon", at(WORK_TO - 2 * DAY)),
        ("due-soon", at(WORK_TO)),
        ("target-missed", at(WORK_TO + DAY)),
    ]
    assert found.standing[-1].tell == (DPO,)
    assert Ladder() == LADDER
    assert BERLIN.key == "Europe/Berlin"


def test_a_day_begins_when_it_begins_there() -> None:
    # A day begins when it begins there.
    for zone, day, begin in (
        # The clock is put forward at midnight: the day begins at one o'clock.
        ("America/Santiago", date(2026, 9, 6), datetime(2026, 9, 6, 4, 0, tzinfo=UTC)),
        ("Africa/Cairo", date(2026, 4, 24), datetime(2026, 4, 23, 22, 0, tzinfo=UTC)),
        ("Asia/Beirut", date(2026, 3, 29), datetime(2026, 3, 28, 22, 0, tzinfo=UTC)),
        # It is put back at midnight or one o'clock: the day begins when its first midnight strikes, or after the hour
        # before it was heard twice.
        ("America/Havana", date(2026, 11, 1), datetime(2026, 11, 1, 4, 0, tzinfo=UTC)),
        ("Atlantic/Azores", date(2026, 10, 25), datetime(2026, 10, 25, 0, 0, tzinfo=UTC)),
        ("America/Santiago", date(2026, 4, 5), datetime(2026, 4, 5, 4, 0, tzinfo=UTC)),
        # By night, as in most places.
        ("Europe/Berlin", date(2026, 10, 26), datetime(2026, 10, 25, 23, 0, tzinfo=UTC)),
        ("Pacific/Apia", date(2026, 7, 8), datetime(2026, 7, 7, 11, 0, tzinfo=UTC)),
    ):
        calendar = Calendar(ZoneInfo(zone), WEEKENDS_ONLY)
        for one in (case(work_to_on=day + DAY, due_on=day + 9 * DAY), case(work_to_on=day - DAY, due_on=day + 9 * DAY)):
            before, on = seen(one, begin - SECOND, calendar=calendar), seen(one, begin, calendar=calendar)
            assert before.next_at == begin
            assert on.standing[-1].at == begin
            assert on.next_at is not None
            assert on.next_at > begin
    # The same instant lies on different days.
    moment = datetime(2026, 7, 8, 12, 0, tzinfo=UTC)
    there, here = Calendar(ZoneInfo("Pacific/Kiritimati"), Place("DE")), CALENDAR
    assert seen(case(), moment, calendar=there).standing[0].kind is RungKind.TARGET_MISSED
    assert seen(case(), moment, calendar=here).standing[0].kind is RungKind.DUE_SOON


TASK = WatchedTask(number=2, system="calls", due_on=date(2029, 1, 1), owner="anna")


def test_a_task_tells_its_owner_on_its_day() -> None:
    # Before, no one was told: the letter's promise rested on a person looking at the list.
    for closed in (False, True):
        for state in (CaseState.EXECUTING, CaseState.ANSWERED):
            one = case(state=state, closed=closed, tasks=(TASK,))
            kinds = {RungKind.TASK_DUE, RungKind.TASK_OVERDUE}
            assert not [rung for rung in seen(one, at(TASK.due_on) - SECOND).due if rung.kind in kinds]
            (due,) = [rung for rung in seen(one, at(TASK.due_on)).standing if rung.kind in kinds]
            assert (due.kind, due.told) == (RungKind.TASK_DUE, {"anna"})
            assert due.text == "Task 2 at calls, to be done by hand, is due on Monday 1 January 2029."
            (over,) = [rung for rung in seen(one, at(TASK.due_on + DAY)).standing if rung.kind in kinds]
            assert (over.kind, over.told) == (RungKind.TASK_OVERDUE, {"anna", "owner"})
            assert over.text.endswith("was due on Monday 1 January 2029 and is not noted as done.")
    # What the follow up does by itself is told only once its day has passed.
    one = case(state=CaseState.ANSWERED, closed=True, tasks=(replace(TASK, words="x", waits_for_person=False),))
    assert seen(one, at(TASK.due_on)).due == ()
    (over,) = seen(one, at(TASK.due_on + DAY)).standing
    assert over.kind is RungKind.TASK_OVERDUE
    # A task for a colleague is called so.
    task = case(instructions=(replace(ASKED, name="CCTV archive", is_task=True, questioned_at=OPENED),))
    (rung,) = of_kind(seen(task, OPENED), RungKind.PROCESSOR_ANSWER_DOUBTFUL)
    assert rung.text.startswith("Task 1 for CCTV archive: ")


ASKED = WatchedInstruction(number=1, name="Callhouse", due_on=date(2026, 6, 30), asked_at=OPENED, is_sent=True)


@pytest.mark.parametrize("closed", [False, True])
def test_a_processor_is_reminded_of_before_its_day_and_escalated_after_it(closed: bool) -> None:
    one = case(state=CaseState.ANSWERED, closed=closed, instructions=(ASKED,))
    kinds = {RungKind.PROCESSOR_DUE, RungKind.PROCESSOR_OVERDUE}

    def rungs(now: datetime) -> list[Rung]:
        return [rung for rung in seen(one, now).standing if rung.kind in kinds]

    assert not rungs(at(date(2026, 6, 27)) - SECOND)
    (due,) = rungs(at(date(2026, 6, 27)))
    assert (due.kind, due.told) == (RungKind.PROCESSOR_DUE, {"owner"})
    assert due.text == "Instruction 1 to Callhouse has to be proved by Tuesday 30 June 2026; remind it."
    (over,) = rungs(at(date(2026, 7, 1)))
    assert (over.kind, over.told) == (RungKind.PROCESSOR_OVERDUE, {"owner", "management"})
    assert over.text.endswith("had to be proved by Tuesday 30 June 2026 and is not; remind it.")
    (again,) = rungs(at(date(2026, 7, 8)))
    assert again.key != over.key
    assert "write to its management" in again.text
    assert rungs(at(date(2026, 7, 7), 23, 59)) == [over]


def test_what_a_processor_owes_is_told() -> None:
    # An instruction that was not sent and an answer to be checked are told.
    unsent = case(instructions=(replace(ASKED, is_sent=False, due_on=date(2027, 1, 1)),))
    (rung,) = of_kind(seen(unsent, OPENED + 4 * DAY), RungKind.INSTRUCTION_UNSENT)
    assert rung.text.startswith("Instruction 1 to Callhouse was written on ")
    doubtful = case(instructions=(replace(ASKED, questioned_at=OPENED),))
    (rung,) = of_kind(seen(doubtful, OPENED), RungKind.PROCESSOR_ANSWER_DOUBTFUL)
    assert rung.text == "Instruction 1 to Callhouse: its answer has to be checked; it proves nothing until then."
    assert not of_kind(seen(doubtful, at(ASKED.due_on)), RungKind.PROCESSOR_DUE)
    # An answer that came late is told once and is news for two weeks.
    late_at = at(ASKED.due_on) + 2 * DAY
    late = case(instructions=(replace(ASKED, is_open=False, late_at=late_at),))
    (rung,) = seen(late, late_at).due[-1:]
    assert rung.kind is RungKind.PROCESSOR_ANSWERED_LATE
    assert rung.text == "Instruction 1 to Callhouse: it has answered after its day; see what follows from that."
    assert rung.told == {"owner"}
    assert not of_kind(seen(late, late_at + 14 * DAY), RungKind.PROCESSOR_ANSWERED_LATE)
    assert not of_kind(seen(late, late_at), RungKind.PROCESSOR_OVERDUE)
