"""Times as databases store them: with a zone or without, as text or as seconds."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

FAR_OFF = datetime.max.replace(tzinfo=UTC)
"""Stands for a time that is not known where the earliest is looked for."""


def instant(value: object, zone: ZoneInfo) -> datetime | None:
    """A stored time as an aware instant in the given zone; ``None`` where there is none or it cannot be read.

    Args:
        value: A datetime, a date, ISO text, or seconds since 1970 in UTC.
        zone: The zone of times without one.
    """
    try:
        return _instant(value, zone)
    except (ValueError, OverflowError, OSError):
        return None


def _instant(value: object, zone: ZoneInfo) -> datetime | None:
    if isinstance(value, str):
        value = datetime.fromisoformat(value.strip())
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return datetime.fromtimestamp(float(value), UTC).astimezone(zone)
    if isinstance(value, datetime):
        return value.replace(tzinfo=zone) if value.tzinfo is None else value.astimezone(zone)
    if isinstance(value, date):
        return datetime.combine(value, time(), zone)
    return None
