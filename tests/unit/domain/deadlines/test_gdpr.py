"""The GDPR's clock where the table of worked dates has no row."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from rightsflow.domain.deadlines import DeadlineType, ExtensionState, Period, SuspensionState, due_dates
from rightsflow.domain.errors import BadInput
from tests.unit.domain.deadlines.clocks import at, day, german


def test_a_late_notice_extends_nothing():
    due = due_dates(german("2026-01-15", extension_notice_sent_at="2026-02-17"))

    assert due.due_on == day("2026-02-16")
    assert due.extension is ExtensionState.LATE
    assert due.extension_notice_due_on == day("2026-02-16")


def test_a_persons_word_does_not_heal_a_late_notice():
    late = german("2026-01-15", extension_notice_sent_at="2026-02-17", extension_valid=True)
    assert due_dates(late).due_on == day("2026-02-16")


def test_a_notice_on_the_shifted_last_day_is_in_time():
    due = due_dates(german("2026-01-15", extension_notice_sent_at="2026-02-16T23:59"))

    assert due.extension is ExtensionState.GRANTED
    assert due.due_on == day("2026-04-15")


def test_a_notice_judged_bad_extends_nothing():
    due = due_dates(german("2026-01-15", extension_notice_sent_at="2026-02-10", extension_valid=False))

    assert due.extension is ExtensionState.NOT_VALID
    assert due.due_on == day("2026-02-16")


def test_the_last_day_for_the_notice_is_known_before_any_is_sent():
    due = due_dates(german("2026-01-15"))

    assert due.extension is ExtensionState.NONE
    assert due.extension_notice_due_on == due.due_on == day("2026-02-16")


def test_the_notice_itself_is_a_deadline_that_a_suspension_moves():
    notice = german(
        "2026-01-15",
        deadline_type=DeadlineType.EXTENSION_NOTICE,
        identity_requested_at="2026-01-16",
        identity_confirmed_at="2026-01-23",
    )
    assert due_dates(notice).due_on == day("2026-02-23")


def test_a_refusal_is_suspended_but_not_extended():
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


@pytest.mark.parametrize(
    ("asked", "counts"),
    [
        ("2026-04-02", True),  # Maundy Thursday, the day of receipt
        ("2026-04-09", True),  # the third working day: Good Friday and Easter Monday are none
        ("2026-04-10", False),
    ],
)
def test_identity_has_to_be_asked_within_three_working_days(asked, counts):
    due = due_dates(german("2026-04-02", identity_requested_at=asked, identity_confirmed_at="2026-04-20"))

    assert (due.suspension is SuspensionState.COUNTED) is counts
    assert (due.due_on > day("2026-05-04")) is counts
    assert (due.no_pause_due_on == day("2026-05-04")) is counts


def test_a_persons_judgement_overrides_the_three_days_both_ways():
    late = {"identity_requested_at": "2026-03-16", "identity_confirmed_at": "2026-03-20"}
    assert due_dates(german("2026-03-02", **late, pause_valid=True)).suspended_days == 4
    prompt = {"identity_requested_at": "2026-03-03", "identity_confirmed_at": "2026-03-20"}
    assert due_dates(german("2026-03-02", **prompt, pause_valid=False)).suspended_days == 0


def test_a_clock_that_has_run_out_cannot_be_stopped():
    due = due_dates(german("2026-03-02", identity_requested_at="2026-04-03", pause_valid=True))

    assert due.due_on == day("2026-04-02")
    assert due.suspension is SuspensionState.NOT_COUNTED


def test_a_clock_can_be_stopped_on_its_last_day():
    assert due_dates(german("2026-03-02", identity_requested_at="2026-04-02", pause_valid=True)).suspended


def test_an_extended_clock_still_runs_in_the_second_month():
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


def test_identity_proved_on_the_day_it_was_asked_moves_nothing():
    due = due_dates(german("2026-03-02", identity_requested_at="2026-03-03", identity_confirmed_at="2026-03-03T17:00"))

    assert due.due_on == due.safe_due_on == due.no_pause_due_on == day("2026-04-02")


def test_a_proof_nobody_asked_for_moves_nothing():
    assert due_dates(german("2026-03-02", identity_confirmed_at="2026-03-09")).due_on == day("2026-04-02")


@pytest.mark.parametrize("asked", ["clarification_requested_at", "fee_requested_at"])
def test_neither_clarification_nor_fee_stops_the_clock(asked):
    due = due_dates(german("2026-03-02", **{asked: "2026-03-03"}, pause_valid=True))

    assert due.due_on == day("2026-04-02")
    assert due.suspension is SuspensionState.NOT_COUNTED


def test_while_the_clock_stands_there_is_no_date_but_the_one_without_suspension():
    due = due_dates(german("2026-03-05", identity_requested_at="2026-03-06"))

    assert due.suspended
    assert due.suspension is SuspensionState.STANDING
    assert due.no_pause_due_on == day("2026-04-07")
    assert (due.due_on, due.due_at, due.nominal_on) == (None, None, None)
    assert (due.safe_due_on, due.operational_target_on, due.extension_notice_due_on) == (None, None, None)


def test_every_date_names_its_rule_and_its_holidays():
    due = due_dates(german("2026-03-05"))

    assert due.rule_version == "gdpr response 2018-05-25/1"
    assert due.holidays_version.startswith("python-holidays ")


@pytest.mark.parametrize("received", ["2018-05-24", "1999-01-01"])
def test_before_the_gdpr_there_was_no_deadline(received):
    with pytest.raises(BadInput, match="before 2018-05-25, when gdpr came into force"):
        due_dates(german(received))


def test_the_gdpr_knows_no_acknowledgement():
    with pytest.raises(BadInput, match="use one of refusal_notice, extension_notice, response"):
        due_dates(german("2026-03-05", deadline_type=DeadlineType.ACK))


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        ({"identity_requested_at": "2026-03-01"}, "identity_requested_at lies before received_at"),
        (
            {"identity_requested_at": "2026-03-06", "identity_confirmed_at": "2026-03-05T12:00"},
            "identity_confirmed_at lies before identity_requested_at",
        ),
        ({"extension_notice_sent_at": "2026-03-01"}, "extension_notice_sent_at lies before received_at"),
        ({"fee_requested_at": "2026-03-06", "fee_paid_at": "2026-03-05T12:00"}, "fee_paid_at lies before fee_req"),
        ({"identity_requested_at": "2206-03-06"}, "identity_requested_at lies after the year 2199"),
    ],
)
def test_events_in_an_impossible_order_are_refused(events, sentence):
    with pytest.raises(BadInput, match=sentence):
        german("2026-03-05", **events)


def test_a_receipt_in_the_far_future_is_refused():
    with pytest.raises(BadInput, match="received_at lies after the year 2199"):
        german("2206-03-05")


def test_instants_without_offset_are_refused():
    known = german("2026-03-05")
    naive = at("2026-03-06").replace(tzinfo=None)
    with pytest.raises(BadInput, match="received_at has no offset"):
        type(known)(received_at=naive, zone=known.zone, country="DE")
    with pytest.raises(BadInput, match="fee_paid_at has no offset"):
        type(known)(received_at=known.received_at, zone=known.zone, country="DE", fee_paid_at=naive)


def test_a_fee_paid_does_not_start_the_month_anew():
    due = due_dates(german("2026-03-02", fee_requested_at="2026-03-03", fee_paid_at="2026-03-20"))

    assert due.due_on == due.safe_due_on == day("2026-04-02")
    assert due.suspension is SuspensionState.NOT_COUNTED


def test_a_clock_can_be_stopped_on_the_day_to_which_a_sunday_moved_its_end():
    assert due_dates(german("2026-01-15", identity_requested_at="2026-02-16", pause_valid=True)).suspended


IN_THE_SECOND_MONTH = {
    "identity_requested_at": "2026-03-02",
    "identity_confirmed_at": "2026-03-04",
    "pause_valid": True,
}


@pytest.mark.parametrize(
    ("told", "suspension", "due_on"),
    [
        ("2026-02-10", SuspensionState.COUNTED, "2026-04-17"),
        ("2026-02-16", SuspensionState.COUNTED, "2026-04-17"),  # the Monday to which the notice's last day moved
        ("2026-02-17", SuspensionState.NOT_COUNTED, "2026-02-16"),
    ],
)
def test_only_a_notice_in_time_lets_the_clock_be_stopped_in_the_second_month(told, suspension, due_on):
    due = due_dates(german("2026-01-15", extension_notice_sent_at=told, **IN_THE_SECOND_MONTH))

    assert due.suspension is suspension
    assert due.due_on == day(due_on)


def test_a_notice_sent_on_an_ordinary_last_day_lets_the_clock_be_stopped_later():
    events = {**IN_THE_SECOND_MONTH, "identity_requested_at": "2026-04-20", "identity_confirmed_at": "2026-04-22"}
    due = due_dates(german("2026-03-02", extension_notice_sent_at="2026-04-02", **events))
    assert due.due_on == day("2026-06-04")


@pytest.mark.parametrize(("asked", "stands"), [("2026-10-05", True), ("2026-10-06", False)])
def test_an_extended_clock_can_be_stopped_until_its_moved_end(asked, stands):
    """From 3 July the three months end on Saturday 3 October, a holiday, and so on Monday the 5th."""
    events = {"extension_notice_sent_at": "2026-07-20", "identity_requested_at": asked, "pause_valid": True}
    assert due_dates(german("2026-07-03", **events)).suspended is stands


def test_a_refusal_runs_out_after_a_month_whatever_length_the_input_names():
    refusal = german(
        "2026-01-15",
        deadline_type=DeadlineType.REFUSAL_NOTICE,
        extension_notice_sent_at="2026-02-10",
        period=Period(months=3),
        **IN_THE_SECOND_MONTH,
    )
    assert due_dates(refusal).suspension is SuspensionState.NOT_COUNTED


def sent_from_new_york(received, **events):
    """Received early in the morning in Berlin, when it was still the day before at the sender's place."""
    clock = german(received, **events)
    return replace(clock, received_at=clock.received_at.replace(hour=4).astimezone(ZoneInfo("America/New_York")))


def test_the_senders_earlier_date_moves_the_safe_dates_only():
    proved = {"identity_requested_at": "2026-03-04", "identity_confirmed_at": "2026-03-09"}
    due = due_dates(sent_from_new_york("2026-03-03", **proved, extension_notice_sent_at="2026-03-20"))

    assert due.no_pause_due_on == day("2026-06-03")
    assert due.nominal_on == due.due_on == day("2026-06-08")
    assert due.safe_due_on == day("2026-06-06")


def test_the_three_working_days_are_counted_from_the_controllers_date():
    asked = sent_from_new_york("2026-03-03", identity_requested_at="2026-03-06")
    assert due_dates(asked).suspended


def test_the_controllers_date_says_when_an_extended_clock_has_run_out():
    events = {"extension_notice_sent_at": "2026-04-20", "identity_requested_at": "2026-07-01", "pause_valid": True}
    assert due_dates(sent_from_new_york("2026-04-01", **events)).suspended


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        ({"clarification_requested_at": "2026-03-01"}, "clarification_requested_at lies before received_at"),
        (
            {"clarification_requested_at": "2026-03-07", "clarification_received_at": "2026-03-06"},
            "clarification_received_at lies before clarification_requested_at",
        ),
        ({"fee_requested_at": "2026-03-01"}, "fee_requested_at lies before received_at"),
    ],
)
def test_an_end_before_its_start_is_refused_in_one_sentence(events, sentence):
    with pytest.raises(BadInput) as refused:
        german("2026-03-05", **events)
    assert str(refused.value) == f"{sentence}; check the two instants and their offsets."


def test_the_last_year_is_still_a_year():
    due = due_dates(german("2199-11-05", extension_notice_sent_at="2199-12-31"))
    assert due.due_on.year == 2199


def test_refusals_of_instants_are_whole_sentences():
    naive = at("2026-03-06").replace(tzinfo=None)
    for name in ("received_at", "identity_requested_at"):
        with pytest.raises(BadInput) as refused:
            replace(german("2026-03-05"), **{name: naive})
        assert str(refused.value) == f"{name} has no offset from UTC; write it like 2026-03-05T10:00:00+01:00."
    with pytest.raises(BadInput) as refused:
        german("2026-03-05", fee_requested_at="2200-01-01")
    assert str(refused.value) == "fee_requested_at lies after the year 2199; check its year."


def test_what_became_of_it_is_stored_by_these_words():
    assert [*SuspensionState] == ["none", "counted", "standing", "not_counted"]
    assert [*ExtensionState] == ["none", "granted", "late", "not_valid", "not_provided"]


def test_a_notice_that_was_in_time_only_for_the_suspension_extends_nothing_without_it():
    """The date without the suspension was that of the extended period, though the notice was then late."""
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


def test_what_is_derived_is_not_shown():
    assert "days=" not in repr(german("2026-03-05"))
