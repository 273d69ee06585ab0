"""Knowledge of the subject during attribution. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from rightsflow.domain.birth_dates import born_alike, born_apart
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, of_kind
from rightsflow.domain.names import Likeness, agreement, closest, is_full


@dataclass(frozen=True, slots=True)
class Known:
    """The identifiers known of the subject during attribution.

    Args:
        identifiers: All of it, names too.
        contested: What another person was seen to use as well.
        unconfirmed: Customer numbers that nothing bears which was found by an address, where that bears others.
        overruled: How records agree that had been taken before a name was learnt which they contradict.
        below: Names and dates of birth that stand below the subject's records only, which may be about others: they
            teach nothing, but where nothing else is known, what differs from them is in doubt.
    """

    identifiers: Identifiers
    contested: Identifiers = frozenset()
    unconfirmed: Identifiers = frozenset()
    overruled: Mapping[Identifiers, Likeness] = field(default_factory=dict)
    below: Identifiers = frozenset()
    names: Collection[str] = field(init=False)
    has_full_name: bool = field(init=False)
    born_on: Collection[str] = field(init=False)

    def __post_init__(self) -> None:
        """Read the names and dates once."""
        names = of_kind(self.identifiers, IdentifierKind.NAME)
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "has_full_name", any(map(is_full, names)))
        object.__setattr__(self, "born_on", of_kind(self.identifiers, IdentifierKind.BIRTH_DATE))

    def likeness(self, owner: Identifiers) -> Likeness:
        """Return the likeness of the names in a record to the subject's.

        Args:
            owner: Everything that the record names its person by.
        """
        if owner in self.overruled:
            return self.overruled[owner]
        return closest(of_kind(owner, IdentifierKind.NAME), self.names)

    def is_born_apart(self, owner: Identifiers) -> bool:
        """Return whether a record's date of birth differs, or the record itself has two.

        Args:
            owner: As above.
        """
        days = of_kind(owner, IdentifierKind.BIRTH_DATE)
        if not self.born_on and days:
            days = [*days, *of_kind(self.below, IdentifierKind.BIRTH_DATE)]
        return born_apart(days, self.born_on)

    def is_called_apart(self, owner: Identifiers) -> bool:
        """Return whether a record's name differs from the subject's or, while that is unknown, from those below theirs.

        Args:
            owner: As above.
        """
        names = of_kind(owner, IdentifierKind.NAME)
        if names and not self.has_full_name:
            names = [*names, *of_kind(self.below, IdentifierKind.NAME)]
            if any(agreement([combination], [other]).contradicts for combination, other in combinations(names, 2)):
                return True
        return self.likeness(owner).contradicts

    def is_born_alike(self, owner: Identifiers) -> bool:
        """Return whether a record bears the person's date of birth: beside name and address it rules out a namesake.

        Args:
            owner: As above.
        """
        return born_alike(of_kind(owner, IdentifierKind.BIRTH_DATE), self.born_on)

    def is_same(self, owner: Identifiers) -> bool:
        """Return whether a record bears the person's full name, and no other date of birth.

        Args:
            owner: As above.
        """
        return self.likeness(owner) is Likeness.SAME and not self.is_born_apart(owner)

    def named_same(self, owner: Identifiers) -> Identifiers:
        """A record of the person's full name without other names in it.

        Args:
            owner: As above.
        """
        others = {
            item for item in of_kind(owner, IdentifierKind.NAME) if closest([item], self.names) is not Likeness.SAME
        }
        return frozenset(
            identifier
            for identifier in owner
            if identifier.kind is not IdentifierKind.NAME or identifier.value not in others
        )

    def learnt(self, owner: Identifiers) -> Identifiers:
        """Return the identifiers learnt from a record of the subject, without contradicting names and dates.

        Args:
            owner: As above.
        """
        owner = frozenset(
            identifier
            for identifier in owner
            if identifier.kind is not IdentifierKind.BIRTH_DATE or not born_apart([identifier.value], self.born_on)
        )
        names = of_kind(owner, IdentifierKind.NAME)
        wrong = {
            name
            for name in names
            if closest([name], self.names).contradicts or any(agreement([name], [each]).contradicts for each in names)
        }
        return frozenset(
            identifier
            for identifier in owner
            if identifier.kind is not IdentifierKind.NAME or identifier.value not in wrong
        )

    def hits(self, owner: Identifiers, kinds: Collection[IdentifierKind]) -> Identifiers:
        """The known identifiers of some kinds in a record.

        Args:
            owner: As above.
            kinds: Which kinds count.
        """
        return frozenset(identifier for identifier in owner & self.identifiers if identifier.kind in kinds)


NUMBERS: Final = frozenset({IdentifierKind.CUSTOMER_ID, IdentifierKind.ACCOUNT_ID})
ADDRESSES: Final = frozenset({IdentifierKind.EMAIL})
PHONES: Final = frozenset({IdentifierKind.PHONE})
TOLD_APART: Final = frozenset({IdentifierKind.EMAIL, IdentifierKind.CUSTOMER_ID})
"""Kinds of which a person mostly has one. A system may give a person several account numbers of its own."""

Owners = Mapping[str, Identifiers]
"""Everything by which records name their persons, by the records' keys."""


def contradicts(identifiers: Identifiers, other: Identifiers, kinds: Collection[IdentifierKind]) -> bool:
    """Return whether two records name a person by different identifiers of one kind, with none in common.

    Args:
        identifiers: What names a person.
        other: What names one elsewhere.
        kinds: Which kinds count, of those of which a person mostly has one.
    """
    for kind in TOLD_APART.intersection(kinds):
        here = {each for each in identifiers if each.kind is kind}
        there = {each for each in other if each.kind is kind}
        if here and there and not here & there:
            return True
    return False
