"""Reading details: what is there and of the right kind, or nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from rightsflow.audit.evidence import details as read


@pytest.mark.parametrize("other", [None, 3, True, ["a"], {"a": 1}])
def test_only_a_text_is_a_text(other):
    assert read.text({"a": "x"}, "a") == "x"
    assert read.text({"a": other}, "a") == read.text({}, "a") == ""


@pytest.mark.parametrize("other", [None, "3", True, 3.5, [3]])
def test_only_a_whole_number_is_one(other):
    assert read.number({"a": 3}, "a") == 3
    assert read.number({"a": other}, "a") == read.number({}, "a") == 0


@pytest.mark.parametrize("other", ["", "soon", "2026-02-30", 20260405, None])
def test_only_a_day_of_the_calendar_is_a_day(other):
    assert read.day({"a": "2026-04-05"}, "a") == date(2026, 4, 5)
    assert read.day({"a": other}, "a") is None


@pytest.mark.parametrize("other", ["", "2026-04-05T10:00:00", "25:00", None, "0001-01-01T00:00:00+12:00"])
def test_an_instant_has_a_zone_and_is_one_in_utc_too(other):
    assert read.instant({"a": "2026-04-05T10:00:00+00:00"}, "a") == datetime(2026, 4, 5, 10, tzinfo=UTC)
    assert read.instant({"a": other}, "a") is None


def test_counts_are_what_is_above_zero_in_order():
    said = {"retained": 1, "erased": 4, "failed": 0, "minus": -1, "matches": 3, "system": "helpdesk", "ok": True}
    assert list(read.counts(said, "matches").items()) == [("erased", 4), ("retained", 1)]


def test_lists_and_objects_that_are_none_are_empty():
    assert list(read.rows({"a": [{"b": 1}, "c", None]}, "a")) == [{"b": 1}]
    assert read.texts({"a": ["x", 1, None, "y"]}, "a") == ("x", "y")
    assert list(read.rows({"a": "xy"}, "a")) == []
    assert read.texts({"a": "xy"}, "a") == ()
    assert read.nested({"a": {"b": 1}}, "a") == {"b": 1}
    assert read.nested({"a": [1]}, "a") == {}
