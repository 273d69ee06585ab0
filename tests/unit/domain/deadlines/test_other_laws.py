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


def test_uk_identity_not_proved_keeps_the_month_from_starting():
    due = due_dates(british("2026-03-02", identity_requested_at="2026-03-03"))

    assert due.suspended
    assert due.no_pause_due_on == day("2026-04-02")


def test_uk_month_starts_with_the_later_of_proof_and_fee():
    events = {
        "identity_requested_at": "2026-03-03",
        "identity_confirmed_at": "2026-03-10",
        "fee_requested_at": "2026-03-03",
    }
    assert due_dates(british("2026-03-02", **events)).suspended
    assert due_dates(british("2026-03-02", **events, fee_paid_at="2026-03-16")).due_on == day("2026-04-16")
    assert due_dates(british("2026-03-02", **events, fee_paid_at="2026-03-05")).due_on == day("2026-04-10")


@pytest.mark.parametrize("question", ["identity_requested_at", "fee_requested_at"])
def test_uk_question_after_the_month_starts_nothing_anew(question):
    asked_in_time = due_dates(british("2026-03-02", **{question: "2026-04-02"}))
    asked_too_late = due_dates(british("2026-03-02", **{question: "2026-04-03"}))
    assert asked_in_time.suspended
    assert asked_too_late.due_on == day("2026-04-02")
    assert asked_too_late.suspension is SuspensionState.NOT_COUNTED


def test_uk_question_after_the_month_does_not_end_the_wait_for_an_earlier_one():
    due = due_dates(british("2026-03-02", identity_requested_at="2026-03-03", fee_requested_at="2026-05-01"))
    assert due.suspension is SuspensionState.STANDING


def test_uk_question_inside_an_extended_period_starts_it_anew():
    late = {"identity_requested_at": "2026-04-20", "identity_confirmed_at": "2026-04-27"}
    extended = due_dates(british("2026-03-02", extension_notice_sent_at="2026-03-20", **late))
    assert extended.due_on == day("2026-07-27")
    assert due_dates(british("2026-03-02", **late)).due_on == day("2026-04-02")


def test_uk_question_held_unjustified_leaves_the_month_where_it_was():
    events = {"identity_requested_at": "2026-03-03", "identity_confirmed_at": "2026-03-31"}
    assert due_dates(british("2026-03-02", **events, pause_valid=False)).due_on == day("2026-04-02")


def test_uk_clarification_moves_the_notice_of_extension_and_the_extended_end():
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


def test_uk_clarification_on_one_day_leaves_that_day_out_but_nobody_relies_on_it():
    due = due_dates(
        british("2026-03-03", clarification_requested_at="2026-03-04", clarification_received_at="2026-03-04T16:00")
    )
    assert due.suspended_days == 1
    assert due.nominal_on == day("2026-04-04")
    assert due.safe_due_on == day("2026-04-03")


def test_uk_clarification_without_an_answer_stops_the_clock_for_access_only():
    asked = {"clarification_requested_at": "2026-03-04"}
    assert due_dates(british("2026-03-02", **asked)).suspended
    erasure = due_dates(british("2026-03-02", **asked, request_type="erasure", pause_valid=True))
    assert erasure.due_on == day("2026-04-02")
    assert erasure.suspension is SuspensionState.NOT_COUNTED


def test_uk_clarification_answered_before_the_month_starts_does_not_count():
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


def test_uk_answer_does_not_start_a_month_that_waits_for_the_proof():
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


def test_uk_clarification_asked_after_the_month_does_not_count():
    due = due_dates(
        british("2026-03-02", clarification_requested_at="2026-04-08", clarification_received_at="2026-04-10")
    )
    assert due.due_on == day("2026-04-02")


@pytest.mark.parametrize(("received", "version"), [("2026-02-04", "2021-01-01/1"), ("2026-02-05", "2026-02-05/1")])
def test_uk_rule_versions_change_on_their_day(received, version):
    assert due_dates(british(received)).rule_version == f"uk-gdpr response {version}"


def test_uk_complaints_have_no_clock_before_their_day():
    complaint = {"deadline_type": DeadlineType.COMPLAINT_ACK, "request_type": "complaint"}
    assert due_dates(british("2026-06-19", **complaint)).due_on == day("2026-07-20")
    with pytest.raises(BadInput, match="deadline_type"):
        due_dates(british("2026-06-18", **complaint))


def test_uk_clarification_held_unjustified_stops_nothing():
    asked = {"clarification_requested_at": "2026-03-04", "clarification_received_at": "2026-03-09"}
    due = due_dates(british("2026-03-02", **asked, pause_valid=False))

    assert due.due_on == day("2026-04-02")
    assert due.suspension is SuspensionState.NOT_COUNTED


def test_uk_clarification_can_be_asked_on_the_last_day():
    assert due_dates(british("2026-03-02", clarification_requested_at="2026-04-02")).suspended


def test_uk_clarification_counts_from_the_start_in_the_controllers_zone():
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


# --- Switzerland


def test_swiss_extension_lasts_as_long_as_the_notice_says():
    notice = {"extension_notice_sent_at": at("2026-03-20", ZURICH)}
    due = due_dates(swiss("2026-03-02", **notice, period=Period(days=60)))

    assert due.extension is ExtensionState.GRANTED
    assert due.due_on == day("2026-05-04")  # 1 May is a holiday in Zurich, a Friday
    assert due_dates(swiss("2026-03-02", **notice)).extension is ExtensionState.NOT_VALID
    business = due_dates(swiss("2026-03-02", **notice, period=Period(business_days=60)))
    assert business.extension is ExtensionState.NOT_VALID
    assert due_dates(swiss("2026-03-02", **notice, period=Period(days=20))).due_on == day("2026-04-01")


def test_swiss_extension_has_to_be_announced_inside_the_thirty_days():
    late = swiss("2026-03-02", extension_notice_sent_at=at("2026-04-02", ZURICH), period=Period(days=60))
    assert due_dates(late).extension is ExtensionState.LATE
    assert due_dates(late).due_on == day("2026-04-01")


# --- California


@pytest.mark.parametrize("asked", ["identity", "clarification", "fee"])
def test_neither_swiss_nor_californian_questions_stop_the_clock(asked):
    answer = {"identity": "identity_confirmed_at", "clarification": "clarification_received_at", "fee": "fee_paid_at"}
    for clock in (swiss("2026-03-02"), californian("2026-03-02")):
        events = {
            f"{asked}_requested_at": clock.received_at + timedelta(days=1),
            answer[asked]: clock.received_at + timedelta(days=9),
        }
        assert due_dates(replace(clock, **events)) == due_dates(clock)


def test_californian_identity_check_does_not_stop_the_clock():
    plain = due_dates(californian("2026-03-02"))
    asked = due_dates(californian("2026-03-02", identity_requested_at=at("2026-03-03", LOS_ANGELES), pause_valid=True))

    assert asked == plain
    assert plain.due_on == day("2026-04-16")
    assert plain.safe_due_on == day("2026-04-15")


@pytest.mark.parametrize(
    ("told", "due_on"), [("2026-04-16", "2026-05-31"), ("2026-04-17", "2026-04-16")], ids=["in time", "late"]
)
def test_californian_extension_is_ninety_days_from_receipt(told, due_on):
    due = due_dates(californian("2026-03-02", extension_notice_sent_at=at(told, LOS_ANGELES)))
    assert due.due_on == day(due_on)


def test_californian_acknowledgement_leaves_out_federal_holidays_only():
    clock = californian("2026-11-20", deadline_type=DeadlineType.ACK, subdivision="CA")
    due = due_dates(clock)

    assert due.due_on == day("2026-12-07")  # Thanksgiving is left out, the day after it is not
    assert due.safe_due_on == day("2026-12-04")


# --- Brazil and bare periods


def test_brazilian_holiday_moves_nothing():
    clock = ClockInput(received_at=at("2026-12-10", SAO_PAULO), zone=SAO_PAULO, country="BR", regime=Regime.LGPD)
    due = due_dates(clock)
    assert due.due_on == day("2026-12-25")
    assert due.operational_target_on == day("2026-12-24")


@pytest.mark.parametrize(
    ("received", "period", "due_on"),
    [
        ("2026-12-24", Period(days=1), "2026-12-28"),  # one day need not hold two working days
        ("2026-12-24", Period(days=2), "2026-12-29"),
        ("2026-12-24", Period(days=5), "2026-12-29"),
        ("2026-04-02", Period(days=4), "2026-04-08"),
        ("2026-08-03", Period(days=14), "2026-08-17"),
    ],
)
def test_short_periods_hold_two_working_days(received, period, due_on):
    clock = german(received, regime=Regime.REGULATION_1182_71, deadline_type=DeadlineType.PERIOD_TEST, period=period)
    assert due_dates(clock).due_on == day(due_on)


def test_one_day_is_one_day_wherever_it_was_sent_from():
    clock = german(
        "2026-12-24T04:00",
        regime=Regime.REGULATION_1182_71,
        deadline_type=DeadlineType.PERIOD_TEST,
        period=Period(days=1),
    )
    sent = replace(clock, received_at=clock.received_at.astimezone(ZoneInfo("America/New_York")))
    assert due_dates(sent).due_on == due_dates(clock).due_on == day("2026-12-28")


def test_a_bare_period_has_to_be_given():
    clock = german("2026-08-03", regime=Regime.REGULATION_1182_71, deadline_type=DeadlineType.PERIOD_TEST)
    with pytest.raises(BadInput) as refused:
        due_dates(clock)
    assert str(refused.value) == ("period is missing; this deadline has no length of its own, so write one like P3D.")


# --- the data


def test_versions_of_a_rule_follow_one_another_without_gap_or_overlap():
    for versions in RULES.values():
        for before, after in pairwise(versions):
            assert before.in_force_until + timedelta(days=1) == after.in_force_from
        assert versions[-1].in_force_until is None


def test_every_version_has_its_own_name():
    names = [rule.version for versions in RULES.values() for rule in versions]
    assert len(names) == len(set(names))


def test_identity_asked_for_on_the_last_day_keeps_the_date_without_the_question():
    """Asking on the last day began the month anew, and the date that a court may count was gone."""
    clock = british("2026-03-02", identity_requested_at="2026-04-02", identity_confirmed_at="2026-04-10")
    due = due_dates(clock)
    assert (due.due_on, due.no_pause_due_on) == (day("2026-05-11"), day("2026-04-02"))
    late = "the ICO expects that promptly; if it is held too late, the last day is Thursday 2 April"
    assert late in explained(clock)
    prompt = british("2026-03-02", identity_requested_at="2026-03-03", identity_confirmed_at="2026-03-31")
    assert due_dates(prompt).no_pause_due_on is None


def test_identity_is_asked_for_promptly_until_the_third_working_day():
    """Received on a Monday: that Thursday is prompt, and the Friday is not."""
    proof = {"identity_confirmed_at": "2026-03-10"}
    assert due_dates(british("2026-03-02", identity_requested_at="2026-03-05", **proof)).no_pause_due_on is None
    late = due_dates(british("2026-03-02", identity_requested_at="2026-03-06", **proof))
    assert late.no_pause_due_on == day("2026-04-02")


def test_identity_asked_for_after_the_month_begins_nothing_late():
    asked = british("2026-03-02", identity_requested_at="2026-04-10")
    abroad = replace(asked, received_at=at("2026-03-02T02:00", LONDON).astimezone(ZoneInfo("America/New_York")))
    for clock in (asked, abroad):
        assert reckon(clock).is_started_late is False
        assert due_dates(clock).no_pause_due_on is None


def test_the_earlier_date_counts_where_two_suspensions_may_be_unjustified():
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
