"""Day of receipt."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from rightsflow.domain.errors import BadInput

_LAST_SECOND = time(23, 59, 59, fold=1)  # fold: the later one, where the clocks go back over midnight


def received_on(received_at: datetime, zone: ZoneInfo) -> date:
    """Return the day of receipt: the date at the controller's place, even if no one worked there.

    Args:
        received_at: The aware instant.
        zone: The controller's time zone.

    Raises:
        BadInput: The instant has no offset, or lies outside the years 1 to 9999 in that zone.
    """
    if received_at.tzinfo is None:
        raise BadInput("received_at has no offset from UTC; write it like 2026-03-05T10:00:00+01:00.")
    return local_day(received_at, zone)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the date of an aware instant in a time zone."""
    try:
        return instant.astimezone(zone).date()
    except OverflowError:
        raise BadInput("an instant lies outside the calendar; check its year.") from None


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the last second of a day in a time zone, with the offset valid then (24:00 as data cannot be written)."""
    return datetime.combine(day, _LAST_SECOND, zone)


def offset_minutes(instant: datetime) -> int | None:
    """Return the UTC offset of an instant in minutes; ``None`` if the instant has none.

    Args:
        instant: The instant.
    """
    offset = instant.utcoffset()
    return round(offset.total_seconds() / 60) if offset is not None else None
