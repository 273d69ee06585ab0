"""When an erased record is read again."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.erasure.dates import LOOK_DAYS, next_look_at_mark, next_look_on

ERASED = date(2026, 3, 5)
DAY = timedelta(days=1)


def test_a_look_counts_for_all_days_before_it() -> None:
    # A look counts for all days before it.
    for absent_after, next_after in ((None, 1), (0, 1), (1, 7), (2, 7), (7, 30), (29, 30), (30, None), (31, None)):
        absent_on = None if absent_after is None else ERASED + absent_after * DAY
        expected = None if next_after is None else ERASED + next_after * DAY
        assert next_look_on(ERASED, absent_on, LOOK_DAYS) == expected
    assert next_look_at_mark(date(2028, 1, 1), date(2028, 2, 29), LOOK_DAYS) == date(2029, 2, 28)


@given(st.lists(st.integers(1, 366), max_size=6))
def test_looks_on_their_days_come_to_an_end_after_each_day_once(days: list[int]) -> None:
    seen, absent_on = [], ERASED
    while look := next_look_on(ERASED, absent_on, days):
        seen.append((look - ERASED).days)
        absent_on = look
    assert seen == sorted(set(days))


@given(st.dates(date(2020, 1, 1), date(2060, 1, 1)), st.lists(st.integers(0, 400), max_size=12))
def test_a_mark_is_read_again_on_the_same_days_and_then_within_a_year_for_ever(
    marked_on: date, late: list[int]
) -> None:
    looked_on, on = None, next_look_at_mark(marked_on, None, LOOK_DAYS)
    assert on == marked_on + DAY
    for days in late:
        looked_on = on + days * DAY
        on = next_look_at_mark(marked_on, looked_on, LOOK_DAYS)
        assert looked_on < on <= looked_on + 366 * DAY
        if (early := next_look_on(marked_on, looked_on, LOOK_DAYS)) is not None:
            assert on == early
