"""The GDPR's clock where the table of worked dates has no row."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from rightsflow.domain.deadlines import DeadlineType, ExtensionState, Period, SuspensionState, due_dates
from rightsflow.domain.errors import BadInput
from tests.unit.domain.deadlines.clocks import at, day, german


def test_a_notice_that_is_late_or_bad_extends_nothing():
    # A late notice extends nothing.
    due = due_dates(german("2026-01-15", extension_notice_sent_at="2026-02-17"))

    assert due.due_on == day("2026-02-16")
    assert due.extension is ExtensionState.LATE
    assert due.extension_notice_due_on == day("2026-02-16")
    late = german("2026-01-15", extension_notice_sent_at="2026-02-17", extension_valid=True)
    assert due_dates(late).due_on == day("2026-02-16")
    # A notice on the shifted last day is in time.
    due = due_dates(german("2026-01-15", extension_notice_sent_at="2026-02-16T23:59"))

    assert due.extension is ExtensionState.GRANTED
    assert due.due_on == day("2026-04-15")
    # A notice judged bad extends nothing.
    due = due_dates(german("2026-01-15", extension_notice_sent_at="2026-02-10", extension_valid=False))

    assert due.extension is ExtensionState.NOT_VALID
    assert due.due_on == day("2026-02-16")
    # The last day for the notice is known before any is sent.
    due = due_dates(german("2026-01-15"))

    assert due.extension is ExtensionState.NONE
    assert due.extension_notice_due_on == due.due_on == day("2026-02-16")
    # The notice itself is a deadline that a suspension moves.
    notice = german(
        "2026-01-15",
        deadline_type=DeadlineType.EXTENSION_NOTICE,
        identity_requested_at="2026-01-16",
        identity_confirmed_at="2026-01-23",
    )
    assert due_dates(notice).due_on == day("2026-02-23")
    # The date without the suspension was that of the extended period, though the notice was then late.
    clock = german(
        "2026-01-05",
        identity_requested_at="2026-01-07",
        identity_confirmed_at="2026-01-20",
        extension_notice_sent_at="2026-02-17",
    )
    due = due_dates(clock)
    assert (due.extension, due.extension_notice_due_on) == (ExtensionState.GRANTED, day("2026-02-18"))
    assert due.no_pause_due_on == day("2026-02-05")
    # Where a person judged the notice valid, it is not late for that reading either.
    assert due_dates(replace(clock, extension_valid=True)).no_pause_due_on == day("2026-04-07")


def test_a_refusal_is_suspended_but_not_extended():
    # A refusal is suspended but not extended.
    refusal = german(
        "2026-01-15",
        deadline_type=DeadlineType.REFUSAL_NOTICE,
        identity_requested_at="2026-01-16",
        identity_confirmed_at="2026-01-23",
        extension_notice_sent_at="2026-02-02",
    )
    due = due_dates(refusal)

    assert due.due_on == day("2026-02-23")
    assert due.extension is ExtensionState.NOT_PROVIDED
    # A refusal runs out after a month whatever length the input names.
    refusal = german(
        "2026-01-15",
        deadline_type=DeadlineType.REFUSAL_NOTICE,
        extension_notice_sent_at="2026-02-10",
        period=Period(months=3),
        **IN_THE_SECOND_MONTH,
    )
    assert due_dates(refusal).suspension is SuspensionState.NOT_COUNTED


def test_identity_has_to_be_asked_within_three_working_days():
    # Identity has to be asked within three working days.
    for asked, counts in (
        ("2026-04-02", True),  # Maundy Thursday, the day of receipt
        ("2026-04-09", True),  # the third working day: Good Friday and Easter Monday are none
        ("2026-04-10", False),
    ):
        due = due_dates(german("2026-04-02", identity_requested_at=asked, identity_confirmed_at="2026-04-20"))

        assert (due.suspension is SuspensionState.COUNTED) is counts
        assert (due.due_on > day("2026-05-04")) is counts
        assert (due.no_pause_due_on == day("2026-05-04")) is counts
    # A persons judgement overrides the three days both ways.
    late = {"identity_requested_at": "2026-03-16", "identity_confirmed_at": "2026-03-20"}
    assert due_dates(german("2026-03-02", **late, pause_valid=True)).suspended_days == 4
    prompt = {"identity_requested_at": "2026-03-03", "identity_confirmed_at": "2026-03-20"}
    assert due_dates(german("2026-03-02", **prompt, pause_valid=False)).suspended_days == 0
    asked = sent_from_new_york("2026-03-03", identity_requested_at="2026-03-06")
    assert due_dates(asked).suspended


def test_a_clock_that_has_run_out_cannot_be_stopped():
    # A clock that has run out cannot be stopped.
    due = due_dates(german("2026-03-02", identity_requested_at="2026-04-03", pause_valid=True))

    assert due.due_on == day("2026-04-02")
    assert due.suspension is SuspensionState.NOT_COUNTED
    assert due_dates(german("2026-03-02", identity_requested_at="2026-04-02", pause_valid=True)).suspended
    # An extended clock still runs in the second month.
    due = due_dates(
        german(
            "2026-03-02",
            extension_notice_sent_at="2026-03-20",
            identity_requested_at="2026-04-07",
            identity_confirmed_at="2026-04-09",
            pause_valid=True,
        )
    )
    assert due.nominal_on == day("2026-06-04")
    assert due.due_on == day("2026-06-04")
    assert due_dates(german("2026-01-15", identity_requested_at="2026-02-16", pause_valid=True)).suspended
    # Only a notice in time lets the clock be stopped in the second month.
    for told, suspension, due_on in (
        ("2026-02-10", SuspensionState.COUNTED, "2026-04-17"),
        ("2026-02-16", SuspensionState.COUNTED, "2026-04-17"),  # the Monday to which the notice's last day moved
        ("2026-02-17", SuspensionState.NOT_COUNTED, "2026-02-16"),
    ):
        due = due_dates(german("2026-01-15", extension_notice_sent_at=told, **IN_THE_SECOND_MONTH))

        assert due.suspension is suspension
        assert due.due_on == day(due_on)
    # A notice sent on an ordinary last day lets the clock be stopped later.
    events = {**IN_THE_SECOND_MONTH, "identity_requested_at": "2026-04-20", "identity_confirmed_at": "2026-04-22"}
    due = due_dates(german("2026-03-02", extension_notice_sent_at="2026-04-02", **events))
    assert due.due_on == day("2026-06-04")
    # From 3 July the three months end on Saturday 3 October, a holiday, and so on Monday the 5th.
    for asked, stands in (("2026-10-05", True), ("2026-10-06", False)):
        events = {"extension_notice_sent_at": "2026-07-20", "identity_requested_at": asked, "pause_valid": True}
        assert due_dates(german("2026-07-03", **events)).suspended is stands
    events = {"extension_notice_sent_at": "2026-04-20", "identity_requested_at": "2026-07-01", "pause_valid": True}
    assert due_dates(sent_from_new_york("2026-04-01", **events)).suspended


def test_what_stops_nothing_moves_nothing():
    # Identity proved on the day it was asked moves nothing.
    due = due_dates(german("2026-03-02", identity_requested_at="2026-03-03", identity_confirmed_at="2026-03-03T17:00"))

    assert due.due_on == due.safe_due_on == due.no_pause_due_on == day("2026-04-02")
    assert due_dates(german("2026-03-02", identity_confirmed_at="2026-03-09")).due_on == day("2026-04-02")
    # Neither clarification nor fee stops the clock.
    for asked in ("clarification_requested_at", "fee_requested_at"):
        due = due_dates(german("2026-03-02", **{asked: "2026-03-03"}, pause_valid=True))

        assert due.due_on == day("2026-04-02")
        assert due.suspension is SuspensionState.NOT_COUNTED
    # A fee paid does not start the month anew.
    due = due_dates(german("2026-03-02", fee_requested_at="2026-03-03", fee_paid_at="2026-03-20"))

    assert due.due_on == due.safe_due_on == day("2026-04-02")
    assert due.suspension is SuspensionState.NOT_COUNTED


def test_while_the_clock_stands_there_is_no_date_but_the_one_without_suspension():
    # While the clock is suspended there is no date but the one without suspension.
    due = due_dates(german("2026-03-05", identity_requested_at="2026-03-06"))

    assert due.suspended
    assert due.suspension is SuspensionState.STANDING
    assert due.no_pause_due_on == day("2026-04-07")
    assert (due.due_on, due.due_at, due.nominal_on) == (None, None, None)
    assert (due.safe_due_on, due.operational_target_on, due.extension_notice_due_on) == (None, None, None)
    # Every date names its rule and its holidays.
    due = due_dates(german("2026-03-05"))

    assert due.rule_version == "gdpr response 2018-05-25/1"
    assert due.holidays_version.startswith("python-holidays ")


def test_what_lies_outside_of_the_law_or_the_calendar_is_refused():
    # Before the GDPR there was no deadline.
    for received in ("2018-05-24", "1999-01-01"):
        with pytest.raises(BadInput, match="before 2018-05-25, when gdpr came into force"):
            due_dates(german(received))
    with pytest.raises(BadInput, match="use one of refusal_notice, extension_notice, response"):
        due_dates(german("2026-03-05", deadline_type=DeadlineType.ACK))
    # Events in an impossible order are refused.
    for events, sentence in (
        ({"identity_requested_at": "2026-03-01"}, "identity_requested_at lies before received_at"),
        (
            {"identity_requested_at": "2026-03-06", "identity_confirmed_at": "2026-03-05T12:00"},
            "identity_confirmed_at lies before identity_requested_at",
        ),
        ({"extension_notice_sent_at": "2026-03-01"}, "extension_notice_sent_at lies before received_at"),
        ({"fee_requested_at": "2026-03-06", "fee_paid_at": "2026-03-05T12:00"}, "fee_paid_at lies before fee_req"),
        ({"identity_requested_at": "2206-03-06"}, "identity_requested_at lies after the year 2199"),
    ):
        with pytest.raises(BadInput, match=sentence):
            german("2026-03-05", **events)
    with pytest.raises(BadInput, match="received_at lies after the year 2199"):
        german("2206-03-05")
    # Instants without offset are refused.
    known = german("2026-03-05")
    naive = at("2026-03-06").replace(tzinfo=None)
    with pytest.raises(BadInput, match="received_at has no offset"):
        type(known)(received_at=naive, zone=known.zone, country="DE")
    with pytest.raises(BadInput, match="fee_paid_at has no offset"):
        type(known)(received_at=known.received_at, zone=known.zone, country="DE", fee_paid_at=naive)
    # An end before its start is refused in one sentence.
    for events, sentence in (
        ({"clarification_requested_at": "2026-03-01"}, "clarification_requested_at lies before received_at"),
        (
            {"clarification_requested_at": "2026-03-07", "clarification_received_at": "2026-03-06"},
            "clarification_received_at lies before clarification_requested_at",
        ),
        ({"fee_requested_at": "2026-03-01"}, "fee_requested_at lies before received_at"),
    ):
        with pytest.raises(BadInput) as refused:
            german("2026-03-05", **events)
        assert str(refused.value) == f"{sentence}; check the two instants and their offsets."
    due = due_dates(german("2199-11-05", extension_notice_sent_at="2199-12-31"))
    assert due.due_on.year == 2199
    # Refusals of instants are whole sentences.
    naive = at("2026-03-06").replace(tzinfo=None)
    for name in ("received_at", "identity_requested_at"):
        with pytest.raises(BadInput) as refused:
            replace(german("2026-03-05"), **{name: naive})
        assert str(refused.value) == f"{name} has no offset from UTC; write it like 2026-03-05T10:00:00+01:00."
    with pytest.raises(BadInput) as refused:
        german("2026-03-05", fee_requested_at="2200-01-01")
    assert str(refused.value) == "fee_requested_at lies after the year 2199; check its year."


IN_THE_SECOND_MONTH = {
    "identity_requested_at": "2026-03-02",
    "identity_confirmed_at": "2026-03-04",
    "pause_valid": True,
}


def sent_from_new_york(received, **events):
    """Received early in the morning in Berlin, when it was still the day before at the sender's place."""
    clock = german(received, **events)
    return replace(clock, received_at=clock.received_at.replace(hour=4).astimezone(ZoneInfo("America/New_York")))


def test_the_senders_earlier_date_moves_the_safe_dates_only():
    # The sender's earlier date moves the safe dates only.
    proved = {"identity_requested_at": "2026-03-04", "identity_confirmed_at": "2026-03-09"}
    due = due_dates(sent_from_new_york("2026-03-03", **proved, extension_notice_sent_at="2026-03-20"))

    assert due.no_pause_due_on == day("2026-06-03")
    assert due.nominal_on == due.due_on == day("2026-06-08")
    assert due.safe_due_on == day("2026-06-06")
    assert [*SuspensionState] == ["none", "counted", "standing", "not_counted"]
    assert [*ExtensionState] == ["none", "granted", "late", "not_valid", "not_provided"]
    assert "days=" not in repr(german("2026-03-05"))
