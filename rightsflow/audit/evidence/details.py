"""Reading an entry's details, of which every field may be missing and, in a file from elsewhere, anything at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime

Details = Mapping[str, object]


def text(details: Details, key: str) -> str:
    """A text, or empty."""
    value = details.get(key)
    return value if isinstance(value, str) else ""


def number(details: Details, key: str) -> int:
    """A whole number, or 0."""
    value = details.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def day(details: Details, key: str) -> date | None:
    """A day, or ``None``."""
    try:
        return date.fromisoformat(text(details, key))
    except ValueError:
        return None


def instant(details: Details, key: str) -> datetime | None:
    """An aware instant that there is in UTC too, or ``None``."""
    try:
        moment = datetime.fromisoformat(text(details, key))
        moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return moment if moment.tzinfo is not None else None


def counts(details: Details, *without: str) -> dict[str, int]:
    """The whole numbers above zero, by their names in order.

    Args:
        details: The details.
        *without: Names that are no counts.
    """
    return {name: found for name in sorted(details) if name not in without and (found := number(details, name)) > 0}


def nested(details: Details, key: str) -> Details:
    """An object, or an empty one."""
    value = details.get(key)
    return value if isinstance(value, Mapping) else {}


def rows(details: Details, key: str) -> Iterator[Details]:
    """The objects in a list."""
    value = details.get(key)
    return (detail for detail in value if isinstance(detail, Mapping)) if isinstance(value, list) else iter(())


def texts(details: Details, key: str) -> tuple[str, ...]:
    """The texts in a list."""
    value = details.get(key)
    return tuple(detail for detail in value if isinstance(detail, str)) if isinstance(value, list) else ()
