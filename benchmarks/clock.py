"""``python -m benchmarks.clock``: due dates under the GDPR per second, beside bare months of ``dateutil``.

Both are taken in turn in one process and in processor time, so that the ratio holds on a machine that is slow or busy.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from rightsflow.domain.deadlines import ClockInput, due_dates

RECEIPTS = 50_000
ROUNDS = 7
WANTED = 100_000
"""Due dates a second; fewer end the run with status 1."""


def main() -> int:
    """Measure, print the figures, and return the exit status: 1 if they are insufficient."""
    zone = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 1, 1, 6, 0, tzinfo=UTC)
    # Three years, one every 31 minutes: month ends, holidays and both changes of the clocks are among them.
    received = [first + timedelta(minutes=31 * step) for step in range(RECEIPTS)]
    clocks = [ClockInput(received_at=moment, zone=zone, country="DE", subdivision="BY") for moment in received]
    days = [moment.date() for moment in received]
    month = relativedelta(months=1)

    def by_law() -> None:
        for clock in clocks:
            due_dates(clock)

    def by_dateutil() -> None:
        for day in days:
            _ = day + month

    by_law()  # the holiday tables are read once
    pairs = [(_per_second(by_law), _per_second(by_dateutil)) for _ in range(ROUNDS)]
    law, bare = (median(column) for column in zip(*pairs, strict=True))
    ratio = median(one / other for one, other in pairs)
    sys.stdout.write(
        f"{'GDPR due dates':34}{law:>12,.0f} a second  ({min(pairs)[0]:,.0f} to {max(pairs)[0]:,.0f})\n"
        f"{'day + relativedelta(months=1)':34}{bare:>12,.0f} a second\n"
        f"{'ratio, pair by pair':34}{ratio:>12.2f}\n"
        f"Median of {ROUNDS} rounds of {RECEIPTS:,} receipts, processor time, Python {sys.version.split()[0]}\n"
    )
    return 0 if law >= WANTED else 1


def _per_second(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return RECEIPTS / (time.process_time() - started)


if __name__ == "__main__":
    sys.exit(main())
