"""The subject of a request: what is known of the person, and how namesakes are told apart. Pure.

The name of a namesake proves nothing, so something else has to: the date of birth, the generation (``sen.``, ``jun.``),
or a further given name beside another customer number. The person's own date of birth beside an address and the full
name tells them from such a namesake; alone it proves nothing, since many are born on one day. Where two records
contradict each other so, and nothing is known by which they could be told apart, the record that agrees with the
request twice (an address and a number, or one of them and the date of birth) is the person's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from rightsflow.domain.birth_dates import born_alike, born_apart
from rightsflow.domain.identifier_kinds import KindRole
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, of_kind, strong
from rightsflow.domain.names import Likeness, agreement, closest, is_full, tells_generation, tells_more


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
            if any(agreement([name], [other]).contradicts for name, other in combinations(names, 2)):
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
        """Return a record of the person's full name without other names in it.

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
            if identifier.kind.declaration.learnt
            and (identifier.kind is not IdentifierKind.BIRTH_DATE or not born_apart([identifier.value], self.born_on))
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

    def hits(self, owner: Identifiers, roles: Roles) -> Identifiers:
        """Return the known identifiers in a record whose kinds play some part.

        Args:
            owner: As above.
            roles: Which parts count.
        """
        return frozenset(identifier for identifier in owner & self.identifiers if identifier.kind.role in roles)


Roles = frozenset[KindRole]
NUMBERS: Final[Roles] = frozenset({KindRole.NUMBER})
ADDRESSES: Final[Roles] = frozenset({KindRole.ADDRESS})
PHONES: Final[Roles] = frozenset({KindRole.LINE})
TURNS: Final[Roles] = frozenset({KindRole.TURN})
PARTS: Final[Roles] = frozenset({KindRole.PART})
FINDING: Final[Roles] = frozenset(KindRole) - {KindRole.NONE}
"""All parts that kinds play by which people are found."""

Owners = Mapping[str, Identifiers]
"""Everything by which records name their persons, by the records' keys."""


def tells_apart(kind: IdentifierKind, roles: Roles = FINDING) -> bool:
    """Return whether two identifiers of a kind mostly show two people.

    Of account numbers a system may give a person several of its own, and a person has many orders.

    Args:
        kind: The kind.
        roles: Which parts count.
    """
    return kind.declaration.one_each and kind.role in roles


def is_of_papers(kind: IdentifierKind) -> bool:
    """Return whether identifiers of a kind number papers (orders, repairs), of which a person has many.

    Args:
        kind: The kind.
    """
    return kind.role in NUMBERS and not (kind.declaration.one_each or kind.declaration.is_issued)


def names_another(owner: Identifiers, known: Identifiers, beside: Identifiers = frozenset()) -> bool:
    """Return whether strong identifiers name another person, as far as these tell.

    A further order beside a telephone or a device of the subject may be theirs: that is for a person to decide.

    Args:
        owner: Whom a record names.
        known: What is known of the subject.
        beside: The weak identifiers of what the record hangs on.
    """
    named = strong(owner)
    if not named or named & known:
        return False
    has_theirs = any(item.kind.is_weak for item in (owner | beside) & known)
    return not (has_theirs and all(is_of_papers(item.kind) for item in named))


def contradicts(
    identifiers: Identifiers, other: Identifiers, roles: Roles = FINDING, but: Collection[IdentifierKind] = ()
) -> bool:
    """Return whether two records name a person by different identifiers of one kind, with none in common.

    Args:
        identifiers: What names a person.
        other: What names one elsewhere.
        roles: Which kinds count, by the part that they play, of those of which a person mostly has one.
        but: Kinds that do not count.
    """
    for kind in {each.kind for each in identifiers if tells_apart(each.kind, roles)}.difference(but):
        there = {each for each in other if each.kind == kind}
        if there and not there & identifiers:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Namesakes:
    """The contradictions among records that people of one name may share.

    Args:
        born_apart: Records with dates of birth of several people.
        named_apart: Records whose names fit what is known, and are not one person's.
        perhaps: Records with a further given name, or a generation, and another customer number.
    """

    born_apart: frozenset[str] = frozenset()
    named_apart: frozenset[str] = frozenset()
    perhaps: frozenset[str] = frozenset()


def namesakes_among(owners: Owners, known: Known) -> Namesakes:
    """Return the contradicting records among those that agree with the subject.

    Args:
        owners: Whom they name.
        known: What is known of the subject.
    """
    twice = {key for key, owner in owners.items() if _agrees_twice(owner, known)}
    full = owners if known.has_full_name else {}
    return Namesakes(
        born_apart=_apart(_by(IdentifierKind.BIRTH_DATE, owners), twice, _born_apart),
        named_apart=_apart(_by(IdentifierKind.NAME, full), twice, _named_apart),
        perhaps=frozenset(_numbered_apart(full, known)),
    )


def is_perhaps_namesake(owner: Identifiers, known: Known) -> bool:
    """Return whether a record with the full name has another customer number, and a further given name or a generation.

    People have two accounts in one shop; so without anything else that differs it is none.

    Args:
        owner: Whom it names.
        known: What is known of the subject.
    """
    if known.is_born_alike(owner):
        return False
    names = of_kind(owner, IdentifierKind.NAME)
    return contradicts(owner, known.identifiers, NUMBERS) and tells_more(names, known.names)


def is_of_other_generation(owner: Identifiers, known: Known) -> bool:
    """Return whether only the record or only the subject's data names the generation that distinguishes two namesakes.

    Args:
        owner: Whom it names.
        known: What is known of the subject.
    """
    return not known.is_born_alike(owner) and tells_generation(of_kind(owner, IdentifierKind.NAME), known.names)


def is_told_apart(identifiers: Identifiers, other: Identifiers) -> bool:
    """Return whether two records are of two people, by their names or their dates of birth.

    Args:
        identifiers: Whom the one names.
        other: Whom the other names.
    """
    names, others = (of_kind(each, IdentifierKind.NAME) for each in (identifiers, other))
    here, there = (of_kind(each, IdentifierKind.BIRTH_DATE) for each in (identifiers, other))
    return closest(names, others).contradicts or bool(here and there and born_apart(here, there))


def _agrees_twice(owner: Identifiers, known: Known) -> bool:
    sorts = {hit.realm for hit in known.hits(owner, ADDRESSES | NUMBERS) - known.contested}
    return len(sorts) > 1 or bool(sorts and known.is_born_alike(owner))


_Said = tuple[str, ...]


def _by(kind: IdentifierKind, owners: Owners) -> Mapping[str, _Said]:
    """Return the records' values of one kind, for the records that have any."""
    by_key = {key: tuple(of_kind(owner, kind)) for key, owner in owners.items()}
    return {key: values for key, values in by_key.items() if values}


def _apart(
    said: Mapping[str, _Said], twice: Collection[str], differ: Callable[[Collection[str], Collection[str]], bool]
) -> frozenset[str]:
    """Return the records that another one contradicts; of what agrees twice, none is where all of that agrees."""
    sure = {values for key, values in said.items() if key in twice}
    if any(differ(item, other) for item in sure for other in sure):
        sure = set()
    against = set(said.values())
    apart = {item for item in against - sure if any(differ(item, other) for other in against)}
    return frozenset(key for key, values in said.items() if values in apart)


def _born_apart(collection: Collection[str], other: Collection[str]) -> bool:
    return born_apart(collection, other)


def _named_apart(collection: Collection[str], other: Collection[str]) -> bool:
    return agreement(collection, other).contradicts


def _numbered_apart(owners: Owners, known: Known) -> set[str]:
    """Return records with more of the name than is known, beside others of that name with another customer number."""
    if any(tells_apart(identifier.kind, NUMBERS) for identifier in known.identifiers):
        return set()  # What is known tells it.
    numbered = {key: _said(owner) for key, owner in owners.items() if known.likeness(owner) is Likeness.SAME}
    different = {said for said in numbered.values() if any(tells_apart(item.kind, NUMBERS) for item in said)}
    more = {said for said in different if tells_more(of_kind(said, IdentifierKind.NAME), known.names)}
    apart = {said for said in more if any(_is_numbered_apart(said, other) for other in different)}
    return {key for key, said in numbered.items() if said in apart and not known.is_born_alike(owners[key])}


def _said(owner: Identifiers) -> Identifiers:
    return frozenset(
        identifier
        for identifier in owner
        if tells_apart(identifier.kind, NUMBERS) or identifier.kind is IdentifierKind.NAME
    )


def _is_numbered_apart(identifiers: Identifiers, other: Identifiers) -> bool:
    names, others = (of_kind(each, IdentifierKind.NAME) for each in (identifiers, other))
    return contradicts(identifiers, other, NUMBERS) and tells_more(names, others)
