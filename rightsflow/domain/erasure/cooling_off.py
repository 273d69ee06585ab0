"""The days between an erasure's approval and its beginning, in which the person can take the request back. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

LEFT: Final = timedelta(days=7)
"""Latest start of the erasure before the target date: time to erase, verify and answer."""


def begins_on(approved_on: date, days: int, work_to_on: date) -> date:
    """The day on which an approved erasure begins: after the cooling-off period, and early enough for the answer.

    Args:
        approved_on: The day of the approval, in the controller's zone.
        days: How many days the person has.
        work_to_on: The case's date to work to.
    """
    return max(approved_on, min(approved_on + timedelta(days=days), work_to_on - LEFT))
