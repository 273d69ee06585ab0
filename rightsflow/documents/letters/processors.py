"""Instructed parties' confirmations, open answers and refusals, in the answer and in L20 after it."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType
from typing import Final, Self

from pydantic import model_validator

from rightsflow.documents.letters.variables import Contestable, Frozen, Line, Text
from rightsflow.domain.processors.terms import Action, InstructionStanding
from rightsflow.domain.vocabulary.rights import Right

_DONE: Final = MappingProxyType(
    {
        Action.ERASE: "has erased what it held of you for us",
        Action.STOP_MARKETING: "uses nothing of you for our direct marketing any more",
        Action.RESTRICT: "only stores what it holds of you for us",
        Action.END_CONSENT: "has ended what rested on your consent",
        Action.RECTIFY: "has corrected what it holds of you for us",
        Action.LIFT: "uses again what it had only stored of you for us",
    }
)
_TO_DO: Final = MappingProxyType(
    {
        Action.ERASE: "erase what it holds of you for us",
        Action.STOP_MARKETING: "use nothing of you for our direct marketing any more",
        Action.RESTRICT: "store what it holds of you for us without using it",
        Action.RECTIFY: "correct what it holds of you for us",
        Action.LIFT: "use again what it had only stored of you for us",
        Action.END_CONSENT: "end what rests on your consent",
    }
)
_DONE_BY_HAND: Final = MappingProxyType(
    {
        Action.ERASE: "what was there of you was erased",
        Action.STOP_MARKETING: "nothing of you there is used for our direct marketing any more",
        Action.RESTRICT: "what is there of you is stored only",
        Action.END_CONSENT: "what rested on your consent has ended",
        Action.RECTIFY: "what is there of you was corrected",
        Action.LIFT: "what had been stored only is used again",
    }
)
_TO_DO_BY_HAND: Final = MappingProxyType(
    {
        Action.HAND_OVER: "give us what is there of you",
        Action.ERASE: "erase what is there of you",
        Action.STOP_MARKETING: "end that it is used for our direct marketing",
        Action.RESTRICT: "see to it that it is stored only",
        Action.RECTIFY: "correct what is there of you",
        Action.END_CONSENT: "end what rests on your consent",
        Action.LIFT: "use again what had been stored only",
    }
)


class AtProcessor(Frozen):
    """The status of the data at one processor, or in one system that a colleague searches by hand.

    Args:
        name: Its name.
        standing: What it has proved.
        on: The day on which it confirmed, said that it cannot, or gave an answer that has to be checked.
        records: How many records it has erased; ``None`` where it gave no number, 0 where it holds nothing.
        due_on: The day by which it has to prove it.
        reason: Why it cannot.
        finds_by: By what it finds records, in words, where nothing of that is known.
        action: What it was asked to do.
        by_hand: Whether it is no company but a system of the controller's own that no program reaches.
    """

    name: Line
    standing: InstructionStanding
    on: date | None = None
    records: int | None = None
    due_on: date | None = None
    reason: str = ""
    finds_by: str = ""
    by_hand: bool = False
    action: Action = Action.ERASE

    @property
    def hands_over(self) -> bool:
        """True if the processor was asked for a copy of its data."""
        return self.action is Action.HAND_OVER

    @property
    def done(self) -> str:
        """The completed action, to go on after "that it"."""
        return _DONE[self.action]

    @property
    def to_do(self) -> str:
        """The requested action, to go on after "it has to"."""
        return _TO_DO[self.action]

    @property
    def done_by_hand(self) -> str:
        """The completed manual action."""
        return _DONE_BY_HAND[self.action]

    @property
    def to_do_by_hand(self) -> str:
        """The requested manual action, to go on after "to"."""
        return _TO_DO_BY_HAND[self.action]

    @property
    def has_erased(self) -> bool:
        """True if the processor confirmed the erasure of records there."""
        return self.standing is InstructionStanding.CONFIRMED and self.action is Action.ERASE and self.records != 0

    @property
    def has_acted_by_hand(self) -> bool:
        """True if a colleague carried out the request on existing data, other than by a mere copy."""
        is_done = self.by_hand and self.standing is InstructionStanding.CONFIRMED
        return is_done and not self.hands_over and self.records != 0

    @model_validator(mode="after")
    def _proved(self) -> Self:
        if self.standing in {InstructionStanding.CONFIRMED, InstructionStanding.CANNOT} and self.on is None:
            raise ValueError("what a processor answered needs its day")
        if self.standing is InstructionStanding.CANNOT and not self.reason:
            raise ValueError("what a processor cannot do needs its reason")
        if self.standing.is_open and self.due_on is None:
            raise ValueError("what a processor has still to prove needs its day")
        if self.standing is InstructionStanding.NOT_ASKED and not self.finds_by:
            raise ValueError("a processor that was not asked needs the reason")
        return self


class NotInformed(Frozen):
    """A recipient that cannot be notified of the erasure (Art. 19 GDPR).

    Args:
        name: Its name.
        reason: Why that is impossible or would take a disproportionate effort.
    """

    name: Line
    reason: Text


class ToInform(Frozen):
    """A recipient that is notified later (Art. 19 GDPR).

    Args:
        name: Its name.
        due_on: The day by which it is told; ``None`` where an open order of the person comes first.
    """

    name: Line
    due_on: date | None = None


class ProcessorsAnswered(Contestable):
    """L20. After the answer: the results of those that it named as open, or their refusals.

    Once more, where what one of them had confirmed was doubted later.

    Args:
        received_on: When the request came in.
        answered_on: The day that stands on the answer.
        right: What had been asked for.
        processors: Those that the answer named as open, companies and systems that are searched by hand.
        again: Those whose answer the person was told, and which had to be checked again since.
    """

    received_on: date
    answered_on: date
    right: Right
    processors: tuple[AtProcessor, ...] = ()
    again: tuple[AtProcessor, ...] = ()

    @property
    def with_by_hand(self) -> bool:
        """True if the answer also named systems that people search by hand."""
        return any(processor.by_hand for processor in self.processors)

    @property
    def named(self) -> str:
        """The parties that the answer named, including systems that are searched by hand."""
        companies = "" if all(processor.by_hand for processor in self.processors) else "companies that work for us and "
        return f"{companies}systems that people search by hand"

    @model_validator(mode="after")
    def _nothing_is_open(self) -> Self:
        every = (*self.processors, *self.again)
        if not every or any(processor.standing.is_open for processor in every):
            raise ValueError("the second letter goes out once nothing is open at a processor")
        return self
