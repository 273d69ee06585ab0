"""L26: what a person has corrected by hand since the answer to a rectification."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from rightsflow.documents.letters.variables import Contestable, Line


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
