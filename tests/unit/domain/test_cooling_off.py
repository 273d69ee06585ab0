"""When an approved erasure begins."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.erasure.dates import LEFT, begins_on

DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(DAYS, st.integers(0, 21), DAYS)
def test_it_begins_never_before_the_approval_and_never_too_late_for_the_answer(approved, days, work_to):
    on = begins_on(approved, days, work_to)
    assert approved <= on <= max(approved, work_to - LEFT)
    assert on <= approved + timedelta(days=days)
