"""Dates and counts in words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from rightsflow.domain import wording


def test_days_counts_and_lists() -> None:
    # Days and moments.
    assert wording.day(date(2026, 4, 7)) == "7 April 2026"
    instant = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert wording.moment(instant, ZoneInfo("Europe/Berlin")) == "1 January 2027, 00:30 (Europe/Berlin)"
    assert wording.moment(instant, ZoneInfo("America/New_York")) == "31 December 2026, 18:30 (America/New_York)"
    # Counts.
    for number, words in ((0, "0 records"), (1, "1 record"), (2, "2 records"), (12345, "12,345 records")):
        assert wording.counted(number, "record") == words
        assert wording.counted(2, "address", "addresses") == "2 addresses"
    for things, words in (([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")):
        assert wording.listed(things) == words
