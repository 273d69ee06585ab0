"""A restriction on request: on which ground it was asked for, and what ends it (Art. 18(1) GDPR). Pure."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple


class _Words(NamedTuple):
    provision: str
    because: str
    ends_when: str


class RestrictionGround(StrEnum):
    """The person's reason for wanting data stored and not used otherwise."""

    ACCURACY = "accuracy"
    """They contest that the data are accurate."""
    UNLAWFUL = "unlawful"
    """The processing is unlawful, and they prefer a restriction to the erasure."""
    CLAIM = "claim"
    """We need the data no more, but they do for legal claims."""
    OBJECTION = "objection"
    """They objected to the processing (Art. 21(1)), and it is open whose grounds prevail."""

    @property
    def provision(self) -> str:
        """The provision, without the law's name."""
        return _WORDS[self].provision

    @property
    def because(self) -> str:
        """Reason in words for the person, to follow "since"."""
        return _WORDS[self].because

    @property
    def ends_when(self) -> str:
        """End of the restriction, to follow "until"."""
        return _WORDS[self].ends_when


_WORDS: Final = MappingProxyType(
    {
        RestrictionGround.ACCURACY: _Words(
            "Art. 18(1)(a)", "you contest that they are accurate", "we have checked whether they are accurate"
        ),
        RestrictionGround.UNLAWFUL: _Words(
            "Art. 18(1)(b)",
            "you hold their processing to be unlawful and prefer that to their erasure",
            "you ask for their erasure or agree that the restriction ends",
        ),
        RestrictionGround.CLAIM: _Words(
            "Art. 18(1)(c)", "you need them for legal claims", "you do not need them for your claims any more"
        ),
        RestrictionGround.OBJECTION: _Words(
            "Art. 18(1)(d)",
            "you objected to their processing",
            "it is decided whether our legitimate grounds override yours",
        ),
    }
)

AS_ASKED: Final = "You asked that it is stored and used for nothing else."
SHARED: Final = "Another person's data stand in the same record, which a mark would keep from being used as well."
LEFT_AS_DECIDED: Final = "It was decided for this record alone that your request does not concern it."
