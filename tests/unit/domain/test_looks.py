"""When an erased record is read again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.erasure.looks import LOOK_DAYS, next_look_on

ERASED = date(2026, 3, 5)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("absent_after", "next_after"),
    [(None, 1), (0, 1), (1, 7), (2, 7), (7, 30), (29, 30), (30, None), (31, None)],
)
def test_a_look_counts_for_all_days_before_it(absent_after: int | None, next_after: int | None) -> None:
    absent_on = None if absent_after is None else ERASED + absent_after * DAY
    expected = None if next_after is None else ERASED + next_after * DAY
    assert next_look_on(ERASED, absent_on, LOOK_DAYS) == expected


@given(st.lists(st.integers(1, 366), max_size=6))
def test_looks_on_their_days_come_to_an_end_after_each_day_once(days: list[int]) -> None:
    seen, absent_on = [], ERASED
    while look := next_look_on(ERASED, absent_on, days):
        seen.append((look - ERASED).days)
        absent_on = look
    assert seen == sorted(set(days))
