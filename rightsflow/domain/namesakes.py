"""Namesakes: distinguishing several people of one name, as a father and a son with one mailbox and telephone. Pure.

Their name tells nothing, so that something else has to: the date of birth, the generation (``sen.``, ``jun.``), or a
further given name beside another customer number. The person's own date of birth beside an address and the full name
tells them from such a namesake; alone it proves nothing, since many are born on one day. Where two records contradict
each other so, and nothing is known by which it could be told, what agrees with the request twice (an address and a
number, or one of them and the date of birth) says who is meant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from rightsflow.domain.birth_dates import born_apart
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, of_kind
from rightsflow.domain.known import ADDRESSES, NUMBERS, Known, Owners, contradicts
from rightsflow.domain.names import Likeness, agreement, closest, tells_generation, tells_more

_CUSTOMER: Final = frozenset({IdentifierKind.CUSTOMER_ID})


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
    return contradicts(owner, known.identifiers, _CUSTOMER) and tells_more(names, known.names)


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
    said = {key: tuple(of_kind(owner, kind)) for key, owner in owners.items()}
    return {key: values for key, values in said.items() if values}


def _apart(
    said: Mapping[str, _Said], twice: Collection[str], differ: Callable[[Collection[str], Collection[str]], bool]
) -> frozenset[str]:
    """The records that another one contradicts; of what agrees twice, none is where all of that agrees."""
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
    """Records that tell more of the name than is known, beside others of that name with another customer number."""
    if any(identifier.kind is IdentifierKind.CUSTOMER_ID for identifier in known.identifiers):
        return set()  # What is known tells it.
    numbered = {key: _said(owner) for key, owner in owners.items() if known.likeness(owner) is Likeness.SAME}
    different = {said for said in numbered.values() if any(item.kind in _CUSTOMER for item in said)}
    more = {said for said in different if tells_more(of_kind(said, IdentifierKind.NAME), known.names)}
    apart = {said for said in more if any(_is_numbered_apart(said, other) for other in different)}
    return {key for key, said in numbered.items() if said in apart and not known.is_born_alike(owners[key])}


def _said(owner: Identifiers) -> Identifiers:
    return frozenset(
        identifier for identifier in owner if identifier.kind in _CUSTOMER or identifier.kind is IdentifierKind.NAME
    )


def _is_numbered_apart(identifiers: Identifiers, other: Identifiers) -> bool:
    names, others = (of_kind(each, IdentifierKind.NAME) for each in (identifiers, other))
    return contradicts(identifiers, other, _CUSTOMER) and tells_more(names, others)
