"""What holds of every case, ladder, zone and instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsflow.domain.alerts.ladder import Audience, Calendar, DueSoon, Ladder, RungKind, WatchedCase
from rightsflow.domain.alerts.rungs import DEADLINE_LINE, look
from rightsflow.domain.deadlines.working_days import WEEKENDS_ONLY, Place
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.states import SETTLED, CaseState

# With clocks that change at night, at midnight, by half an hour, never, and far from Greenwich.
ZONES = (
    *("Europe/Berlin", "America/Santiago", "Africa/Cairo", "Asia/Beirut", "America/Havana", "Atlantic/Azores"),
    *("Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "Pacific/Kiritimati", "America/Scoresbysund", "UTC"),
)
START = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = 365 * 24 * 3600
OPEN = sorted(one for one in CaseState if not one.ends_unanswered)

instants = st.integers(0, YEAR).map(lambda seconds: START + timedelta(seconds=seconds))
audiences = st.lists(st.sampled_from(Audience), unique=True).map(tuple)
calendars = st.builds(
    Calendar, st.sampled_from(ZONES).map(ZoneInfo), st.sampled_from([WEEKENDS_ONLY, Place("DE"), Place("DE", "BY")])
)


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    days = sorted(draw(st.sets(st.integers(0, 40), max_size=5)), reverse=True)
    return Ladder(
        due_soon=tuple(DueSoon(day, draw(audiences)) for day in days),
        missed=draw(audiences),
        extension_notice_days=draw(st.integers(0, 20)),
        gate_working_days=draw(st.integers(0, 5)),
        acknowledgement_working_days=draw(st.integers(0, 5)),
        step_hours=draw(st.integers(0, 100)),
    )


@st.composite
def cases(draw: st.DrawFn, states: list[CaseState] = OPEN, *, closed: bool = False) -> WatchedCase:
    opened_at = draw(instants)
    work_to_on = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 400)))
    due_on = work_to_on + timedelta(days=draw(st.integers(0, 6)))
    return WatchedCase(
        case_id="DSR-2026-000001",
        state=draw(st.sampled_from(states)),
        state_since=draw(instants),
        opened_at=opened_at,
        due_on=due_on,
        work_to_on=work_to_on,
        notice_due_on=draw(st.none() | st.just(due_on)),
        suspended_since=draw(st.none() | instants),
        extended=draw(st.booleans()),
        at_risk=draw(st.booleans()),
        acknowledged=draw(st.booleans()),
        closed=closed,
        failing_since=draw(st.dictionaries(st.sampled_from(["locate helpdesk", "erase calls"]), instants)),
    )


@given(cases(), instants, ladders(), calendars)
@settings(deadline=None)
def test_the_next_look_lies_ahead_and_what_is_due_does_not(
    case: WatchedCase, now: datetime, ladder: Ladder, calendar: Calendar
) -> None:
    found = look(case, now, ladder, calendar)
    assert all(rung.at <= now for rung in found.due)
    assert found.next_at is None or found.next_at > now
    assert list(found.due) == sorted(found.due, key=lambda rung: rung.at)


@given(cases(), instants, ladders(), calendars, st.data())
@settings(deadline=None)
def test_nothing_becomes_due_before_the_next_look(
    case: WatchedCase, now: datetime, ladder: Ladder, calendar: Calendar, data: st.DataObject
) -> None:
    found = look(case, now, ladder, calendar)
    last = (found.next_at or now + timedelta(days=900)) - timedelta(seconds=1)
    between = now + timedelta(seconds=data.draw(st.integers(0, max(0, int((last - now).total_seconds())))))
    assert {(rung.kind, rung.key) for rung in look(case, between, ladder, calendar).due} <= {
        (rung.kind, rung.key) for rung in found.due
    }


@given(cases(), instants, ladders(), calendars)
def test_at_the_next_look_something_is_new(
    case: WatchedCase, now: datetime, ladder: Ladder, calendar: Calendar
) -> None:
    """So that no look is for nothing; going from look to look ends or leads to the daily rungs."""
    for _ in range(60):
        found = look(case, now, ladder, calendar)
        if found.next_at is None:
            return
        then = look(case, found.next_at, ladder, calendar)
        ended = {(rung.kind, rung.key) for rung in found.due} - {(rung.kind, rung.key) for rung in then.due}
        assert ended or {rung for rung in then.due if rung.at == found.next_at}
        now = found.next_at


@given(cases(), instants, st.integers(0, YEAR), ladders(), calendars)
@settings(deadline=None)
def test_what_is_due_grows_with_time(
    case: WatchedCase, now: datetime, seconds: int, ladder: Ladder, calendar: Calendar
) -> None:
    """Except that a day's rung stands on its day only, and nothing of the first month is asked for after it."""
    passing = {RungKind.TARGET_MISSED, RungKind.OVERDUE, RungKind.EXTENSION_NOTICE_DUE, RungKind.REFUSAL_DUE}
    before = {rung for rung in look(case, now, ladder, calendar).due if rung.kind not in passing}
    assert before <= set(look(case, now + timedelta(seconds=seconds), ladder, calendar).due)


@given(cases(), instants, ladders(), calendars)
@settings(deadline=None)
def test_no_two_rungs_are_taken_for_one_another(
    case: WatchedCase, now: datetime, ladder: Ladder, calendar: Calendar
) -> None:
    found = look(case, now, ladder, calendar)
    known = [(rung.kind, rung.key) for rung in found.due]
    assert len(known) == len(set(known))
    assert all(len(rung.key) <= 120 for rung in found.due), "the column's length"


@given(cases(), instants, ladders(), calendars)
@settings(deadline=None)
def test_one_of_the_deadlines_stands_and_all_of_the_others(
    case: WatchedCase, now: datetime, ladder: Ladder, calendar: Calendar
) -> None:
    found = look(case, now, ladder, calendar)
    line = [rung for rung in found.due if rung.kind in DEADLINE_LINE]
    assert [rung for rung in found.standing if rung.kind in DEADLINE_LINE] == line[-1:]
    assert all(rung.at < line[-1].at for rung in line[:-1])
    others = [rung for rung in found.due if rung.kind not in DEADLINE_LINE]
    assert [rung for rung in found.standing if rung.kind not in DEADLINE_LINE] == others


@pytest.mark.apart
@given(cases(states=sorted(SETTLED), closed=True), instants, ladders(), calendars)
def test_after_closing_nothing_is_due(case: WatchedCase, now: datetime, ladder: Ladder, calendar: Calendar) -> None:
    assert look(case, now, ladder, calendar).due == ()


@given(cases(), instants, ladders(), calendars)
@settings(deadline=None)
def test_each_day_after_the_date_has_exactly_one_daily_rung(
    case: WatchedCase, now: datetime, ladder: Ladder, calendar: Calendar
) -> None:
    today = now.astimezone(calendar.zone).date()
    daily = [rung for rung in look(case, now, ladder, calendar).due if rung.kind in {"target-missed", "overdue"}]
    expected = case.suspended_since is None and today > case.work_to_on
    assert [rung.key for rung in daily] == ([str(today)] if expected else [])
    assert all((rung.kind is RungKind.OVERDUE) == (today > case.due_on) for rung in daily)


OWNER, DPO, MANAGEMENT = Audience.OWNER, Audience.DPO, Audience.MANAGEMENT


def test_by_default_it_is_the_promised_one_and_any_number_but_a_negative_one_may_be_given() -> None:
    # By default it is the promised one.
    ladder = Ladder()
    assert [(rung.days, set(rung.tell)) for rung in ladder.due_soon] == [
        (14, {OWNER}),
        (7, {OWNER}),
        (3, {OWNER, DPO}),
        (1, {DPO, MANAGEMENT}),
    ]
    assert set(ladder.missed) == {OWNER, DPO, MANAGEMENT}
    assert (ladder.gate_working_days, ladder.step_hours) == (2, 24)
    assert ladder.reminder == timedelta(hours=24)
    assert Ladder(remind_hours=0).reminder is None
    # Rungs come nearer to the date.
    for days in ((7, 14), (7, 7), (3, -1)):
        with pytest.raises(BadInput, match=r"watch\.due_soon .* the highest first"):
            Ladder(due_soon=tuple(DueSoon(day, (OWNER,)) for day in days))
    # No number is negative.
    for name in (
        "extension_notice_days",
        "gate_working_days",
        "acknowledgement_working_days",
        "step_hours",
        "remind_hours",
    ):
        with pytest.raises(BadInput, match=rf"watch\.{name} is below 0; give 0 or more"):
            Ladder(**{name: -1})
        assert getattr(Ladder(**{name: 0}), name) == 0
    assert Ladder(due_soon=()).missed
