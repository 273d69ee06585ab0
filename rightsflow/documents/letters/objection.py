"""L17: an objection to direct marketing is followed, whatever is held (Art. 21(2) and (3) GDPR)."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from rightsflow.documents.letters.erasure import OutcomeRow, PartialErasure


class ObjectionFollowed(PartialErasure):
    """L17. What ends with the objection, and what it does not concern; there is nothing to weigh.

    Args:
        rows: What became of the records that are kept for direct marketing; none where there are none.
        not_concerned: How many other records of the person there are.
    """

    rows: tuple[OutcomeRow, ...] = ()
    not_concerned: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _says_what_became_of_something(self) -> Self:
        """It is followed also where nothing is kept that it ends."""
        return self
