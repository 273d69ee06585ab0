"""A date that was told never moves later when only the tables change."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.clock import DueDates, ExtensionState, Regime, SuspensionState, due_dates, keep_promise
from rightsflow.clock.receipt import end_of_day
from tests.rightsflow.clock.clocks import BERLIN, day, german
from tests.rightsflow.clock.test_properties import with_events

DATES = (
    *("due_on", "due_at", "nominal_on", "safe_due_on", "operational_target_on"),
    *("extension_notice_due_on", "no_pause_due_on"),
)
OFFSETS = st.none() | st.integers(-5, 5)


def moved(due: DueDates, days: dict[str, int | None]) -> DueDates:
    """The same under another table: each date by some days, or missing."""
    changes = {
        name: None if shift is None or getattr(due, name) is None else getattr(due, name) + timedelta(days=shift)
        for name, shift in days.items()
    }
    return replace(due, **changes, holidays_version="python-holidays 99, corrections 9", rule_version="gdpr response/2")


@st.composite
def twice_computed(draw):
    promised = due_dates(draw(with_events()))
    return promised, moved(promised, {name: draw(OFFSETS) for name in DATES})


@given(twice_computed())
def test_no_date_comes_later_than_promised_or_than_computed(two):
    promised, recomputed = two
    kept = keep_promise(promised, recomputed)

    for name in DATES:
        known = [each for each in (getattr(promised, name), getattr(recomputed, name)) if each is not None]
        assert getattr(kept, name) == (min(known) if known else None), name


@given(twice_computed())
def test_the_versions_are_those_of_the_new_computation(two):
    kept = keep_promise(*two)

    assert kept.holidays_version == "python-holidays 99, corrections 9"
    assert kept.rule_version == "gdpr response/2"


@given(with_events())
def test_a_promise_computed_again_alike_stays(clock):
    due = due_dates(clock)

    assert keep_promise(due, due) == due


@given(twice_computed())
def test_keeping_twice_is_keeping_once(two):
    promised, recomputed = two
    kept = keep_promise(promised, recomputed)

    assert keep_promise(promised, kept) == kept == keep_promise(kept, recomputed)


def test_a_holiday_struck_from_the_table_brings_the_date_forward_and_a_new_one_does_not_push_it_back():
    received = german("2026-03-05")
    easter, none = due_dates(received), due_dates(replace(received, country=""))  # a place that knows weekends only

    assert (easter.due_on, none.due_on) == (day("2026-04-07"), day("2026-04-06"))
    assert keep_promise(easter, none).due_on == keep_promise(none, easter).due_on == day("2026-04-06")
    assert keep_promise(none, easter).due_at == end_of_day(day("2026-04-06"), BERLIN)


def test_where_the_clock_stands_under_one_table_only_the_dates_of_the_other_hold():
    asked = german("2026-03-05", identity_requested_at="2026-03-10")
    stands = due_dates(asked)
    runs = due_dates(replace(asked, pause_valid=False))
    assert (stands.suspension, runs.suspension) == (SuspensionState.STANDING, SuspensionState.NOT_COUNTED)

    for kept in (keep_promise(runs, stands), keep_promise(stands, runs)):
        assert kept.due_on == runs.due_on
        assert kept.suspension is SuspensionState.NOT_COUNTED
        assert kept.no_pause_due_on == stands.no_pause_due_on
        assert not kept.suspended


def test_what_is_no_date_is_the_new_computations():
    promised = due_dates(german("2026-01-15"))
    kept = keep_promise(promised, replace(promised, extension=ExtensionState.LATE, suspended_days=3))

    assert kept.extension is ExtensionState.LATE
    assert kept.suspended_days == 3
    assert kept.regime is Regime.GDPR
