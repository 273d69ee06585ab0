"""Why a record that was found may be another person's, although it carries an identifier of the subject. Pure.

An e-mail address that is known finds the subject's records, unless the record bears another person's name. A customer
or account number alone may have been typed wrong, or be a household's or a former customer's: it finds the subject's
records, unless the record says something else as well that contradicts what is known. What another person was seen to
use too says nothing by itself any more. A full name that agrees outweighs another address and another number.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, of_kind
from rightsflow.domain.names import Likeness, agreement, closest, is_full, looks_shared


class RecordDoubt(StrEnum):
    """Why it is unclear whose a record is."""

    NUMBER_ALONE = "number alone"
    UNCONFIRMED_NUMBER = "unconfirmed number"
    OTHER_IDENTIFIER = "another identifier"
    OTHER_NAME = "another name"
    SHARED_MAILBOX = "shared mailbox"
    OTHER_PERSON = "another person"

    @property
    def names_person(self) -> bool:
        """Whether there is more to it than a number that several people used, so that each is decided on alone."""
        return self is not RecordDoubt.NUMBER_ALONE

    @property
    def may_be_decided(self) -> bool:
        """Whether a person who looks at the record may decide that it is the subject's.

        Not of what names another person and has nothing of the subject but a telephone number.
        """
        return self is not RecordDoubt.OTHER_PERSON


CARRIES: Final = {
    RecordDoubt.NUMBER_ALONE: "nothing but a number that several people used",
    RecordDoubt.UNCONFIRMED_NUMBER: "nothing but a customer number that none of the person's other records bears",
    RecordDoubt.OTHER_IDENTIFIER: "a number of the person, and another address or customer number than is known",
    RecordDoubt.OTHER_NAME: "an address or a number of the person, and another name than is known",
    RecordDoubt.SHARED_MAILBOX: "an address of the person that others seem to use, and nothing that shows whose it is",
    RecordDoubt.OTHER_PERSON: "the person's number and an address or id that the request does not name",
}
"""What a record of each doubt carries, in words without personal data for who decides on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MayBeDoubtful:
    """A record of which it may be unclear whose it is.

    Args:
        doubt: Why that is unclear; ``None`` where it is not.
    """

    doubt: RecordDoubt | None = None

    @property
    def names_person(self) -> bool:
        """Whether it is unclear for more than a number that several people used."""
        return self.doubt is not None and self.doubt.names_person

    @property
    def may_be_decided(self) -> bool:
        """Whether a person who looks at it may decide that it is the subject's."""
        return self.doubt is None or self.doubt.may_be_decided

    @property
    def carries(self) -> str:
        """What it carries if it is unclear, in words for who decides on it."""
        return CARRIES[self.doubt or RecordDoubt.NUMBER_ALONE]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the subject while it is decided whose records are.

    Args:
        identifiers: All of it, names too.
        contested: What another person was seen to use as well.
        unconfirmed: Customer numbers that nothing bears which was found by an address, where that bears others.
        overruled: How records agree that had been taken before a name was learnt which they contradict.
    """

    identifiers: Identifiers
    contested: Identifiers = frozenset()
    unconfirmed: Identifiers = frozenset()
    overruled: Mapping[Identifiers, Likeness] = field(default_factory=dict)
    names: Collection[str] = field(init=False)
    has_full_name: bool = field(init=False)

    def __post_init__(self) -> None:
        """Read the names once."""
        names = of_kind(self.identifiers, IdentifierKind.NAME)
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "has_full_name", any(map(is_full, names)))

    def likeness(self, owner: Identifiers) -> Likeness:
        """How the names in a record agree with the subject's.

        Args:
            owner: Everything that the record names its person by.
        """
        if owner in self.overruled:
            return self.overruled[owner]
        return closest(of_kind(owner, IdentifierKind.NAME), self.names)

    def learnt(self, owner: Identifiers) -> Identifiers:
        """What a record of the subject teaches: all but names that contradict the known ones, or others in it.

        Args:
            owner: As above.
        """
        names = of_kind(owner, IdentifierKind.NAME)
        wrong = {
            one
            for one in names
            if closest([one], self.names).contradicts or any(agreement([one], [each]).contradicts for each in names)
        }
        return frozenset(one for one in owner if one.kind is not IdentifierKind.NAME or one.value not in wrong)

    def hits(self, owner: Identifiers, kinds: Collection[IdentifierKind]) -> Identifiers:
        """The known identifiers of some kinds in a record.

        Args:
            owner: As above.
            kinds: Which kinds count.
        """
        return frozenset(one for one in owner & self.identifiers if one.kind in kinds)


NUMBERS: Final = frozenset({IdentifierKind.CUSTOMER_ID, IdentifierKind.ACCOUNT_ID})
ADDRESSES: Final = frozenset({IdentifierKind.EMAIL})
PHONES: Final = frozenset({IdentifierKind.PHONE})
_TOLD_APART: Final = frozenset({IdentifierKind.EMAIL, IdentifierKind.CUSTOMER_ID})
"""Of what a person mostly has one. A system may give a person several account numbers of its own."""

Owners = Mapping[str, Identifiers]
"""Everything by which records name their persons, by the records' keys."""


@dataclass(frozen=True, slots=True)
class Doubts:
    """What is in doubt of some records.

    Args:
        of: Why, by the records' keys; the others are the subject's.
        contested: What was known and is seen to be used by another person as well.
    """

    of: Mapping[str, RecordDoubt]
    contested: Identifiers = frozenset()


def doubts_by_address(owners: Owners, known: Known) -> Doubts:
    """What is in doubt of records that carry a known e-mail address.

    Args:
        owners: Whom they name.
        known: What is known of the subject.
    """
    found = {key: doubt for key, owner in owners.items() if (doubt := _at_address(owner, known))}
    rest = {key: owner for key, owner in owners.items() if key not in found}
    shared = {key: owner for key, owner in rest.items() if _is_shared(owner, known)}
    apart = _named_apart(rest, known) | _differing_by(NUMBERS, shared, known)
    found |= dict.fromkeys(apart, RecordDoubt.SHARED_MAILBOX)
    read_by_others = {key for key, doubt in found.items() if doubt is RecordDoubt.SHARED_MAILBOX}
    contested = known.contested | _used(owners, read_by_others, known, ADDRESSES)
    # A number beside it is a second proof, also one that another person was seen with: that is told by names.
    alone = _without_more(owners, found, known, frozenset(one for one in contested if one.kind in ADDRESSES))
    return Doubts({**found, **dict.fromkeys(alone, RecordDoubt.SHARED_MAILBOX)}, contested)


def doubts_by_number(owners: Owners, known: Known) -> Doubts:
    """What is in doubt of records that carry a known customer or account number and no known address.

    Args:
        owners: Whom they name.
        known: What is known of the subject.
    """
    found = {key: doubt for key, owner in owners.items() if (doubt := _at_number(owner, known))}
    rest = {key: owner for key, owner in owners.items() if key not in found}
    found |= dict.fromkeys(_named_apart(rest, known), RecordDoubt.OTHER_NAME)
    found |= {key: found.get(key, RecordDoubt.OTHER_IDENTIFIER) for key in _differing_by(_TOLD_APART, rest, known)}
    contested = known.contested | _used(owners, found, known, NUMBERS)
    found |= dict.fromkeys([*_without_more(owners, found, known, contested)], RecordDoubt.NUMBER_ALONE)
    unsure = _without_more(owners, found, known, contested | known.unconfirmed)
    return Doubts({**found, **dict.fromkeys(unsure, RecordDoubt.UNCONFIRMED_NUMBER)}, contested)


def doubts_by_phone(owners: Owners, known: Known) -> Doubts:
    """What is in doubt of records that name a person by nothing but a telephone number, and perhaps a name.

    Args:
        owners: Whom they name.
        known: What is known of the subject; of numbers that name another person beside them it says so.
    """
    named = {key for key, owner in owners.items() if known.likeness(owner).contradicts}
    named |= _named_apart(owners, known)
    contested = known.contested | _used(owners, named, known, PHONES)
    # Also beside a number of the subject's own: the other end of that call may be another person.
    alone = {key for key, owner in owners.items() if owner & contested}
    return Doubts(
        dict.fromkeys(alone, RecordDoubt.NUMBER_ALONE) | dict.fromkeys(named, RecordDoubt.OTHER_NAME), contested
    )


def _at_address(owner: Identifiers, known: Known) -> RecordDoubt | None:
    like = known.likeness(owner)
    is_shared = _is_shared(owner, known)
    if like.contradicts:
        return RecordDoubt.SHARED_MAILBOX if is_shared or like is Likeness.RELATED else RecordDoubt.OTHER_NAME
    differs = is_shared and like is not Likeness.SAME and _contradicts(owner, known.identifiers, NUMBERS)
    return RecordDoubt.SHARED_MAILBOX if differs else None


def _is_shared(owner: Identifiers, known: Known) -> bool:
    """Whether every known address in a record is named like one that several people read."""
    return all(looks_shared(one.value) for one in known.hits(owner, ADDRESSES))


def _at_number(owner: Identifiers, known: Known) -> RecordDoubt | None:
    like = known.likeness(owner)
    if like.contradicts:
        return RecordDoubt.OTHER_NAME
    differs = like is not Likeness.SAME and _contradicts(owner, known.identifiers, _TOLD_APART)
    return RecordDoubt.OTHER_IDENTIFIER if differs else None


def _contradicts(one: Identifiers, other: Identifiers, kinds: Collection[IdentifierKind]) -> bool:
    """Whether two name a person by different things of one kind, and by none that is equal."""
    for kind in _TOLD_APART.intersection(kinds):
        here = {each for each in one if each.kind is kind}
        there = {each for each in other if each.kind is kind}
        if here and there and not here & there:
            return True
    return False


_Differ = Callable[[Identifiers, Identifiers], bool]


def _differ_by_name(one: Identifiers, other: Identifiers) -> bool:
    return _alike(one, other).contradicts


def _differing_by(kinds: Collection[IdentifierKind], owners: Owners, known: Known) -> set[str]:
    """Records that name people by different things of some kinds, of which none is known."""
    untold = frozenset(kinds) - {one.kind for one in known.identifiers}

    def differ(one: Identifiers, other: Identifiers) -> bool:
        return _contradicts(one, other, untold) and _alike(one, other) is not Likeness.SAME

    # A record that names nothing of these kinds differs from none, and there may be thousands.
    telling = {key: owner for key, owner in owners.items() if any(one.kind in untold for one in owner)}
    return _differing(telling, known, differ)


def _alike(one: Identifiers, other: Identifiers) -> Likeness:
    first, second = of_kind(one, IdentifierKind.NAME), of_kind(other, IdentifierKind.NAME)
    # As each will be compared once the other's names are known: an initial in it then says no more what it means.
    return min(closest(first, second), closest(second, first))


def _named_apart(owners: Owners, known: Known) -> set[str]:
    """Records of which the names cannot all be one person's, where none is known by which that could be told."""
    return set() if known.has_full_name else _differing(owners, known, _differ_by_name)


def _differing(owners: Owners, known: Known, differ: _Differ) -> set[str]:
    """Records that cannot all be of one person, where what is known of the subject says of none that it is theirs."""
    said = {key: _telling(owner) for key, owner in owners.items() if known.likeness(owner) is not Likeness.SAME}
    different, apart = sorted(set(said.values()), key=sorted), set[Identifiers]()
    for one in different:
        # Among thousands who share a mailbox or a number the first other one mostly differs.
        if one not in apart and (other := next((each for each in different if differ(one, each)), None)) is not None:
            apart |= {one, other}
    return {key for key, telling in said.items() if telling in apart}


def _telling(owner: Identifiers) -> Identifiers:
    """What tells people apart in a record, so that thousands that say the same are compared once."""
    return frozenset(one for one in owner if one.kind in _TOLD_APART or one.kind is IdentifierKind.NAME)


def _used(
    owners: Owners, doubtful: Collection[str], known: Known, kinds: Collection[IdentifierKind]
) -> frozenset[Identifier]:
    return frozenset().union(*(known.hits(owners[key], kinds) for key in doubtful))


def _without_more(owners: Owners, found: Collection[str], known: Known, contested: Identifiers) -> Iterable[str]:
    """Of the other records, those that have nothing of the subject but what another person uses as well."""
    kinds = ADDRESSES | NUMBERS
    for key, owner in owners.items():
        if key in found or known.likeness(owner) is Likeness.SAME:
            continue
        if known.hits(owner, kinds) <= contested:
            yield key
