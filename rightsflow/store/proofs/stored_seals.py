"""Check the stored seals: their proofs, the entries under them, their dates, and the entries of the ledger's own chain.

The rules are in :mod:`rightsflow.audit.ledger.seal_checks`; here they are applied to the rows of the case store.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import Text, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from rightsflow.audit.ledger import Entry, Fault, FaultKind, Head
from rightsflow.audit.ledger.checking import Span, check_dates, date_of, noted_in
from rightsflow.audit.ledger.merkle import Tree
from rightsflow.audit.ledger.seal_checks import Follower, check_proof, check_proved, missing_seals
from rightsflow.audit.ledger.seals import Commitment, Proved, Seal, SealProof, leaf_of, read_seal
from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.store.core.case_ledger import MACHINE, OWN_CHAIN, own_entries
from rightsflow.store.proofs.row_checks import parsed, rows
from rightsflow.store.proofs.seals import by_name, last_proved
from rightsflow.store.proofs.signing_keys import MADE, RETIRED, KeptKey, kept_keys, public_keys
from rightsflow.store.tables import ChainRow, LedgerRow, PublicationRow, SealProofRow, SealRow

_SEAL = select(SealRow.number, SealRow.body, SealRow.digest, cast(SealRow.signatures, Text))


def check_seals(session: Session) -> Generator[Fault, None, dict[int, Commitment]]:
    """Check the seals in their order; the generator returns the content of each intact seal by its number.

    Args:
        session: The open transaction.
    """
    follower, last, sealed = Follower(public_keys(session)), 0, dict[int, Commitment]()
    for number, body, digest, signatures in rows(session, _SEAL.order_by(SealRow.number)):
        seal = Seal(number, body, digest, _signatures(signatures))
        faults = follower.take(seal)
        yield from faults
        if not faults:
            sealed[seal.number] = read_seal(seal.body)
        last = max(last, seal.number)
    named = [session.scalar(select(func.max(column))) or 0 for column in (SealProofRow.seal, PublicationRow.seal)]
    yield from missing_seals(last, max(named))
    return sealed


def stored_seal(session: Session, number: int) -> Seal | None:
    """Return the seal with a number, or ``None``."""
    row = session.execute(_SEAL.where(SealRow.number == number)).one_or_none()
    return Seal(row[0], row[1], row[2], _signatures(row[3])) if row else None


def check_proofs(session: Session, sealed: Mapping[int, Commitment]) -> Iterator[Fault]:
    """Check each proof, the completeness of each seal's proofs, and that they result in the newest seal's root.

    Args:
        session: The open transaction.
        sealed: The content of the intact seals, by their numbers.
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
    """Find sealed entries that are missing or changed."""
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


def check_proved_entries(session: Session) -> Iterator[Fault]:
    """Check the number that each chain stores of its last proved entry.

    The number may lag behind: it is stored after the seal, and not for a chain that is being written to. But then each
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
        commitment = left.pop(seal, None)
        if commitment is not None:
            proved = Proved()
            for _, chain, number, digest in proofs:
                proved.add(leaf_of(chain, Head(number, digest)))
            yield from check_proved(seal, proved, commitment)
    for seal, commitment in left.items():
        yield from check_proved(seal, Proved(), commitment)


def _newest_root(session: Session, newest: Commitment) -> Iterator[Fault]:
    """Build the newest seal's tree again: the last proof of each chain holds its head as it was then."""
    heads = rows(session, last_proved(session, newest.number))
    tree = Tree(leaf_of(chain, Head(number, digest)) for chain, number, digest in heads)
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
    signatures = parsed(text)
    return signatures if isinstance(signatures, dict) else {}


def _path(text: str) -> tuple[str, ...]:
    """Return a proof's path; one that leads nowhere if the text is not a path."""
    path = parsed(text)
    return tuple(path) if isinstance(path, list) else ("",)


def check_purged(session: Session) -> Iterator[Fault]:
    """Check chains whose entries are gone against the ledger's own chain."""
    purged = {str(entry.details.get("case")): entry for entry in own_entries(session, StoreEvent.CASE_PURGED)}
    query = select(ChainRow.chain, ChainRow.number, ChainRow.digest, ChainRow.purged_at)
    for chain, number, digest, purged_at in rows(session, query.where(ChainRow.purged_at.is_not(None))):
        entry = purged.pop(chain, None)
        place = f"chain {chain}"
        if entry is None:
            text = f"The entries of {chain} were removed: it is noted as purged, but no entry of {OWN_CHAIN} says so."
            yield Fault(FaultKind.REMOVED, place, text)
        elif not _matches_purge(entry, Head(number, digest), purged_at):
            text = f"{chain} was purged otherwise than entry {entry.number} of {OWN_CHAIN} says."
            yield Fault(FaultKind.ALTERED, place, text)
        elif not _period_had_ended(entry):
            text = f"The entries of {chain} were removed before the period ended that entry {entry.number} names."
            yield Fault(FaultKind.REMOVED, place, text)
    for chain, entry in purged.items():
        text = f"{chain} is not noted as purged, though entry {entry.number} of {OWN_CHAIN} says that it was."
        yield Fault(FaultKind.ALTERED, f"chain {chain}", text)


def check_keys(session: Session, sealed: Mapping[int, Commitment]) -> Iterator[Fault]:
    """Check the keys that sign the seals against the seals and the ledger's own chain.

    Args:
        session: The open transaction.
        sealed: The content of the intact seals, by their numbers.
    """
    kept = {kept_key.name: kept_key for kept_key in kept_keys(session)}
    yield from _check_seals_exist(session)
    made = {str(entry.details.get("key")): entry for entry in own_entries(session, MADE)}
    retired = {str(entry.details.get("key")): entry for entry in own_entries(session, RETIRED)}
    for name, key in kept.items():
        yield from _check_key(key, made.get(name), retired.get(name))
    for name, entry in made.items():
        if name not in kept:
            yield _missing(name, f"entry {entry.number} of {OWN_CHAIN}")
    # The newest key of each name; the signatures show that no earlier seal names another one.
    signed = {name: (public, number) for number, item in sealed.items() for name, public in item.keys.items()}
    for name, (public, number) in signed.items():
        if name in kept and kept[name].public != public:
            yield _fault(FaultKind.ALTERED, name, f"is not the one that signed seal {number}")
        elif name not in kept and name not in made:
            yield _missing(name, f"seal {number}")


def _check_key(key: KeptKey, made: Entry | None, retired: Entry | None) -> Iterator[Fault]:
    if made is None:
        yield _fault(FaultKind.ADDED, key.name, f"is there, though no entry of {OWN_CHAIN} says that it was made")
    elif (made.details.get("public"), made.at) != (key.public, key.created_at):
        yield _fault(FaultKind.ALTERED, key.name, f"is not the one that entry {made.number} of {OWN_CHAIN} says")
    if key.retired_at != (retired.at if retired else None):
        yield _fault(FaultKind.ALTERED, key.name, f"was retired otherwise than {OWN_CHAIN} says")


def _check_seals_exist(session: Session) -> Iterator[Fault]:
    """Check that there is a seal: the first key is made together with the first seal."""
    first = next((entry for entry in own_entries(session, MADE) if entry.actor == MACHINE), None)
    if first and session.scalar(select(SealRow.number).limit(1)) is None:
        text = f"Every seal is missing, though entry {first.number} of {OWN_CHAIN} says that one was made."
        yield Fault(FaultKind.REMOVED, "seals", text)


def _period_had_ended(entry: Entry) -> bool:
    """Return whether the evidence period that an entry names had ended; a day's difference may be one of time zones."""
    try:
        until = date.fromisoformat(str(entry.details.get("evidence_until")))
    except ValueError:
        return False
    return until < entry.at.date() + timedelta(days=1)


def _matches_purge(entry: Entry, head: Head, purged_at: datetime) -> bool:
    return (entry.details.get("entries"), entry.details.get("head"), entry.at) == (head.number, head.digest, purged_at)


def _missing(name: str, where: str) -> Fault:
    return _fault(FaultKind.REMOVED, name, f"is missing, which {where} names")


def _fault(kind: FaultKind, name: str, what: str) -> Fault:
    return Fault(kind, f"key {name}", f"The key {name} {what}.")


def check_dating(session: Session, sealed: Mapping[int, Commitment]) -> Iterator[Fault]:
    """Find entries that are dated out of their order, or outside of the seals that enclose them.

    Args:
        session: The open transaction.
        sealed: The content of the intact seals, by their numbers.
    """
    proofs = select(SealProofRow.chain, SealProofRow.seal, SealProofRow.number)
    proved = groupby(
        rows(session, proofs.order_by(by_name(session, SealProofRow.chain), SealProofRow.seal)), key=lambda row: row[0]
    )
    entries = select(LedgerRow.chain, LedgerRow.number, LedgerRow.body)
    written = groupby(
        rows(session, entries.order_by(by_name(session, LedgerRow.chain), LedgerRow.number)), key=lambda row: row[0]
    )
    at_hand = next(proved, None)
    for chain, lines in written:
        while at_hand and at_hand[0] < chain:
            at_hand = next(proved, None)
        spans = list(_spans(at_hand[1], sealed)) if at_hand and at_hand[0] == chain else []
        yield from check_dates(chain, _dated(lines), spans)


def _dated(lines: Iterator[tuple[str, int, str]]) -> Iterator[tuple[int, str, str]]:
    return ((number, date_of(body), noted_in(body)) for _, number, body in lines)


def _spans(lines: Iterator[tuple[str, int, int]], sealed: Mapping[int, Commitment]) -> Iterator[Span]:
    covered = 0
    for _, seal, number in lines:
        if number > covered and seal in sealed:
            before = sealed.get(seal - 1)
            # A gap in the seals is named elsewhere; here it only says less.
            yield Span(number, before.at if before else None, sealed[seal].latest)
            covered = number
