"""The seals of the store, as everything outside reaches them: sealing, publishing, checking, and what covers a case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rightsflow.audit.ledger import Fault, Link, check_chain
from rightsflow.audit.ledger.seals import Seal, SealProof
from rightsflow.audit.signing import SigningKey
from rightsflow.store.core.case_ledger import links_of
from rightsflow.store.core.chain_ends import head_of
from rightsflow.store.database import Database
from rightsflow.store.proofs.head_proofs import proofs_up_to_now
from rightsflow.store.proofs.ledger_check import Extent, check_ledger, extent
from rightsflow.store.proofs.publications import behind, note_published, unpublished
from rightsflow.store.proofs.repairs import accept, accepted_faults, fault_digest, propose_acceptance
from rightsflow.store.proofs.seals import last_seal, seal, seals_between
from rightsflow.store.proofs.signing_keys import active_signing_keys, rotate_key
from rightsflow.vault import MasterKey


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
        """The newest seal."""
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
        """Propose to seal in spite of the faults; as :func:`rightsflow.store.proofs.repairs.propose_acceptance`."""
        faults = list(self.check_unaccepted())
        with self._database.transaction() as session:
            return propose_acceptance(session, faults, self._now(), by=by)

    def accept_repair(self, *, by: str) -> int:
        """Accept another person's proposal; see :func:`rightsflow.store.proofs.repairs.accept`."""
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
