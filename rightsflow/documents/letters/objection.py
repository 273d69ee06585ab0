"""L17 and L23: a use of data ends, with an objection to direct marketing or with a consent; L22: data are restricted.

What is done follows from what was asked, and not from what is held (Art. 7(3), 18, 21(2) and (3) GDPR).
"""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from rightsflow.documents.letters.erasure import OutcomeRow, PartialErasure
from rightsflow.domain.erasure.restriction import RestrictionGround
from rightsflow.domain.records import OutcomeKind


class _AsAsked(PartialErasure):
    """What became of the records that a request is about, and how many others there are.

    Args:
        rows: What became of the records that it is about; none where there are none.
        not_concerned: How many other records of the person there are.
    """

    rows: tuple[OutcomeRow, ...] = ()
    not_concerned: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _says_what_became_of_something(self) -> Self:
        """It is carried out also where no record is concerned."""
        return self


class ObjectionFollowed(_AsAsked):
    """L17. What ends with an objection to direct marketing, and what it does not concern; nothing is weighed."""


class ConsentWithdrawn(_AsAsked):
    """L23. What ends with a consent, and what rests on another legal basis."""


class RestrictedOnRequest(_AsAsked):
    """L22. What is marked to be stored only, on which ground and until when; what is not marked, and why.

    Args:
        ground: On which ground the restriction was asked for.
    """

    ground: RestrictionGround

    @property
    def restricted(self) -> list[OutcomeRow]:
        """The rows of what its system has marked."""
        return [row for row in self.rows if row.outcome is OutcomeKind.RESTRICTED]

    @property
    def unmarked(self) -> list[OutcomeRow]:
        """The rows of what is not marked."""
        return [row for row in self.rows if row.outcome is not OutcomeKind.RESTRICTED]

    @property
    def is_all_restricted(self) -> bool:
        """Whether everything that the request is about is marked, and nothing is left to a person."""
        return not self.unmarked and not self.by_hand
