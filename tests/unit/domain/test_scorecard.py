"""The scorecard tells prompt, late, silent and lying processors apart."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.forecast import Expectation
from rightsflow.domain.processors.answers import Instruction, RecordedAnswer
from rightsflow.domain.processors.scorecard import scorecard, waited_for
from rightsflow.domain.processors.terms import Action, Doubt, ProcessorAnswer, ProcessorChannel, ProcessorRole
from rightsflow.domain.vocabulary.rights import Right

SENT = datetime(2026, 3, 1, 9, tzinfo=UTC)
DUE = date(2026, 3, 11)
TODAY = date(2026, 6, 1)


def one(processor: str, *answers: RecordedAnswer, sent: bool = True) -> Instruction:
    return Instruction(
        case_id="DSR-2026-7K3M9Q",
        number=1,
        processor=processor,
        name=processor.capitalize(),
        role=ProcessorRole.PROCESSOR,
        channel=ProcessorChannel.MANUAL,
        action=Action.ERASE,
        kinds=("email",),
        expected=1,
        due_on=DUE,
        asked_at=SENT,
        sent_at=SENT if sent else None,
        answers=answers,
    )


def said(what: ProcessorAnswer, after: int, *doubts: Doubt) -> RecordedAnswer:
    on = SENT.date() + timedelta(days=after)
    return RecordedAnswer(
        number=1, answer=what, on=on, doubts=doubts, is_late=on > DUE, recorded_at=SENT, recorded_by="Ben"
    )


def test_manners_are_told_apart_by_what_was_agreed():
    # Four manners are told apart.
    asked = [
        *(one("prompt", said(ProcessorAnswer.DONE, days)) for days in (1, 2, 3)),
        *(one("late", said(ProcessorAnswer.DONE, days)) for days in (9, 20, 30)),
        *(one("silent") for _ in range(3)),
        one("lying", said(ProcessorAnswer.NOTHING_HELD, 1, Doubt.ZERO, Doubt.CONTRADICTS)),
        one("unsent", sent=False),
    ]
    scores = {score.processor: score for score in scorecard(asked, TODAY, UTC)}
    assert set(scores) == {"prompt", "late", "silent", "lying"}
    prompt, late, silent, lying = (scores[name] for name in ("prompt", "late", "silent", "lying"))
    assert (prompt.proved, prompt.median_days, prompt.most_days, prompt.on_time) == (3, 2, 3, 1.0)
    assert (late.median_days, late.most_days, late.on_time) == (20, 30, 1 / 3)
    assert (silent.open, silent.overdue, silent.median_days, silent.on_time) == (3, 3, None, None)
    assert (lying.proved, lying.open, lying.zeros, lying.contradictions) == (0, 1, 1, 1)

    # An answer is expected by the record and no later than was agreed.
    def expected(*days):
        (score,) = scorecard([one("prompt", said(ProcessorAnswer.DONE, each)) for each in days], TODAY, UTC)
        found = waited_for(score, 10)
        return found.typical, found.at_most

    agreed = timedelta(days=10)
    assert waited_for(None, 10) == Expectation(agreed, agreed)
    assert expected(1, 1, 1, 1) == (agreed, agreed), "four answers say little"
    assert expected(1, 2, 2, 2, 9) == (timedelta(days=2), timedelta(days=9))
    assert expected(0, 0, 0, 0, 0) == (timedelta(hours=6), timedelta(hours=6))
    assert expected(1, 2, 20, 30, 40) == (agreed, agreed), "after that day the answer goes without it"
    # A controller of its own is told and never instructed.
    assert {ProcessorRole.CONTROLLER.action(right) for right in Right} == {Action.TAKE_NOTE}
    for role in set(ProcessorRole) - {ProcessorRole.CONTROLLER}:
        assert [role.action(right) for right in (Right.ACCESS, Right.ERASURE)] == [Action.HAND_OVER, Action.ERASE]


@given(st.lists(st.tuples(st.sampled_from(["anna", "ben"]), st.integers(0, 40)), max_size=30))
def test_every_instruction_counts_once(some):
    asked = [one(name, said(ProcessorAnswer.DONE, days)) for name, days in some]
    scores = scorecard(asked, TODAY, UTC)
    assert sum(score.asked for score in scores) == len(some)
    for score in scores:
        assert score.proved + score.cannot + score.open == score.asked
        assert score.median_days <= score.most_days
        assert 0 <= score.on_time <= 1
