"""What is asked of the person, and answered on request: L2, L3 and L14 with the time limit, L4, L5 and L16."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from rightsflow.documents.letters.processors import NotInformed, ToInform
from rightsflow.documents.letters.variables import Contestable, FoundRecords, Line, Text
from rightsflow.domain.vocabulary.rights import Right


class OfferedMethod(StrEnum):
    """A mild means by which a person proves their identity; none asks for data that were not held before."""

    LOG_IN = "log in"
    CODE = "code"
    """A code sent to an address or number known before."""
    CALL_BACK = "call-back"
    """A call to a number known before."""
    TWO_FACTS = "two facts"
    """Two facts that both sides know."""


_DOUBT: Final = re.compile(r"^WHY WE ASK\n\n(.+?)\n\n", re.MULTILINE | re.DOTALL)


def doubt_in(body: str) -> str:
    """Return the reason for doubting identity, as the person has read it.

    Args:
        body: The text of the question (L2).

    Raises:
        ValueError: It is no question for proof.
    """
    match = _DOUBT.search(body)
    if match is None:
        raise ValueError("the text does not say why proof of identity is asked for")
    return " ".join(match[1].split())


class IdentityRequest(Contestable):
    """L2. Before identity is confirmed: it greets no one by name and does not reveal whether data are held.

    Args:
        right: What was asked for.
        received_on: When the request came in.
        doubt: Why there is doubt, concretely, in one sentence that confirms nothing about the person.
        methods: The mild means that are offered.
        milder_means_failed: Whether these means were tried and did not settle the question.
        copy_of_document: Whether a copy of an identity document may be shown instead; only where milder means failed.
        wait_until: The last day on which the answer is waited for.
        clock_stands: Whether the clock is suspended until the answer, as :mod:`rightsflow.domain.deadlines` says: from
            the day on which the question goes out, which may be later than the one on which it is written.
        promised_on: The day by which the person gets the answer without that, as :func:`promised_day` tells it.
    """

    addressee: Literal[""] = ""
    right: Right
    received_on: date
    doubt: Line
    methods: Annotated[tuple[OfferedMethod, ...], Field(min_length=1)]
    milder_means_failed: bool = False
    copy_of_document: bool = False
    wait_until: date
    clock_stands: bool
    promised_on: date

    @property
    def answer_by(self) -> date:
        """The day the letter asks for: a clock that runs leaves no time beyond its end, unless that has passed."""
        runs_out = not self.clock_stands and self.promised_on >= self.written_on
        return min(self.wait_until, self.promised_on) if runs_out else self.wait_until

    @property
    def suspended_on(self) -> date | None:
        """The day from which the clock is suspended, where that has happened."""
        return None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.received_on <= self.written_on <= self.wait_until:
            raise ValueError("received_on, written_on and wait_until do not follow each other")
        if len(set(self.methods)) < len(self.methods):
            raise ValueError("methods names one of the means twice")
        return self


class IdentityReminder(IdentityRequest):
    """L14. As L2, once more in full, when no answer is noted 14 days after it went out.

    Args:
        asked_on: The day on which the question (L2) went out.
    """

    asked_on: date

    @property
    def suspended_on(self) -> date | None:
        """The day from which the clock is suspended: the day on which the question was sent."""
        return self.asked_on

    @model_validator(mode="after")
    def _asked_before(self) -> Self:
        if not self.received_on <= self.asked_on < self.written_on:
            raise ValueError("the question goes out after the request came in, and its reminder is written later")
        return self


class Clarification(Contestable):
    """L3. An offer to narrow an access request, never an obstacle; or, before an erasure, a question on ownership.

    Args:
        right: What was asked for. Before an erasure the person is asked about records that carry nothing of them but a
            number that others used too (Art. 11(2) GDPR).
        received_on: When the request came in.
        areas: What the person can choose from, for example "service tickets"; before an erasure, how many records of
            which kind it is about, without their days or content, which may be another person's.
        is_searched: Whether the search has ended.
        found: How many records of the person the search found, where it has ended and the request is for access.
        choose_by: Until when the choice is waited for, after which everything is given; needed where the clock is
            suspended, since it goes on then.
        clock_stands: Whether the clock is suspended from the day on which the question goes out until the answer, as
            :mod:`rightsflow.domain.deadlines` says; never under the GDPR.
        promised_on: The day by which the person gets the answer without that, as :func:`promised_day` tells it.
    """

    right: Literal["access", "erasure"] = "access"
    received_on: date
    areas: Annotated[tuple[Line, ...], Field(min_length=1)]
    is_searched: bool
    found: tuple[FoundRecords, ...] = ()
    choose_by: date | None = None
    clock_stands: bool = False
    promised_on: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.received_on <= self.written_on <= (self.choose_by or self.written_on):
            raise ValueError("received_on, written_on and choose_by do not follow each other")
        if self.right == "erasure" and (self.clock_stands or self.choose_by):
            raise ValueError("a question before an erasure does not move the clock")
        if self.clock_stands and self.choose_by is None:
            raise ValueError("a suspended clock needs choose_by, the day after which it goes on")
        if self.choose_by and not self.clock_stands and self.choose_by > self.promised_on:
            raise ValueError("choose_by lies after the last day for the answer, and the clock does not stand")
        return self


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
