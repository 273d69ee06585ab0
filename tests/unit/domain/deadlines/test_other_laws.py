"""The other laws where the table of worked dates has no row."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from rightsflow.domain.deadlines import (
    ClockInput,
    DeadlineType,
    ExtensionState,
    Period,
    Regime,
    SuspensionState,
    due_dates,
)
from rightsflow.domain.deadlines.due import reckon
from rightsflow.domain.deadlines.regimes import RULES
from rightsflow.domain.errors import BadInput
from tests.unit.domain.deadlines.clocks import LONDON, at, british, day, explained, german

ZURICH, LOS_ANGELES, SAO_PAULO = (
    ZoneInfo(name) for name in ("Europe/Zurich", "America/Los_Angeles", "America/Sao_Paulo")
)


def swiss(received, **events):
    return ClockInput(
        received_at=at(received, ZURICH), zone=ZURICH, country="CH", subdivision="ZH", regime=Regime.CH_FADP, **events
    )


def californian(received, **events):
    return ClockInput(
        received_at=at(received, LOS_ANGELES), zone=LOS_ANGELES, country="US", regime=Regime.CCPA, **events
    )


# --- United Kingdom


def test_uk_month_starts_with_the_later_of_proof_and_fee():
    # UK identity not proved keeps the month from starting.
    due = due_dates(british("2026-03-02", identity_requested_at="2026-03-03"))

    assert due.suspended
    assert due.no_pause_due_on == day("2026-04-02")
    # UK month starts with the later of proof and fee.
    events = {
        "identity_requested_at": "2026-03-03",
        "identity_confirmed_at": "2026-03-10",
        "fee_requested_at": "2026-03-03",
    }
    assert due_dates(british("2026-03-02", **events)).suspended
    assert due_dates(british("2026-03-02", **events, fee_paid_at="2026-03-16")).due_on == day("2026-04-16")
    assert due_dates(british("2026-03-02", **events, fee_paid_at="2026-03-05")).due_on == day("2026-04-10")
    # UK question after the month starts nothing anew.
    for question in ("identity_requested_at", "fee_requested_at"):
        asked_in_time = due_dates(british("2026-03-02", **{question: "2026-04-02"}))
        asked_too_late = due_dates(british("2026-03-02", **{question: "2026-04-03"}))
        assert asked_in_time.suspended
        assert asked_too_late.due_on == day("2026-04-02")
        assert asked_too_late.suspension is SuspensionState.NOT_COUNTED
    due = due_dates(british("2026-03-02", identity_requested_at="2026-03-03", fee_requested_at="2026-05-01"))
    assert due.suspension is SuspensionState.STANDING
    # UK question inside an extended period starts it anew.
    late = {"identity_requested_at": "2026-04-20", "identity_confirmed_at": "2026-04-27"}
    extended = due_dates(british("2026-03-02", extension_notice_sent_at="2026-03-20", **late))
    assert extended.due_on == day("2026-07-27")
    assert due_dates(british("2026-03-02", **late)).due_on == day("2026-04-02")
    events = {"identity_requested_at": "2026-03-03", "identity_confirmed_at": "2026-03-31"}
    assert due_dates(british("2026-03-02", **events, pause_valid=False)).due_on == day("2026-04-02")


def test_uk_clarification_stops_the_clock_for_access():
    # UK clarification moves the notice of extension and the extended end.
    due = due_dates(
        british(
            "2026-03-02",
            clarification_requested_at="2026-03-04",
            clarification_received_at="2026-03-09",
            extension_notice_sent_at="2026-04-07",
        )
    )
    assert due.extension_notice_due_on == day("2026-04-08")
    assert due.extension is ExtensionState.GRANTED
    assert due.due_on == day("2026-06-08")
    assert due.safe_due_on == day("2026-06-07")
    # UK clarification on one day leaves that day out but no one relies on it.
    due = due_dates(
        british("2026-03-03", clarification_requested_at="2026-03-04", clarification_received_at="2026-03-04T16:00")
    )
    assert due.suspended_days == 1
    assert due.nominal_on == day("2026-04-04")
    assert due.safe_due_on == day("2026-04-03")
    # UK clarification without an answer stops the clock for access only.
    asked = {"clarification_requested_at": "2026-03-04"}
    assert due_dates(british("2026-03-02", **asked)).suspended
    erasure = due_dates(british("2026-03-02", **asked, request_type="erasure", pause_valid=True))
    assert erasure.due_on == day("2026-04-02")
    assert erasure.suspension is SuspensionState.NOT_COUNTED
    # UK clarification answered before the month starts does not count.
    due = due_dates(
        british(
            "2026-06-01",
            clarification_requested_at="2026-06-02",
            clarification_received_at="2026-06-04",
            identity_requested_at="2026-06-02",
            identity_confirmed_at="2026-06-08",
        )
    )
    assert due.due_on == due.safe_due_on == day("2026-07-08")
    # UK answer does not start a month that waits for the proof.
    due = due_dates(
        british(
            "2026-06-01",
            clarification_requested_at="2026-06-02",
            clarification_received_at="2026-06-04",
            identity_requested_at="2026-06-02",
        )
    )
    assert due.suspended
    assert due.no_pause_due_on == day("2026-07-01")


def test_uk_clarification_that_is_late_or_unjustified_does_not_count():
    # UK clarification asked after the month does not count.
    due = due_dates(
        british("2026-03-02", clarification_requested_at="2026-04-08", clarification_received_at="2026-04-10")
    )
    assert due.due_on == day("2026-04-02")
    # UK clarification held unjustified stops nothing.
    asked = {"clarification_requested_at": "2026-03-04", "clarification_received_at": "2026-03-09"}
    due = due_dates(british("2026-03-02", **asked, pause_valid=False))

    assert due.due_on == day("2026-04-02")
    assert due.suspension is SuspensionState.NOT_COUNTED
    assert due_dates(british("2026-03-02", clarification_requested_at="2026-04-02")).suspended
    # UK clarification counts from the start in the controller's zone.
    clock = british(
        "2026-06-01",
        identity_requested_at="2026-06-02",
        identity_confirmed_at="2026-06-08T02:00",
        clarification_requested_at="2026-06-03",
        clarification_received_at="2026-06-10",
    )
    proof = clock.identity_confirmed_at.astimezone(ZoneInfo("America/New_York"))
    due = due_dates(replace(clock, identity_confirmed_at=proof))

    assert due.suspended_days == 3  # the 8th to the 10th, though the proof was sent on the 7th there
    assert due.nominal_on == day("2026-07-11")
    assert due.safe_due_on == day("2026-07-09")


def test_uk_rule_versions_change_on_their_day():
    for received, version in (("2026-02-04", "2021-01-01/1"), ("2026-02-05", "2026-02-05/1")):
        assert due_dates(british(received)).rule_version == f"uk-gdpr response {version}"
    # UK complaints have no clock before their day.
    complaint = {"deadline_type": DeadlineType.COMPLAINT_ACK, "request_type": "complaint"}
    assert due_dates(british("2026-06-19", **complaint)).due_on == day("2026-07-20")
    with pytest.raises(BadInput, match="deadline_type"):
        due_dates(british("2026-06-18", **complaint))
    # Versions of a rule follow one another without gap or overlap.
    for versions in RULES.values():
        for before, after in pairwise(versions):
            assert before.in_force_until + timedelta(days=1) == after.in_force_from
        assert versions[-1].in_force_until is None
    names = [rule.version for versions in RULES.values() for rule in versions]
    assert len(names) == len(set(names))


# --- Switzerland


def test_swiss_extension_lasts_as_long_as_the_notice_says():
    # Swiss extension lasts as long as the notice says.
    notice = {"extension_notice_sent_at": at("2026-03-20", ZURICH)}
    due = due_dates(swiss("2026-03-02", **notice, period=Period(days=60)))

    assert due.extension is ExtensionState.GRANTED
    assert due.due_on == day("2026-05-04")  # 1 May is a holiday in Zurich, a Friday
    assert due_dates(swiss("2026-03-02", **notice)).extension is ExtensionState.NOT_VALID
    business = due_dates(swiss("2026-03-02", **notice, period=Period(business_days=60)))
    assert business.extension is ExtensionState.NOT_VALID
    assert due_dates(swiss("2026-03-02", **notice, period=Period(days=20))).due_on == day("2026-04-01")
    # Swiss extension has to be announced inside the thirty days.
    late = swiss("2026-03-02", extension_notice_sent_at=at("2026-04-02", ZURICH), period=Period(days=60))
    assert due_dates(late).extension is ExtensionState.LATE
    assert due_dates(late).due_on == day("2026-04-01")
    # Neither Swiss nor Californian questions stop the clock.
    for asked in ("identity", "clarification", "fee"):
        answer = {
            "identity": "identity_confirmed_at",
            "clarification": "clarification_received_at",
            "fee": "fee_paid_at",
        }
        for clock in (swiss("2026-03-02"), californian("2026-03-02")):
            events = {
                f"{asked}_requested_at": clock.received_at + timedelta(days=1),
                answer[asked]: clock.received_at + timedelta(days=9),
            }
            assert due_dates(replace(clock, **events)) == due_dates(clock)


# --- California


def test_californian_and_brazilian_days_are_those_of_their_law():
    # Californian identity check does not stop the clock.
    plain = due_dates(californian("2026-03-02"))
    asked = due_dates(californian("2026-03-02", identity_requested_at=at("2026-03-03", LOS_ANGELES), pause_valid=True))

    assert asked == plain
    assert plain.due_on == day("2026-04-16")
    assert plain.safe_due_on == day("2026-04-15")
    # Californian extension is ninety days from receipt.
    for told, due_on in (("2026-04-16", "2026-05-31"), ("2026-04-17", "2026-04-16")):
        due = due_dates(californian("2026-03-02", extension_notice_sent_at=at(told, LOS_ANGELES)))
        assert due.due_on == day(due_on)
    # Californian acknowledgement leaves out federal holidays only.
    clock = californian("2026-11-20", deadline_type=DeadlineType.ACK, subdivision="CA")
    due = due_dates(clock)

    assert due.due_on == day("2026-12-07")  # Thanksgiving is left out, the day after it is not
    assert due.safe_due_on == day("2026-12-04")
    # Brazilian holiday moves nothing.
    clock = ClockInput(received_at=at("2026-12-10", SAO_PAULO), zone=SAO_PAULO, country="BR", regime=Regime.LGPD)
    due = due_dates(clock)
    assert due.due_on == day("2026-12-25")
    assert due.operational_target_on == day("2026-12-24")


# --- Brazil and bare periods


def test_short_periods_hold_two_working_days():
    # Short periods hold two working days.
    for received, period, due_on in (
        ("2026-12-24", Period(days=1), "2026-12-28"),  # one day need not hold two working days
        ("2026-12-24", Period(days=2), "2026-12-29"),
        ("2026-12-24", Period(days=5), "2026-12-29"),
        ("2026-04-02", Period(days=4), "2026-04-08"),
        ("2026-08-03", Period(days=14), "2026-08-17"),
    ):
        clock = german(
            received, regime=Regime.REGULATION_1182_71, deadline_type=DeadlineType.PERIOD_TEST, period=period
        )
        assert due_dates(clock).due_on == day(due_on)
    # One day is one day wherever it was sent from.
    clock = german(
        "2026-12-24T04:00",
        regime=Regime.REGULATION_1182_71,
        deadline_type=DeadlineType.PERIOD_TEST,
        period=Period(days=1),
    )
    sent = replace(clock, received_at=clock.received_at.astimezone(ZoneInfo("America/New_York")))
    assert due_dates(sent).due_on == due_dates(clock).due_on == day("2026-12-28")
    # A bare period has to be given.
    clock = german("2026-08-03", regime=Regime.REGULATION_1182_71, deadline_type=DeadlineType.PERIOD_TEST)
    with pytest.raises(BadInput) as refused:
        due_dates(clock)
    assert str(refused.value) == ("period is missing; this deadline has no length of its own, so write one like P3D.")


# --- the data


def test_identity_asked_for_late_keeps_the_date_without_the_question():
    # Asking on the last day began the month anew, and the date that a court may count was gone.
    clock = british("2026-03-02", identity_requested_at="2026-04-02", identity_confirmed_at="2026-04-10")
    due = due_dates(clock)
    assert (due.due_on, due.no_pause_due_on) == (day("2026-05-11"), day("2026-04-02"))
    late = "the ICO expects that promptly; if it is held too late, the last day is Thursday 2 April"
    assert late in explained(clock)
    prompt = british("2026-03-02", identity_requested_at="2026-03-03", identity_confirmed_at="2026-03-31")
    assert due_dates(prompt).no_pause_due_on is None
    # Received on a Monday: that Thursday is prompt, and the Friday is not.
    proof = {"identity_confirmed_at": "2026-03-10"}
    assert due_dates(british("2026-03-02", identity_requested_at="2026-03-05", **proof)).no_pause_due_on is None
    late = due_dates(british("2026-03-02", identity_requested_at="2026-03-06", **proof))
    assert late.no_pause_due_on == day("2026-04-02")
    # Identity asked for after the month begins nothing late.
    asked = british("2026-03-02", identity_requested_at="2026-04-10")
    abroad = replace(asked, received_at=at("2026-03-02T02:00", LONDON).astimezone(ZoneInfo("America/New_York")))
    for clock in (asked, abroad):
        assert reckon(clock).is_started_late is False
        assert due_dates(clock).no_pause_due_on is None
    # The earlier date counts where two suspensions may be unjustified.
    clock = british(
        "2026-03-02",
        identity_requested_at="2026-03-10",
        identity_confirmed_at="2026-03-16",
        clarification_requested_at="2026-03-18",
        clarification_received_at="2026-03-20",
    )
    due = due_dates(clock)
    assert due.no_pause_due_on == day("2026-04-02")
    assert (
        "Identity was asked for on Tuesday 10 March, and the ICO expects that promptly; "
        "if it is held too late, the last day is Thursday 2 April."
    ) in explained(clock)
