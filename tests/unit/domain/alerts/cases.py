"""Invented cases for the tests of the watch."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rightsflow.domain.alerts.ladder import Calendar, Ladder, RungKind, WatchedCase
from rightsflow.domain.alerts.rungs import Rung, WatchLook, look
from rightsflow.domain.deadlines.working_days import Place
from rightsflow.domain.vocabulary.states import CaseState

BERLIN = ZoneInfo("Europe/Berlin")
CALENDAR = Calendar(BERLIN, Place("DE"))
LADDER = Ladder()
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)

# A Monday; the month ends on Wednesday 8 July 2026.
OPENED = datetime(2026, 6, 8, 9, 0, tzinfo=BERLIN)
WORK_TO = date(2026, 7, 8)
DUE = date(2026, 7, 10)


def case(**changes: Any) -> WatchedCase:
    """A case that waits for nothing but its date."""
    given: dict[str, Any] = {
        "case_id": "DSR-2026-000001",
        "state": CaseState.EXECUTING,
        "state_since": OPENED,
        "opened_at": OPENED,
        "due_on": DUE,
        "work_to_on": WORK_TO,
        "notice_due_on": DUE,
        "acknowledged": True,
    }
    return WatchedCase(**(given | changes))


def at(day: date, hour: int = 0, minute: int = 0, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.combine(day, time(hour, minute), zone).astimezone(UTC)


def seen(one: WatchedCase, now: datetime, ladder: Ladder = LADDER, calendar: Calendar = CALENDAR) -> WatchLook:
    return look(one, now, ladder, calendar)


def names(rungs: tuple[Rung, ...]) -> list[str]:
    return [f"{rung.kind.value} {rung.key}" for rung in rungs]


def of_kind(found: WatchLook, kind: RungKind) -> list[Rung]:
    return [rung for rung in found.due if rung.kind is kind]
