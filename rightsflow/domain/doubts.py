"""Doubts about a record: reasons why it may be another person's despite an identifier of the subject. Pure.

An e-mail address that is known finds the subject's records, unless the record bears another person's name. A customer
or account number alone may have been typed wrong, or be a household's or a former customer's: it finds the subject's
records, unless the record says something else as well that contradicts what is known. What another person was seen to
use too says nothing by itself any more. A full name that agrees outweighs another address and another number. Nothing
outweighs another date of birth, nor who of two people of one name it is (:mod:`rightsflow.domain.subject`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rightsflow.domain.identifiers import (
    ONLY_CONTRADICTING,
    Identifier,
    IdentifierKind,
    Identifiers,
    looks_shared,
    of_kind,
)
from rightsflow.domain.names import Likeness, closest
from rightsflow.domain.subject import (
    ADDRESSES,
    FINDING,
    NUMBERS,
    PHONES,
    Known,
    Owners,
    Roles,
    contradicts,
    is_of_other_generation,
    is_perhaps_namesake,
    is_told_apart,
    namesakes_among,
    tells_apart,
)


class RecordDoubt(StrEnum):
    """The reason why the owner of a record is unclear."""

    NUMBER_ALONE = "number alone"
    UNCONFIRMED_NUMBER = "unconfirmed number"
    LEARNT_NUMBER = "learnt number"
    OTHER_IDENTIFIER = "another identifier"
    OTHER_NAME = "another name"
    OTHER_BIRTH_DATE = "another date of birth"
    NAMESAKE = "namesake"
    SHARED_MAILBOX = "shared mailbox"
    OTHER_PERSON = "another person"
    OTHER_OWNER = "another owner"
    OTHER_TIME = "another time"
    PART_ALONE = "part alone"

    @property
    def names_person(self) -> bool:
        """True if the doubt is more than a number that several people used, so each record is decided separately."""
        return self is not RecordDoubt.NUMBER_ALONE

    @property
    def may_be_decided(self) -> bool:
        """True if a person who reviews the record may decide that it is the subject's.

        Not of what names another person and has nothing of the subject but a telephone number.
        """
        return self is not RecordDoubt.OTHER_PERSON


CARRIES: Final = {
    RecordDoubt.NUMBER_ALONE: "nothing but a number that several people used",
    RecordDoubt.UNCONFIRMED_NUMBER: "nothing but a customer number that none of the person's other records bears",
    RecordDoubt.LEARNT_NUMBER: "nothing but a telephone number from below an account of the person, such as an order's",
    RecordDoubt.OTHER_IDENTIFIER: "a number of the person, and another address or number than is known",
    RecordDoubt.OTHER_NAME: "an address or a number of the person, and another name than is known",
    RecordDoubt.OTHER_BIRTH_DATE: (
        "an address or a number of the person, and a date of birth that is not the known one or differs between records"
    ),
    RecordDoubt.NAMESAKE: "a name like the person's and an address or a number that a namesake may use as well",
    RecordDoubt.SHARED_MAILBOX: "an address of the person that others seem to use, and nothing that shows whose it is",
    RecordDoubt.OTHER_PERSON: "the person's number and an address or id that the request does not name",
    RecordDoubt.OTHER_TIME: (
        "nothing but something that people have in turn, such as a device, and no date in the time that is known to be "
        "the person's"
    ),
    RecordDoubt.PART_ALONE: "nothing but an identifier that proves something only together with another one",
    RecordDoubt.OTHER_OWNER: "an address or a number of the person, while it belongs to a record of another person",
}
"""Content of a record for each doubt, in words without personal data for the person who decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MayBeDoubtful:
    """A record of which it may be unclear whose it is.

    Args:
        doubt: Why that is unclear; ``None`` where it is not.
    """

    doubt: RecordDoubt | None = None

    @property
    def names_person(self) -> bool:
        """True if the doubt is more than a number that several people used."""
        return self.doubt is not None and self.doubt.names_person

    @property
    def may_be_decided(self) -> bool:
        """True if a person who reviews the record may decide that it is the subject's."""
        return self.doubt is None or self.doubt.may_be_decided

    @property
    def carries(self) -> str:
        """Content of an unclear record, in words for the person who decides."""
        return CARRIES[self.doubt or RecordDoubt.NUMBER_ALONE]


@dataclass(frozen=True, slots=True)
class Doubts:
    """The doubts about some records.

    Args:
        of: Why, by the records' keys; the others are the subject's.
        contested: What was known and is seen to be used by another person as well.
    """

    of: Mapping[str, RecordDoubt]
    contested: Identifiers = frozenset()


def doubts_by_address(owners: Owners, known: Known) -> Doubts:
    """Return the doubts about records that carry a known e-mail address.

    Args:
        owners: Whom they name.
        known: What is known of the subject.
    """
    doubts = {key: doubt for key, owner in owners.items() if (doubt := _at_address(owner, known))}
    rest = {key: owner for key, owner in owners.items() if key not in doubts}
    shared = {key: owner for key, owner in rest.items() if _is_shared(owner, known)}
    apart = _named_apart(rest, known) | _differing_by(NUMBERS, shared, known) | _beside_named(shared, rest, known)
    doubts |= dict.fromkeys(apart, RecordDoubt.SHARED_MAILBOX)
    namesakes = _namesakes(owners, doubts, known)
    read_by_others = {key for key, doubt in doubts.items() if doubt is RecordDoubt.SHARED_MAILBOX} | namesakes
    contested = known.contested | _used(owners, read_by_others, known, ADDRESSES)
    numbers = _used(owners, read_by_others, known, NUMBERS)
    # A number beside it is a second proof, also one that another person was seen with: that is told by names.
    shared_by = frozenset(item for item in contested if item.kind.role in ADDRESSES) | _used(
        owners, namesakes, known, NUMBERS
    )
    doubts |= _without_more(owners, doubts, known, shared_by, RecordDoubt.SHARED_MAILBOX)
    return Doubts(doubts, contested | numbers)


def doubts_by_number(owners: Owners, known: Known) -> Doubts:
    """Return the doubts about records that carry a known customer or account number and no known address.

    Args:
        owners: Whom they name.
        known: What is known of the subject.
    """
    doubts = {key: doubt for key, owner in owners.items() if (doubt := _at_number(owner, known))}
    rest = {key: owner for key, owner in owners.items() if key not in doubts}
    doubts |= dict.fromkeys(_named_apart(rest, known), RecordDoubt.OTHER_NAME)
    doubts |= {key: doubts.get(key, RecordDoubt.OTHER_IDENTIFIER) for key in _differing_by(FINDING, rest, known)}
    _namesakes(owners, doubts, known)
    contested = known.contested | _used(owners, doubts, known, NUMBERS)
    doubts |= _without_more(owners, doubts, known, contested, RecordDoubt.NUMBER_ALONE)
    doubts |= _without_more(owners, doubts, known, contested | known.unconfirmed, RecordDoubt.UNCONFIRMED_NUMBER)
    return Doubts(doubts, contested)


def doubts_by_phone(owners: Owners, known: Known) -> Doubts:
    """Return the doubts about records that name a person only by a telephone number, and perhaps a name.

    Args:
        owners: Whom they name.
        known: What is known of the subject; of numbers that name another person beside them it says so.
    """
    named = {key for key, owner in owners.items() if known.likeness(owner).contradicts}
    named |= _named_apart(owners, known)
    doubts = dict.fromkeys(named, RecordDoubt.OTHER_NAME)
    doubts |= {key: RecordDoubt.OTHER_BIRTH_DATE for key, owner in owners.items() if known.is_born_apart(owner)}
    _namesakes(owners, doubts, known)
    contested = known.contested | _used(owners, doubts, known, PHONES)
    # Also beside a number of the subject's own: the other end of that call may be another person.
    alone = {key for key, owner in owners.items() if owner & contested}
    return Doubts(dict.fromkeys(alone, RecordDoubt.NUMBER_ALONE) | doubts, contested)


def _namesakes(owners: Owners, found: dict[str, RecordDoubt], known: Known) -> set[str]:
    """Add the contradicting records among the rest to the doubts; return the records that show a namesake's use.

    A further given name beside another customer number does not: a person's own second account would take all with it
    that has nothing but the address.
    """
    # Of two dates in one record either may be the subject's, as long as none is known: a third one is neither.
    with_two = RecordDoubt.OTHER_BIRTH_DATE if not known.born_on else None
    among = namesakes_among({key: owner for key, owner in owners.items() if found.get(key) in {None, with_two}}, known)
    found |= dict.fromkeys(among.perhaps | among.named_apart, RecordDoubt.NAMESAKE)
    found |= dict.fromkeys(among.born_apart, RecordDoubt.OTHER_BIRTH_DATE)
    maybe = {key for key, doubt in found.items() if doubt is RecordDoubt.NAMESAKE}
    sure = {key for key in maybe if is_of_other_generation(owners[key], known)} | among.named_apart
    return sure | {key for key, doubt in found.items() if doubt is RecordDoubt.OTHER_BIRTH_DATE}


def _at_address(owner: Identifiers, known: Known) -> RecordDoubt | None:
    if known.is_born_apart(owner):
        return RecordDoubt.OTHER_BIRTH_DATE
    like = known.likeness(owner)
    is_shared = _is_shared(owner, known)
    if like.contradicts:
        return RecordDoubt.SHARED_MAILBOX if is_shared or like is Likeness.RELATED else RecordDoubt.OTHER_NAME
    if like is Likeness.SAME:
        return RecordDoubt.NAMESAKE if is_perhaps_namesake(owner, known) else None
    differs = is_shared and contradicts(owner, known.identifiers, NUMBERS)
    return RecordDoubt.SHARED_MAILBOX if differs else None


def _is_shared(owner: Identifiers, known: Known) -> bool:
    """Return whether every known address in a record is named like a mailbox that several people read."""
    return all(looks_shared(hit.value) for hit in known.hits(owner, ADDRESSES))


def _at_number(owner: Identifiers, known: Known) -> RecordDoubt | None:
    if known.is_born_apart(owner):
        return RecordDoubt.OTHER_BIRTH_DATE
    like = known.likeness(owner)
    if like.contradicts:
        return RecordDoubt.OTHER_NAME
    if not contradicts(owner, known.identifiers):
        return None
    if like is Likeness.SAME:
        return RecordDoubt.NAMESAKE if is_of_other_generation(owner, known) else None
    return RecordDoubt.OTHER_IDENTIFIER


_Differ = Callable[[Identifiers, Identifiers], bool]


def _differ_by_name(identifiers: Identifiers, other: Identifiers) -> bool:
    return _alike(identifiers, other).contradicts


def _differing_by(roles: Roles, owners: Owners, known: Known) -> set[str]:
    """Return records that name people by different things of some kinds, of which none is known."""
    kinds = {identifier.kind for identifier in known.identifiers}

    def differ(identifiers: Identifiers, other: Identifiers) -> bool:
        return contradicts(identifiers, other, roles, kinds) and _alike(identifiers, other) is not Likeness.SAME

    # A record that names nothing of these kinds differs from none, and there may be thousands.
    telling = {
        key: owner
        for key, owner in owners.items()
        if any(tells_apart(item.kind, roles) and item.kind not in kinds for item in owner)
    }
    return _differing(telling, known, differ)


def _alike(identifiers: Identifiers, other: Identifiers) -> Likeness:
    first, second = of_kind(identifiers, IdentifierKind.NAME), of_kind(other, IdentifierKind.NAME)
    # As each will be compared once the other's names are known: an initial in it then says no more what it means.
    return min(closest(first, second), closest(second, first))


def _beside_named(owners: Owners, others: Owners, known: Known) -> set[str]:
    """Return the records without the full name whose number is neither known nor in a record with the full name."""
    numbers = frozenset().union(*(other for other in others.values() if known.is_same(other)))
    learnt = known.identifiers | numbers
    return {key for key, owner in owners.items() if not known.is_same(owner) and contradicts(owner, learnt, NUMBERS)}


def _named_apart(owners: Owners, known: Known) -> set[str]:
    """Return the records whose names cannot all be one person's, while no full name is known."""
    return set() if known.has_full_name else _differing(owners, known, _differ_by_name)


def _differing(owners: Owners, known: Known, differ: _Differ) -> set[str]:
    """Return the records that cannot all be one person's and that the subject's full name does not confirm."""
    owners_by_key = {
        key: _telling(owner) for key, owner in owners.items() if known.likeness(owner) is not Likeness.SAME
    }
    different, apart = sorted(set(owners_by_key.values()), key=sorted), set[Identifiers]()
    for item in different:
        # Among thousands who share a mailbox or a number the first other one mostly differs.
        if item not in apart and (other := next((each for each in different if differ(item, each)), None)) is not None:
            apart |= {item, other}
    return {key for key, telling in owners_by_key.items() if telling in apart}


def _telling(owner: Identifiers) -> Identifiers:
    """Return the identifiers that distinguish people in a record; thousands of equal records need one comparison."""
    return frozenset(
        identifier for identifier in owner if tells_apart(identifier.kind) or identifier.kind is IdentifierKind.NAME
    )


def _used(owners: Owners, doubtful: Collection[str], known: Known, roles: Roles) -> frozenset[Identifier]:
    return frozenset().union(*(known.hits(owners[key], roles) for key in doubtful))


def _without_more(
    owners: Owners, found: Mapping[str, RecordDoubt], known: Known, contested: Identifiers, doubt: RecordDoubt
) -> dict[str, RecordDoubt]:
    """Return the other records that have nothing of the subject but identifiers that another person uses as well."""
    bare = {
        key: owner
        for key, owner in owners.items()
        if key not in found and known.hits(owner, ADDRESSES | NUMBERS) <= contested
    }
    left = {key: doubt for key, owner in bare.items() if not known.is_same(owner)}
    # Of two names in one record the subject's counts here: whose the other is, another record may show.
    named = {
        key: _told(known.named_same(owner), known)
        for key, owner in bare.items()
        if key not in left and not known.is_born_alike(owner)
    }
    seen = {_told(owners[key], known) for key in found if named and _is_seen(owners[key], found[key], known)}
    alike = {item for item in set(named.values()) if any(_may_be_one(item, other, known) for other in seen)}
    return left | {key: RecordDoubt.NAMESAKE for key, item in named.items() if item in alike}


def _told(owner: Identifiers, known: Known) -> Identifiers:
    """Return a record's identifiers of the subject, its name and date: thousands of equal records are compared once."""
    return known.hits(owner, ADDRESSES | NUMBERS) | {
        identifier for identifier in owner if identifier.kind in ONLY_CONTRADICTING
    }


def _may_be_one(identifiers: Identifiers, other: Identifiers, known: Known) -> bool:
    """Return whether a record may belong to the person whom another record showed to use their shared identifiers."""
    uses = frozenset(each for each in identifiers if each.finds)
    return bool(uses & (other | known.contested)) and not is_told_apart(identifiers, other)


def _is_seen(owner: Identifiers, doubt: RecordDoubt, known: Known) -> bool:
    """Return whether a record in doubt shows another person, who may bear the subject's name."""
    if doubt is RecordDoubt.NAMESAKE:
        return is_of_other_generation(owner, known)
    return doubt is RecordDoubt.OTHER_BIRTH_DATE or known.likeness(owner).contradicts
