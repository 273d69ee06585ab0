"""Since when a clock is suspended: for the earliest open question that stops it, and no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rightsflow.domain.deadlines import ClockInput, Regime, standing_since
from tests.unit.domain.deadlines.clocks import explained

RECEIVED = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
FIRST, SECOND, ANSWERED = RECEIVED + DAY, RECEIVED + 2 * DAY, RECEIVED + 5 * DAY


def clock(regime: Regime = Regime.GDPR, **events) -> ClockInput:
    place = {"zone": ZoneInfo("Europe/London"), "country": "GB"}
    if regime is Regime.GDPR:
        place = {"zone": ZoneInfo("Europe/Berlin"), "country": "DE"}
    return ClockInput(received_at=RECEIVED, regime=regime, **place, **events)


def test_a_clock_that_runs():
    assert standing_since(clock()) is None
    assert standing_since(clock(identity_requested_at=FIRST, identity_confirmed_at=ANSWERED)) is None
    assert standing_since(clock(identity_requested_at=FIRST, pause_valid=False)) is None


def test_under_the_gdpr_a_question_of_meaning_stops_nothing():
    assert standing_since(clock(clarification_requested_at=FIRST)) is None
    both = clock(clarification_requested_at=FIRST, identity_requested_at=SECOND)
    assert standing_since(both) == SECOND
    assert "asked on Saturday 7 March" in explained(both)


def test_under_the_uk_gdpr_each_question_stops_it():
    for question in ("identity_requested_at", "clarification_requested_at", "fee_requested_at"):
        assert standing_since(clock(Regime.UK_GDPR, **{question: FIRST})) == FIRST


def test_of_two_open_questions_the_earlier_counts():
    asked = {"clarification_requested_at": SECOND, "identity_requested_at": FIRST}
    assert standing_since(clock(Regime.UK_GDPR, **asked)) == FIRST
    assert standing_since(clock(Regime.UK_GDPR, **asked, identity_confirmed_at=ANSWERED)) == SECOND


def test_asked_too_late_it_does_not_stand():
    assert standing_since(clock(identity_requested_at=RECEIVED + 10 * DAY)) is None
