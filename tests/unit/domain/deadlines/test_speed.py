"""Portfolio figures recompute every open case: the clock has to stay quick."""

import time
from datetime import timedelta

from rightsflow.domain.deadlines import due_dates
from tests.unit.domain.deadlines.clocks import german


def test_tens_of_thousands_of_due_dates_a_second():
    """Measured in processor time, so that a busy machine does not fail it; about 130,000 a second on one core."""
    first = german("2026-01-01")
    clocks = [german(f"2026-{month:02}-{day:02}") for month in range(1, 13) for day in range(1, 29)] * 10
    due_dates(first)

    started = time.process_time()
    latest = max(due_dates(clock).due_on for clock in clocks)
    seconds = time.process_time() - started

    assert latest > first.received_at.date() + timedelta(days=365)
    assert len(clocks) / seconds > 30_000
