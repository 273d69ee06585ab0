"""Events that move a case's clock: questions to the person, their answers, and the notice of extension. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from rightsflow.domain.errors import BadInput, Conflict

WAIT: Final = timedelta(days=30)
"""Time to wait for the person's answer; a request for clarification lapses after it, as its letter says."""


class ClockEventKind(StrEnum):
    """An event that can move a clock, named as in :class:`rightsflow.domain.deadlines.ClockInput`."""

    IDENTITY_REQUESTED = "identity_requested_at"
    IDENTITY_CONFIRMED = "identity_confirmed_at"
    CLARIFICATION_REQUESTED = "clarification_requested_at"
    CLARIFICATION_RECEIVED = "clarification_received_at"
    EXTENSION_NOTICE_SENT = "extension_notice_sent_at"

    @property
    def happened(self) -> str:
        """Description of the event, in words."""
        return _HAPPENED[self]


_HAPPENED = {
    ClockEventKind.IDENTITY_REQUESTED: "The person was asked to prove who they are",
    ClockEventKind.IDENTITY_CONFIRMED: "The proof of identity arrived",
    ClockEventKind.CLARIFICATION_REQUESTED: "The person was asked what they mean",
    ClockEventKind.CLARIFICATION_RECEIVED: "The person answered what they mean",
    ClockEventKind.EXTENSION_NOTICE_SENT: "The notice of extension went out",
}


ANSWER_TO: Final = {
    ClockEventKind.IDENTITY_REQUESTED: ClockEventKind.IDENTITY_CONFIRMED,
    ClockEventKind.CLARIFICATION_REQUESTED: ClockEventKind.CLARIFICATION_RECEIVED,
}
"""The questions, each with what answers it."""


def unanswered(events: Mapping[ClockEventKind, datetime]) -> Iterator[tuple[ClockEventKind, datetime]]:
    """Yield the questions that the person has not answered, each with when it went out; that for identity first.

    Args:
        events: What moved the clock, each with when (aware).
    """
    for question, answer in ANSWER_TO.items():
        if question in events and answer not in events:
            yield question, events[question]


@dataclass(frozen=True, slots=True)
class ClockEvent:
    """An event that moved the clock.

    Args:
        kind: What.
        at: When (aware).
        by: Who recorded it.
    """

    kind: ClockEventKind
    at: datetime
    by: str


def refuse_repeated(kind: ClockEventKind, happened: Container[ClockEventKind], case_id: str) -> None:
    """Refuse that a clock is moved twice by the same: the law counts the first question and its first answer.

    Args:
        kind: What is to move it.
        happened: What moved it so far.
        case_id: The case.

    Raises:
        Conflict: It happened already.
    """
    if kind in happened:
        raise Conflict(f"{kind.happened} already; look at `rightsflow show {case_id}`.")


def refuse_impossible_answer(arrived_at: datetime, *, asked_at: datetime | None, now: datetime) -> None:
    """Refuse an answer that would have arrived in the future, or before its question went out.

    Args:
        arrived_at: When it is said to have arrived (aware).
        asked_at: When the question went out (aware); ``None`` if that is not noted.
        now: The present instant (aware).

    Raises:
        BadInput: One of these is the case.
    """
    if arrived_at > now:
        raise BadInput("The answer cannot have arrived in the future; check its day.")
    if asked_at is not None and arrived_at < asked_at:
        raise BadInput("The answer cannot have arrived before the question went out; check its day.")
