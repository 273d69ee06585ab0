"""What has to hold for any request, whatever the calendar."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.deadlines import ClockInput, DeadlineType, ExtensionState, Period, Regime, due_dates, received_on
from rightsflow.domain.deadlines.due import start_of
from rightsflow.domain.deadlines.regimes import RULES, rule_for
from rightsflow.domain.deadlines.working_days import Place, is_working_day

PLACES = (
    ("DE", "", "Europe/Berlin"),
    ("DE", "BY", "Europe/Berlin"),
    ("ES", "CT", "Europe/Madrid"),
    ("FR", "6AE", "Europe/Paris"),
    ("NL", "", "Europe/Amsterdam"),
    ("IE", "", "Europe/Dublin"),
    ("PL", "", "Europe/Warsaw"),
    ("PT", "", "Atlantic/Azores"),
)
INSTANTS = st.datetimes(datetime(2019, 1, 1), datetime(2034, 12, 31), timezones=st.just(UTC))
DAYS = st.integers(0, 120)


@st.composite
def gdpr(draw, **fixed):
    """A request under the GDPR without events, somewhere in the Union."""
    country, subdivision, zone = draw(st.sampled_from(PLACES))
    return ClockInput(
        received_at=draw(INSTANTS), zone=ZoneInfo(zone), country=country, subdivision=subdivision, **fixed
    )


@st.composite
def with_events(draw):
    """The same with any events after receipt, judged or not."""
    clock = draw(gdpr())
    received = clock.received_at
    asked = received + timedelta(days=draw(DAYS))
    told = received + timedelta(days=draw(DAYS))
    events = {
        "identity_requested_at": asked,
        "identity_confirmed_at": asked + timedelta(days=draw(DAYS)),
        "extension_notice_sent_at": told,
    }
    chosen = draw(st.sets(st.sampled_from(sorted(events))))
    return replace(
        clock,
        **{name: events[name] for name in chosen},
        pause_valid=draw(st.sampled_from([None, True, False])),
        extension_valid=draw(st.sampled_from([None, True, False])),
    )


@given(gdpr(), st.integers(0, 60 * 24 * 40))
def test_a_later_receipt_is_never_due_earlier(clock, minutes):
    later = replace(clock, received_at=clock.received_at + timedelta(minutes=minutes))

    assert due_dates(clock).due_at <= due_dates(later).due_at


@given(with_events(), st.integers(1, 60 * 24 * 10))
def test_an_earlier_receipt_is_never_due_later_whatever_happened(clock, minutes):
    earlier = replace(clock, received_at=clock.received_at - timedelta(minutes=minutes))
    one, other = due_dates(earlier), due_dates(clock)

    if one.due_on and other.due_on:
        assert one.due_on <= other.due_on


@given(with_events())
def test_due_on_a_working_day_not_before_the_month_is_over(clock):
    due = due_dates(clock)
    if due.suspended:
        return
    received = received_on(clock.received_at, clock.zone)

    assert received + relativedelta(months=1) <= due.nominal_on <= due.due_on
    assert is_working_day(due.due_on, Place(clock.country, clock.subdivision))


@given(with_events())
def test_the_working_date_keeps_the_safe_one_and_the_safe_one_the_law(clock):
    due = due_dates(clock)
    if due.suspended:
        return
    assert due.operational_target_on <= due.safe_due_on <= due.nominal_on <= due.due_on
    assert is_working_day(due.operational_target_on, Place(clock.country, clock.subdivision))
    assert due.due_on - due.nominal_on <= timedelta(days=6)


@given(with_events())
def test_an_extension_never_shortens(clock):
    due, plain = due_dates(clock), due_dates(replace(clock, extension_notice_sent_at=None))
    if due.suspended or plain.suspended:
        return
    assert due.due_on >= plain.due_on
    assert due.safe_due_on >= plain.safe_due_on
    if due.extension is not ExtensionState.GRANTED and due.suspension is plain.suspension:
        assert due.due_on == plain.due_on


@given(with_events())
def test_a_suspension_never_shortens(clock):
    due, plain = due_dates(clock), due_dates(replace(clock, identity_requested_at=None, identity_confirmed_at=None))
    if due.suspended:
        return
    assert due.due_on >= plain.due_on
    assert due.safe_due_on >= plain.safe_due_on
    if due.no_pause_due_on:
        assert due.no_pause_due_on <= due.due_on


@given(with_events())
def test_a_judgement_against_the_person_asking_is_the_clock_without_it(clock):
    judged = due_dates(replace(clock, pause_valid=False))
    plain = due_dates(replace(clock, identity_requested_at=None, identity_confirmed_at=None, pause_valid=False))

    assert judged.due_on == plain.due_on
    assert judged.safe_due_on == plain.safe_due_on


@given(gdpr(), st.sampled_from(["UTC", "Asia/Tokyo", "America/Chicago", "Pacific/Kiritimati"]))
def test_the_senders_zone_moves_the_safe_date_only(clock, sender):
    sent = replace(clock, received_at=clock.received_at.astimezone(ZoneInfo(sender)))
    local = replace(clock, received_at=clock.received_at.astimezone(clock.zone))

    assert due_dates(sent).due_at == due_dates(local).due_at
    assert due_dates(sent).safe_due_on <= due_dates(local).safe_due_on


@given(gdpr())
def test_due_at_is_the_last_second_of_the_local_day(clock):
    due = due_dates(clock)

    assert received_on(due.due_at, clock.zone) == due.due_on
    after = (due.due_at.astimezone(UTC) + timedelta(seconds=1)).astimezone(clock.zone)
    assert (after.date(), after.hour, after.minute) == (due.due_on + timedelta(days=1), 0, 0)


@given(gdpr())
def test_two_receipts_on_one_local_day_are_due_together(clock):
    """The days on which the clocks change have 23 and 25 hours; they are one day all the same."""
    start = clock.received_at.astimezone(clock.zone).replace(hour=0, minute=0, second=0, fold=0)
    dues = {
        due_dates(replace(clock, received_at=start.replace(hour=hour, fold=fold))).due_at.isoformat()
        for hour in (0, 1, 2, 3, 12, 23)
        for fold in (0, 1)
    }
    assert len(dues) == 1


@given(gdpr())
def test_two_working_days_always_lie_in_a_month(clock):
    """Art. 3(5) of Reg. 1182/71 never moves the end of a month, so the month's rule can leave it out."""
    month = replace(
        clock, regime=Regime.REGULATION_1182_71, deadline_type=DeadlineType.PERIOD_TEST, period=Period(months=1)
    )
    assert due_dates(month).due_on == due_dates(clock).due_on


@given(st.sampled_from(sorted(RULES)), INSTANTS, st.data())
def test_every_rule_keeps_its_safe_date_inside_the_law(key, received_at, data):
    regime, deadline_type = key
    country, subdivision, zone = data.draw(
        st.sampled_from([("DE", "", "Europe/Berlin"), ("GB", "SCT", "Europe/London")])
    )
    clock = ClockInput(
        received_at=max(received_at, datetime(2026, 6, 20, tzinfo=UTC)),
        zone=ZoneInfo(zone),
        country=country,
        subdivision=subdivision,
        regime=regime,
        deadline_type=deadline_type,
        period=Period(days=data.draw(st.integers(1, 90))),
    )
    due = due_dates(clock)
    received = received_on(clock.received_at, clock.zone)

    rule = rule_for(regime, deadline_type, received)
    place = Place(country, "" if rule.national_holidays_only else subdivision)

    assert received < due.due_on
    assert due.operational_target_on <= due.safe_due_on <= due.due_on
    assert is_working_day(due.operational_target_on, place)
    assert is_working_day(due.due_on, place) if rule.shifts else due.due_on == due.nominal_on
    assert start_of(clock, rule, due.due_on).start_on == received


@st.composite
def british_with_events(draw):
    """A request in the United Kingdom with any questions, answered or not, and any notice."""
    received = draw(st.datetimes(datetime(2021, 1, 1), datetime(2034, 12, 31), timezones=st.just(UTC)))
    events = {"extension_notice_sent_at": received + timedelta(days=draw(DAYS))}
    for asked, answered in QUESTIONS:
        events[asked] = received + timedelta(days=draw(DAYS))
        events[answered] = events[asked] + timedelta(days=draw(DAYS))
    chosen = draw(st.sets(st.sampled_from(sorted(events))))
    return ClockInput(
        received_at=received,
        zone=ZoneInfo("Europe/London"),
        country="GB",
        subdivision=draw(st.sampled_from(["ENG", "SCT", "NIR", "WLS"])),
        regime=Regime.UK_GDPR,
        request_type=draw(st.sampled_from(["access", "erasure"])),
        pause_valid=draw(st.sampled_from([None, True, False])),
        **{name: events[name] for name in chosen},
    )


QUESTIONS = (
    ("identity_requested_at", "identity_confirmed_at"),
    ("clarification_requested_at", "clarification_received_at"),
    ("fee_requested_at", "fee_paid_at"),
)


@given(british_with_events())
def test_british_dates_keep_their_order_whatever_happened(clock):
    due = due_dates(clock)
    if due.suspended:
        assert due.no_pause_due_on is not None
        return
    received = received_on(clock.received_at, clock.zone)
    place = Place("GB", clock.subdivision)

    assert received + relativedelta(months=1) <= due.nominal_on <= due.due_on
    assert due.operational_target_on <= due.safe_due_on <= due.nominal_on
    assert is_working_day(due.due_on, place)
    assert is_working_day(due.operational_target_on, place)
    assert due.no_pause_due_on is None or due.no_pause_due_on <= due.due_on


@pytest.mark.apart
@given(british_with_events(), st.sampled_from(QUESTIONS))
def test_a_british_question_never_shortens(clock, question):
    """A fee or a proof that overlaps a clarification is left out: it takes days out of the clarification and gives
    them back as a later start, and months differ in length, so that the end may come some days earlier."""
    clarification = QUESTIONS[1]
    if question != clarification:
        clock = replace(clock, **dict.fromkeys(clarification))
    asked, unasked = due_dates(clock), due_dates(replace(clock, **dict.fromkeys(question)))
    if asked.suspended or unasked.suspended:
        return
    assert asked.due_on >= unasked.due_on
    assert asked.safe_due_on >= unasked.safe_due_on


@given(british_with_events())
def test_a_british_extension_never_shortens(clock):
    due, plain = due_dates(clock), due_dates(replace(clock, extension_notice_sent_at=None))
    if due.suspended or plain.suspended:
        return
    assert due.due_on >= plain.due_on
    assert due.safe_due_on >= plain.safe_due_on


@given(with_events(), st.integers(0, 30))
def test_a_proof_that_comes_later_is_never_due_earlier(clock, days):
    if clock.identity_requested_at is None or clock.identity_confirmed_at is None:
        return
    later = replace(clock, identity_confirmed_at=clock.identity_confirmed_at + timedelta(days=days))
    sooner, late = due_dates(clock), due_dates(later)

    assert sooner.due_on <= late.due_on
    assert sooner.safe_due_on <= late.safe_due_on
    assert sooner.no_pause_due_on == late.no_pause_due_on or sooner.extension is not late.extension
