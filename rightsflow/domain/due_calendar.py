"""A calendar of due dates in the form of RFC 5545: all-day events that name case numbers only. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

_OCTETS: Final = 75
"""The longest line, in octets without its end (section 3.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDate:
    """A date of a case.

    Args:
        case_id: The case.
        what: Which date it is, such as ``target date``.
        on: The day.
        link: The case's page; empty where it is not known.
    """

    case_id: str
    what: str
    on: date
    link: str = ""


def calendar(dates: Iterable[DueDate], now: datetime) -> str:
    """Return a calendar.

    Args:
        dates: Its events.
        now: The present instant (aware), at which it is made.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Rightsflow//Due dates//EN",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Rightsflow",
        *(line for due in dates for line in _event(due, now)),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _event(due: DueDate, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{due.case_id}-{due.what.replace(' ', '-')}@rightsflow"
    yield f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{due.on:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{due.on + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(f'{due.case_id}: {due.what}')}"
    if due.link:
        yield f"URL:{due.link}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _escaped(text: str) -> str:
    for character in ("\\", ";", ","):
        text = text.replace(character, f"\\{character}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Yield the pieces of a line; no character is cut in two, and each piece after the first begins with a space."""
    piece, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > _OCTETS:
            yield piece
            piece, octets = " ", 1
        piece += character
        octets += size
    yield piece
