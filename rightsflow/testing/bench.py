"""The bench: a connector on a peer whose contents are known, as the conformance suite needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from rightsflow.domain.attribution import Attribution, Candidate, Resolution, resolve
from rightsflow.domain.connector import Connector
from rightsflow.domain.identifiers import Identifier, Identifiers
from rightsflow.domain.requesters import WhyNot
from rightsflow.domain.vocabulary.records import Fact, Located, Method, RecordRef

_ROUNDS = 10


def _none_to_try() -> Connector | None:
    """Return no credentials, for systems that have none."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A connector on a peer with one subject and at least one neighbour who shares a phone number with them.

    Make the peer such that no test waits: answer faults at once, and give the connector a sleep that returns.

    Args:
        connector: The connector under test.
        known: What the request gives of the subject.
        nobody: Identifiers of a person the system does not hold, of the kinds that it can be searched by.
        expected: How many records of each kind are the subject's once attribution has decided. Records that only
            mention the subject or that belong to a person with the same phone number do not count.
        canaries: Clear values of the subject (e-mail address, numbers in every stored spelling, name, words of a
            ticket) that may never show in a repr, a log line or an error.
        neighbours: Gives a digest of everything the system holds about everybody else.
        outage: While it is entered, the system answers every call with an error or not at all.
        method_for: How each kind is erased in the tests; a kind that is missing is not erased.
        wrong_credentials: Makes the same connector with credentials that the system refuses; ``None`` where the
            system knows none.
        ignoring_filters: While it is entered, the system answers every search with everybody's records, as servers do
            that ignore a filter they do not know; ``None`` for a system that cannot.
        refused_lists: By names of your own: while one is entered, one of the lists that a search reads answers with an
            error (403, 404) or refuses the connection, and everything else answers. Best all lists with each error.
        residue: The kinds of which the system always keeps something that leads back to the person (the fingerprint of
            a card): a fresh read after the erasure shows them as residue.
        leaving_residue: While it is entered, the system keeps more of what is erased than it does otherwise: a field
            that names the person or leads back to them; ``None`` for a system that cannot.
        beyond_a_page: Puts so many records of one person into the system that a list of them has several pages, and
            returns by what that person is known and how many records of each kind there are; ``None`` for a system
            without pages.
        shared: The records of the subject in which other people stand too: a ticket with another customer's message.
        never_shared: Why the system has no such record, in a sentence; a bench with neither is refused.
        given: Texts planted in the subject's records that the tests erase, which an extract has to hold, as they are
            stored. Plant one at the end of a long text, and one on the last page of a list.
        withheld: Texts planted in other people's records and in their part of shared ones.
        held: Gives everything that the system holds, as text, read past the connector; ``None`` if that cannot be read.
        change_hands: Makes one of the subject's records another person's, as systems do that give a key out again or
            let a ticket have another customer, and returns where it is; ``None`` for a system that cannot.
        first: Pairs of kinds of which the system needs the first erased before the second.
        refused_reads: By names of your own: while one is entered, each read of a single record answers with an error
            that is not 404.
        tickets: Tickets of the system, where the connector declares ``has_tickets``: each number with an identifier
            that its requester has, or with the reason why none is read.
    """

    connector: Connector
    known: Identifiers
    nobody: Identifiers
    expected: Mapping[str, int]
    canaries: frozenset[str]
    neighbours: Callable[[], str]
    outage: Callable[[], AbstractContextManager[object]]
    method_for: Mapping[str, Method]
    wrong_credentials: Callable[[], Connector | None] = _none_to_try
    ignoring_filters: Callable[[], AbstractContextManager[object]] | None = None
    refused_lists: Mapping[str, Callable[[], AbstractContextManager[object]]] = field(default_factory=dict)
    residue: frozenset[str] = frozenset()
    leaving_residue: Callable[[], AbstractContextManager[object]] | None = None
    beyond_a_page: Callable[[], tuple[Identifiers, Mapping[str, int]]] | None = None
    shared: frozenset[RecordRef] = frozenset()
    never_shared: str = ""
    given: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    held: Callable[[], str] | None = None
    change_hands: Callable[[], RecordRef] | None = None
    first: tuple[tuple[str, str], ...] = ()
    refused_reads: Mapping[str, Callable[[], AbstractContextManager[object]]] = field(default_factory=dict)
    tickets: Mapping[str, Identifier | WhyNot] = field(default_factory=dict)
    _searched: list[Found] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def found(self) -> Found:
        """What the first search for the subject gave; it is made once."""
        if not self._searched:
            self._searched.append(find(self.connector, self.known))
        return self._searched[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The results of the rounds of locating.

    Args:
        everything: All that the last round listed.
        subject: The part of it that attribution gives to the subject.
        known: The subject's identifiers, the harvested ones included.
    """

    everything: tuple[Located, ...]
    subject: tuple[Located, ...]
    known: Identifiers

    @property
    def refs(self) -> list[RecordRef]:
        """The refs of the subject's records."""
        return [item.record for item in self.subject]


def find(connector: Connector, known: Identifiers) -> Found:
    """Locate as the flows do: repeat with the learnt identifiers until none is new.

    Args:
        connector: The connector to ask.
        known: What the request gives of the subject.
    """
    stated = known
    for _ in range(_ROUNDS):
        everything = tuple(connector.locate(known))
        resolution = decide(everything, known, stated)
        if resolution.known == known:
            break
        known = resolution.known
    mine = [item for item in everything if resolution.attributions[key_of(item.record)] is Attribution.SUBJECT]
    everything = tuple(item for item in everything if not item.is_context)
    return Found(everything=everything, subject=tuple(mine), known=known)


def may_go(located: Located, method: Method) -> bool:
    """Return whether a plan would let a record be removed by this method, judged by its facts alone.

    Records that the system itself locks stay; records that also name other people are redacted and never removed.
    """
    if located.facts & {Fact.LOCKED, Fact.LEGAL_HOLD}:
        return False
    return method is Method.REDACT or not located.facts & {Fact.SHARED, Fact.MENTION}


def by_kind(connector: Connector, refs: Iterable[RecordRef]) -> list[tuple[str, Sequence[RecordRef]]]:
    """Group refs in the order in which the connector wants its kinds erased; empty groups are left out."""
    listed = list(refs)
    groups = [(kind.name, [ref for ref in listed if ref.kind == kind.name]) for kind in connector.capabilities.kinds]
    return [(name, group) for name, group in groups if group]


def decide(everything: Sequence[Located], known: Identifiers, stated: Identifiers | None = None) -> Resolution:
    """Decide the ownership of located records, as the cases do; the keys are those of :func:`key_of`.

    Args:
        everything: What all systems listed, the records that others belong to included.
        known: What is known of the subject.
        stated: What of it the request states; by default all of it.
    """
    candidates = [
        Candidate(
            key=key_of(located.record),
            owner=located.owner,
            above=tuple(map(key_of, located.belongs_to)),
            is_context=located.is_context,
            names_others=Fact.SHARED in located.facts,
            occurred_on=located.occurred_on,
        )
        for located in everything
    ]
    return resolve(known, candidates, stated=stated)


def key_of(record: RecordRef) -> str:
    """Return a record's key in :func:`decide`."""
    return f"{record.system}\0{record.kind}\0{record.ref}"
