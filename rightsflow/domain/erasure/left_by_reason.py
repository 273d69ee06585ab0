"""Manual work that the reason of a retained record leaves to a person, as codes. Pure.

What a connector leaves it says by a code. What a plan leaves stands in the record's reason alone, in one of our own
sentences, as does what the software adds to a connector's refusal: they are read back here, so that tasks go by codes.
Records have these sentences for as long as they are kept. A new wording is added, none replaced.
"""

from __future__ import annotations

from typing import Final

from rightsflow.domain.erasure.card_codes import HELD, NOT_MUTED, ORDERED
from rightsflow.domain.erasure.decided import CANNOT_RESTRICT
from rightsflow.domain.erasure.needed_fields import NOT_BLANKED
from rightsflow.domain.vocabulary.records import LeftToPerson

_SAID: Final = (
    (CANNOT_RESTRICT, LeftToPerson.NO_MARK),
    # The last of the three is how the two before begin.
    (ORDERED, LeftToPerson.CARD_CODE_HELD),
    (HELD, LeftToPerson.CARD_CODE_HELD),
    (NOT_MUTED, LeftToPerson.CARD_CODE),
    (NOT_BLANKED, LeftToPerson.NOT_BLANKED),
)


def left_by_reason(reason: str) -> frozenset[LeftToPerson]:
    """Return the manual work that a record's reason leaves to a person.

    Args:
        reason: The reason, as the person reads it.
    """
    found = {left for sentence, left in _SAID if sentence in reason}
    if LeftToPerson.CARD_CODE_HELD in found:
        found.discard(LeftToPerson.CARD_CODE)
    return frozenset(found)
