"""Attribution of records to the subject, decided over the results of all systems, never by one connector alone.

The rule, in words. A record that carries one of the subject's known e-mail addresses, customer or account numbers is
the subject's, unless something in it puts that in doubt (:mod:`rightsflow.domain.doubts`), and whatever else it names
becomes known too; that is repeated until nothing new appears. Addresses come first, since numbers are typed wrong and
given away again. A phone number is weak, since people use one in turn: a record that matches only by number and names
another person's strong identifier is another person's and makes that number *contested*; a record that names no one
but has a contested number in it, alone or beside others, is *unclear*. Where a request gives nothing but a number, the
one person who has it is the subject; if there are several, all of them are unclear. So are they where what names the
person found nothing, but their number did. What is unclear teaches nothing, and a person decides on it.

What people have one after the other, such as a device, makes a record the subject's only within the time in which
stronger claims or the request show it theirs (:mod:`rightsflow.domain.turns`). What proves something only together with
another identifier needs a second, independent one in the same chain of records. Neither teaches anything.

Pure: the store gives what it knows and keeps what is decided.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import partial
from itertools import combinations

from rightsflow.domain.chain_claims import ChainClaims, RecordChain, names_several
from rightsflow.domain.doubts import Doubts, RecordDoubt, doubts_by_address, doubts_by_number, doubts_by_phone
from rightsflow.domain.identifier_kinds import STRONG
from rightsflow.domain.identifiers import (
    ONLY_CONTRADICTING,
    Identifier,
    Identifiers,
    contested_numbers,
    strong,
)
from rightsflow.domain.names import Likeness
from rightsflow.domain.ownership import (
    Claim,
    Claims,
    Links,
    OwnershipRuling,
    Standing,
    below_several,
    inherits_sharing,
)
from rightsflow.domain.subject import (
    ADDRESSES,
    NUMBERS,
    PARTS,
    PHONES,
    TURNS,
    Known,
    Owners,
    Roles,
    is_told_apart,
    names_another,
    tells_apart,
)
from rightsflow.domain.turns import Turn, TurnMark, Turns, stated_marks


class Attribution(StrEnum):
    """The attribution of a located record to the subject or to another person."""

    SUBJECT = "subject"
    UNCLEAR = "unclear"
    ANOTHER = "another"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A located record reduced to what decides whose it is.

    Args:
        key: Any name for the record, unique in the call.
        owner: Every identifier by which it names the person it belongs to, names and dates of birth too.
        above: The keys of the records that it belongs to directly, such as the account of an order.
        is_context: Whether it was read only because others belong to it, and no search found it.
        names_others: Whether other people stand in it beside its owner.
        occurred_on: Its date in its system; ``None`` where it has none.
        is_profile: Whether it is a person's profile: its date says nothing of when they had a device in it.
        was_subjects: Whether an earlier decision, over all systems' records, made it the subject's.
    """

    key: str
    owner: Identifiers = frozenset()
    above: tuple[str, ...] = ()
    is_context: bool = False
    names_others: bool = False
    occurred_on: date | None = None
    is_profile: bool = False
    was_subjects: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The attributions of all candidates.

    Args:
        attributions: Whose each candidate is, by key.
        doubts: Why it is unclear whose a candidate is, by the keys of those.
        known: All identifiers of the subject, the given ones included.
        contested: Known ones that another person uses as well.
        shared: The keys of the subject's records that other people's data are in too, or above.
        chains: Of those that a record above decided, the keys from the record up to that one.
    """

    attributions: Mapping[str, Attribution]
    known: Identifiers
    contested: Identifiers = frozenset()
    doubts: Mapping[str, RecordDoubt] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()
    chains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def claims(profile: Identifiers, known: Identifiers) -> bool:
    """Return whether a connector may follow the records that belong to a profile that matched.

    True if the profile names a known strong identifier, or none of another person (an unnamed caller, who may name an
    order).
    """
    return not names_another(profile, known)


def surest(profiles: Mapping[int, Identifiers], known: Identifiers) -> frozenset[int]:
    """Return the people in one record who surely are the subject, among several who carry an identifier of the subject.

    All of them where none surely is: then the whole record is in doubt, and a person decides on it.

    Args:
        profiles: What names each of them, by their keys.
        known: What is known of the subject.
    """
    keys = {str(key): key for key in profiles}
    candidates = [Candidate(key=key, owner=profiles[number]) for key, number in keys.items()]
    decided = resolve(known, candidates, contested_numbers(known))
    sure = frozenset(keys[key] for key, whose in decided.attributions.items() if whose is Attribution.SUBJECT)
    return sure or frozenset(profiles)


def resolve(
    given: Identifiers,
    candidates: Sequence[Candidate],
    contested: Identifiers = frozenset(),
    *,
    stated: Identifiers | None = None,
) -> Resolution:
    """Decide whose each candidate is, to a fixpoint.

    Args:
        given: What is known so far: from the request, or learnt in an earlier round; names too.
        candidates: Everything that all systems returned.
        contested: Known ones of which an earlier search showed that another person uses them; that person's records may
            have been forgotten since.
        stated: Those of the given ones that the request states, or a person has confirmed; by default all of them.
    """
    search = _Search(candidates, given, contested, given if stated is None else stated)
    search.grow()
    return search.decide()


def _searchable(owner: Identifiers) -> Identifiers:
    """Return the identifiers without account numbers of unknown systems, which prove nothing."""
    return frozenset(identifier for identifier in owner if identifier.proves or identifier.kind in ONLY_CONTRADICTING)


class _Search:
    """The growing state of an attribution: the identifiers known, and the records attributed.

    Args:
        candidates: As of :func:`resolve`.
        given: As there.
        contested: As there.
        stated: As there.
    """

    def __init__(
        self, candidates: Sequence[Candidate], given: Identifiers, contested: Identifiers, stated: Identifiers
    ) -> None:
        self._stated = stated
        self._records = {candidate.key: candidate for candidate in candidates}
        self._said = ChainClaims(
            {candidate.key: _searchable(candidate.owner) for candidate in candidates},
            Links({candidate.key: candidate.above for candidate in candidates}),
            frozenset(candidate.key for candidate in candidates if candidate.names_others),
        )
        self._given = given
        self.known = set(given)
        self._contested = contested & given
        self._seen_with_others = contested & given
        self._used: dict[Roles, Identifiers] = {}
        self._mine: set[str] = set()
        self._doubts: dict[str, RecordDoubt] = {}
        self._overruled: dict[Identifiers, Likeness] = {}
        self._barred: set[str] = set()
        self._weakly: dict[str, Claim] = {}

    def grow(self) -> None:
        """Take the subject's records and the identifiers in them, until no further record is the subject's.

        What was taken while only an initial was known may contradict the name that was learnt since, and so may what a
        record belongs to; and an address may stand below another account of the house: then all is done again without
        it, since what it taught may be another person's.
        """
        self._grow()
        while (against := self._against()) or (left := self._left_by_now()) or (shared := self._shared_by_now()):
            self._overruled |= against
            if not against:
                self._barred |= left
                self._contested |= set() if left else shared
            self.known, self._mine, self._doubts, self._used = set(self._given), set(), {}, {}
            self._grow()

    def _against(self) -> dict[Identifiers, Likeness]:
        """Return the names in records that were taken and contradict the present knowledge, with their likeness."""
        known = self._state()
        taken = {owner for key, owner in self._owners(known).items() if key in self._mine}
        return {owner: like for owner in taken if (like := known.likeness(owner)).contradicts}

    def _left_by_now(self) -> set[str]:
        """Return the records that were taken and are not the subject's by the present knowledge."""
        rulings = self._said.links.rulings(partial(self._claims, self._state(), self._doubts))
        return {key for key in self._mine if rulings[key].standing is not Standing.MINE}

    def _shared_by_now(self) -> Identifiers:
        """Return the records below other accounts too, by the present knowledge, that were not taken for shared."""
        return self._said.below_others(self._state()) - self._contested

    def _grow(self) -> None:
        if not strong(self.known):
            self.known |= self._only_person()
        while self._take(doubts_by_address, ADDRESSES) or self._take(doubts_by_number, NUMBERS):
            pass

    def _owners(self, known: Known) -> dict[str, Identifiers]:
        """Return the identifiers in each record that names a person, with those of the records above it."""
        return self._said.owners(known)

    def _only_person(self) -> Identifiers:
        """Return the strong identifiers of the one person who uses the given weak ones; empty for several or none."""
        known, people, said = self._state(), list[set[Identifier]](), set[Identifiers]()
        for key, owner in self._owners(known).items():
            if not strong(owner) or not known.hits(owner, PHONES):
                continue
            if self._records[key].names_others and names_several(owner):
                # Which of two people has the number, no one can tell.
                return frozenset()
            if known.likeness(owner).contradicts or known.is_born_apart(owner):
                return frozenset()
            said.add(frozenset(item for item in owner if item.kind in ONLY_CONTRADICTING))
            merged = set(strong(owner))
            for person in [person for person in people if person & merged]:
                people.remove(person)
                merged |= person
            people.append(merged)
        is_one = len(people) == 1 and not any(is_told_apart(person, other) for person, other in combinations(said, 2))
        return frozenset(people[0]) if is_one and not self._is_of_another(people[0], known) else frozenset()

    def _is_of_another(self, person: Collection[Identifier], known: Known) -> bool:
        """Return whether the records of a possible subject, or papers below these, bear another name."""
        keys = [key for key, owner in self._owners(known).items() if strong(owner) & set(person)]
        if any(known.is_same(self._said.own(key)) and known.hits(self._said.own(key), PHONES) for key in keys):
            return False
        return any(known.likeness(frozenset({item})).contradicts for item in self._said.names_below(keys))

    def _state(self, seen: Identifiers = frozenset()) -> Known:
        return replace(self._plain(), contested=self._contested | seen, unconfirmed=self._unconfirmed())

    def _plain(self) -> Known:
        known = Known(frozenset(self.known), overruled=self._overruled)
        return replace(known, below=self._said.papers(self._mine, known))

    def _unconfirmed(self) -> Identifiers:
        """Customer numbers that nothing found by an address bears, where what was found so bears others."""
        known = Known(frozenset(self.known), overruled=self._overruled)
        owners = self._owners(known)
        mine = [owner for key, owner in owners.items() if key in self._mine and known.hits(owner, ADDRESSES)]
        borne = {item for owner in mine for item in owner if tells_apart(item.kind, NUMBERS)}
        named = {item for owner in owners.values() if known.is_same(owner) for item in owner}
        kinds = {item.kind for item in borne}
        numbers = {item for item in self.known if item.kind in kinds}
        together = self._borne_with(borne | (named & numbers), owners)
        return frozenset(numbers - together)

    def _borne_with(self, numbers: set[Identifier], owners: Owners) -> set[Identifier]:
        """Return numbers with those that stand in one record of the subject with them."""
        reached, before = set(numbers), -1
        while before != len(reached):
            before = len(reached)
            reached.update(*(owner for key, owner in owners.items() if key in self._mine and owner & reached))
        return reached

    def _take(self, judge: Callable[[Mapping[str, Identifiers], Known], Doubts], roles: Roles) -> bool:
        """Take the records that carry something known of some kinds, unless in doubt; returns whether it took any."""
        # Numbers that another person's record at a shared address bears are theirs too.
        known = self._state(self._used.get(ADDRESSES, frozenset()) if roles is NUMBERS else frozenset())
        owners = self._owners(known)
        found = {key: owner for key, owner in owners.items() if key not in self._mine and known.hits(owner, roles)}
        if roles is NUMBERS:
            found = {key: owner for key, owner in found.items() if not known.hits(owner, ADDRESSES)}
        judged = judge(found, known)
        self._doubts = {key: doubt for key, doubt in self._doubts.items() if key not in found} | dict(judged.of)
        self._used[roles] = judged.contested
        taken = self._allowed(found.keys() - judged.of.keys(), known)
        self._mine |= taken
        self.known.update(*(known.learnt(self._said.taught(key, known) | self._said.borne(key)) for key in taken))
        return bool(taken)

    def _allowed(self, wanted: set[str], known: Known) -> set[str]:
        """Return the records that no record above makes another person's, or doubtful."""
        taken = wanted - self._barred
        while taken:
            taught = frozenset().union(*(self._said.taught(key, known) for key in taken))
            rulings = self._said.links.rulings(partial(self._claims_growing, known, taken, strong(taught)))
            left = {key for key in taken if rulings[key].standing is Standing.MINE}
            if left == taken:
                break
            taken = left
        return taken

    def _claims_growing(self, known: Known, taken: set[str], taught: Identifiers, key: str) -> Claims:
        """Return a record's claims before the decision; a record not taken yet that names the subject is doubted.

        An account that bears what the record below it teaches, and contradicts nothing, is the one that this is about.
        """
        own = self._said.own(key)
        if own & taught and not (strong(own) & known.identifiers or self._said.against(key, known)):
            return Claims(claim=Claim.OWN, names_others=self._records[key].names_others)
        if strong(own) & known.identifiers and not (key in taken or key in self._mine):
            return Claims(claim=Claim.DOUBTED, doubt=self._doubts.get(key))
        return self._claims(known, {}, key)

    def _claims(self, known: Known, doubts: Mapping[str, RecordDoubt], key: str) -> Claims:
        """Return a record's own claims."""
        own, others = self._said.own(key), self._records[key].names_others
        if key in doubts and key not in self._mine:
            return Claims(claim=Claim.DOUBTED, doubt=doubts[key], names_others=others)
        against = self._said.against(key, known)
        if strong(own) & known.identifiers:
            return Claims(claim=Claim.OWN, names_others=others)
        if names_another(own, known.identifiers, self._said.borne(key)):
            others, is_named = others and bool(own & known.identifiers), known.is_same(own)
            said = Claims(claim=Claim.FOREIGN, against=against, names_others=others, is_named=is_named)
            return below_several(said) if self._said.is_below_several(key) else said
        if strong(own):
            is_named, differs = known.is_same(own), RecordDoubt.OTHER_IDENTIFIER
            return Claims(claim=Claim.NUMBER, doubt=differs, against=against, is_named=is_named)
        weakly = Claim.NUMBER if known.hits(own, PHONES) else self._weakly.get(key)
        if weakly is not None:
            doubt = RecordDoubt.OTHER_TIME if weakly is Claim.DOUBTED else None
            return Claims(claim=weakly, doubt=doubt, against=against, is_named=known.is_same(own))
        return Claims(claim=Claim.NONE, against=against, names_others=others)

    @property
    def contested(self) -> Identifiers:
        """Known identifiers that another person uses as well, as far as the records show."""
        return self._contested.union(*self._used.values()) & self.known

    def decide(self) -> Resolution:
        """Return the attribution of each record, and the doubt about each unclear one."""
        known = self._plain()
        doubts = {**self._doubts_by_phone(known), **self._doubts}
        self._weakly = self._weak_claims(known, doubts)
        rulings = self._said.links.rulings(partial(self._claims, known, doubts))
        attributed = {key: self._attributed(key, ruling, known) for key, ruling in rulings.items()}
        unclear = {key: doubt for key, (_, doubt) in attributed.items() if doubt is not None}
        return Resolution(
            attributions={key: whose for key, (whose, _) in attributed.items()},
            doubts=unclear,
            known=frozenset(self.known),
            contested=self.contested,
            shared=self._shared(rulings, known, doubts),
            chains={key: chain for key in unclear if len(chain := self._said.links.chain(key, rulings)) > 1},
        )

    def _doubts_by_phone(self, known: Known) -> Mapping[str, RecordDoubt]:
        others = {key: owner for key, owner in self._owners(known).items() if key not in self._mine}
        named = [owner for owner in others.values() if strong(owner)]
        phones = {hit for owner in named for hit in known.hits(owner, PHONES)}
        # What has none of the subject's numbers is found by no number, and its name says nothing of those that are.
        nameless = {key: owner for key, owner in others.items() if not strong(owner) and known.hits(owner, PHONES)}
        unsure = self._numbers_from_below(known)
        phones |= self._at_other_ends(unsure, known)
        by_phone = doubts_by_phone(nameless, replace(known, contested=self._contested | phones))
        self._used[PHONES] = by_phone.contested
        bare = {key for key, owner in nameless.items() if (hits := known.hits(owner, PHONES)) and hits <= unsure}
        return dict.fromkeys(bare, RecordDoubt.LEARNT_NUMBER) | dict(by_phone.of)

    def _numbers_from_below(self, known: Known) -> Identifiers:
        """Return the phones that only records below an account bear: an order may be placed from another person's.

        Also where the order repeats the address of the account, which says nothing of the telephone beside it.
        """
        mine = {key: known.hits(self._said.own(key), PHONES) for key in self._mine}
        above = {key: self._said.links.ancestors(key, lambda _: True) for key in mine}
        below = {key for key in mine if not self._mine.isdisjoint(above[key])}
        sure = frozenset().union(self._stated, *(mine[key] for key in mine.keys() - below))
        return frozenset().union(*(mine[key] for key in below)) - sure

    def _at_other_ends(self, unsure: Identifiers, known: Known) -> Identifiers:
        """Return the unsure telephones beside a further one in some record, as in a call: no one calls themselves."""
        borne = (known.hits(self._said.own(key), PHONES) for key in self._records)
        return frozenset().union(*(phones & unsure for phones in borne if len(phones) > 1))

    def _weak_claims(self, known: Known, doubts: Mapping[str, RecordDoubt]) -> dict[str, Claim]:
        """Return the claims of records by what people have in turn, or what proves something together alone.

        A record below another one is doubted outside the subject's time, so that it is not theirs by a device that was.
        """
        if not known.hits(known.identifiers, TURNS | PARTS):
            return {}
        turns = self._turns(known, doubts)
        self._used[TURNS] = turns.contested
        bare = [key for key in self._records if not (key in self._mine or key in doubts or strong(self._said.own(key)))]
        chains = {key: self._said.chain(key) for key in bare}
        found = dict[str, Claim]()
        for key, chain in chains.items():
            if strong(chain.up) or not known.hits(chain.up, TURNS | PARTS):
                continue
            is_inside = self._is_inside(self._records[key], known.hits(chain.up, TURNS), turns)
            if is_inside or (is_inside is None and self._is_confirmed(chain, known)):
                found[key] = Claim.NUMBER
            elif is_inside is None or not self._said.links.above.get(key):
                continue
            else:
                found[key] = Claim.DOUBTED
        return found

    def _turns(self, known: Known, doubts: Mapping[str, RecordDoubt]) -> Turns:
        """Return the turns of the known identifiers that people have in turn, by the records' other claims."""
        rulings = self._said.links.rulings(partial(self._claims, known, doubts))
        return Turns([*self._marks(known, rulings), *stated_marks(self._given & self._stated)])

    def _marks(self, known: Known, rulings: Mapping[str, OwnershipRuling]) -> Iterator[TurnMark]:
        for key, record in self._records.items():
            named = self._said.upwards(key)
            tells = strong(named) or known.is_born_apart(named) or known.likeness(named).contradicts
            for item in known.hits(named, TURNS) if tells else ():
                is_subjects = key in self._mine and rulings[key].standing is Standing.MINE
                yield TurnMark(item, record.occurred_on, is_subjects, is_lasting=record.is_profile)

    def _is_inside(self, record: Candidate, borne: Identifiers, turns: Turns) -> bool | None:
        """Return whether a record is within the subject's time of what it bears; ``None`` if it bears no such thing."""
        if not borne:
            return None
        # Of what another person had too the marks of that person may have been forgotten since.
        sure = {item for item in borne if record.was_subjects or item not in self._seen_with_others}
        told = {turns.on(item, record.occurred_on) for item in sure}
        return Turn.SUBJECTS in told and Turn.OTHERS not in told

    def _is_confirmed(self, chain: RecordChain, known: Known) -> bool:
        """Return whether a second, independent identifier of the subject stands in a chain of records."""
        if known.is_born_alike(chain.up):
            return True
        used = known.contested | self.contested
        hits = known.hits(chain.up | chain.down, STRONG | PHONES | PARTS) - used
        things = {hit.kind.declaration.thing or hit.realm for hit in hits}
        return len(things) > 1 and bool(known.hits(chain.up, PARTS))

    def _attributed(self, key: str, ruling: OwnershipRuling, known: Known) -> tuple[Attribution, RecordDoubt | None]:
        standing, is_context = ruling.standing, self._records[key].is_context
        if standing is Standing.MINE:
            return Attribution.SUBJECT, None
        if standing is Standing.THEIRS and not is_context:
            return Attribution.SUBJECT, None
        if standing is Standing.DOUBTFUL and not is_context:
            return Attribution.UNCLEAR, ruling.doubt or RecordDoubt.NUMBER_ALONE
        # Where nothing was found by what names the person, a namesake of the number may still be the person.
        if not self._mine and not is_context and standing is Standing.OTHER:
            return Attribution.UNCLEAR, RecordDoubt.OTHER_PERSON
        if standing is Standing.NO_ONES and not is_context:
            return Attribution.UNCLEAR, self._doubt_of_bare(key, known)
        return Attribution.ANOTHER, None

    def _doubt_of_bare(self, key: str, known: Known) -> RecordDoubt:
        borne = self._said.chain(key).up if known.hits(known.identifiers, TURNS | PARTS) else frozenset()
        if known.hits(borne, TURNS):
            return RecordDoubt.OTHER_TIME
        return RecordDoubt.PART_ALONE if known.hits(borne, PARTS) else RecordDoubt.NUMBER_ALONE

    def _shared(
        self, rulings: Mapping[str, OwnershipRuling], known: Known, doubts: Mapping[str, RecordDoubt]
    ) -> frozenset[str]:
        """Return the records that name other people, and those that inherit that; each after its parents."""
        shared: set[str] = set()
        # A number that was learnt and that another person uses is that person's in a call, beside the subject's own.
        others = self.contested - self._stated
        for key, ruling in rulings.items():
            above = any(item in shared for item in self._said.links.above[key])
            said = self._claims(known, doubts, key)
            inherits = above and inherits_sharing(said)
            phones = known.hits(self._said.own(key), PHONES)
            is_weakly_mine = ruling.standing is Standing.MINE and said.claim is not Claim.OWN
            used_by_others = is_weakly_mine and len(phones) > 1 and bool(phones & others)
            names_others = self._records[key].names_others or used_by_others
            if inherits or ruling.standing is Standing.THEIRS or names_others:
                shared.add(key)
        return frozenset(shared)
