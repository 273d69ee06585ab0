"""Check the seals, their proofs, and that what they cover is there as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from sqlalchemy import Text, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from rightsflow.audit.ledger import Fault, FaultKind, Head
from rightsflow.audit.ledger.merkle import Tree
from rightsflow.audit.ledger.seal_checks import Follower, check_proof, check_proved, missing_seals
from rightsflow.audit.ledger.seals import Commitment, Proved, Seal, SealProof, leaf_of, read_seal
from rightsflow.store.proofs.reading import parsed, rows
from rightsflow.store.proofs.seals import by_name, last_proved
from rightsflow.store.proofs.signing_keys import public_keys
from rightsflow.store.tables import ChainRow, LedgerRow, PublicationRow, SealProofRow, SealRow

_SEAL = select(SealRow.number, SealRow.body, SealRow.digest, cast(SealRow.signatures, Text))


def check_seals(session: Session, sealed: dict[int, Commitment]) -> Iterator[Fault]:
    """Check the seals in their order, and note the content of each.

    Args:
        session: The open transaction.
        sealed: Takes what each seal says that is whole, by its number.
    """
    follower, last = Follower(public_keys(session)), 0
    for number, body, digest, signatures in rows(session, _SEAL.order_by(SealRow.number)):
        seal = Seal(number, body, digest, _signatures(signatures))
        faults = follower.take(seal)
        yield from faults
        if not faults:
            sealed[seal.number] = read_seal(seal.body)
        last = max(last, seal.number)
    known = [session.scalar(select(func.max(column))) or 0 for column in (SealProofRow.seal, PublicationRow.seal)]
    yield from missing_seals(last, max(known))


def kept_seal(session: Session, number: int) -> Seal | None:
    """The seal with a number, if there is one."""
    row = session.execute(_SEAL.where(SealRow.number == number)).one_or_none()
    return Seal(row[0], row[1], row[2], _signatures(row[3])) if row else None


def check_proofs(session: Session, sealed: Mapping[int, Commitment]) -> Iterator[Fault]:
    """Check each proof, the completeness of each seal's proofs, and that they result in the newest seal's root.

    Args:
        session: The open transaction.
        sealed: What the seals say that are whole, by their numbers.
    """
    is_whole = True
    columns = (SealProofRow.number, SealProofRow.digest, SealProofRow.position, cast(SealProofRow.path, Text))
    query = select(SealProofRow.chain, SealProofRow.seal, *columns).order_by(SealProofRow.id)
    for chain, seal, number, digest, position, path in rows(session, query):
        if seal in sealed:
            proof = SealProof(seal=seal, number=number, digest=digest, position=position, path=_path(path))
            for fault in check_proof(chain, proof, sealed[seal]):
                is_whole = False
                yield fault
    yield from _all_proofs(session, sealed)
    if is_whole and sealed:
        yield from _newest_root(session, sealed[max(sealed)])


def check_sealed_entries(session: Session) -> Iterator[Fault]:
    """Find entries that are under a seal and are gone or changed."""
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
    for chain, number, seal, there in rows(session, query):
        place = f"entry {number} of {chain}"
        if there:
            text = f"Entry {number} of {chain} is not the one that seal {seal} covers."
            yield Fault(FaultKind.ALTERED, place, text)
        else:
            yield Fault(FaultKind.REMOVED, place, f"Entry {number} of {chain}, which seal {seal} covers, is missing.")


def check_notes(session: Session) -> Iterator[Fault]:
    """Check the notes of up to which entry each chain is proved.

    A note may lag behind: it is made after the seal, and not for a chain that is just being written to. But then each
    later seal has proved the chain once more.
    """
    last = select(SealProofRow.chain, func.max(SealProofRow.number).label("number")).group_by(SealProofRow.chain)
    proved = last.subquery()
    differs = func.coalesce(proved.c.number, 0) != ChainRow.sealed_number
    query = select(ChainRow.chain, ChainRow.sealed_number).outerjoin(proved, proved.c.chain == ChainRow.chain)
    newest = max(session.scalar(select(func.max(item))) or 0 for item in (SealRow.number, SealProofRow.seal))
    for chain, noted in rows(session, query.where(differs).order_by(by_name(session, ChainRow.chain))):
        of_chain = select(SealProofRow.seal, SealProofRow.number).where(SealProofRow.chain == chain)
        proofs = {row.seal: row.number for row in session.execute(of_chain.order_by(SealProofRow.seal))}
        again = [seal for seal, number in proofs.items() if number > noted]
        place, text = f"chain {chain}", f"Entry {noted} is noted as the last of {chain} that is under a seal"
        if noted not in {0, *proofs.values()}:
            yield Fault(FaultKind.ALTERED, place, f"{text}, but no proof says so.")
        elif again != list(range(min(again, default=newest + 1), newest + 1)):
            yield Fault(FaultKind.ALTERED, place, f"{text}, but a proof says that it is entry {max(proofs.values())}.")


def _all_proofs(session: Session, sealed: Mapping[int, Commitment]) -> Iterator[Fault]:
    """Check that each seal still has all its proofs, including those that later proofs replace."""
    left = dict(sealed)
    query = select(SealProofRow.seal, SealProofRow.chain, SealProofRow.number, SealProofRow.digest)
    in_order = rows(session, query.order_by(SealProofRow.seal, by_name(session, SealProofRow.chain)))
    for seal, proofs in groupby(in_order, key=lambda row: int(row[0])):
        said = left.pop(seal, None)
        if said is not None:
            found = Proved()
            for _, chain, number, digest in proofs:
                found.add(leaf_of(chain, Head(number, digest)))
            yield from check_proved(seal, found, said)
    for seal, said in left.items():
        yield from check_proved(seal, Proved(), said)


def _newest_root(session: Session, newest: Commitment) -> Iterator[Fault]:
    """Build the newest seal's tree again: the last proof of each chain holds its head as it was then."""
    found = rows(session, last_proved(session, newest.number))
    tree = Tree(leaf_of(chain, Head(number, digest)) for chain, number, digest in found)
    place = f"seal {newest.number}"
    if tree.size != newest.chains:
        kind = FaultKind.REMOVED if tree.size < newest.chains else FaultKind.ADDED
        text = f"Seal {newest.number} covers {newest.chains} chains, but there are proofs of {tree.size}."
        yield Fault(kind, place, text)
    elif tree.root != newest.root:
        text = f"The chains' heads do not result in the root of seal {newest.number}: some proofs are missing."
        yield Fault(FaultKind.REMOVED, place, text)


def _signatures(text: str) -> dict[str, str]:
    """Return the signatures of a seal; none if the text has none, so that each is reported as missing by name."""
    found = parsed(text)
    return found if isinstance(found, dict) else {}


def _path(text: str) -> tuple[str, ...]:
    """A proof's path; one that leads nowhere where the text is none."""
    found = parsed(text)
    return tuple(found) if isinstance(found, list) else ("",)
