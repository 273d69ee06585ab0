from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.deadlines import received_on
from rightsflow.domain.deadlines.receipt import end_of_day
from rightsflow.domain.errors import BadInput

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(
    [
        ZoneInfo(name)
        for name in (
            "Europe/Berlin",
            "Europe/Lisbon",
            "Europe/Dublin",
            "America/Los_Angeles",
            "America/Sao_Paulo",
            "America/Scoresbysund",
            "Asia/Beirut",
            "Pacific/Kiritimati",
            "Asia/Kathmandu",
        )
    ]
)
DAYS = st.dates(date(2019, 1, 1), date(2035, 12, 31))


def test_the_controllers_zone_fixes_the_day():
    # The controller's zone fixes the day.
    for instant, zone, day in (
        ("2026-03-31T23:59:59+02:00", "Europe/Berlin", "2026-03-31"),
        ("2026-03-31T23:30:00-05:00", "Europe/Berlin", "2026-04-01"),
        ("2026-01-31T23:30:00+00:00", "Europe/Berlin", "2026-02-01"),
        ("2026-06-01T08:00:00+10:00", "Europe/Berlin", "2026-06-01"),
        ("2026-06-01T07:59:59+10:00", "Europe/Berlin", "2026-05-31"),
        ("2026-05-01T02:30:00+00:00", "America/Los_Angeles", "2026-04-30"),
    ):
        assert received_on(datetime.fromisoformat(instant), ZoneInfo(zone)) == date.fromisoformat(day)
    # An instant without offset is refused.
    with pytest.raises(BadInput) as refused:
        received_on(datetime(2026, 3, 5, 10), BERLIN)
    assert str(refused.value) == "received_at has no offset from UTC; write it like 2026-03-05T10:00:00+01:00."
    # An instant off the calendar is refused.
    with pytest.raises(BadInput) as refused:
        received_on(datetime.max.replace(tzinfo=UTC), BERLIN)
    assert str(refused.value) == "an instant lies outside the calendar; check its year."


@given(DAYS, ZONES)
def test_one_second_after_the_end_of_a_day_is_another_day(day, zone):
    end = end_of_day(day, zone).astimezone(UTC)

    assert received_on(end, zone) == day
    assert received_on(end + timedelta(seconds=1), zone) == day + timedelta(days=1)


@pytest.mark.apart
def test_a_day_ends_where_its_clocks_say():
    # The offset is that of the day.
    for day, offset in (
        (date(2026, 3, 28), "+01:00"),
        (date(2026, 3, 29), "+02:00"),
        (date(2026, 10, 24), "+02:00"),
        (date(2026, 10, 25), "+01:00"),
    ):
        assert end_of_day(day, BERLIN).isoformat() == f"{day}T23:59:59{offset}"
    # The end of a day on which the clocks change at midnight.
    for zone, day, offset in (
        # Midnight strikes twice: the clocks go back from 24:00 to 23:00, and the day ends at the second one.
        ("Asia/Beirut", date(2026, 10, 24), "+02:00"),
        # 23:59:59 does not exist: the clocks go from 23:00 to midnight, and the day ends an hour early.
        ("America/Scoresbysund", date(2026, 3, 28), "-01:00"),
    ):
        end = end_of_day(day, ZoneInfo(zone))

        assert end.isoformat().endswith(offset)
        assert received_on(end.astimezone(UTC), ZoneInfo(zone)) == day
        assert received_on(end.astimezone(UTC) + timedelta(seconds=1), ZoneInfo(zone)) == day + timedelta(days=1)
    # In every zone of europe each day ends a second before the next begins.
    for zone in (*sorted(name for name in available_timezones() if name.startswith("Europe/")), *FAR_TERRITORIES):
        here = ZoneInfo(zone)
        for day in YEAR:
            end = end_of_day(day, here).astimezone(UTC)
            assert end.astimezone(here).date() == day
            assert (end + timedelta(seconds=1)).astimezone(here).date() == day + timedelta(days=1)


FAR_TERRITORIES = (
    *("Arctic/Longyearbyen", "Asia/Nicosia", "Asia/Famagusta", "Africa/Ceuta"),
    *("Atlantic/Azores", "Atlantic/Canary", "Atlantic/Madeira", "Atlantic/Reykjavik"),
    *("America/Cayenne", "America/Guadeloupe", "America/Martinique", "Indian/Mayotte", "Indian/Reunion"),
)
YEAR = [date(2026, 1, 1) + timedelta(days=offset) for offset in range(365)]


@given(DAYS, st.sampled_from(sorted(available_timezones())))
def test_in_every_zone_of_the_world_the_last_second_has_that_days_offset(day, zone):
    end = end_of_day(day, ZoneInfo(zone))

    assert end.utcoffset() == end.astimezone(UTC).astimezone(ZoneInfo(zone)).utcoffset()
    assert received_on(end.astimezone(UTC), ZoneInfo(zone)) == day
    assert received_on(end.astimezone(UTC) + timedelta(seconds=1), ZoneInfo(zone)) == day + timedelta(days=1)
