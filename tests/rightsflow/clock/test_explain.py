"""The words, whole, for the cases a lawyer asks about."""

from datetime import datetime

import pytest

from rightsflow.clock import ClockInput, DeadlineType, Period, Regime, due_dates, explain
from tests.rightsflow.clock.clocks import BERLIN, british, german

SOURCES = "Sources: Art. 12(3) GDPR; Reg. (EEC, Euratom) 1182/71 Art. 3; rule gdpr response 2018-05-25/1; "


def told(clock):
    text = explain(clock, due_dates(clock))
    body, _, sources = text.partition(" Sources: ")
    assert sources.endswith(f"{due_dates(clock).holidays_version}.")
    return body


def test_easter():
    assert told(german("2026-03-05")) == (
        "Received Thursday 5 March 2026, 10:00 in Berlin; one month ends on Sunday 5 April 2026; "
        "Sunday 5 April 2026 and Monday 6 April 2026 (Easter Monday) are no working days in DE; "
        "due Tuesday 7 April 2026, 24:00 in Berlin; work to Thursday 2 April 2026."
    )
    assert SOURCES in explain(german("2026-03-05"), due_dates(german("2026-03-05")))


def test_a_working_day():
    assert told(german("2026-06-01")) == (
        "Received Monday 1 June 2026, 10:00 in Berlin; one month ends on Wednesday 1 July 2026; "
        "due Wednesday 1 July 2026, 24:00 in Berlin; work to Wednesday 1 July 2026."
    )


def test_suspension():
    text = told(german("2025-01-31", identity_requested_at="2025-02-03", identity_confirmed_at="2025-02-17"))

    assert (
        "identity was open from Monday 3 February 2025 to Monday 17 February 2025, and the clock stood for 14 days, "
        "the difference of the two dates; one month and 14 days of suspension end on Friday 14 March 2025; "
        "due Friday 14 March 2025, 24:00 in Berlin; work to Thursday 13 March 2025. "
        "If the suspension is held unjustified, the last day is Friday 28 February 2025. "
        "On the strictest reading of the law the last day is Thursday 13 March 2025."
    ) in text


def test_standing():
    assert told(german("2026-03-05", identity_requested_at="2026-03-06")) == (
        "Received Thursday 5 March 2026, 10:00 in Berlin; the person was asked on Friday 6 March 2026 and has not "
        "answered; the clock stands, and there is no due date. If the suspension is held unjustified, the last day is "
        "Tuesday 7 April 2026: write to the person by then."
    )


def test_an_extension_that_hangs_on_the_suspension_is_named():
    text = told(
        german(
            "2026-01-15",
            identity_requested_at="2026-01-16",
            identity_confirmed_at="2026-01-23",
            extension_notice_sent_at="2026-02-20",
        )
    )
    assert "came in time (its last day was Monday 23 February 2026): three months in all" in text
    assert (
        "If the suspension is held unjustified, the last day is Wednesday 15 April 2026, or even "
        "Monday 16 February 2026, because the notice of extension was then late."
    ) in text


def test_extensions_that_extend_nothing():
    late = told(german("2026-01-15", extension_notice_sent_at="2026-02-17"))
    assert (
        "the notice of extension of Tuesday 17 February 2026 came after its last day, Monday 16 February 2026, "
        "and extends nothing"
    ) in late
    bad = told(german("2026-01-15", extension_notice_sent_at="2026-02-10", extension_valid=False))
    assert "the notice of extension of Tuesday 10 February 2026 was not valid and extends nothing" in bad
    refusal = german("2026-01-15", deadline_type=DeadlineType.REFUSAL_NOTICE, extension_notice_sent_at="2026-02-10")
    assert "does not extend this deadline" in told(refusal)


def test_a_question_that_stops_nothing():
    text = told(german("2026-06-01", clarification_requested_at="2026-06-03"))
    assert "what was asked of the person on Wednesday 3 June 2026 does not stop the clock" in text


@pytest.mark.parametrize(
    ("received_at", "told_of"),
    [("2026-03-31T23:30:00-05:00", True), ("2026-04-01T06:30:00+02:00", False), ("2026-05-31T23:30:00Z", True)],
)
def test_the_senders_day_is_told_where_it_was_earlier(received_at, told_of):
    clock = ClockInput(received_at=datetime.fromisoformat(received_at), zone=BERLIN, country="DE")
    assert ("in Berlin; where it was sent it was still" in told(clock)) is told_of


def test_a_later_day_at_the_senders_place_is_not_told():
    sydney = ClockInput(received_at=datetime.fromisoformat("2026-06-01T07:59:59+10:00"), zone=BERLIN, country="DE")
    assert told(sydney).startswith("Received Sunday 31 May 2026, 23:59 in Berlin; one month ends")


def test_uk_start_and_clarification():
    text = told(
        british(
            "2026-06-01",
            identity_requested_at="2026-06-02",
            identity_confirmed_at="2026-06-08",
            clarification_requested_at="2026-06-10",
            clarification_received_at="2026-06-15",
        )
    )
    assert "the period starts on Monday 8 June 2026, when the proof of identity arrived" in text
    assert (
        "the meaning of the request was open from Wednesday 10 June 2026 to Monday 15 June 2026, and the clock stood "
        "for 6 days, both days included"
    ) in text


def test_uk_fee():
    text = told(british("2026-03-02", fee_requested_at="2026-03-03", fee_paid_at="2026-03-16"))
    assert "the period starts on Monday 16 March 2026, when the fee was paid" in text
    proof = {"identity_requested_at": "2026-03-03", "identity_confirmed_at": "2026-03-20"}
    both = british("2026-03-02", fee_requested_at="2026-03-03", fee_paid_at="2026-03-16", **proof)
    assert "starts on Friday 20 March 2026, when the proof of identity arrived" in told(both)
    later = british("2026-03-02", fee_requested_at="2026-03-03", fee_paid_at="2026-03-23", **proof)
    assert "starts on Monday 23 March 2026, when the fee was paid" in told(later)
    unpaid = british(
        "2026-03-02",
        identity_requested_at="2026-03-03",
        identity_confirmed_at="2026-03-05",
        fee_requested_at="2026-03-04",
    )
    assert "the person was asked on Wednesday 4 March 2026 and has not answered" in told(unpaid)


def test_two_working_days():
    clock = german(
        "2026-12-24", regime=Regime.REGULATION_1182_71, deadline_type=DeadlineType.PERIOD_TEST, period=Period(days=3)
    )
    assert "three days end on Sunday 27 December 2026" in told(clock)
    assert "the period has to hold 2 working days; due Tuesday 29 December 2026" in told(clock)
