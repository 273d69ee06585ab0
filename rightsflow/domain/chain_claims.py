"""Claims of a record together with the records above and below it. Pure.

A telephone number in an order names the customer of its account; an identity document below an account says whose the
account is. Only a record without strong claims of its own is judged by the records above it. A record such as a call
or a message may name several people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.identifiers import (
    ONLY_CONTRADICTING,
    Identifier,
    IdentifierKind,
    Identifiers,
    looks_shared,
    strong,
)
from rightsflow.domain.names import Likeness
from rightsflow.domain.ownership import Claim, Claims, Links, OwnershipRuling, Standing, judge
from rightsflow.domain.subject import ADDRESSES, NUMBERS, PHONES, Known, contradicts, is_of_papers, names_another


def names_two(named: Identifiers, known: Identifiers) -> bool:
    """Return whether a record that may name several people names the subject and another person.

    True if it names two addresses, customer numbers or account ids of one sort, of which one is known.

    Args:
        named: The identifiers in it.
        known: What is known of the subject.
    """
    return any(here & known and here - known for here in _by_realm(named))


def of_one(named: Identifiers, known: Identifiers) -> Identifiers:
    """Return the strong identifiers in a record that may name several people, without those that may be another's.

    Of two e-mail addresses, of which one is known, the other is not learnt; nor are two of which none is known, beside
    a customer number that is. Where nothing in it is known it is another person's, with all that it names.

    Args:
        named: The identifiers in it.
        known: What is known of the subject.
    """
    if not strong(named) & known:
        return strong(named)
    kept = (here & known or (here if len(here) == 1 else frozenset()) for here in _by_realm(named))
    return frozenset().union(*kept)


def names_several(named: Identifiers) -> bool:
    """Return whether two strong identifiers of one sort are named, such as two e-mail addresses.

    Args:
        named: The identifiers in it.
    """
    return any(len(here) > 1 for here in _by_realm(named))


def _by_realm(named: Identifiers) -> Iterator[Identifiers]:
    for realm in {identifier.realm for identifier in strong(named)}:
        yield frozenset(identifier for identifier in strong(named) if identifier.realm == realm)


_NAMES: Final = frozenset({IdentifierKind.NAME})
_BIRTH_DATES: Final = frozenset({IdentifierKind.BIRTH_DATE})


@dataclass(frozen=True, slots=True)
class RecordChain:
    """What the records of a chain name.

    Args:
        up: The record's own, and where these are weak those of the records above, up to the nearest strong ones.
        down: Those of the records below, down to the nearest strong ones.
    """

    up: Identifiers
    down: Identifiers


@dataclass(frozen=True, slots=True)
class ChainClaims:
    """The identifiers in records and in the records linked to them, by their keys.

    Args:
        named: What each record names by itself.
        links: What belongs to what.
        several: The records in which several people stand.
    """

    named: Mapping[str, Identifiers]
    links: Links
    several: frozenset[str] = frozenset()
    _finding: frozenset[str] = field(init=False)
    _of_papers: frozenset[IdentifierKind] = field(init=False)
    _bears_things: bool = field(init=False)

    def __post_init__(self) -> None:
        """Note the records with an identifier by which a person is found."""
        finding = {key for key, named in self.named.items() if any(item.finds for item in named)}
        # One that belongs to none speaks for itself, whatever it says.
        alone = {key for key, above in self.links.above.items() if not above}
        object.__setattr__(self, "_finding", frozenset(finding | alone))
        papers = (self.named[key] for key in self.named.keys() - alone if not strong(self.named[key]))
        bears = any(item.kind.is_weak and item.kind.is_id for named in self.named.values() for item in named)
        object.__setattr__(self, "_bears_things", bears)
        object.__setattr__(self, "_of_papers", frozenset(item.kind for named in papers for item in named))

    def chain(self, key: str) -> RecordChain:
        """Return what a record names together with the records above and below it, up to the nearest strong ones.

        Args:
            key: The record.
        """
        bare: Callable[[str], bool] = lambda item: not strong(self.own(item))  # noqa: E731
        up = [self.own(key)]
        if bare(key):
            up += map(self.own, self.links.ancestors(key, bare))
        down = map(self.own, self.links.descendants(key, bare))
        return RecordChain(up=frozenset().union(*up), down=frozenset().union(*down))

    def upwards(self, key: str) -> Identifiers:
        """Return the identifiers in a record and in all records above it.

        Args:
            key: The record.
        """
        return self.own(key).union(*map(self.own, self.links.ancestors(key, lambda _: True)))

    def borne(self, key: str) -> Identifiers:
        """Return the weak ids of things that a record hangs on and that name no one, such as the device of a repair.

        Args:
            key: The record.
        """
        if not self._bears_things:
            return frozenset()
        above = map(self.own, self.links.ancestors(key, lambda item: not strong(self.own(item))))
        return frozenset(
            item for named in above if not strong(named) for item in named if item.kind.is_weak and item.kind.is_id
        )

    def is_below_several(self, key: str) -> bool:
        """Return whether a record belongs to one of several people, up to the nearest that name a person.

        Args:
            key: The record.
        """
        above = self.links.ancestors(key, lambda item: not strong(self.own(item))) if self.several else ()
        return not self.several.isdisjoint(above)

    def own(self, key: str) -> Identifiers:
        """Return the identifiers in a record; empty for a record that was not reported.

        Args:
            key: The record.
        """
        return self.named.get(key, frozenset())

    def owners(self, known: Known) -> dict[str, Identifiers]:
        """Return the identifiers of each record that names a person: its own and, if these are weak, those above.

        Args:
            known: What is known of the subject.
        """
        return {
            key: owner | self._lifted(key, known)
            for key in self.named
            if key in self._finding and (owner := self._owner(key, known)) is not None
        }

    def against(self, key: str, known: Known) -> RecordDoubt | None:
        """Return the contradiction of a record to the known data of the subject; ``None`` if there is none.

        Args:
            key: The record.
            known: What is known of the subject.
        """
        return contradiction(self.own(key), known)

    def taught(self, key: str, known: Known) -> Identifiers:
        """Return the identifiers learnt from a record of the subject, without those of records below, judged apart.

        Args:
            key: The record.
            known: What is known of the subject.
        """
        return self._owner(key, known) or frozenset()

    def below_others(self, known: Known) -> Identifiers:
        """Return what is known and also occurs below another person's account, such as in its contacts.

        Of the addresses one that is named like a shared one, or that a person of the subject's surname or name has: an
        order of a friend for the subject does not take their own address from them. Of the numbers those of papers,
        since two shops number their orders alike.

        Args:
            known: What is known of the subject.
        """
        return frozenset(
            item
            for key, own in self.named.items()
            for item in known.hits(own, ADDRESSES | NUMBERS)
            if any(_may_be_theirs(named, item, known) for named in self._others_above(key, known))
        )

    def _others_above(self, key: str, known: Known) -> Iterator[Identifiers]:
        """Yield the identifiers in the nearest records above that name another person by a strong identifier."""
        passes = lambda item: not strong(self.own(item))  # noqa: E731
        for named in map(self.own, self.links.ancestors(key, passes)):
            if strong(named) and not strong(named) & known.identifiers and not known.is_same(named):
                yield named

    def _owner(self, key: str, known: Known) -> Identifiers | None:
        own = self.own(key)
        if not self.links.above.get(key):
            return own
        if strong(own) & known.identifiers:
            # Beside an address of the subject it may name another one, as a ticket does who gets copies.
            return (own - strong(own)) | of_one(own, known.identifiers) | self._agreeing_above(key, known)
        if strong(own) and self.is_below_several(key) and not known.is_same(own):
            return own
        above = self._strong_above(key)
        if self.against(key, known) and (strong(own) or strong(above) & known.identifiers):
            # It speaks for itself alone, and is in doubt, or another person's.
            return own if strong(own) else None
        if not strong(own) and known.is_same(own) and known.likeness(above).contradicts:
            # Below another person's account it means the subject, as the address does to which a present goes.
            return own
        return own | frozenset(
            identifier
            for identifier in above
            if identifier.kind not in ONLY_CONTRADICTING or not _of(own, identifier.kind)
        )

    def _strong_above(self, key: str) -> Identifiers:
        """Return the identifiers in the nearest records above that name a person by a strong identifier."""
        passes = lambda item: not strong(self.own(item))  # noqa: E731
        return frozenset().union(
            *(self.own(ancestor) for ancestor in self.links.ancestors(key, passes) if strong(self.own(ancestor)))
        )

    def _agreeing_above(self, key: str, known: Known) -> Identifiers:
        """Return the identifiers in records above with a strong identifier and the subject's full name."""
        agreeing = [
            self.own(ancestor) for ancestor in self.links.ancestors(key, lambda item: not strong(self.own(item)))
        ]
        return frozenset().union(*(ancestor for ancestor in agreeing if strong(ancestor) and known.is_same(ancestor)))

    def _lifted(self, key: str, known: Known) -> Identifiers:
        """Return the dates of birth below a record, and at a shared mailbox the names, which identify its person."""
        own = self.own(key)
        if not strong(own) & known.identifiers:
            return frozenset()
        addresses = known.hits(own, ADDRESSES)
        wants_names = not _of(own, IdentifierKind.NAME) and bool(addresses)
        wants_names = wants_names and all(looks_shared(address.value) for address in addresses)
        lifted: set[Identifier] = set()
        for named, names in self._below(key):
            if wants_names:
                lifted |= {item for item in named if item.kind in _NAMES}
            if not _of(own, IdentifierKind.BIRTH_DATE) and not self._is_of_another(names, known):
                lifted |= {item for item in named if item.kind in _BIRTH_DATES}
        return frozenset(lifted)

    def papers(self, keys: Iterable[str], known: Known) -> Identifiers:
        """Return the names and the dates of birth below records of the subject that may be theirs, where none is known.

        Args:
            keys: The records.
            known: What is known of the subject.
        """
        unknown = (_BIRTH_DATES if not known.born_on else set()) | (_NAMES if not known.has_full_name else set())
        if not unknown & self._of_papers:
            return frozenset()
        identifiers: set[Identifier] = set()
        for named, names in (each for key in keys for each in self._below(key)):
            kinds = unknown - _BIRTH_DATES if self._is_of_another(names, known) else unknown
            identifiers |= {item for item in named if item.kind in kinds}
        return frozenset(identifiers)

    def names_below(self, keys: Iterable[str]) -> Identifiers:
        """Return the names in records and in records below them without a strong identifier.

        Args:
            keys: The records.
        """
        below = frozenset().union(*(names for key in keys for _, names in self._below(key)))
        return below | frozenset(item for key in keys for item in self.own(key) if item.kind in _NAMES)

    @staticmethod
    def _is_of_another(names: Identifiers, known: Known) -> bool:
        """Return whether a name on the way to a record may be another person's than the subject's."""
        unlike = (known.likeness(frozenset({name})).contradicts for name in names)
        return bool(names) and (not known.has_full_name or any(unlike))

    def _below(self, key: str) -> Iterator[tuple[Identifiers, Identifiers]]:
        """Yield the identifiers in records below without a strong one, each with the names on the way to the record."""
        waiting: list[tuple[str, Identifiers]] = [(item, frozenset()) for item in self.links.below.get(key, ())]
        seen = {key}
        while waiting:
            found, names = waiting.pop()
            own = self.own(found)
            if found in seen or strong(own):
                continue
            seen.add(found)
            on_the_way = names | frozenset(each for each in own if each.kind in _NAMES)
            yield own, on_the_way
            waiting.extend((each, on_the_way) for each in self.links.below.get(found, ()))


def _of(named: Identifiers, kind: IdentifierKind) -> bool:
    return bool(any(identifier.kind is kind for identifier in named))


def _may_be_theirs(named: Identifiers, item: Identifier, known: Known) -> bool:
    """Return whether the person of an account may have what is known of the subject and is below the account."""
    if item.kind.role in NUMBERS:
        return is_of_papers(item.kind)
    is_of_the_house = known.likeness(named) is Likeness.RELATED or known.is_born_apart(named)
    return is_of_the_house or looks_shared(item.value)


def contradiction(named: Identifiers, known: Known) -> RecordDoubt | None:
    """Return the contradiction of a record to the known data of the subject; ``None`` if there is none.

    Args:
        named: Whom the record names by itself.
        known: What is known of the subject.
    """
    if known.is_born_apart(named):
        return RecordDoubt.OTHER_BIRTH_DATE
    if known.is_called_apart(named):
        return RecordDoubt.OTHER_NAME
    differs = known.likeness(named) is not Likeness.SAME and contradicts(named, known.identifiers)
    return RecordDoubt.OTHER_IDENTIFIER if differs else None


def standing_now(chain: Sequence[Identifiers], known: Identifiers) -> Standing:
    """Judge a record that was located earlier by a fresh read of it and of the records above it.

    What is in doubt was decided by a person, and stays theirs to decide; nothing is done with what is another person's.

    Args:
        chain: Whom the record names, then whom the record names that it belongs to, and so on upwards.
        known: What is known of the subject.
    """
    state, above, beside = Known(known), list[OwnershipRuling](), frozenset[Identifier]()
    for named in reversed(chain):
        above = [judge(_said(named, state, beside), above)]
        beside = frozenset() if strong(named) else beside | named
    return above[0].standing if above else Standing.NO_ONES


def standing_among(
    key: str, named: Mapping[str, Identifiers], above: Mapping[str, Sequence[str]], known: Identifiers
) -> Standing:
    """Judge a record that was located earlier by a fresh read of it and of all records above it.

    Args:
        key: The record.
        named: Whom each record names that was read.
        above: The records that each belongs to; those that are gone say nothing.
        known: What is known of the subject.
    """
    state = Known(known)
    claims = ChainClaims(named, Links({item: [up for up in above.get(item, ()) if up in named] for item in named}))
    return claims.links.rulings(lambda item: _said(named[item], state, claims.borne(item)))[key].standing


def _said(named: Identifiers, known: Known, beside: Identifiers) -> Claims:
    against = contradiction(named, known)
    if strong(named) & known.identifiers:
        return Claims(claim=Claim.OWN)
    if names_another(named, known.identifiers, beside):
        return Claims(claim=Claim.FOREIGN, against=against)
    claim = Claim.NUMBER if known.hits(named, PHONES) else Claim.NONE
    return Claims(claim=claim, against=against, is_named=known.is_same(named))
