"""Reading details: what is there and of the right kind, or nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

from rightsflow.audit.evidence import details as read


def test_a_detail_of_another_kind_is_none():
    # Only a text is a text.
    for other in (None, 3, True, ["a"], {"a": 1}):
        assert read.text({"a": "x"}, "a") == "x"
        assert read.text({"a": other}, "a") == read.text({}, "a") == ""
    # Only a whole number is one.
    for other in (None, "3", True, 3.5, [3]):
        assert read.number({"a": 3}, "a") == 3
        assert read.number({"a": other}, "a") == read.number({}, "a") == 0
    # Only a day of the calendar is a day.
    for other in ("", "soon", "2026-02-30", 20260405, None):
        assert read.day({"a": "2026-04-05"}, "a") == date(2026, 4, 5)
        assert read.day({"a": other}, "a") is None
    # An instant has a zone and is one in utc too.
    for other in ("", "2026-04-05T10:00:00", "25:00", None, "0001-01-01T00:00:00+12:00"):
        assert read.instant({"a": "2026-04-05T10:00:00+00:00"}, "a") == datetime(2026, 4, 5, 10, tzinfo=UTC)
        assert read.instant({"a": other}, "a") is None
    said = {"retained": 1, "erased": 4, "failed": 0, "minus": -1, "matches": 3, "system": "helpdesk", "ok": True}
    assert list(read.counts(said, "matches").items()) == [("erased", 4), ("retained", 1)]
    # Lists and objects that are none are empty.
    assert list(read.rows({"a": [{"b": 1}, "c", None]}, "a")) == [{"b": 1}]
    assert read.texts({"a": ["x", 1, None, "y"]}, "a") == ("x", "y")
    assert list(read.rows({"a": "xy"}, "a")) == []
    assert read.texts({"a": "xy"}, "a") == ()
    assert read.nested({"a": {"b": 1}}, "a") == {"b": 1}
    assert read.nested({"a": [1]}, "a") == {}
