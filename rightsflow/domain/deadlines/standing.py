"""Start of the present suspension of a clock, and its question."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from rightsflow.domain.deadlines.due import reckon
from rightsflow.domain.deadlines.model import ClockInput, SuspensionState

QUESTIONS = (
    ("identity_requested_at", "identity_confirmed_at"),
    ("clarification_requested_at", "clarification_received_at"),
    ("fee_requested_at", "fee_paid_at"),
)
"""Questions that the person can be asked, each with the event that answers it."""


def standing_since(clock: ClockInput) -> datetime | None:
    """Return when the earliest open question that suspends the clock was asked; ``None`` while the clock runs.

    A question that stops no clock, such as that for what is meant under the GDPR, is passed over.

    Args:
        clock: The events.

    Raises:
        BadInput: As for :func:`rightsflow.domain.deadlines.due_dates`.
    """
    asked = (getattr(clock, question) for question, answer in QUESTIONS if _stands_for(clock, question, answer))
    return min(asked, default=None)


def without_open_questions(clock: ClockInput) -> ClockInput:
    """Return the clock without the questions that the person has not answered; answered ones stay.

    Args:
        clock: The events.
    """
    unanswered: dict[str, Any] = {question: None for question, answer in QUESTIONS if getattr(clock, answer) is None}
    return replace(clock, **unanswered)


def _stands_for(clock: ClockInput, question: str, answer: str) -> bool:
    """Return whether this question alone would suspend the clock; an answered question does not.

    What was answered stays: in the United Kingdom the month starts with the proof of identity, so that a question may
    stop a clock whose first month had ended before.
    """
    others: dict[str, Any] = {
        name: None
        for pair in QUESTIONS
        if pair != (question, answer) and getattr(clock, pair[1]) is None
        for name in pair
    }
    alone = replace(clock, **others)
    return reckon(alone).course.suspension is SuspensionState.STANDING
