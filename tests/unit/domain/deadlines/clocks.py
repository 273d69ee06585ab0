"""Clock inputs for the tests, with local times of the controller's place."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rightsflow.domain.deadlines import ClockInput, Regime, due_dates, explain, standing_since

BERLIN = ZoneInfo("Europe/Berlin")
LONDON = ZoneInfo("Europe/London")


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    """``2026-03-05`` (10:00) or ``2026-03-05T23:59`` in a zone."""
    return datetime.fromisoformat(text if "T" in text else f"{text}T10:00").replace(tzinfo=zone)


def german(received: str, **events: Any) -> ClockInput:
    return _input(received, BERLIN, events, country="DE")


def british(received: str, **events: Any) -> ClockInput:
    return _input(received, LONDON, events, country="GB", subdivision="ENG", regime=Regime.UK_GDPR)


def _input(received: str, zone: ZoneInfo, events: dict[str, Any], **place: Any) -> ClockInput:
    known = {name: at(value, zone) if name.endswith("_at") else value for name, value in events.items()}
    return ClockInput(received_at=at(received, zone), zone=zone, **place, **known)


def day(text: str) -> date:
    return date.fromisoformat(text)


def explained(clock: ClockInput) -> str:
    return explain(clock, due_dates(clock), standing_since(clock))
