"""Wording of the person's request, as letters, gates and pages repeat it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from rightsflow.domain.vocabulary.rights import Right

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
