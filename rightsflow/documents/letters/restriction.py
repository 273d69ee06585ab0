"""L15: before a restriction is lifted, the person is told (Art. 18(3) GDPR)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from rightsflow.documents.letters.variables import Contestable, Frozen, Line, Text
from rightsflow.domain.vocabulary.rights import Right


class LiftedLine(Frozen):
    """Records in use again from the day on which a restriction ends.

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
    lines: Annotated[tuple[LiftedLine, ...], Field(min_length=1)]
    told: tuple[Line, ...] = ()

    @model_validator(mode="after")
    def _comes_before(self) -> Self:
        if self.lifted_on <= self.written_on:
            raise ValueError("the person is told before the restriction is lifted")
        return self
