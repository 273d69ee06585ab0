"""How processors behave: what each manner answers on which day, and whether that proves anything. Written by hand.

What a manner proves stands here a second time, apart from the rules of the product, so that the judge does not ask the
product whether the product is right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rightsflow.domain.processors.scorecard import Score
from rightsflow.domain.processors.terms import ProcessorAnswer
from rightsflow.domain.request import Right


class Manner(StrEnum):
    """The manner of a processor."""

    PROMPT = "prompt"
    LATE = "late"
    SILENT = "silent"
    ZERO = "says zero where records are"
    FALSE = "says done, and the records are there again"
    CHATTY = "chatty"
    CONTRADICTORY = "contradicts itself"
    WITHDRAWN = "takes its answer back"
    HANDS_ON = "hands on"
    CANNOT = "cannot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One answer of a processor.

    Args:
        after: On which day after the instruction went out.
        says: What it answers.
        is_mail: Whether it comes by mail and an officer records it; by the one-time link otherwise.
        proves: Whether it is proved with that.
        checked: Whether an officer finds that it holds, where it has to be checked.
    """

    after: int
    says: ProcessorAnswer
    is_mail: bool = False
    proves: bool = False
    checked: bool = False


_DONE: Final = ProcessorAnswer.DONE
MOVES: Final[Mapping[Manner, tuple[Move, ...]]] = {
    Manner.PROMPT: (Move(after=2, says=_DONE, proves=True),),
    Manner.LATE: (Move(after=16, says=_DONE, proves=True),),
    Manner.SILENT: (),
    Manner.ZERO: (Move(after=3, says=ProcessorAnswer.NOTHING_HELD),),
    Manner.FALSE: (Move(after=3, says=_DONE, proves=True),),
    Manner.CHATTY: (
        Move(after=1, says=ProcessorAnswer.MORE_TIME),
        Move(after=3, says=ProcessorAnswer.MORE_TIME),
        Move(after=5, says=_DONE, proves=True),
        Move(after=6, says=_DONE, is_mail=True, proves=True),
    ),
    Manner.CONTRADICTORY: (
        Move(after=2, says=_DONE, proves=True),
        Move(after=4, says=ProcessorAnswer.NOTHING_HELD, is_mail=True),
    ),
    Manner.WITHDRAWN: (
        Move(after=2, says=_DONE, proves=True),
        Move(after=5, says=ProcessorAnswer.TAKEN_BACK, is_mail=True),
        Move(after=9, says=_DONE, is_mail=True, proves=True),
    ),
    Manner.HANDS_ON: (
        Move(after=2, says=ProcessorAnswer.HANDED_ON),
        Move(after=8, says=_DONE, proves=True),
    ),
    Manner.CANNOT: (Move(after=3, says=ProcessorAnswer.CANNOT, checked=True),),
}
"""What each manner answers. ``LATE`` comes after its day (10 days were agreed), and before its link is over."""

_OPEN_AT_THE_END: Final = frozenset({Manner.SILENT, Manner.ZERO, Manner.FALSE, Manner.CONTRADICTORY})


def stays_open(manner: Manner, right: Right) -> bool:
    """Whether something has still to come of a processor, or to be checked, however long one waits.

    In an access request zero is no lie, since what lies in our systems we give ourselves; and nothing comes back.

    Args:
        manner: Its manner.
        right: What the person asked for.
    """
    return manner in _OPEN_AT_THE_END - ({Manner.ZERO, Manner.FALSE} if right is Right.ACCESS else set())


def proves(manner: Manner, move: Move, right: Right) -> bool:
    """Whether an answer proves something.

    Args:
        manner: Whose it is.
        move: The answer.
        right: What the person asked for.
    """
    return move.proves or (manner is Manner.ZERO and right is Right.ACCESS)


def manner_of(score: Score) -> Manner:
    """The manner that a scorecard shows, as an officer would read it.

    Args:
        score: The record of one processor in erasures.
    """
    shown = {
        Manner.FALSE: score.found_again,
        Manner.CONTRADICTORY: score.contradictions,
        Manner.ZERO: score.zeros,
        Manner.WITHDRAWN: score.taken_back,
        Manner.HANDS_ON: score.handed_on,
        Manner.CHATTY: score.more_time,
        Manner.CANNOT: score.cannot,
        Manner.SILENT: score.overdue,
    }
    first = next((manner for manner, count in shown.items() if count), None)
    if first is not None:
        return first
    return Manner.LATE if score.on_time == 0 else Manner.PROMPT
