"""Records within a request that does not cover everything: the records of one use. Pure.

What the records of a system are used for, the controller says of their kinds. Where it says nothing, the plan leaves
them as they are, and the person who approves it is told to look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from rightsflow.domain.vocabulary.rights import Right


class Use(StrEnum):
    """A use of records that a request can end by itself."""

    MARKETING = "direct marketing"
    CONSENT = "consent"


USE_OF: Final[Mapping[Right, Use]] = MappingProxyType({Right.OBJECTION: Use.MARKETING, Right.CONSENT: Use.CONSENT})
"""The use that each request is about; one that is not named here is about every record."""

Statement = Mapping[Use, Sequence[str] | None]
"""The kinds of a system's records by what they are used for; ``None`` where nothing is stated."""

_NOT_USED: Final = MappingProxyType(
    {
        Use.MARKETING: "It is not kept for direct marketing alone; it stays, and may no longer be used for that.",
        Use.CONSENT: "It rests on another legal basis than your consent; it stays as it is.",
    }
)
_NOT_STATED: Final = MappingProxyType(
    {
        Use.MARKETING: (
            "The configuration does not say which records of this system are kept for direct marketing alone; make "
            "sure that these are not, or decide that they are erased."
        ),
        Use.CONSENT: (
            "The configuration does not say which records of this system rest on consent alone; make sure that these "
            "do not, or decide that they are erased."
        ),
    }
)


GROUNDS: Final = MappingProxyType(
    {
        Right.OBJECTION: ("You objected to direct marketing.", "Art. 17(1)(c)"),
        Right.CONSENT: ("You withdrew the consent on which alone it rests.", "Art. 17(1)(b)"),
    }
)
"""Reason for erasing a record, for the person, and the provision without the law's name, by right."""


@dataclass(frozen=True, slots=True)
class Unconcerned:
    """The reason why a record is outside the request.

    Args:
        reason: In one sentence for the person.
        note: What the approver has to look at; empty for nothing.
    """

    reason: str
    note: str


def left_out(right: Right, kind: str, stated: Statement) -> Unconcerned | None:
    """Return why a record is outside the request; ``None`` for a record within it.

    Args:
        right: What was asked for.
        kind: The connector's word for the kind of record.
        stated: What the controller says of its system.
    """
    use = USE_OF.get(right)
    if use is None:
        return None
    kinds = stated.get(use)
    if kinds is not None and kind in kinds:
        return None
    return Unconcerned(_NOT_USED[use], _NOT_STATED[use] if kinds is None else "")
