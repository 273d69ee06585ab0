"""Reminders to processors that still owe proof, and to their management. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)


class Reminder(StrEnum):
    """The stage of a reminder."""

    BEFORE = "before its day"
    LATE = "after its day"
    ESCALATED = "to its management"


def reminder_due(due_on: date, reminded_on: date | None, today: date, days_before: int) -> Reminder | None:
    """The reminder that is due, if the processor was not reminded since it became so.

    Some days before its day; on the day after it; and each week from then on, to its management too.

    Args:
        due_on: The day by which it has to prove it, in the controller's zone.
        reminded_on: When it was reminded last, or ``None``.
        today: The present day.
        days_before: How many days before its day it is reminded.
    """
    since, which = _stage(due_on, today, days_before)
    if since is None or (reminded_on is not None and reminded_on >= since):
        return None
    return which


def _stage(due_on: date, today: date, days_before: int) -> tuple[date | None, Reminder]:
    if today <= due_on:
        begin = due_on - timedelta(days=days_before)
        return (begin if today >= begin else None), Reminder.BEFORE
    late_since = due_on + _DAY
    weeks = (today - late_since) // _WEEK
    return late_since + weeks * _WEEK, Reminder.ESCALATED if weeks else Reminder.LATE
