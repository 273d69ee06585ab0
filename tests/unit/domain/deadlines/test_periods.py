from datetime import date

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.deadlines.periods import Period, add_months, parse_period
from rightsflow.domain.errors import BadInput

DAYS = st.dates(date(1990, 1, 1), date(2150, 1, 1))
MONTHS = st.integers(1, 400)


def test_periods_are_read_and_end_as_the_calendar_says():
    # Months end on the same number or the last day.
    for start, months, end in (
        ("2026-03-05", 1, "2026-04-05"),
        ("2025-01-31", 1, "2025-02-28"),
        ("2028-01-29", 1, "2028-02-29"),
        ("2025-02-28", 1, "2025-03-28"),
        ("2026-12-31", 1, "2027-01-31"),
        ("2026-01-31", 3, "2026-04-30"),
        ("2027-11-30", 3, "2028-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
    ):
        assert add_months(date.fromisoformat(start), months) == date.fromisoformat(end)
    # Iso periods.
    for text, period, in_words in (
        ("P1M", Period(months=1), "one month"),
        ("P3M", Period(months=3), "three months"),
        ("P45D", Period(days=45), "45 days"),
        ("P10BD", Period(business_days=10), "ten business days"),
        ("P2W", Period(days=14), "14 days"),
        ("P1Y", Period(months=12), "twelve months"),
        ("P1M2D", Period(months=1, days=2), "one month and two days"),
    ):
        assert parse_period(text) == period
        assert str(period) == in_words
    # Other text is refused without being quoted.
    for text in ("", "P", "P0D", "1M", "PT48H", "P1.5M", "P-1M", "p1m", "P1M\n", "P10BD5D", "P99999D"):
        with pytest.raises(BadInput) as refused:
            parse_period(text)
        assert str(refused.value) == (
            "period is not a length in whole days; write it like P1M, P45D or, for business days, P10BD."
        )
    assert Period(months=3).beyond(Period(months=1)) == Period(months=2)
    assert Period(days=90).beyond(Period(days=45)) == Period(days=45)
    # Small numbers are written out.
    written = [str(Period(days=count)).partition(" ")[0] for count in range(1, 15)]
    assert written == [
        *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
        *("13", "14"),
    ]


@given(DAYS, MONTHS)
def test_months_are_those_of_dateutil(day, months):
    assert add_months(day, months) == day + relativedelta(months=months)


@given(DAYS, DAYS, MONTHS)
def test_a_later_start_never_ends_earlier(one, other, months):
    first, second = sorted((one, other))
    assert add_months(first, months) <= add_months(second, months)
