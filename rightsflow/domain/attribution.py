"""Whose record is it? Decided over what all systems returned, never by one connector alone.

The rule, in words. A record that names one of the subject's known strong identifiers is the subject's, and whatever
else it names becomes known too; that is repeated until nothing new appears. A phone number is weak, since people use
one in turn: a record that matches only by number and names another person's strong identifier is another person's and
makes that number *contested*; a record that names no one but has a contested number in it, alone or beside others, is
*unclear*, and a person decides. Where a request gives nothing but a number, the one person who has it is the subject;
if there are several, all of them are unclear. So are they where what names the person found nothing, but their number
did.

Pure: works on any hashable identifier, so that the store can decide over keyed hashes.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from rightsflow.domain.identifiers import Identifiers, strong


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
        strong: The strong identifiers it names.
        weak: The weak identifiers it names.
        via: The key of the record it was reached through, whose attribution it shares; empty if none.
    """

    key: str
    strong: frozenset[Hashable] = frozenset()
    weak: frozenset[Hashable] = frozenset()
    via: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What was decided.

    Args:
        attributions: Whose each candidate is, by key.
        known: All identifiers of the subject, the given ones included.
        contested: Weak identifiers that another person uses as well.
    """

    attributions: Mapping[str, Attribution]
    known: frozenset[Hashable]
    contested: frozenset[Hashable] = field(default_factory=frozenset)


def claims(profile: Identifiers, known: Identifiers) -> bool:
    """Whether a connector may walk what belongs to a profile that matched.

    True if the profile names a known strong identifier, or names no strong identifier at all (an unnamed caller).
    """
    named = strong(profile)
    return not named or bool(named & known)


def names_person(key: str, candidates: Mapping[str, Candidate]) -> bool:
    """Whether a record, or one it was reached through, names a person by more than a number.

    Args:
        key: The record's key.
        candidates: All records, by key.
    """
    one, seen = candidates[key], {key}
    while not one.strong and one.via in candidates and one.via not in seen:
        seen.add(one.via)
        one = candidates[one.via]
    return bool(one.strong)


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


def resolve(
    given_strong: Iterable[Hashable],
    given_weak: Iterable[Hashable],
    candidates: Sequence[Candidate],
    given_contested: Iterable[Hashable] = (),
) -> Resolution:
    """Decide whose each candidate is, to a fixpoint.

    Args:
        given_strong: Strong identifiers known so far: from the request, or learnt in an earlier round.
        given_weak: Weak ones known so far.
        candidates: Everything that all systems returned.
        given_contested: Weak ones of which an earlier search showed that another person uses them; that person's
            records may have been forgotten since.
    """
    roots = [one for one in candidates if not one.via]
    known_strong, known_weak = set(given_strong), set(given_weak)
    if not known_strong:
        known_strong |= _only_person(roots, known_weak)
    mine = _absorb(roots, known_strong, known_weak)
    seen = frozenset(weak for one in roots if one.key not in mine and one.strong for weak in one.weak & known_weak)
    contested = seen | frozenset(given_contested)
    decided = {one.key: _whose(one, mine, contested) for one in roots}
    _inherit(candidates, decided)
    return Resolution(attributions=decided, known=frozenset(known_strong | known_weak), contested=contested)


def _only_person(roots: Sequence[Candidate], known_weak: set[Hashable]) -> set[Hashable]:
    """The strong identifiers of the one person who uses the given weak ones; empty if there are several or none."""
    people: list[set[Hashable]] = []
    for one in roots:
        if not one.strong or not one.weak & known_weak:
            continue
        merged = set(one.strong)
        for person in [person for person in people if person & merged]:
            people.remove(person)
            merged |= person
        people.append(merged)
    return people[0] if len(people) == 1 else set()


def _absorb(roots: Sequence[Candidate], known_strong: set[Hashable], known_weak: set[Hashable]) -> set[str]:
    """Grow the known identifiers by every record that names a known strong one; returns those records' keys."""
    mine: set[str] = set()
    grown = True
    while grown:
        grown = False
        for one in roots:
            if one.key not in mine and one.strong & known_strong:
                mine.add(one.key)
                known_strong |= one.strong
                known_weak |= one.weak
                grown = True
    return mine


def _whose(one: Candidate, mine: set[str], contested: frozenset[Hashable]) -> Attribution:
    if one.key in mine:
        return Attribution.SUBJECT
    if one.strong:
        # Where nothing was found by what names the person, a namesake of the number may still be the person.
        return Attribution.ANOTHER if mine else Attribution.UNCLEAR
    # Also beside a number of the subject's own: the other end of that call may be another person.
    return Attribution.UNCLEAR if one.weak & contested else Attribution.SUBJECT


def _inherit(candidates: Sequence[Candidate], decided: dict[str, Attribution]) -> None:
    """Give each record reached through another that other's attribution; chains may come in any order."""
    waiting = [one for one in candidates if one.via]
    while waiting:
        left = [one for one in waiting if one.via not in decided]
        for one in waiting:
            if one.via in decided:
                decided[one.key] = decided[one.via]
        if len(left) == len(waiting):
            # Reached through a record that was not listed: no one can say whose it is.
            decided.update({one.key: Attribution.UNCLEAR for one in left})
            return
        waiting = left
