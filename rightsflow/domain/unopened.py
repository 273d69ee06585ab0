"""Requests that stand in a text of some system and are no case yet: how long they wait, and when people are told. Pure.

The month runs from the day on which the text arrived (Art. 12(3) GDPR; EDPB Guidelines 01/2022, no. 53-57), even if
no one has read it. Of a text only its place is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final

from rightsflow.domain.vocabulary.records import RecordRef
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.wording import counted, day, listed

RIGHT_OF_PHRASE: Final = {
    "access": Right.ACCESS,
    "portability": Right.ACCESS,
    "erasure": Right.ERASURE,
    "rectification": Right.RECTIFICATION,
    "restriction": Right.RESTRICTION,
    "objection": Right.OBJECTION,
    "consent": Right.CONSENT,
}
"""The right to open a case for, by the name that phrases have; a copy to take along is an access first."""
_WAITS_ONE_DAY: Final = timedelta(days=1)


class UnopenedEnd(StrEnum):
    """The ways in which a found request ends."""

    OPENED = "opened"
    JOINED = "joined"
    """It belongs to a case that was open already."""
    DISMISSED = "dismissed"
    """A person saw that it is no request."""


class UnopenedAlert(IntEnum):
    """The alerts on a request that is no case yet; each is raised once."""

    NONE = 0
    FOUND = 1
    """A sure one was found."""
    LEFT_A_DAY = 2
    """A sure one waits for a day."""
    HALF = 3
    """Half of its month is over, however sure it is."""
    OVER = 4
    """Its month is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnopenedRequest:
    """A found request.

    Args:
        number: Its number.
        record: The record whose text it stands in.
        ticket: The ticket's number, by which its system reads the requester; empty if there is none.
        right: What seems to be asked for.
        is_sure: Whether it is one unless a person sees otherwise.
        language: The language of its words (ISO 639-1).
        span: The first character of these words in the text, and the one behind the last.
        received_at: When the text arrived (aware).
        found_at: When it was found (aware).
        told: The highest alert that was raised.
    """

    number: int
    record: RecordRef
    ticket: str = field(repr=False)
    right: Right
    is_sure: bool
    language: str
    span: tuple[int, int]
    received_at: datetime
    found_at: datetime
    told: UnopenedAlert = UnopenedAlert.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class UnopenedWithDates:
    """A found request with its dates.

    Args:
        request: The request.
        due_on: The last day of its month.
        days_gone: How many days of it are gone.
        days_left: How many are left; negative when it is over.
        rung: The alert that it has reached.
    """

    request: UnopenedRequest
    due_on: date
    days_gone: int
    days_left: int
    rung: UnopenedAlert

    @property
    def is_new_alert(self) -> bool:
        """True if people are to be told, since it reached an alert of which they were not."""
        return self.rung > self.request.told


def with_dates(
    request: UnopenedRequest, received_on: date, due_on: date, now: datetime, today: date
) -> UnopenedWithDates:
    """Return a found request with its dates.

    Args:
        request: The request.
        received_on: The day on which its text arrived, in the controller's zone.
        due_on: The last day of its month, in the same zone.
        now: The time (aware).
        today: The day, in the same zone.
    """
    gone, left = (today - received_on).days, (due_on - today).days
    if left < 0:
        rung = UnopenedAlert.OVER
    elif gone >= left:
        rung = UnopenedAlert.HALF
    elif not request.is_sure:
        rung = UnopenedAlert.NONE
    else:
        rung = UnopenedAlert.LEFT_A_DAY if now - request.found_at >= _WAITS_ONE_DAY else UnopenedAlert.FOUND
    return UnopenedWithDates(request=request, due_on=due_on, days_gone=gone, days_left=left, rung=rung)


def unopened_text(found: Collection[UnopenedWithDates]) -> str:
    """Return the text of one alert: numbers, systems and dates, and nothing of a text.

    Args:
        found: The requests of which people are told; at least one.
    """
    rungs = Counter(one.rung for one in found)
    said = {
        UnopenedAlert.OVER: "whose month is over",
        UnopenedAlert.HALF: "with half of the month over",
        UnopenedAlert.LEFT_A_DAY: "left for a day or longer",
        UnopenedAlert.FOUND: "new",
    }
    counts = listed([f"{rungs[rung]} {words}" for rung, words in said.items() if rungs[rung]])
    systems = listed(sorted({one.request.record.system for one in found}))
    nearest = day(min(one.due_on for one in found))
    return (
        f"{counted(len(found), 'request')} without a case at {systems}: {counts}. The first is due on {nearest}. "
        "Decide on each at the desk, on the page Unopened requests."
    )
