"""Notices beside the answer: L15, L21, L24, L26, L28 and L29.

L15 says that a restriction will be lifted (Art. 18(3) GDPR), L21 from which day on an erasure cannot be taken back, L24
that erased data were back and were erased again, L26 what a person corrected by hand since, L28 that the answer is
late, and L29 that a complaint was received (s. 164A Data Protection Act 2018).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from rightsflow.documents.letters.erasure import OutcomeRow
from rightsflow.documents.letters.variables import Contestable, Frozen, Line, Text
from rightsflow.domain.vocabulary.rights import Right


class BeforeErasure(Contestable):
    """L21. Between the approval of an erasure and its beginning: until when the request can be taken back.

    Args:
        received_on: When the request came in.
        begins_on: The day on which the erasure begins.
        runs_on: What depends on the records, such as "1 ticket that is not solved (Helpdesk)".
        consequences: What the erasure will mean for the person, in full sentences.
    """

    received_on: date
    begins_on: date
    runs_on: tuple[Text, ...] = ()
    consequences: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _comes_before(self) -> Self:
        if self.begins_on <= self.written_on:
            raise ValueError("the person is told before the erasure begins")
        return self


class NotYet(Frozen):
    """An action that still fails at one system.

    Args:
        system: The system, as people call it.
        what: What we could not do there, to go on after "we could not".
        since: The day since which it fails, in the controller's zone.
    """

    system: Line
    what: Text
    since: date


class InterimAnswer(Contestable):
    """L28. The request stays open: the completed and the outstanding work, with the reason.

    Args:
        right: What was asked for.
        received_on: When the request came in.
        due_on: The last day of the law for the answer, extended or not.
        erased: What is gone so far, as a fresh read has shown.
        not_yet: What does not succeed.
    """

    right: Right
    received_on: date
    due_on: date
    erased: tuple[OutcomeRow, ...] = ()
    not_yet: Annotated[tuple[NotYet, ...], Field(min_length=1)]

    @property
    def is_late(self) -> bool:
        """True if the last day has passed."""
        return self.written_on > self.due_on


class RecordsLine(Frozen):
    """Records of one category in one system.

    Args:
        system: The system, as people call it.
        category: In the words of the record of processing.
        count: How many records.
    """

    system: Line
    category: Line
    count: int = Field(ge=1)


class LiftingNotice(Contestable):
    """L15. Before a restriction is lifted: its records, the day, and the reason.

    Args:
        received_on: When the request came in.
        answered_on: The day that stands on the answer.
        right: What had been asked for.
        lifted_on: The day from which the data are used again.
        reason: Why, in words for the person.
        lines: What is concerned.
        told: Those who were told of the restriction, and are told of its end.
    """

    received_on: date
    answered_on: date
    right: Right = Right.ERASURE
    lifted_on: date
    reason: Text
    lines: Annotated[tuple[RecordsLine, ...], Field(min_length=1)]
    told: tuple[Line, ...] = ()

    @model_validator(mode="after")
    def _comes_before(self) -> Self:
        if self.lifted_on <= self.written_on:
            raise ValueError("the person is told before the restriction is lifted")
        return self


class ComplaintReceived(Contestable):
    """L29. Within 30 days: the complaint was received and is investigated; the person will be told the outcome.

    Args:
        complained_on: The day on which the complaint was received.
        about_on: The day of the request that it is about.
    """

    complained_on: date
    about_on: date

    @model_validator(mode="after")
    def _in_the_united_kingdom(self) -> Self:
        if not self.hears_complaints:
            raise ValueError("the law of this letter knows no complaint to the controller")
        return self


class ErasedAgain(Contestable):
    """L24. After records reported as erased were found again: the finding, and their renewed erasure.

    Args:
        received_on: When the request came in.
        answered_on: The day that stands on the answer.
        right: What had been asked for.
        seen_on: The day on which they were seen.
        erased_on: The day on which they were erased again, and read afresh.
        lines: What is concerned.
        is_gone: Whether all of it is gone; else a part is blanked, and its record stays.
    """

    received_on: date
    answered_on: date
    right: Right = Right.ERASURE
    seen_on: date
    erased_on: date
    lines: Annotated[tuple[RecordsLine, ...], Field(min_length=1)]
    is_gone: bool = True

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.answered_on <= self.seen_on <= self.erased_on <= self.written_on:
            raise ValueError("records are seen again after the answer and erased again after that")
        return self


class CorrectedByHand(Contestable):
    """L26. After the answer to a rectification: corrections that a person has since made in one system.

    Args:
        received_on: When the request came in.
        answered_on: The day that stands on the answer.
        system: The system, as people call it.
        done_on: The day on which it was done, as the person noted it.
        corrected: What was put right, in words.
        left: What was not; of that the person is told in another letter.
        told: Those to whom the data had been disclosed and who learn of it now (Art. 19 GDPR).
    """

    received_on: date
    answered_on: date
    system: Line
    done_on: date
    corrected: Annotated[tuple[Line, ...], Field(min_length=1)]
    left: tuple[Line, ...] = ()
    told: tuple[Line, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.received_on <= self.done_on <= self.written_on or self.answered_on > self.written_on:
            raise ValueError("it is done after the request came in, and told after the answer")
        if set(self.corrected) & set(self.left):
            raise ValueError("a field is corrected or is not")
        return self
