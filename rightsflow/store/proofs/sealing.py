"""The seals of the store: made, published, checked, and repaired by two people, and what covers a case.

What was written wrongly, or taken away, cannot be put right without rewriting the past. Without a way on, one wrong row
would end the sealing of every case.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import ColumnElement, and_, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from rightsflow.audit.ledger import Entry, Fault, Head, Link, check_chain
from rightsflow.audit.ledger.merkle import Tree
from rightsflow.audit.ledger.seals import Seal, SealProof, leaf_of
from rightsflow.audit.signing import SigningKey
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.four_eyes import refuse_own_repair
from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.store.core.case_ledger import append_own, links_of, own_entries
from rightsflow.store.core.chain_ends import head_of
from rightsflow.store.database import Database
from rightsflow.store.proofs.ledger_check import Extent, check_ledger, extent
from rightsflow.store.proofs.row_checks import rows
from rightsflow.store.proofs.seals import last_proved, last_seal, proofs_of, seal, seals_between
from rightsflow.store.proofs.signing_keys import active_signing_keys, rotate_key
from rightsflow.store.tables import PublicationRow, SealRow
from rightsflow.vault import MasterKey

_AT_ONCE = 100


def unpublished(session: Session, place: str) -> list[Seal]:
    """Return the oldest seals that have not gone to a place, some at a time.

    Args:
        session: The open transaction.
        place: The place, as the settings name it.
    """
    query = select(SealRow).where(_lacks(session, place)).order_by(SealRow.number).limit(_AT_ONCE)
    return [Seal(row.number, row.body, row.digest, row.signatures) for row in session.scalars(query)]


def behind(session: Session, place: str) -> int:
    """Count the seals that a place lacks."""
    return session.scalar(select(func.count()).select_from(SealRow).where(_lacks(session, place))) or 0


def _lacks(session: Session, place: str) -> ColumnElement[bool]:
    gone = select(PublicationRow.seal).where(PublicationRow.place == place)
    lacks = SealRow.number.not_in(gone)
    if not place.startswith("mailto:"):
        return lacks
    # No one wants years of seals as mails on one day: a new mailbox begins with the newest.
    first = session.scalar(select(func.min(PublicationRow.seal)).where(PublicationRow.place == place))
    return and_(lacks, SealRow.number >= (first or select(func.max(SealRow.number)).scalar_subquery()))


def note_published(database: Database, place: str, seal: int, now: datetime) -> None:
    """Note that a seal has gone to a place; another process may have noted it meanwhile.

    Args:
        database: The case store's database.
        place: The place, as the settings name it.
        seal: The seal's number.
        now: The present instant (aware).
    """
    try:
        with database.transaction() as session:
            row = {"place": place, "seal": seal, "published_at": now}
            _insert(session, row)
    except _NotedAlready:
        return


class _NotedAlready(Exception):
    """Another process has noted it."""


def _insert(session: Session, row: dict[str, object]) -> None:
    try:
        session.execute(insert(PublicationRow).values(row))
    except IntegrityError:
        raise _NotedAlready from None


def proofs_up_to_now(session: Session, chain: str) -> list[SealProof]:
    """Return the proofs of a chain, oldest first; the last is of its head under the newest seal.

    Returns:
        None at all for a chain that is younger than the newest seal.
    """
    newest, proofs = last_seal(session), proofs_of(session, chain)
    if newest is None or not proofs or proofs[-1].seal == newest.number:
        return proofs
    return [*proofs, _under(session, newest.number, chain, proofs[-1])]


def _under(session: Session, seal: int, chain: str, last: SealProof) -> SealProof:
    """Return the last proof of a chain again, under a later seal before which the chain had not grown.

    The tree of that seal can be built again whatever has grown since: its leaves are what the seals proved last.
    """
    position = 0

    def leaves() -> Iterator[bytes]:
        nonlocal position
        for place, (name, number, digest) in enumerate(rows(session, last_proved(session, seal))):
            if name == chain:
                position = place
            yield leaf_of(name, Head(number, digest))

    path = Tree(leaves()).path
    return replace(last, seal=seal, position=position, path=tuple(path(position)))


MOST_FAULTS: Final = 500
"""The number of faults accepted at a time; more of them are a case for a back-up."""


def fault_digest(fault: Fault) -> str:
    """Return the mark of an accepted fault: the SHA-256 of its place and its sentence, hexadecimal."""
    return sha256(f"{fault.kind}\n{fault.place}\n{fault.text}".encode()).hexdigest()


def accepted_faults(session: Session) -> frozenset[str]:
    """Return the digests of all faults that two people accepted."""
    return frozenset(
        str(digest) for entry in own_entries(session, StoreEvent.LEDGER_FAULTS_ACCEPTED) for digest in _digests(entry)
    )


def propose_acceptance(session: Session, faults: Iterable[Fault], now: datetime, *, by: str) -> int:
    """Note that a person knows of faults and would seal the ledger all the same; return how many there are.

    Args:
        session: The open transaction.
        faults: The faults that no two people have accepted yet.
        now: The present instant (aware).
        by: The person.

    Raises:
        BadInput: There are none, or too many.
    """
    known = list(faults)
    if not 0 < len(known) <= MOST_FAULTS:
        raise BadInput(
            f"From one to {MOST_FAULTS} faults are accepted at once, and there are {len(known)}; "
            "run `rightsflow ledger verify`."
        )
    details = {"faults": [fault_digest(fault) for fault in known], "places": [fault.place for fault in known]}
    append_own(session, now, StoreEvent.LEDGER_REPAIR_PROPOSED, actor=by, details=details)
    return len(known)


def accept(session: Session, faults: Iterable[Fault], now: datetime, *, by: str) -> int:
    """Accept, as the second person, the faults of the last proposal; return how many there are.

    Args:
        session: The open transaction.
        faults: The faults that no two people have accepted yet.
        now: The present instant (aware).
        by: The person, another one than who proposed it.

    Raises:
        Conflict: Nothing is proposed, the same person proposed it, or there are other faults than the proposal has.
    """
    proposed = next(reversed(list(own_entries(session, StoreEvent.LEDGER_REPAIR_PROPOSED))), None)
    digests = [fault_digest(fault) for fault in faults]
    if proposed is None or not digests or set(digests) != set(_digests(proposed)):
        raise Conflict(
            "The faults are not those that were proposed; read `rightsflow ledger verify` and propose them anew."
        )
    refuse_own_repair(by, proposed_by=proposed.actor)
    details = {"faults": digests, "proposed": proposed.number}
    append_own(session, now, StoreEvent.LEDGER_FAULTS_ACCEPTED, actor=by, details=details)
    return len(digests)


def _digests(entry: Entry) -> Collection[object]:
    listed = entry.details.get("faults")
    return listed if isinstance(listed, list) else ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CaseCover:
    """The seals and proofs that cover a case at one moment.

    Args:
        proofs: That its heads are under seals.
        seals: The seals from the first of these to the newest.
        keys: The keys that sign now, by name.
    """

    proofs: list[SealProof]
    seals: list[Seal]
    keys: dict[str, SigningKey]


class LedgerSeals:
    """The seals of the ledger and their proofs.

    Args:
        database: Where they lie.
        master: Opens the signing keys.
        now: Gives the present instant (aware).
    """

    def __init__(self, database: Database, master: MasterKey, now: Callable[[], datetime]) -> None:
        self._database = database
        self._master = master
        self._now = now

    def make(self, *, overlap: timedelta, unless_since: datetime | None = None) -> Seal | None:
        """Seal the heads of all chains.

        Args:
            overlap: How long a new signing key signs beside the one before.
            unless_since: Make none if there is one since this instant (aware).

        Returns:
            The seal; ``None`` if none was made.

        Raises:
            Transient: The database does not answer.
        """
        return seal(self._database, self._master, self._now(), overlap=overlap, unless_since=unless_since)

    def last(self) -> Seal | None:
        """Return the newest seal."""
        with self._database.reading() as session:
            return last_seal(session)

    def behind(self, places: Sequence[str]) -> dict[str, int]:
        """Count the seals that each place lacks; places that lack none are left out."""
        with self._database.reading() as session:
            return {place: count for place in places if (count := behind(session, place))}

    def unpublished(self, place: str) -> list[Seal]:
        """Return some of the seals that a place lacks, oldest first."""
        with self._database.transaction() as session:
            return unpublished(session, place)

    def note_published(self, place: str, number: int) -> None:
        """Note that a seal has gone to a place; once."""
        note_published(self._database, place, number, self._now())

    def check(self, published: Iterable[Seal] = ()) -> Iterator[Fault]:
        """Find all faults of chains, seals and proofs, and their differences from published seals if given."""
        return check_ledger(self._database, published)

    def check_unaccepted(self, published: Iterable[Seal] = ()) -> Iterator[Fault]:
        """Find the faults that no two people have accepted yet; see :meth:`check`."""
        with self._database.reading() as session:
            accepted = accepted_faults(session)
        return (item for item in self.check(published) if fault_digest(item) not in accepted)

    def propose_repair(self, *, by: str) -> int:
        """Propose to seal in spite of the faults; as :func:`rightsflow.store.proofs.sealing.propose_acceptance`."""
        faults = list(self.check_unaccepted())
        with self._database.transaction() as session:
            return propose_acceptance(session, faults, self._now(), by=by)

    def accept_repair(self, *, by: str) -> int:
        """Accept another person's proposal; see :func:`rightsflow.store.proofs.sealing.accept`."""
        faults = list(self.check_unaccepted())
        with self._database.transaction() as session:
            return accept(session, faults, self._now(), by=by)

    def extent(self) -> Extent:
        """Count the entries, chains and seals to check."""
        return extent(self._database)

    def rotate_key(self, *, actor: str) -> str:
        """Make the next signing key; returns its name."""
        with self._database.transaction() as session:
            return rotate_key(session, self._master, self._now(), actor=actor)

    def faults_of(self, case_id: str) -> list[Fault]:
        """Return the faults of one case's chain."""
        with self._database.reading() as session:
            return check_chain(case_id, list(links_of(session, case_id)), head_of(session, case_id))

    def links_of(self, case_id: str, last: int) -> list[Link]:
        """Return the stored entries of one case, up to a number."""
        with self._database.transaction() as session:
            return [link for link in links_of(session, case_id) if link.number <= last]

    def cover(self, case_id: str) -> CaseCover:
        """Return the proofs, seals and keys that cover a case now.

        Raises:
            LookupError: There is no seal at all.
        """
        with self._database.reading() as session:
            newest, proofs = last_seal(session), proofs_up_to_now(session, case_id)
            if newest is None:
                raise LookupError("a seal that was made is not there")
            seals = seals_between(session, proofs[0].seal if proofs else newest.number, newest.number)
            keys = active_signing_keys(session, self._master, self._now())
            return CaseCover(proofs=proofs, seals=seals, keys=keys)
