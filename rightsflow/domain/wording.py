"""Dates and counts in plain words, the same whatever the machine's locale."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day(when: date) -> str:
    """Return a date in words, like "7 April 2026", which no reader takes for 4 July."""
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def time_left(last_on: date, *, on: date) -> str:
    """Return the time left to a day, or the delay, in the words of every page and alert.

    Args:
        last_on: The day.
        on: As of which day.
    """
    left = (last_on - on).days
    if not left:
        return "today"
    return f"{counted(left, 'day')} left" if left > 0 else f"late by {counted(-left, 'day')}"


def promised_day(work_to_on: date, last_on: date, *, on: date) -> date | None:
    """Return the day that every letter gives as the day of the answer; ``None`` once it is too late.

    Args:
        work_to_on: The target date, which the case sheet shows; named until it has passed.
        last_on: The last day on the strict reading of the law.
        on: The day on which the letter is written.
    """
    if last_on < on:
        return None
    return min(item for item in (work_to_on, last_on) if item >= on)


def moment(when: datetime, zone: ZoneInfo) -> str:
    """Return an instant in the controller's zone, like "7 April 2026, 14:05 (Europe/Berlin)"."""
    local = when.astimezone(zone)
    if local.time() == time.min:
        return day(local)  # Only the day was noted.
    return f"{day(local)}, {local:%H:%M} ({zone.key})"


def counted(number: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun: "1 record", "3 records"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def sentence(text: str) -> str:
    """Return a text with the full stop that ends a sentence."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def listed(things: list[str] | tuple[str, ...]) -> str:
    """Return things in a row: "a, b and c"."""
    return " and ".join([", ".join(things[:-1]), things[-1]] if len(things) > 1 else list(things))


def number_ranges(numbers: Collection[int]) -> str:
    """Return numbers in ascending order, runs of them shortened: "1-3, 7"."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in runs)
