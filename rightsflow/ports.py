"""The connector contract: what one system must be able to do for a request.

The subject's known identifiers are passed to every call: a redaction must know what to remove from a text, an extract
must know whose part of a shared ticket to give, and a fresh read must know what may no longer be there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from rightsflow.identifiers import Identifiers
from rightsflow.records import Located, Method, Outcome, Part, Presence, RecordRef


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKind:
    """One kind of record that a connector knows.

    Args:
        name: The word used in ``RecordRef.kind``.
        title: The same for people, in the plural, for example ``"service tickets"``.
        methods: What the system allows; empty where records of this kind cannot be changed at all.
        residue: What stays behind after an erasure and until when, in one sentence for the answer; empty if nothing.
        manual_step: What a person has to do there by hand because no interface allows it; empty if nothing.
    """

    name: str
    title: str
    methods: frozenset[Method]
    residue: str = ""
    manual_step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a connector declares about its system.

    Args:
        kinds: The kinds of record in the order in which they must be erased (the profile by which the others are
            found comes last).
        searches: The kinds of identifier it can search by.
        calls_per_minute: The rate that the vendor publishes, or 0 where there is none.
    """

    kinds: tuple[RecordKind, ...]
    searches: frozenset[str]
    calls_per_minute: int = 0

    def kind(self, name: str) -> RecordKind:
        """The declaration of one kind.

        Raises:
            KeyError: The connector does not know that kind.
        """
        return {kind.name: kind for kind in self.kinds}[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The result of a probe.

    Args:
        ok: Whether cases can be worked on.
        detail: One sentence: what was seen, or what is wrong and the mend.
        excessive_rights: Rights the credentials have and do not need, in words.
        is_doubtful: Whether somebody should look at it although cases can be worked on.
    """

    ok: bool
    detail: str
    excessive_rights: tuple[str, ...] = ()
    is_doubtful: bool = False


@runtime_checkable
class Connector(Protocol):
    """One system. All methods raise ``Transient``, ``Permanent``, ``Refused`` or ``Misconfigured`` only."""

    @property
    def system(self) -> str:
        """The system's name in the configuration."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What the connector declares; no call is made."""
        ...

    def probe(self) -> Health:
        """Ask whether the system is reachable, the credentials are good and the rights sufficient.

        Never raises for an unhealthy system: that is its answer.
        """
        ...

    def locate(self, known: Identifiers) -> Iterator[Located]:
        """Find every record that matches any of the identifiers, each record once.

        An iterator that ends normally is a positive finding that there is no more; anything else must raise. What
        belongs to a profile (its tickets, its charges) is walked only when ``claims(profile's identifiers, known)``
        of ``rightsflow.attribution`` allows it, so that another person's records are not listed.
        """
        ...

    def extract(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        """Give the data of these records, documents and blobs; a record that is gone by now is passed over."""
        ...

    def erase(self, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
        """Erase these records, all of one kind, batched as the system's API allows.

        Yields exactly one outcome per ref. Safe to repeat: a record that is gone already is ``erased``, in the words
        that one erased now has, since a run that was killed may have erased it. A record the system refuses is an
        outcome with ``refused``; an error is raised only when the step as a whole must stop. What one call settled for
        many records is given by ``settled_together`` of ``rightsflow.records``.
        """
        ...

    def presence(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Presence]:
        """Look again, by a fresh read and never through a search index; exactly one answer per ref."""
        ...
