"""Reliability of processors: time to answer, share in time, answers to check, and the expected wait. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from math import ceil
from statistics import median
from typing import Final

from rightsflow.domain.forecast import Expectation
from rightsflow.domain.processors.answers import Instruction
from rightsflow.domain.processors.terms import Doubt, InstructionStanding, ProcessorAnswer, ProcessorRole

_MOST = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The record of one processor over some instructions.

    Args:
        processor: Its key in the register.
        name: Its name, as of the last instruction.
        role: What it is to the controller, as of then.
        asked: How many instructions went out.
        proved: How many it has proved.
        cannot: How many it cannot carry out.
        open: How many are open.
        overdue: How many of those are past their day.
        median_days: Half of those that it proved or refused took no longer, in days from sending; ``None`` without any.
        most_days: Nine in ten took no longer.
        on_time: The share of those, from 0 to 1, that came by the agreed day; ``None`` without any.
        reminders: How often it was reminded by mail.
        more_time: How often it asked for more time.
        handed_on: How often it handed it on to its own processors.
        contradictions: How often an answer contradicted an earlier one.
        taken_back: How often it took an answer back.
        found_again: How often erased records were back where it works, after it had said that it was done.
        zeros: How often it said zero where records were found.
        without_proof: How often the proof that was agreed was missing.
    """

    processor: str
    name: str
    role: ProcessorRole
    asked: int
    proved: int
    cannot: int
    open: int
    overdue: int
    median_days: float | None
    most_days: int | None
    on_time: float | None
    reminders: int
    more_time: int
    handed_on: int
    contradictions: int
    taken_back: int
    found_again: int
    zeros: int
    without_proof: int


def scorecard(instructions: Iterable[Instruction], today: date, zone: tzinfo) -> list[Score]:
    """Return the record of each processor, in the order of their keys.

    Args:
        instructions: The instructions of all cases; those that did not go out are passed over.
        today: The present day in the controller's zone.
        zone: The controller's zone, in which days are counted.
    """
    by_processor: dict[str, list[Instruction]] = {}
    for instruction in instructions:
        if instruction.sent_at is not None and not instruction.is_notice:
            by_processor.setdefault(instruction.processor, []).append(instruction)
    return [_score(key, some, today, zone) for key, some in sorted(by_processor.items())]


def _score(processor: str, some: list[Instruction], today: date, zone: tzinfo) -> Score:
    standings = [instruction.standing for instruction in some]
    settled = [
        instruction for instruction in some if not instruction.is_open and instruction.last and instruction.sent_at
    ]
    days = sorted(
        max(0, (instruction.last.on - instruction.sent_at.astimezone(zone).date()).days)
        for instruction in settled
        if instruction.last and instruction.sent_at
    )
    answers = [answer for instruction in some for answer in instruction.answers]
    doubts = [doubt for answer in answers for doubt in answer.doubts]
    given = [answer.answer for answer in answers]
    return Score(
        processor=processor,
        name=some[-1].name,
        role=some[-1].role,
        asked=len(some),
        proved=standings.count(InstructionStanding.CONFIRMED),
        cannot=standings.count(InstructionStanding.CANNOT),
        open=sum(instruction.is_open for instruction in some),
        overdue=sum(instruction.is_open and instruction.due_on < today for instruction in some),
        median_days=median(days) if days else None,
        most_days=days[ceil(_MOST * len(days)) - 1] if days else None,
        on_time=sum(not instruction.last.is_late for instruction in settled if instruction.last) / len(settled)
        if settled
        else None,
        reminders=sum(instruction.reminders for instruction in some),
        more_time=given.count(ProcessorAnswer.MORE_TIME),
        handed_on=given.count(ProcessorAnswer.HANDED_ON),
        contradictions=doubts.count(Doubt.CONTRADICTS),
        taken_back=given.count(ProcessorAnswer.TAKEN_BACK),
        found_again=doubts.count(Doubt.BACK),
        zeros=doubts.count(Doubt.ZERO),
        without_proof=doubts.count(Doubt.NO_PROOF),
    )


FEWEST_ANSWERS: Final = 5
"""Fewest answers from which a processor's record is better evidence than the agreement."""
_LEAST: Final = timedelta(hours=6)
"""Duration of an answer that comes on the same day."""


def waited_for(score: Score | None, agreed_days: int) -> Expectation:
    """Return the expected waiting time: the processor's record until now, and no longer than agreed.

    After the agreed day the answer goes without them, and names what is open.

    Args:
        score: Their record; ``None`` where there is none.
        agreed_days: Within how many days they have agreed to answer.
    """
    agreed = timedelta(days=agreed_days)
    if score is None or score.median_days is None or score.most_days is None:
        return Expectation(agreed, agreed)
    if score.proved + score.cannot < FEWEST_ANSWERS:
        return Expectation(agreed, agreed)
    typical = min(max(timedelta(days=score.median_days), _LEAST), agreed)
    return Expectation(typical, min(max(timedelta(days=score.most_days), typical), agreed))
