"""The words, whole, for the cases a lawyer asks about."""

import calendar
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rightsflow.domain.deadlines import ClockInput, DeadlineType, Period, Regime, due_dates
from rightsflow.domain.deadlines.explain import words
from tests.unit.domain.deadlines.clocks import BERLIN, at, british, explained, german

SOURCES = "Sources: Art. 12(3) GDPR; Reg. (EEC, Euratom) 1182/71 Art. 3; rule gdpr response 2018-05-25/1; "


def told(clock):
    text = explained(clock)
    body, _, sources = text.partition(" Sources: ")
    assert sources.endswith(f"{due_dates(clock).holidays_version}.")
    return body


def test_what_moves_the_end_is_named():
    # Easter.
    assert told(german("2026-03-05")) == (
        "Received Thursday 5 March 2026, 10:00 in Berlin; the month ends on Sunday 5 April; "
        "Sunday 5 April (Easter Sunday) and Monday 6 April (Easter Monday) are no working days in DE; "
        "due Tuesday 7 April, 24:00 in Berlin; target date Thursday 2 April."
    )
    assert SOURCES in explained(german("2026-03-05"))
    # A working day.
    assert told(german("2026-06-01")) == (
        "Received Monday 1 June 2026, 10:00 in Berlin; the month ends on Wednesday 1 July; "
        "due Wednesday 1 July, 24:00 in Berlin; target date Wednesday 1 July."
    )
    # Suspension.
    text = told(german("2025-01-31", identity_requested_at="2025-02-03", identity_confirmed_at="2025-02-17"))

    assert (
        "identity was open from Monday 3 February to Monday 17 February, and the clock was suspended for 14 days, "
        "the difference of the two dates; the month and the 14 days of suspension end on Friday 14 March; "
        "due Friday 14 March, 24:00 in Berlin; target date Thursday 13 March. "
        "If the suspension is held unjustified, the last day is Friday 28 February. "
        "On the strictest reading (the suspension is a day shorter) the last day is Thursday 13 March."
    ) in text
    # Standing.
    assert told(german("2026-03-05", identity_requested_at="2026-03-06")) == (
        "Received Thursday 5 March 2026, 10:00 in Berlin; the person was asked on Friday 6 March and has not "
        "answered; the clock is suspended, and there is no due date. If the suspension is held unjustified, the last "
        "day is Tuesday 7 April: write to the person by then."
    )
    # An extension that hangs on the suspension is named.
    text = told(
        german(
            "2026-01-15",
            identity_requested_at="2026-01-16",
            identity_confirmed_at="2026-01-23",
            extension_notice_sent_at="2026-02-20",
        )
    )
    assert "came in time (its last day was Monday 23 February) and makes it three months in all" in text
    assert (
        "If the suspension is held unjustified, the last day is Monday 16 February, because the notice of extension "
        "was then late."
    ) in text
    # Extensions that extend nothing.
    late = told(german("2026-01-15", extension_notice_sent_at="2026-02-17"))
    assert (
        "the notice of extension of Tuesday 17 February came after its last day, Monday 16 February, "
        "and extends nothing; the month"
    ) in late
    bad = told(german("2026-01-15", extension_notice_sent_at="2026-02-10", extension_valid=False))
    assert "the notice of extension of Tuesday 10 February was not valid and extends nothing" in bad
    refusal = german("2026-01-15", deadline_type=DeadlineType.REFUSAL_NOTICE, extension_notice_sent_at="2026-02-10")
    assert "does not extend this deadline" in told(refusal)


def test_what_moves_nothing_is_not_told():
    text = told(german("2026-06-01", clarification_requested_at="2026-06-03"))
    assert "what was asked of the person on Wednesday 3 June does not stop the clock" in text
    sydney = ClockInput(received_at=datetime.fromisoformat("2026-06-01T07:59:59+10:00"), zone=BERLIN, country="DE")
    assert told(sydney).startswith("Received Sunday 31 May 2026, 23:59 in Berlin; the month ends")
    assert "strictest" not in told(german("2026-06-01", extension_notice_sent_at="2026-06-20"))
    # An extension that hangs on no suspension is not doubted.
    text = told(
        german(
            "2026-01-15",
            identity_requested_at="2026-01-16",
            identity_confirmed_at="2026-01-23",
            extension_notice_sent_at="2026-02-10",
        )
    )
    assert "If the suspension is held unjustified, the last day is Wednesday 15 April. " in text
    # A bad notice is not called late as well.
    text = told(
        german(
            "2026-01-15",
            identity_requested_at="2026-01-16",
            identity_confirmed_at="2026-01-23",
            extension_notice_sent_at="2026-02-20",
            extension_valid=False,
        )
    )
    assert "the notice of extension of Friday 20 February was not valid and extends nothing; the month and" in text
    assert "If the suspension is held unjustified, the last day is Monday 16 February. " in text
    clock = british("2026-03-02", identity_requested_at="2026-03-03", identity_confirmed_at="2026-03-10")
    assert "the period starts on Tuesday 10 March, when the proof of identity arrived; the month" in told(clock)


def test_the_day_that_counts_is_told_where_others_lie_beside_it():
    # The sender's day is told where it was earlier.
    for received_at, told_of in (
        ("2026-03-31T23:30:00-05:00", True),
        ("2026-04-01T06:30:00+02:00", False),
        ("2026-05-31T23:30:00Z", True),
    ):
        clock = ClockInput(received_at=datetime.fromisoformat(received_at), zone=BERLIN, country="DE")
        assert ("in Berlin; where it was sent it was still" in told(clock)) is told_of
    clock = british("2026-06-08", identity_requested_at="2026-06-08", identity_confirmed_at="2026-06-09T02:00")
    assert "the period starts on Tuesday 9 June, when the proof" in told(from_new_york(clock, "identity_confirmed_at"))
    # The extension of the strictest reading starts from the sender's date.
    clock = german("2026-02-01T04:00", extension_notice_sent_at="2026-02-20")
    assert told(from_new_york(clock, "received_at")).endswith(
        "On the strictest reading (the sender's date counts and the extension starts on Saturday 28 February) "
        "the last day is Tuesday 28 April."
    )
    clock = german("2026-03-05", identity_requested_at="2026-03-06T02:00")
    assert "the person was asked on Friday 6 March" in told(from_new_york(clock, "identity_requested_at"))


def test_british_and_californian_clocks_are_explained():
    # UK start and clarification.
    text = told(
        british(
            "2026-06-01",
            identity_requested_at="2026-06-02",
            identity_confirmed_at="2026-06-08",
            clarification_requested_at="2026-06-10",
            clarification_received_at="2026-06-15",
        )
    )
    assert "the period starts on Monday 8 June, when the proof of identity arrived" in text
    assert (
        "the meaning of the request was open from Wednesday 10 June to Monday 15 June, and the clock was suspended "
        "for 6 days, both days included"
    ) in text
    # UK fee.
    text = told(british("2026-03-02", fee_requested_at="2026-03-03", fee_paid_at="2026-03-16"))
    assert "the period starts on Monday 16 March, when the fee was paid; the month ends on" in text
    proof = {"identity_requested_at": "2026-03-03", "identity_confirmed_at": "2026-03-20"}
    both = british("2026-03-02", fee_requested_at="2026-03-03", fee_paid_at="2026-03-16", **proof)
    assert "starts on Friday 20 March, when the proof of identity arrived" in told(both)
    later = british("2026-03-02", fee_requested_at="2026-03-03", fee_paid_at="2026-03-23", **proof)
    assert "starts on Monday 23 March, when the fee was paid" in told(later)
    unpaid = british(
        "2026-03-02",
        identity_requested_at="2026-03-03",
        identity_confirmed_at="2026-03-05",
        fee_requested_at="2026-03-04",
    )
    assert "the person was asked on Wednesday 4 March and has not answered" in told(unpaid)
    # California.
    zone = ZoneInfo("America/Los_Angeles")
    clock = ClockInput(received_at=at("2026-01-01", zone), zone=zone, country="US", regime=Regime.CCPA)
    assert told(clock) == (
        "Received Thursday 1 January 2026, 10:00 in Los Angeles; the 45 days end on Sunday 15 February; "
        "this law moves no end from a weekend or a holiday; due Sunday 15 February, 24:00 in Los Angeles; "
        "target date Friday 13 February. "
        "On the strictest reading (the day of receipt is day one) the last day is Saturday 14 February."
    )


def test_two_working_days_and_holidays_are_named_where_they_matter():
    # Two working days.
    clock = german(
        "2026-12-24", regime=Regime.REGULATION_1182_71, deadline_type=DeadlineType.PERIOD_TEST, period=Period(days=3)
    )
    assert "the three days end on Sunday 27 December" in told(clock)
    assert "a period of two days or more has to hold at least two working days; due Tuesday 29 December" in told(clock)
    assert "Sunday 24 May (Easter" not in told(german("2026-04-24"))
    assert "Sunday 24 May and Monday 25 May (Pentecost Monday) are no working days in DE" in told(german("2026-04-24"))
    # Easter sunday is named after its monday and after its friday.
    in_ireland = replace(german("2026-03-05"), country="IE")
    in_scotland = replace(british("2026-03-05"), subdivision="SCT")
    for clock in (in_ireland, in_scotland):
        assert "; Sunday 5 April (Easter Sunday) " in told(clock)
    # Two working days after an end on a working day.
    clock = german(
        "2026-08-01", regime=Regime.REGULATION_1182_71, deadline_type=DeadlineType.PERIOD_TEST, period=Period(days=2)
    )
    assert (
        "the two days end on Monday 3 August; a period of two days or more has to hold at least two working days; "
        "due Tuesday 4 August"
    ) in told(clock)
    # Holidays are only named where one lies in the business days.
    zone = ZoneInfo("America/Los_Angeles")
    clock = ClockInput(
        received_at=at("2026-06-01T01:00", zone),
        zone=zone,
        country="US",
        regime=Regime.CCPA,
        deadline_type=DeadlineType.ACK,
    )
    assert "strictest" not in told(clock)
    sent = replace(clock, received_at=clock.received_at.astimezone(ZoneInfo("Pacific/Honolulu")))
    assert "On the strictest reading (the sender's date counts) the last day is Friday 12 June." in told(sent)


def test_the_whole_sentence_has_every_name_and_its_sources():
    due = due_dates(german("2026-06-01"))
    ending = "target date Wednesday 1 July. " + SOURCES + f"{due.holidays_version}."
    assert explained(german("2026-06-01")).endswith(ending)
    # Every day and month has its name.
    assert [words(date(2026, 6, day)).partition(" ")[0] for day in range(1, 8)] == list(calendar.day_name)
    assert [words(date(2026, month, 1)).split()[2] for month in range(1, 13)] == list(calendar.month_name)[1:]
    assert words(date(2026, 3, 5)) == "Thursday 5 March 2026"
    # The year is repeated where there are two.
    assert told(german("2025-12-01")) == (
        "Received Monday 1 December 2025, 10:00 in Berlin; the month ends on Thursday 1 January 2026; "
        "Thursday 1 January 2026 (New Year's Day) is no working day in DE; "
        "due Friday 2 January 2026, 24:00 in Berlin; target date Wednesday 31 December 2025."
    )
    # One day is singular.
    text = told(german("2026-06-01", identity_requested_at="2026-06-02", identity_confirmed_at="2026-06-03"))
    assert "and the clock was suspended for 1 day, the difference of the two dates" in text
    assert "the month and the 1 day of suspension end on Thursday 2 July" in text


def test_the_strictest_reading_is_said_where_it_differs():
    # The first question of several is named.
    asked = {"clarification_requested_at": "2026-06-03", "fee_requested_at": "2026-06-02"}
    assert "what was asked of the person on Tuesday 2 June does not stop the clock; " in told(
        german("2026-06-01", **asked)
    )
    waiting = british("2026-06-01", identity_requested_at="2026-06-04", fee_requested_at="2026-06-02")
    assert "the person was asked on Tuesday 2 June and has not answered; the clock is suspended" in told(waiting)
    # What the strictest reading does otherwise is said.
    received = german("2026-01-31", extension_notice_sent_at="2026-02-20")
    assert told(received).endswith(
        "On the strictest reading (the extension starts on Saturday 28 February) the last day is Tuesday 28 April."
    )
    sent = replace(received, received_at=received.received_at.astimezone(ZoneInfo("Pacific/Pago_Pago")))
    assert told(sent).endswith(
        "On the strictest reading (the sender's date counts and the extension starts on Saturday 28 February) "
        "the last day is Tuesday 28 April."
    )


def from_new_york(clock, name):
    return replace(clock, **{name: getattr(clock, name).astimezone(ZoneInfo("America/New_York"))})
