"""L21: before an approved erasure begins, the person is told from which day on it cannot be taken back."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import model_validator

from rightsflow.documents.letters.variables import Contestable, Text


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
