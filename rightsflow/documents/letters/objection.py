"""L17 and L23: a use of data ends, by an objection to marketing or with a consent; L22 and L25: restricted, corrected.

What is done follows from what was asked, and not from what is held (Art. 7(3), 16, 18, 21(2) and (3) GDPR).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Self

from pydantic import Field, model_validator

from rightsflow.documents.letters.erasure import OutcomeRow, PartialErasure
from rightsflow.documents.letters.variables import Frozen, Line
from rightsflow.domain.rectification.corrections import RulingKind
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.rights import RestrictionGround


class _AsAsked(PartialErasure):
    """The outcomes of the records that a request is about, and the number of other records.

    Args:
        rows: What became of the records that it is about; none where there are none.
        not_concerned: How many other records of the person there are.
        unattributed: How many others there are of which no one can tell whether they are the person's.
        asks_list: The programs that ask the suppression list before they send advertising, as the controller states.
    """

    rows: tuple[OutcomeRow, ...] = ()
    not_concerned: int = Field(default=0, ge=0)
    unattributed: int = Field(default=0, ge=0)
    asks_list: tuple[Line, ...] = ()

    @model_validator(mode="after")
    def _says_what_became_of_something(self) -> Self:
        """Accept an answer without outcomes: the request is carried out also if no record is concerned."""
        return self


class ObjectionFollowed(_AsAsked):
    """L17. The processing that an objection to direct marketing ends, and the processing it does not concern."""


class ConsentWithdrawn(_AsAsked):
    """L23. The processing that ends with a consent, and the processing on another legal basis."""


def _joined(
    rows: Iterable[OutcomeRow], by: Callable[[OutcomeRow], tuple[object, ...]] = lambda _: ()
) -> list[OutcomeRow]:
    """Join the rows of a system and category that are also alike in the given respects, in their order."""
    found: dict[tuple[object, ...], OutcomeRow] = {}
    for row in rows:
        key = (row.system, row.category, *by(row))
        before = found.get(key)
        found[key] = row if before is None else before.model_copy(update={"count": before.count + row.count})
    return list(found.values())


class RestrictedOnRequest(_AsAsked):
    """L22. The records restricted to storage, with ground and end; the others, with the reason.

    Args:
        ground: On which ground the restriction was asked for.
    """

    ground: RestrictionGround

    @property
    def restricted(self) -> list[OutcomeRow]:
        """The rows of records that their system has marked, one for each category of a system."""
        return _joined(row for row in self.rows if row.outcome is OutcomeKind.RESTRICTED)

    @property
    def unmarked(self) -> list[OutcomeRow]:
        """The rows of records that are not marked, one for each category of a system and reason."""
        left = (row for row in self.rows if row.outcome is not OutcomeKind.RESTRICTED)
        return _joined(left, lambda row: (row.is_gone, row.reason, row.legal_basis))

    @property
    def is_all_restricted(self) -> bool:
        """True if all records that the request is about are marked, and none is left to a person."""
        return not self.unmarked and not self.by_hand


class CorrectionLine(Frozen):
    """An item that was to be corrected, without its values.

    Args:
        number: Its number within the request.
        what: The field, as people read it.
        ruling: What was decided on it.
        text: The reason of a refusal, or the supplementary statement.
    """

    number: int = Field(ge=1)
    what: Line
    ruling: RulingKind
    text: str = ""

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if self.ruling is not RulingKind.ACCEPTED and not self.text:
            raise ValueError("what is refused needs its reason, and what is completed its statement")
        return self


class RectifiedOnRequest(_AsAsked):
    """L25. The decision on each item, the corrected records, and those not corrected, with the reason.

    Args:
        items: The items of the request.
        unaltered: The other records of the person, which hold no field for what was to be corrected or are never
            altered, each with its reason.
    """

    items: Annotated[tuple[CorrectionLine, ...], Field(min_length=1)]
    unaltered: tuple[OutcomeRow, ...] = ()

    @property
    def followed(self) -> list[CorrectionLine]:
        """The items that were not refused."""
        return [item for item in self.items if item.ruling is not RulingKind.REFUSED]

    @property
    def is_followed_in_part(self) -> bool:
        """True if an item remains unchanged: refused, or with a statement beside it."""
        return any(item.ruling is not RulingKind.ACCEPTED for item in self.items)

    @property
    def statements(self) -> list[str]:
        """The supplementary statements, in the person's words."""
        return [item.text for item in self.items if item.ruling is RulingKind.COMPLETED]

    @property
    def corrected(self) -> list[OutcomeRow]:
        """The rows of corrected records."""
        return [row for row in self.rows if row.outcome is OutcomeKind.RECTIFIED]

    @property
    def uncorrected(self) -> list[OutcomeRow]:
        """The rows of records that could not be corrected or attributed."""
        return [row for row in self.rows if row.outcome is not OutcomeKind.RECTIFIED]
