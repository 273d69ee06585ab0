"""The rights that a person can ask for, the grounds of a restriction, and a request's wording. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple


class Right(StrEnum):
    """The rights that can be asked for."""

    ACCESS = "access"
    """Art. 15 GDPR: what do you hold on me?"""
    ERASURE = "erasure"
    """Art. 17 GDPR: forget me."""
    OBJECTION = "objection"
    """Art. 21(2) GDPR: do not use my data for direct marketing."""
    RESTRICTION = "restriction"
    """Art. 18 GDPR: store my data and use them for nothing else."""
    CONSENT = "consent-withdrawal"
    """Art. 7(3) GDPR: end what rests on my consent."""
    RECTIFICATION = "rectification"
    """Art. 16 GDPR: correct what is wrong, complete what is missing."""

    @property
    def has_plan(self) -> bool:
        """True if the request is answered by a plan that is approved and carried out record by record."""
        return self is not Right.ACCESS

    @property
    def keeps_from_advertising(self) -> bool:
        """True if the person goes on the suppression list as soon as the request is in, without any balancing."""
        return self in {Right.OBJECTION, Right.CONSENT}


ERASING: Final = frozenset({Right.ERASURE, Right.OBJECTION, Right.CONSENT})
"""The rights in which what was found is erased, or a part of it."""


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


_ASKED: Final[Mapping[Right, str]] = MappingProxyType(
    {
        Right.ACCESS: "for access to personal data (Art. 15 {law})",
        Right.ERASURE: "to erase personal data (Art. 17 {law})",
        Right.OBJECTION: "not to use personal data for direct marketing (Art. 21(2) {law})",
        Right.RESTRICTION: "to restrict the use of personal data (Art. 18 {law})",
        Right.RECTIFICATION: "to correct personal data (Art. 16 {law})",
        Right.CONSENT: "to end what rests on consent to the processing of personal data (Art. 7(3) {law})",
    }
)
_UNDERSTOOD: Final[Mapping[Right, str]] = MappingProxyType(
    {
        Right.ACCESS: (
            "You want to know whether personal data about you are processed here, and if so, to get a copy of them "
            "(right of access, Art. 15 {law})."
        ),
        Right.ERASURE: (
            "You want personal data about you to be erased, if there are any here (right to erasure, Art. 17 {law})."
        ),
        Right.RESTRICTION: (
            "You want personal data about you, if there are any here, to be stored and used for nothing else (right to "
            "restriction, Art. 18 {law})."
        ),
        Right.RECTIFICATION: (
            "You want personal data about you that are wrong or incomplete, if there are any here, to be corrected or "
            "completed (right to rectification, Art. 16 {law})."
        ),
        Right.CONSENT: (
            "You withdraw consent to the processing of personal data about you, if there are any here "
            "(Art. 7(3) {law})."
        ),
        Right.OBJECTION: (
            "You object to the use of personal data about you for direct marketing, if there are any here "
            "(Art. 21(2) {law})."
        ),
    }
)


def asked(right: Right, law: str) -> str:
    """Return the words for a request, to follow "you asked us" or "your request".

    Args:
        right: What was asked for.
        law: The law's name, as it is cited.
    """
    return _ASKED[right].format(law=law)


def understood(right: Right, law: str) -> str:
    """Return a sentence to the person that states how a request is understood and confirms nothing.

    Args:
        right: What was asked for.
        law: The law's name, as it is cited.
    """
    return _UNDERSTOOD[right].format(law=law)
