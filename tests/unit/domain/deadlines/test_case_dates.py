"""A case's dates: with the clock running, standing and extended; and that a promise never moves later."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from rightsflow.domain.deadlines import ClockInput, Regime
from rightsflow.domain.deadlines.case_dates import CaseDates, case_dates

BERLIN = ZoneInfo("Europe/Berlin")
RECEIVED = datetime(2026, 6, 8, 9, 0, tzinfo=BERLIN)
ASKED = datetime(2026, 6, 10, 9, 0, tzinfo=BERLIN)
ANSWERED = datetime(2026, 6, 20, 9, 0, tzinfo=BERLIN)
DAY = timedelta(days=1)
PLAIN = date(2026, 7, 8)
DATES = ("due_on", "due_at", "safe_due_on", "work_to_on", "notice_due_on", "no_pause_due_on")


def clock(**events: Any) -> ClockInput:
    return ClockInput(received_at=RECEIVED, zone=BERLIN, country="DE", **events)


def british(**events: Any) -> ClockInput:
    return ClockInput(
        received_at=RECEIVED, zone=ZoneInfo("Europe/London"), country="GB", regime=Regime.UK_GDPR, **events
    )


def test_it_is_worked_to_the_date_that_holds_without_the_suspension() -> None:
    # Of a request on which nothing happened.
    dates = case_dates(clock())
    assert (dates.regime, dates.due_on, dates.work_to_on, dates.notice_due_on) == ("gdpr", PLAIN, PLAIN, PLAIN)
    assert dates.due_at.astimezone(BERLIN).date() == PLAIN
    assert (dates.suspended_since, dates.no_pause_due_on, dates.extended) == (None, None, False)
    assert "8 July" in dates.explanation
    # While the clock is suspended it is worked to the date without the suspension.
    dates = case_dates(clock(identity_requested_at=ASKED))
    assert dates.suspended_since == ASKED
    assert (dates.due_on, dates.work_to_on, dates.no_pause_due_on) == (PLAIN, PLAIN, PLAIN)
    # When it runs again the date is later and the old one is kept beside.
    dates = case_dates(clock(identity_requested_at=ASKED, identity_confirmed_at=ANSWERED))
    assert dates.suspended_since is None
    assert dates.due_on > PLAIN
    assert dates.no_pause_due_on == PLAIN
    # An extension in time.
    dates = case_dates(clock(extension_notice_sent_at=ANSWERED))
    assert dates.extended
    assert dates.due_on == date(2026, 9, 8)
    assert not case_dates(clock(extension_notice_sent_at=datetime(2026, 7, 9, tzinfo=BERLIN))).extended
    # Another holiday table moves no promise later.
    dates = case_dates(clock(identity_requested_at=ASKED, identity_confirmed_at=ANSWERED))
    moved = {name: getattr(dates, name) + DAY for name in DATES}
    later = replace(dates, **moved, holidays_version="the next table", explanation="anew")
    kept = later.no_later_than(dates)
    assert [getattr(kept, name) for name in DATES] == [getattr(dates, name) for name in DATES]
    assert (kept.holidays_version, kept.explanation) == ("the next table", "anew")
    assert dates.no_later_than(later) == dates, "earlier dates stand"
    # An agreed day is worked to where it comes first.
    dates = case_dates(clock())
    agreed = dates.with_agreed_target(PLAIN - DAY)
    assert agreed == replace(
        dates,
        work_to_on=PLAIN - DAY,
        explanation=f"{dates.explanation} It is worked to Tue 07 Jul 2026, as agreed with the controller.",
    )
    assert dates.with_agreed_target(PLAIN) is dates.with_agreed_target(PLAIN + DAY) is dates
    without = replace(case_dates(clock()), notice_due_on=None)
    assert without.no_later_than(without).notice_due_on is None


def test_in_the_united_kingdom_the_month_starts_with_the_proof() -> None:
    # In the united kingdom the month starts with the proof also while another question is open.
    proven = {"identity_requested_at": ASKED, "identity_confirmed_at": ANSWERED}
    before = case_dates(british(**proven))
    dates = case_dates(british(**proven, clarification_requested_at=ANSWERED + DAY))
    assert dates.suspended_since == ANSWERED + DAY
    assert (dates.due_on, dates.work_to_on) == (before.due_on, before.work_to_on) == (date(2026, 7, 20),) * 2
    assert dates.no_pause_due_on == date(2026, 7, 20)
    # In the united kingdom a proof asked for late keeps the earlier date beside it.
    proven = {"identity_requested_at": ASKED + 8 * DAY, "identity_confirmed_at": ANSWERED}
    dates = case_dates(british(**proven, clarification_requested_at=ANSWERED + DAY))
    assert (dates.due_on, dates.no_pause_due_on) == (date(2026, 7, 20), PLAIN)
    # Before, the question what is meant failed in the UK once the month from the receipt was over.
    london = ZoneInfo("Europe/London")
    late = ClockInput(
        received_at=datetime(2026, 4, 16, 9, 0, tzinfo=london),
        zone=london,
        country="GB",
        regime=Regime.UK_GDPR,
        identity_requested_at=datetime(2026, 4, 18, 9, 0, tzinfo=london),
        identity_confirmed_at=datetime(2026, 5, 29, 9, 0, tzinfo=london),
        clarification_requested_at=datetime(2026, 6, 1, 9, 0, tzinfo=london),
    )
    assert case_dates(late).suspended_since == late.clarification_requested_at


events = st.none() | st.integers(0, 25 * 24).map(lambda hours: RECEIVED + timedelta(hours=hours))


@given(events, events, events)
@settings(deadline=None)
def test_there_is_always_a_date_to_work_to_on_or_before_the_laws(
    asked: datetime | None, answered: datetime | None, extended: datetime | None
) -> None:
    if asked is None or (answered is not None and answered < asked):
        answered = None
    dates = case_dates(
        clock(identity_requested_at=asked, identity_confirmed_at=answered, extension_notice_sent_at=extended)
    )
    assert RECEIVED.date() < dates.work_to_on <= dates.safe_due_on <= dates.due_on
    assert (dates.suspended_since is None) or (asked is not None and answered is None)
    assert {field.name for field in fields(CaseDates)} >= set(DATES)
