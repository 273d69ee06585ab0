"""Comparison of two cases by the identifiers of their persons, to find cases of the same person. Pure.

A telephone number or a customer number alone says nothing: a household's, a company's switchboard and a number that was
given away again are several people's. Such a case is shown to an officer and changes nothing. Two cases are of one
person only by an e-mail address that was confirmed, or by two identifiers that do not follow from one another, and
never where the requests contradict each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rightsflow.domain.identifier_kinds import KindRole
from rightsflow.domain.identifiers import ONLY_CONTRADICTING, IdentifierKind


def differs_rarely(kind: IdentifierKind) -> bool:
    """Return whether two requests of one person rarely give different ones; telephone numbers change too easily.

    Args:
        kind: The kind of identifier.
    """
    return kind.declaration.one_each or kind in ONLY_CONTRADICTING or kind is IdentifierKind.ACCOUNT_ID


class Bond(StrEnum):
    """The relation between two cases."""

    NONE = "nothing in common"
    PERHAPS = "perhaps the same person"
    """They share something, which other people may share too: a person finds out."""
    SAME = "same person"


@dataclass(frozen=True, slots=True)
class Clue:
    """An identifier by its keyed hash.

    Args:
        kind: What it is.
        digest: Its keyed hash, equal in every case.
        issuer: The system that issued an account id; empty for others.
    """

    kind: IdentifierKind
    digest: str
    issuer: str = ""

    @property
    def realm(self) -> tuple[IdentifierKind, str]:
        """Kind and issuer; two clues of one realm are no independent proof."""
        return self.kind, self.issuer

    @property
    def is_lasting(self) -> bool:
        """True if it is not had in turn by its dates, as a device, which two people may both name."""
        return self.kind.role is not KindRole.TURN


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """The identifiers by which one case knows its person.

    Args:
        asked: What the request itself gave, names and a date of birth too.
        known: What people are searched for by, learnt or given; without what a search showed to be others' as well.
        is_identified: Whether it was confirmed who asks, and so that what the request gives is theirs.
    """

    asked: frozenset[Clue] = frozenset()
    known: frozenset[Clue] = frozenset()
    is_identified: bool = False

    def contradicts(self, other: KnownPerson) -> bool:
        """Return whether two requests give different names, dates, addresses or numbers, none in common.

        Args:
            other: What the other case knows.
        """
        realms = {item.realm for item in self.asked if differs_rarely(item.kind)}
        return any(
            theirs and not theirs & {item for item in self.asked if item.realm == realm}
            for realm in realms
            for theirs in [{item for item in other.asked if item.realm == realm}]
        )


def bond(gaining: KnownPerson, other: KnownPerson) -> Bond:
    """Return the relation of a case to another one from which it would receive information.

    Args:
        gaining: The case that would get to know it.
        other: The other one.
    """
    shared = gaining.known & other.known
    if not shared:
        return Bond.NONE
    if gaining.contradicts(other):
        return Bond.PERHAPS
    given_twice = shared & gaining.asked & other.asked
    by_address = any(item.kind is IdentifierKind.EMAIL for item in given_twice)
    if by_address and gaining.is_identified and other.is_identified:
        return Bond.SAME
    # What a search has learnt follows from what it searched by, so that it proves nothing beside that.
    independent = max(
        len({item.realm for item in shared & given if item.is_lasting}) for given in (gaining.asked, other.asked)
    )
    return Bond.SAME if independent > 1 else Bond.PERHAPS


def is_same_request(new: KnownPerson, before: KnownPerson) -> bool:
    """Return whether a request repeats an unanswered one, as far as the two of them show.

    An e-mail address is enough for that, also before it is confirmed: the answer goes there, and one is as good as two.
    What another person may share as well is not.

    Args:
        new: What the new request gives.
        before: What the case of the other one knows.
    """
    given = new.asked & before.asked
    kinds = {item.realm for item in given if item.kind.finds and item.is_lasting}
    is_one = len(kinds) > 1 or any(kind is IdentifierKind.EMAIL for kind, _ in kinds)
    return is_one and not new.contradicts(before)
