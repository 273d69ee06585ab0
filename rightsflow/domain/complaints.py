"""Complaints that a person makes to the controller (s. 164A Data Protection Act 2018, since 19 June 2026). Pure."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from rightsflow.domain.deadlines import ClockInput, Regime
from rightsflow.domain.deadlines.due import reckon
from rightsflow.domain.deadlines.model import DeadlineType
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.law import Law

_LONGEST: Final = 4_000


def acknowledge_by(received_on: date, *, zone: ZoneInfo, country: str, subdivision: str = "") -> date:
    """Return the last day for the acknowledgement, by the clock's rule of s. 164A(3): the day of receipt is day one.

    Args:
        received_on: The day of receipt, in the controller's zone.
        zone: That zone.
        country: Where the controller is.
        subdivision: Its part whose holidays count.
    """
    clock = ClockInput(
        received_at=datetime.combine(received_on, time(12), zone),
        zone=zone,
        country=country,
        subdivision=subdivision,
        regime=Regime.UK_GDPR,
        deadline_type=DeadlineType.COMPLAINT_ACK,
        request_type="complaint",
    )
    return reckon(clock).day_one_on


def check_complaint(text: str, received_on: date, *, law: Law, request_on: date, today: date) -> str:
    """Return a complaint as it is kept.

    Args:
        text: What the person complains about.
        received_on: The day of receipt, in the controller's zone.
        law: The law of the letters.
        request_on: The day of the request that it is about.
        today: The present day in the controller's zone.

    Raises:
        BadInput: The text is missing or too long, or the day is impossible.
        Conflict: The law knows no complaint to the controller, or did not on that day.
    """
    said = " ".join(text.split())
    if not said or len(said) > _LONGEST:
        raise BadInput(f"Say what the person complains about, in at most {_LONGEST:,} characters.")
    if not request_on <= received_on <= today:
        raise BadInput("The complaint cannot have come before the request or in the future; check the day.")
    if not law.hears_complaints(received_on):
        raise Conflict(
            f"The {law.name} knows no complaint to the controller on that day; the person can complain to the "
            "authority."
        )
    return said
