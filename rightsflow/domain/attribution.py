"""Whose record is it? Decided over what all systems returned, never by one connector alone.

The rule, in words. A record that carries one of the subject's known e-mail addresses, customer or account numbers is
the subject's, unless something in it puts that in doubt (:mod:`rightsflow.domain.doubts`), and whatever else it names
becomes known too; that is repeated until nothing new appears. Addresses come first, since numbers are typed wrong and
given away again. A phone number is weak, since people use one in turn: a record that matches only by number and names
another person's strong identifier is another person's and makes that number *contested*; a record that names no one
but has a contested number in it, alone or beside others, is *unclear*. Where a request gives nothing but a number, the
one person who has it is the subject; if there are several, all of them are unclear. So are they where what names the
person found nothing, but their number did. What is unclear teaches nothing, and a person decides on it.

Pure: the store gives what it knows and keeps what is decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations

from rightsflow.domain.doubts import Doubts, RecordDoubt, doubts_by_address, doubts_by_number, doubts_by_phone
from rightsflow.domain.identifiers import ONLY_CONTRADICTING, Identifier, IdentifierKind, Identifiers, strong
from rightsflow.domain.known import ADDRESSES, NUMBERS, PHONES, Known
from rightsflow.domain.names import Likeness
from rightsflow.domain.namesakes import is_told_apart


class Attribution(StrEnum):
    """Whose a located record is."""

    SUBJECT = "subject"
    UNCLEAR = "unclear"
    ANOTHER = "another"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A located record reduced to what decides whose it is.

    Args:
        key: Any name for the record, unique in the call.
        owner: Every identifier by which it names the person it belongs to, names and dates of birth too.
        via: The key of the record it was reached through, whose attribution it shares; empty if none.
    """

    key: str
    owner: Identifiers = frozenset()
    via: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What was decided.

    Args:
        attributions: Whose each candidate is, by key.
        doubts: Why it is unclear whose a candidate is, by the keys of those.
        known: All identifiers of the subject, the given ones included.
        contested: Known ones that another person uses as well.
    """

    attributions: Mapping[str, Attribution]
    known: Identifiers
    contested: Identifiers = frozenset()
    doubts: Mapping[str, RecordDoubt] = field(default_factory=dict)


def claims(profile: Identifiers, known: Identifiers) -> bool:
    """Whether a connector may walk what belongs to a profile that matched.

    True if the profile names a known strong identifier, or names no strong identifier at all (an unnamed caller).
    """
    named = strong(profile)
    return not named or bool(named & known)


def surest(profiles: Mapping[int, Identifiers], known: Identifiers) -> frozenset[int]:
    """Of several people in one record who all carry something of the subject, those who surely are the subject.

    All of them where none surely is: then the whole record is in doubt, and a person decides on it.

    Args:
        profiles: What names each of them, by their keys.
        known: What is known of the subject.
    """
    keys = {str(key): key for key in profiles}
    decided = resolve(known, [Candidate(key=key, owner=profiles[number]) for key, number in keys.items()])
    sure = frozenset(keys[key] for key, whose in decided.attributions.items() if whose is Attribution.SUBJECT)
    return sure or frozenset(profiles)


def names_two(named: Identifiers, known: Identifiers) -> bool:
    """Whether something that may name several people names the subject, and beside them another person.

    True if it names two addresses, customer numbers or account ids of one sort, of which one is known.

    Args:
        named: The identifiers in it.
        known: What is known of the subject.
    """
    return any(here & known and here - known for here in _by_realm(named))


def of_one(named: Identifiers, known: Identifiers) -> Identifiers:
    """The strong identifiers in something that may name several people, without those that may be another's.

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


def _by_realm(named: Identifiers) -> Iterator[Identifiers]:
    for realm in {one.realm for one in strong(named)}:
        yield frozenset(one for one in strong(named) if one.realm == realm)


def resolve(given: Identifiers, candidates: Sequence[Candidate], contested: Identifiers = frozenset()) -> Resolution:
    """Decide whose each candidate is, to a fixpoint.

    Args:
        given: What is known so far: from the request, or learnt in an earlier round; names too.
        candidates: Everything that all systems returned.
        contested: Known ones of which an earlier search showed that another person uses them; that person's records may
            have been forgotten since.
    """
    search = _Search({one.key: _searchable(one.owner) for one in candidates if not one.via}, given, contested)
    search.grow()
    decided = search.decide()
    _inherit(candidates, decided)
    return Resolution(
        attributions={key: whose for key, (whose, _) in decided.items()},
        doubts={key: doubt for key, (_, doubt) in decided.items() if doubt is not None},
        known=frozenset(search.known),
        contested=search.contested,
    )


def _searchable(owner: Identifiers) -> Identifiers:
    """Without account numbers of which the system is unknown: an earlier version kept such, and they say nothing."""
    return frozenset(one for one in owner if one.is_searchable or one.kind in ONLY_CONTRADICTING)


_Decided = tuple[Attribution, RecordDoubt | None]


class _Search:
    """What is known and whose records are, while both grow.

    Args:
        owners: Whom the records name that were not reached through another one, by their keys.
        given: As of :func:`resolve`.
        contested: As there.
    """

    def __init__(self, owners: Mapping[str, Identifiers], given: Identifiers, contested: Identifiers) -> None:
        self._owners = owners
        self._given = given
        self.known = set(given)
        self._contested = contested & given
        self._used: dict[frozenset[IdentifierKind], Identifiers] = {}
        self._mine: set[str] = set()
        self._doubts: dict[str, RecordDoubt] = {}
        self._overruled: dict[Identifiers, Likeness] = {}

    def grow(self) -> None:
        """Take what is the subject's, and what it names, until nothing is left that is.

        What was taken while only an initial was known may contradict the name that was learnt since: then all is done
        again without it, since what it taught may be another person's.
        """
        self._grow()
        while against := self._against():
            self._overruled |= against
            self.known, self._mine, self._doubts, self._used = set(self._given), set(), {}, {}
            self._grow()

    def _against(self) -> dict[Identifiers, Likeness]:
        """Whom the records name that were taken and contradict what is known by now."""
        known = self._state()
        taken = {self._owners[key] for key in self._mine}
        return {owner: like for owner in taken if (like := known.likeness(owner)).contradicts}

    def _grow(self) -> None:
        if not strong(self.known):
            self.known |= self._only_person()
        while self._take(doubts_by_address, ADDRESSES) or self._take(doubts_by_number, NUMBERS):
            pass

    def _only_person(self) -> Identifiers:
        """The strong identifiers of the one person who uses the given weak ones; empty if there are several or none."""
        known, people, said = self._state(), list[set[Identifier]](), set[Identifiers]()
        for owner in self._owners.values():
            if not strong(owner) or not known.hits(owner, PHONES):
                continue
            if known.likeness(owner).contradicts or known.is_born_apart(owner):
                return frozenset()
            said.add(frozenset(one for one in owner if one.kind in ONLY_CONTRADICTING))
            merged = set(strong(owner))
            for person in [person for person in people if person & merged]:
                people.remove(person)
                merged |= person
            people.append(merged)
        is_one = len(people) == 1 and not any(is_told_apart(one, other) for one, other in combinations(said, 2))
        return frozenset(people[0]) if is_one else frozenset()

    def _state(self, seen: Identifiers = frozenset()) -> Known:
        return Known(frozenset(self.known), self._contested | seen, self._unconfirmed(), self._overruled)

    def _unconfirmed(self) -> Identifiers:
        """Customer numbers that nothing found by an address bears, where what was found so bears others."""
        known = Known(frozenset(self.known), overruled=self._overruled)
        mine = [owner for key, owner in self._owners.items() if key in self._mine and known.hits(owner, ADDRESSES)]
        borne = {one for owner in mine for one in owner if one.kind is IdentifierKind.CUSTOMER_ID}
        named = {one for owner in self._owners.values() if known.is_same(owner) for one in owner}
        numbers = {one for one in self.known if one.kind is IdentifierKind.CUSTOMER_ID}
        together = self._borne_with(borne | (named & numbers))
        return frozenset(numbers - together) if borne else frozenset()

    def _borne_with(self, numbers: set[Identifier]) -> set[Identifier]:
        """Numbers with those that stand in one record of the subject with them."""
        reached, before = set(numbers), -1
        while before != len(reached):
            before = len(reached)
            reached.update(*(owner for key, owner in self._owners.items() if key in self._mine and owner & reached))
        return reached

    def _take(
        self, judge: Callable[[Mapping[str, Identifiers], Known], Doubts], kinds: frozenset[IdentifierKind]
    ) -> bool:
        """Take the records that carry something known of some kinds, unless in doubt; returns whether it took any."""
        # Numbers that another person's record at a shared address bears are theirs too.
        known = self._state(self._used.get(ADDRESSES, frozenset()) if kinds is NUMBERS else frozenset())
        found = {
            key: owner for key, owner in self._owners.items() if key not in self._mine and known.hits(owner, kinds)
        }
        if kinds is NUMBERS:
            found = {key: owner for key, owner in found.items() if not known.hits(owner, ADDRESSES)}
        judged = judge(found, known)
        self._doubts = {key: doubt for key, doubt in self._doubts.items() if key not in found} | dict(judged.of)
        self._used[kinds] = judged.contested
        taken = found.keys() - judged.of.keys()
        self._mine |= taken
        self.known.update(*(known.learnt(self._owners[key]) for key in taken))
        return bool(taken)

    @property
    def contested(self) -> Identifiers:
        """What is known and another person uses as well, as far as it was seen."""
        return self._contested.union(*self._used.values())

    def decide(self) -> dict[str, _Decided]:
        """Whose each record is, and why that is unclear."""
        others = {key: owner for key, owner in self._owners.items() if key not in self._mine}
        known = frozenset(self.known)
        named = [owner for owner in others.values() if strong(owner)]
        phones = {one for owner in named for one in owner & known if one.kind in PHONES}
        nameless = {key: owner for key, owner in others.items() if not strong(owner)}
        by_phone = doubts_by_phone(nameless, Known(known, self._contested | phones, overruled=self._overruled))
        self._used[PHONES] = by_phone.contested
        doubts = {**by_phone.of, **self._doubts}
        decided: dict[str, _Decided] = dict.fromkeys(self._mine, (Attribution.SUBJECT, None))
        for key, owner in others.items():
            decided[key] = (Attribution.UNCLEAR, doubts[key]) if key in doubts else self._undoubted(owner)
        return decided

    def _undoubted(self, owner: Identifiers) -> _Decided:
        if not strong(owner):
            return Attribution.SUBJECT, None
        # Where nothing was found by what names the person, a namesake of the number may still be the person.
        return (Attribution.ANOTHER, None) if self._mine else (Attribution.UNCLEAR, RecordDoubt.OTHER_PERSON)


def _inherit(candidates: Sequence[Candidate], decided: dict[str, _Decided]) -> None:
    """Give each record reached through another that other's attribution; chains may come in any order."""
    waiting = [one for one in candidates if one.via]
    while waiting:
        left = [one for one in waiting if one.via not in decided]
        for one in waiting:
            if one.via in decided:
                decided[one.key] = decided[one.via]
        if len(left) == len(waiting):
            # Reached through a record that was not listed: no one can say whose it is.
            decided.update({one.key: (Attribution.UNCLEAR, RecordDoubt.NUMBER_ALONE) for one in left})
            return
        waiting = left
