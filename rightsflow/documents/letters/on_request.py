"""L4, L5 and L16: what the person can add so that their data are found, a fee, and who was told of what was done."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rightsflow.documents.letters.processors import NotInformed, ToInform
from rightsflow.documents.letters.variables import Contestable, Line, Text
from rightsflow.domain.vocabulary.rights import Right


class CannotIdentify(Contestable):
    """L4. No data can be attributed to the person by the details given; they may add to them (Art. 11(2) GDPR).

    It greets no one by name and does not say that data are held.

    Args:
        right: What was asked for.
        received_on: When the request came in.
        given: What the request gave, in words, such as "your e-mail address".
        would_show: What would show which data are the person's.
    """

    addressee: Literal[""] = ""
    right: Right
    received_on: date
    given: Annotated[tuple[Line, ...], Field(min_length=1)]
    would_show: Line


class FeeNotice(Contestable):
    """L5. Before anything is charged: the fee, why, and that the person may pay, narrow or withdraw (Art. 12(5) GDPR).

    Args:
        right: What was asked for.
        received_on: When the request came in.
        ground: Why a fee may be charged, to go on after "since".
        article: The provision, without the law's name.
        facts: What shows that.
        amount: How much, with its currency.
        costs: Which administrative costs it covers.
        answer_by: Until when the person is asked to choose.
        promised_on: The last day for the answer, which the question does not move.
    """

    right: Right
    received_on: date
    ground: Line
    article: Line
    facts: Line
    amount: Line
    costs: Line
    answer_by: date
    promised_on: date

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        if not self.received_on <= self.written_on < self.answer_by < self.promised_on:
            raise ValueError("the person has time to choose before the last day for the answer")
        return self


class RecipientsNamed(Contestable):
    """L16. After an answer, on request: the notified recipients, by name (Art. 19 s. 2 GDPR).

    Args:
        right: What was asked for.
        received_on: When the request came in.
        asked_on: On which day the person asked who was told.
        informed: Who was told, by name.
        to_inform: Who is not told yet, each with the day by which they are.
        not_informed: Who cannot be told, each with the reason.
    """

    right: Right
    received_on: date
    asked_on: date
    informed: tuple[Text, ...] = ()
    to_inform: tuple[ToInform, ...] = ()
    not_informed: tuple[NotInformed, ...] = ()

    @model_validator(mode="after")
    def _asked_before(self) -> Self:
        if not self.received_on <= self.asked_on <= self.written_on:
            raise ValueError("the person asked after the request and before this letter")
        return self
