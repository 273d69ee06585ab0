"""Ownership of a record, over the graph of records: by its own claims and by the claims of all records above it.

An order belongs to an account, a recording to a call, a comment to a ticket. A record is judged by what names a person
in it and by the records that it belongs to:

- A strong claim of another person on the way up outweighs a telephone number below it; beside the subject's full name
  that is a question, if the other person bears another name: it may be a present to another person.
- A record that names the subject by something strong, and belongs to another person's, is in doubt; so is one that
  belongs to the subject's and names another person, unless the full name agrees.
- A contradiction (name, date of birth, another account) puts the record and everything below it in doubt.
- What several people share is inherited downwards (:func:`inherits_sharing`), until a record names the subject alone;
  another person's identifier below it is one of theirs (:func:`below_several`).

Pure: connectors report claims and links, :mod:`rightsflow.domain.attribution` decides over all systems with this rule,
and a connector that reads a record again before it is given or destroyed asks the same rule.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Final

from rightsflow.domain.doubts import RecordDoubt


class Standing(StrEnum):
    """The ownership of a record, the nearest to the subject first."""

    MINE = "mine"
    """The subject's: it names them, or belongs to a record of theirs, and nothing contradicts that."""
    DOUBTFUL = "in doubt"
    """It has something of the subject, and something in it or above it contradicts that: a person decides."""
    THEIRS = "theirs"
    """Another person's contribution to a record of the subject, or one that belongs to records of both."""
    NO_ONES = "no one's"
    """It names no one, and neither does what it belongs to."""
    OTHER = "other"
    """Another person's."""


SUBJECTS: Final = (Standing.MINE, Standing.DOUBTFUL)
"""Ownership that may be the subject's, the surer first."""
_ABOVE: Final = frozenset({*SUBJECTS, Standing.THEIRS})


class Claim(StrEnum):
    """A record's strongest claim about its owner."""

    OWN = "own"
    """It names the subject by an e-mail address, a customer or an account number."""
    NUMBER = "number"
    """It has a telephone number of the subject, and names no one by anything stronger."""
    DOUBTED = "doubted"
    """It names the subject, and something in it, or in other records, puts that in doubt."""
    FOREIGN = "foreign"
    """It names a person by something strong, of which nothing is known to be the subject's."""
    NONE = "none"
    """It names no one by whom a person could be found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The claims of one record without its links.

    Args:
        claim: Its strongest claim.
        doubt: Why it is in doubt by itself; of a telephone number why it is unless a record above is the subject's.
        against: What in it contradicts what is known of the subject: a name, a date of birth, another identifier.
        is_entry: Whether it is one person's contribution to something of several, as a comment is in a ticket: then
            whom it names says who wrote it, not whose the ticket is.
        names_others: Whether it names other people beside the subject, as a call does.
        is_named: Whether it bears the subject's full name.
    """

    claim: Claim
    doubt: RecordDoubt | None = None
    against: RecordDoubt | None = None
    is_entry: bool = False
    names_others: bool = False
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class OwnershipRuling:
    """The ownership of a record, and the doubt about it.

    Args:
        standing: Whose it is.
        doubt: Why it is in doubt; ``None`` where it is not.
        is_inherited: Whether a record above decided, rather than this one.
        bears_other_name: Whether it is another person's who bears another name than the subject.
    """

    standing: Standing
    doubt: RecordDoubt | None = None
    is_inherited: bool = False
    bears_other_name: bool = False


def judge(claims: Claims, above: Collection[OwnershipRuling]) -> OwnershipRuling:
    """Judge a record by its claims and by the rulings on the records that it belongs to.

    Args:
        claims: What it says by itself.
        above: The rulings on the records to which it belongs directly; each of these was judged in the same way.
    """
    return _RULES[claims.claim](claims, above)


def below_several(claims: Claims) -> Claims:
    """Return the claims of a record that belongs to a record of several people.

    Another person's identifier in it may be the other one's of these, as a card of a household's member is.

    Args:
        claims: What it says by itself.
    """
    return replace(claims, names_others=True) if claims.claim is Claim.FOREIGN and not claims.is_named else claims


def inherits_sharing(claims: Claims) -> bool:
    """Return whether a record counts as several people's because a record above does.

    The smallest unit that names the subject alone by something strong is the subject's, such as their own comment in a
    ticket of two people.

    Args:
        claims: What it says by itself.
    """
    return not (claims.claim is Claim.OWN and not claims.names_others)


def _own(claims: Claims, above: Collection[OwnershipRuling]) -> OwnershipRuling:
    up = {ownership_ruling.standing for ownership_ruling in above}
    if claims.is_entry:
        return OwnershipRuling(Standing.MINE)
    if Standing.OTHER in up:
        return OwnershipRuling(Standing.DOUBTFUL, RecordDoubt.OTHER_OWNER, is_inherited=True)
    return _inherited_doubt(above) or OwnershipRuling(Standing.MINE)


def _doubted(claims: Claims, above: Collection[OwnershipRuling]) -> OwnershipRuling:
    is_below_anothers = any(ownership_ruling.standing is Standing.OTHER for ownership_ruling in above)
    if is_below_anothers and claims.doubt is RecordDoubt.NUMBER_ALONE:
        return OwnershipRuling(Standing.DOUBTFUL, RecordDoubt.OTHER_OWNER, is_inherited=True)
    return OwnershipRuling(Standing.DOUBTFUL, claims.doubt)


def _number(claims: Claims, above: Collection[OwnershipRuling]) -> OwnershipRuling:
    up = {ownership_ruling.standing for ownership_ruling in above}
    if Standing.OTHER in up:
        return _of_several(above) if up & _ABOVE else _below_anothers(claims, above)
    if claims.against:
        return OwnershipRuling(Standing.DOUBTFUL, claims.against)
    if inherited := _inherited_doubt(above):
        return inherited
    if Standing.THEIRS in up:
        return OwnershipRuling(Standing.THEIRS)
    if claims.doubt and Standing.MINE not in up:
        return OwnershipRuling(Standing.DOUBTFUL, claims.doubt)
    return OwnershipRuling(Standing.MINE)


def _foreign(claims: Claims, above: Collection[OwnershipRuling]) -> OwnershipRuling:
    up = {ownership_ruling.standing for ownership_ruling in above}
    if not up & _ABOVE:
        # An order without a name has the one of the account to which it belongs.
        named_above = Standing.OTHER in up and _anothers(above).bears_other_name
        bears_other_name = claims.against is RecordDoubt.OTHER_NAME or named_above
        return OwnershipRuling(Standing.OTHER, bears_other_name=bears_other_name)
    if claims.is_entry or claims.names_others or Standing.OTHER in up:
        return _of_several(above)
    if claims.against:
        return OwnershipRuling(Standing.DOUBTFUL, claims.against)
    return _by_what_is_above(above)


def _none(claims: Claims, above: Collection[OwnershipRuling]) -> OwnershipRuling:
    up = {ownership_ruling.standing for ownership_ruling in above}
    if not up & _ABOVE:
        if claims.names_others or Standing.OTHER in up:
            return _anothers(above)
        # It finds no one; but what belongs to a record of another name is not the subject's for that alone.
        return (
            OwnershipRuling(Standing.DOUBTFUL, claims.against) if claims.against else OwnershipRuling(Standing.NO_ONES)
        )
    if claims.against and not up & {Standing.OTHER, Standing.THEIRS}:
        # Also in what is several people's: it bears another person's name and no other one's.
        return OwnershipRuling(Standing.DOUBTFUL, claims.against)
    is_several = Standing.OTHER in up or {*SUBJECTS} <= up or claims.names_others
    return _of_several(above) if is_several else _by_what_is_above(above)


def _anothers(above: Collection[OwnershipRuling]) -> OwnershipRuling:
    others = [ownership_ruling for ownership_ruling in above if ownership_ruling.standing is Standing.OTHER]
    bears_other_name = bool(others) and all(other.bears_other_name for other in others)
    return OwnershipRuling(Standing.OTHER, is_inherited=True, bears_other_name=bears_other_name)


def _below_anothers(claims: Claims, above: Collection[OwnershipRuling]) -> OwnershipRuling:
    """Rule on a record with a telephone number of the subject, below another person's record alone."""
    theirs = _anothers(above)
    if claims.is_named and theirs.bears_other_name:
        return OwnershipRuling(Standing.DOUBTFUL, RecordDoubt.OTHER_OWNER, is_inherited=True)
    return theirs


def _of_several(above: Collection[OwnershipRuling]) -> OwnershipRuling:
    """Rule on a record that is another person's too: in doubt unless a record above surely is the subject's."""
    surely = {ownership_ruling.standing for ownership_ruling in above} & {Standing.MINE, Standing.THEIRS}
    return OwnershipRuling(Standing.THEIRS) if surely else _inherited_doubt(above) or OwnershipRuling(Standing.THEIRS)


def _by_what_is_above(above: Collection[OwnershipRuling]) -> OwnershipRuling:
    standings = {ownership_ruling.standing for ownership_ruling in above}
    if Standing.THEIRS in standings:
        return OwnershipRuling(Standing.THEIRS, is_inherited=True)
    return _inherited_doubt(above) or OwnershipRuling(Standing.MINE, is_inherited=True)


def _inherited_doubt(above: Collection[OwnershipRuling]) -> OwnershipRuling | None:
    doubtful = [ownership_ruling for ownership_ruling in above if ownership_ruling.standing is Standing.DOUBTFUL]
    doubt = next(
        (ownership_ruling.doubt for ownership_ruling in doubtful if ownership_ruling.doubt), RecordDoubt.NUMBER_ALONE
    )
    return OwnershipRuling(Standing.DOUBTFUL, doubt, is_inherited=True) if doubtful else None


_RULES: Final[Mapping[Claim, Callable[[Claims, Collection[OwnershipRuling]], OwnershipRuling]]] = {
    Claim.OWN: _own,
    Claim.DOUBTED: _doubted,
    Claim.NUMBER: _number,
    Claim.FOREIGN: _foreign,
    Claim.NONE: _none,
}


@dataclass(frozen=True, slots=True)
class Links:
    """The links between records, by their keys.

    Args:
        above: Of each record the keys of those that it belongs to directly. A key that is not listed itself is of a
            record that was not reported.
    """

    above: Mapping[str, Sequence[str]]
    below: Mapping[str, Sequence[str]] = field(init=False)
    order: Sequence[str] = field(init=False)

    def __post_init__(self) -> None:
        """Turn the links round, and put the records in an order in which each comes after those it belongs to."""
        below: dict[str, list[str]] = {}
        for key, parents in self.above.items():
            for parent in parents:
                below.setdefault(parent, []).append(key)
        object.__setattr__(self, "below", below)
        object.__setattr__(self, "order", [key for key in _sorted(self.above) if key in self.above])

    def ancestors(self, key: str, passes: Callable[[str], bool]) -> Iterator[str]:
        """Yield the keys of the records above a record, the nearest first.

        Args:
            key: The record.
            passes: Whether the way leads on beyond a record above.
        """
        yield from _walk(self.above, key, passes)

    def descendants(self, key: str, passes: Callable[[str], bool]) -> Iterator[str]:
        """Yield the keys of the records below a record, the nearest first.

        Args:
            key: The record.
            passes: Whether the way leads on beyond a record below.
        """
        yield from _walk(self.below, key, passes)

    def rulings(self, claims: Callable[[str], Claims]) -> dict[str, OwnershipRuling]:
        """Judge all records, each after those that it belongs to.

        A record that belongs to one that was not reported, or runs in a circle, is in doubt: no one can tell whose.

        Args:
            claims: What each record says by itself.
        """
        by_record: dict[str, OwnershipRuling] = {}
        unreported = OwnershipRuling(Standing.DOUBTFUL, RecordDoubt.NUMBER_ALONE)
        for key in self.order:
            by_record[key] = judge(claims(key), [by_record.get(item, unreported) for item in self.above[key]])
        return by_record

    def chain(self, key: str, rulings: Mapping[str, OwnershipRuling]) -> tuple[str, ...]:
        """Return the records from a record up to the one that decided its ownership, which may be itself.

        Args:
            key: The record.
            rulings: As of :meth:`rulings`.
        """
        way = [key]
        while rulings[way[-1]].is_inherited:
            wanted = rulings[way[-1]]
            above = [item for item in self.above[way[-1]] if item in rulings and item not in way]
            decisive = [item for item in above if rulings[item].standing is Standing.OTHER] or [
                item for item in above if rulings[item].standing is wanted.standing
            ]
            if not decisive:
                break
            way.append(decisive[0])
        return tuple(way)


def _walk(links: Mapping[str, Sequence[str]], key: str, passes: Callable[[str], bool]) -> Iterator[str]:
    seen, waiting = {key}, deque(links.get(key, ()))
    while waiting:
        popleft = waiting.popleft()
        if popleft not in seen:
            seen.add(popleft)
            yield popleft
            if passes(popleft):
                waiting.extend(links.get(popleft, ()))


def _sorted(above: Mapping[str, Sequence[str]]) -> list[str]:
    """Sort the keys in an order for judging; links that close a circle are cut."""
    links = {key: list(parents) for key, parents in above.items()}
    while True:
        try:
            return list(TopologicalSorter(links).static_order())
        except CycleError as error:
            # The circle is given from each to the next that waits for it; its members stay unreported for each other.
            circle = error.args[1]
            for first, second in pairwise(circle):
                links[second] = [link for link in links.get(second, ()) if link != first]
