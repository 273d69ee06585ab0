"""Check the whole ledger: every chain, every seal, every proof, and that what was purged was purged by the book.

Everything is read as at one moment and a few rows at a time, so that a million entries take no more memory than a few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rightsflow.audit.ledger import START, Fault, FaultKind, Head, check_chain
from rightsflow.audit.ledger.checking import ends_of
from rightsflow.audit.ledger.seal_checks import check_published, missing_seals
from rightsflow.audit.ledger.seals import Seal
from rightsflow.store.core.case_ledger import links_of
from rightsflow.store.database import Database
from rightsflow.store.proofs.row_checks import any_text, check_cases, check_parts, other_kinds, rows
from rightsflow.store.proofs.seals import by_name, missing_cases
from rightsflow.store.proofs.stored_seals import (
    check_dating,
    check_keys,
    check_proofs,
    check_proved_entries,
    check_purged,
    check_sealed_entries,
    check_seals,
    stored_seal,
)
from rightsflow.store.tables import ChainRow, LedgerRow, SealRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """The number of rows to check.

    Args:
        entries: Entries of all chains.
        chains: Chains, purged ones too.
        seals: Seals.
    """

    entries: int
    chains: int
    seals: int


def extent(database: Database) -> Extent:
    """Count the entries, chains and seals to check."""
    with database.reading() as session:
        entries, chains, seals = (
            session.scalar(select(func.count()).select_from(table)) or 0 for table in (LedgerRow, ChainRow, SealRow)
        )
    return Extent(entries=entries, chains=chains, seals=seals)


def check_ledger(database: Database, published: Iterable[Seal] = ()) -> Iterator[Fault]:
    """Find all faults of the ledger; yields nothing if it is intact.

    Writers do not wait for the check. If values have another type than their columns, only those are reported, since
    their relations cannot be checked.

    Args:
        database: The case store's database.
        published: The seals as they were published, in their order: what shows a past that was written anew as a whole.

    Raises:
        Transient: The database does not answer.
    """
    with database.reading() as session, any_text(session):
        has_other_kinds = False
        for fault in other_kinds(session):
            has_other_kinds = True
            yield fault
        if not has_other_kinds:
            yield from _relations(session, published)


def _relations(session: Session, published: Iterable[Seal]) -> Iterator[Fault]:
    """Find faults in the relations between rows."""
    yield from _chains(session)
    yield from check_cases(session)
    yield from check_parts(session)
    sealed = yield from check_seals(session)
    yield from check_proofs(session, sealed)
    yield from check_sealed_entries(session)
    yield from check_proved_entries(session)
    yield from check_dating(session, sealed)
    yield from check_purged(session)
    yield from missing_cases(session)
    yield from check_keys(session, sealed)
    yield from _published(session, published)


def _chains(session: Session) -> Iterator[Fault]:
    entries = select(LedgerRow.chain, LedgerRow.number, LedgerRow.body, LedgerRow.digest)
    ends = ends_of(rows(session, entries.order_by(by_name(session, LedgerRow.chain), LedgerRow.number)))
    heads = select(ChainRow.chain, ChainRow.number, ChainRow.digest, ChainRow.purged_at)
    at_hand = next(ends, None)
    for chain, number, digest, purged_at in rows(session, heads.order_by(by_name(session, ChainRow.chain))):
        while at_hand and at_hand[0] < chain:
            yield _no_head(at_hand[0])
            at_hand = next(ends, None)
        end: Head | None = START
        if at_hand and at_hand[0] == chain:
            end, at_hand = at_hand[1], next(ends, None)
        if purged_at is None and end != Head(number, digest):
            yield from check_chain(chain, list(links_of(session, chain)), Head(number, digest))
        elif purged_at is not None and end != START:
            yield Fault(FaultKind.ADDED, f"chain {chain}", f"Entries of {chain} are there, though it was purged.")
    while at_hand:
        yield _no_head(at_hand[0])
        at_hand = next(ends, None)


def _published(session: Session, published: Iterable[Seal]) -> Iterator[Fault]:
    before = 0
    for seal in published:
        if before and seal.number > before + 1:
            for fault in missing_seals(before, seal.number - 1):
                text = f"{fault.text.removesuffix('.')} from the published ones."
                yield Fault(fault.kind, f"published {fault.place}", text)
        before = seal.number
        yield from check_published(seal, stored_seal(session, seal.number))


def _no_head(chain: str) -> Fault:
    return Fault(
        FaultKind.REMOVED, f"head of {chain}", f"The head of {chain} is missing, though entries of it are there."
    )
