"""Check the whole ledger: every chain, every seal, every proof, and that what was purged was purged by the book.

Everything is read as at one moment and a few rows at a time, so that a million entries take no more memory than a few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, and_, func, or_, select
from sqlalchemy.orm import Session

from rightsflow.ledger import START, Entry, Fault, FaultKind, Head, check_chain, read_entry
from rightsflow.ledger.checking import ends_of
from rightsflow.ledger.merkle import Tree
from rightsflow.ledger.seals import (
    Commitment,
    Follower,
    Seal,
    SealProof,
    check_proof,
    check_published,
    leaf_of,
    missing_seals,
    read_seal,
)
from rightsflow.store.database import Database
from rightsflow.store.ledger import OWN_CHAIN, links_of
from rightsflow.store.seals import all_seals, by_name, see_one_moment
from rightsflow.store.signing_keys import public_keys
from rightsflow.store.tables import CaseRow, ChainRow, LedgerRow, PublicationRow, SealProofRow, SealRow

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much there is to check.

    Args:
        entries: Entries of all chains.
        chains: Chains, purged ones too.
        seals: Seals.
    """

    entries: int
    chains: int
    seals: int


def extent(database: Database) -> Extent:
    """How much there is to check."""
    with database.transaction() as session:
        entries, chains, seals = (
            session.scalar(select(func.count()).select_from(table)) or 0 for table in (LedgerRow, ChainRow, SealRow)
        )
    return Extent(entries=entries, chains=chains, seals=seals)


def check_ledger(database: Database, published: Iterable[Seal] = ()) -> Iterator[Fault]:
    """Everything that is wrong with the ledger; nothing for one that is whole.

    Args:
        database: The case store's database.
        published: The seals as they were published, in their order: what shows a past that was written anew as a whole.

    Raises:
        Transient: The database does not answer.
    """
    with database.transaction() as session:
        see_one_moment(session)
        yield from _chains(session)
        sealed: dict[int, Commitment] = {}
        yield from _seals(session, sealed)
        yield from _proofs(session, sealed)
        yield from _sealed_entries(session)
        yield from _purged(session)
        yield from _published(session, published)


def _chains(session: Session) -> Iterator[Fault]:
    entries = select(LedgerRow.chain, LedgerRow.number, LedgerRow.body, LedgerRow.digest)
    ends = ends_of(_rows(session, entries.order_by(by_name(session, LedgerRow.chain), LedgerRow.number)))
    heads = select(ChainRow.chain, ChainRow.number, ChainRow.digest, ChainRow.purged_at)
    at_hand = next(ends, None)
    for chain, number, digest, purged_at in _rows(session, heads.order_by(by_name(session, ChainRow.chain))):
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
    without = select(CaseRow.id).outerjoin(ChainRow, ChainRow.chain == CaseRow.id).where(ChainRow.chain.is_(None))
    for (case_id,) in _rows(session, without.order_by(CaseRow.id)):
        yield Fault(
            FaultKind.REMOVED, f"chain {case_id}", f"The chain of {case_id} is missing, though the case is there."
        )


def _seals(session: Session, sealed: dict[int, Commitment]) -> Iterator[Fault]:
    """Check the seals in their order, and note what each says."""
    follower, last = Follower(public_keys(session)), 0
    for one in all_seals(session):
        faults = follower.take(one)
        yield from faults
        if not faults:
            sealed[one.number] = read_seal(one.body)
        last = max(last, one.number)
    known = [session.scalar(select(func.max(column))) or 0 for column in (SealProofRow.seal, PublicationRow.seal)]
    yield from missing_seals(last, max(known))


def _proofs(session: Session, sealed: dict[int, Commitment]) -> Iterator[Fault]:
    is_whole = True
    columns = (SealProofRow.number, SealProofRow.digest, SealProofRow.position, SealProofRow.path)
    query = select(SealProofRow.chain, SealProofRow.seal, *columns).order_by(SealProofRow.id)
    for chain, seal, number, digest, position, path in _rows(session, query):
        if seal in sealed:
            proof = SealProof(seal=seal, number=number, digest=digest, position=position, path=tuple(path))
            for fault in check_proof(chain, proof, sealed[seal]):
                is_whole = False
                yield fault
    if is_whole and sealed:
        yield from _newest_root(session, sealed[max(sealed)])


def _newest_root(session: Session, newest: Commitment) -> Iterator[Fault]:
    """Build the newest seal's tree again: the last proof of each chain holds its head as it was then."""
    query = select(SealProofRow.chain, func.max(SealProofRow.seal).label("seal"))
    last = query.where(SealProofRow.seal <= newest.number).group_by(SealProofRow.chain).subquery()
    proofs = select(SealProofRow.chain, SealProofRow.number, SealProofRow.digest).join(
        last, and_(SealProofRow.chain == last.c.chain, SealProofRow.seal == last.c.seal)
    )
    rows = _rows(session, proofs.order_by(by_name(session, SealProofRow.chain)))
    tree = Tree(leaf_of(chain, Head(number, digest)) for chain, number, digest in rows)
    place = f"seal {newest.number}"
    if tree.size != newest.chains:
        kind = FaultKind.REMOVED if tree.size < newest.chains else FaultKind.ADDED
        text = f"Seal {newest.number} covers {newest.chains} chains, but there are proofs of {tree.size}."
        yield Fault(kind, place, text)
    elif tree.root != newest.root:
        text = f"The chains' heads do not come to the root of seal {newest.number}: some proofs are missing."
        yield Fault(FaultKind.REMOVED, place, text)


def _sealed_entries(session: Session) -> Iterator[Fault]:
    """What the seals cover, and is gone or another by now."""
    is_head, is_purged = ChainRow.number == SealProofRow.number, ChainRow.purged_at.is_not(None)
    other_head = and_(is_purged, is_head, ChainRow.digest != SealProofRow.digest)
    cut_head = and_(is_purged, ChainRow.number < SealProofRow.number)
    other_entry = and_(
        ChainRow.purged_at.is_(None), or_(LedgerRow.digest.is_(None), LedgerRow.digest != SealProofRow.digest)
    )
    is_there = or_(LedgerRow.digest.is_not(None), and_(is_purged, is_head))
    query = (
        select(SealProofRow.chain, SealProofRow.number, SealProofRow.seal, is_there)
        .outerjoin(ChainRow, ChainRow.chain == SealProofRow.chain)
        .outerjoin(LedgerRow, and_(LedgerRow.chain == SealProofRow.chain, LedgerRow.number == SealProofRow.number))
        .where(or_(ChainRow.chain.is_(None), other_head, cut_head, other_entry))
        .order_by(SealProofRow.id)
    )
    for chain, number, seal, there in _rows(session, query):
        place = f"entry {number} of {chain}"
        if there:
            text = f"Entry {number} of {chain} is not the one that seal {seal} covers."
            yield Fault(FaultKind.ALTERED, place, text)
        else:
            yield Fault(FaultKind.REMOVED, place, f"Entry {number} of {chain}, which seal {seal} covers, is missing.")


def _purged(session: Session) -> Iterator[Fault]:
    """Chains whose entries are gone, beside what the ledger's own chain says of it."""
    said = {str(one.details.get("case")): one for one in _purges(session)}
    query = select(ChainRow.chain, ChainRow.number, ChainRow.digest, ChainRow.purged_at)
    for chain, number, digest, purged_at in _rows(session, query.where(ChainRow.purged_at.is_not(None))):
        entry = said.pop(chain, None)
        place = f"chain {chain}"
        if entry is None:
            text = f"The entries of {chain} were removed: it is noted as purged, but no entry of {OWN_CHAIN} says so."
            yield Fault(FaultKind.REMOVED, place, text)
        elif not _fits(entry, Head(number, digest), purged_at):
            text = f"{chain} was purged otherwise than entry {entry.number} of {OWN_CHAIN} says."
            yield Fault(FaultKind.ALTERED, place, text)
    for chain, entry in said.items():
        text = f"{chain} is not noted as purged, though entry {entry.number} of {OWN_CHAIN} says that it was."
        yield Fault(FaultKind.ALTERED, f"chain {chain}", text)


def _purges(session: Session) -> Iterator[Entry]:
    query = select(LedgerRow.body).where(LedgerRow.chain == OWN_CHAIN, LedgerRow.body.contains('"event":"CasePurged"'))
    for (body,) in _rows(session, query.order_by(LedgerRow.number)):
        try:
            yield read_entry(body)
        except ValueError:
            # An entry that cannot be read is not whole, which was said of its chain.
            continue


def _fits(entry: Entry, head: Head, purged_at: datetime) -> bool:
    return (entry.details.get("entries"), entry.details.get("head"), entry.at) == (head.number, head.digest, purged_at)


def _published(session: Session, published: Iterable[Seal]) -> Iterator[Fault]:
    before = 0
    for one in published:
        if before and one.number > before + 1:
            for fault in missing_seals(before, one.number - 1):
                text = f"{fault.text.removesuffix('.')} from the published ones."
                yield Fault(fault.kind, f"published {fault.place}", text)
        before = one.number
        row = session.get(SealRow, one.number)
        yield from check_published(one, Seal(row.number, row.body, row.digest, row.signatures) if row else None)


def _no_head(chain: str) -> Fault:
    return Fault(
        FaultKind.REMOVED, f"head of {chain}", f"The head of {chain} is missing, though entries of it are there."
    )


def _rows(session: Session, query: Executable) -> Iterator[Any]:
    """The rows of a query, a few at a time, and without what an object-relational mapper adds to them."""
    yield from session.connection().execute(query, execution_options={"yield_per": _AT_ONCE})
