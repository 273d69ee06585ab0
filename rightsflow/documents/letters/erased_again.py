"""L24: what had been erased was there again, and was erased again."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from rightsflow.documents.letters.variables import Contestable, Frozen, Line
from rightsflow.domain.vocabulary.rights import Right


class ErasedAgainLine(Frozen):
    """Records of one category that were found again in one system.

    Args:
        system: The system, as people call it.
        category: In the words of the record of processing.
        count: How many records.
    """

    system: Line
    category: Line
    count: int = Field(ge=1)


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
    lines: Annotated[tuple[ErasedAgainLine, ...], Field(min_length=1)]
    is_gone: bool = True

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.answered_on <= self.seen_on <= self.erased_on <= self.written_on:
            raise ValueError("records are seen again after the answer and erased again after that")
        return self
