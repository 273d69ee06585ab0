"""What moves a case's clock: the first question counts, and an answer that can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rightsflow.domain.deadlines.clock_events import (
    ANSWER_TO,
    WAIT,
    ClockEventKind,
    refuse_impossible_answer,
    refuse_repeated,
)
from rightsflow.domain.deadlines.model import ClockInput
from rightsflow.domain.errors import BadInput, Conflict

CASE = "DSR-2026-7K3M9Q"
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_each_event_is_named_as_the_clock_takes_it_and_happens_once_after_its_question() -> None:
    # They are named as the clock takes them.
    assert {kind.value for kind in ClockEventKind} <= set(ClockInput.__dataclass_fields__)
    assert {(question.value, answer.value) for question, answer in ANSWER_TO.items()} == {
        ("identity_requested_at", "identity_confirmed_at"),
        ("clarification_requested_at", "clarification_received_at"),
    }
    assert timedelta(days=30) == WAIT
    # None happens twice.
    for kind, happened in (
        (ClockEventKind.IDENTITY_REQUESTED, "The person was asked to prove who they are"),
        (ClockEventKind.IDENTITY_CONFIRMED, "The proof of identity arrived"),
        (ClockEventKind.CLARIFICATION_REQUESTED, "The person was asked what they mean"),
        (ClockEventKind.CLARIFICATION_RECEIVED, "The person answered what they mean"),
        (ClockEventKind.EXTENSION_NOTICE_SENT, "The notice of extension went out"),
    ):
        refuse_repeated(kind, set(ClockEventKind) - {kind}, CASE)
        with pytest.raises(Conflict, match=f"^{happened} already; look at `rightsflow show {CASE}`.$"):
            refuse_repeated(kind, {kind}, CASE)
    # An answer arrives after its question and not in the future.
    refuse_impossible_answer(NOON, asked_at=NOON, now=NOON)
    refuse_impossible_answer(NOON, asked_at=None, now=NOON)
    with pytest.raises(BadInput, match=r"^The answer cannot have arrived in the future; check its day\.$"):
        refuse_impossible_answer(NOON + SECOND, asked_at=NOON, now=NOON)
    with pytest.raises(
        BadInput, match=r"^The answer cannot have arrived before the question went out; check its day\.$"
    ):
        refuse_impossible_answer(NOON - SECOND, asked_at=NOON, now=NOON)
