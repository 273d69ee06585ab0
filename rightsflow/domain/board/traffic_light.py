"""The light of a case: how pressing it is."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

SOON_DAYS = 7
"""From how many days before the day to work to a case is amber."""


class Light(StrEnum):
    """The urgency of a case."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    CLOSED = "closed"


def light(work_to_on: date, due_on: date, today: date, *, closed: bool) -> Light:
    """Return the urgency of a case.

    Args:
        work_to_on: The day to work to.
        due_on: The last day of the law.
        today: The present day in the controller's time zone.
        closed: Whether it is closed: its answer was sent, or the request was withdrawn.
    """
    if closed:
        return Light.CLOSED
    if today > work_to_on or today >= due_on:
        return Light.RED
    return Light.AMBER if (work_to_on - today).days <= SOON_DAYS else Light.GREEN
