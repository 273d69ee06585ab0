"""The seals: once a day, a signed commitment to the heads of all chains, and a proof for each chain that had grown.

With each seal the cases are listed that it covers for the first time, so that a case taken away whole is missed.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import ColumnElement, Select, and_, collate, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from rightsflow.audit.ledger import GENESIS, Fault, FaultKind, Head
from rightsflow.audit.ledger.checking import clock_note, date_of, seal_date_of
from rightsflow.audit.ledger.merkle import Tree
from rightsflow.audit.ledger.seals import Commitment, Proved, Seal, SealProof, leaf_of, make_seal, read_seal
from rightsflow.audit.signing import SigningKey
from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.store.core.case_ledger import CODE_VERSION, MACHINE, OWN_CHAIN, append_own, own_entries
from rightsflow.store.database import Database
from rightsflow.store.proofs.signing_keys import active_signing_keys, first_key, retire_keys
from rightsflow.store.tables import CaseRow, ChainRow, LedgerRow, SealProofRow, SealRow
from rightsflow.vault import MasterKey

LISTED = StoreEvent.CASES_LISTED
_AT_ONCE = 500


def list_new_cases(session: Session, now: datetime, last_seal_at: datetime | None, *, at_once: int = _AT_ONCE) -> None:
    """List the cases that no seal covers yet.

    Args:
        session: The open transaction; the ledger's own chain stays locked until it ends.
        now: The present instant (aware).
        last_seal_at: When the last seal was made: on PostgreSQL a case may have been opened after its list was written
            and before its heads were read.
        at_once: How many cases one entry lists.
    """
    is_new = ChainRow.sealed_number == 0
    if last_seal_at:
        is_new = or_(is_new, CaseRow.opened_at > last_seal_at)
    query = select(ChainRow.chain).outerjoin(CaseRow, CaseRow.id == ChainRow.chain)
    new = session.scalars(query.where(ChainRow.chain != OWN_CHAIN, is_new).order_by(ChainRow.chain)).all()
    for first in range(0, len(new), at_once):
        append_own(session, now, LISTED, actor=MACHINE, details={"cases": list(new[first : first + at_once])})


def missing_cases(session: Session) -> Iterator[Fault]:
    """Find listed cases of which nothing is left, not even the head of the case's chain."""
    for entry in own_entries(session, LISTED):
        listed = entry.details.get("cases")
        names = [detail for detail in listed if isinstance(detail, str)] if isinstance(listed, list) else []
        for name in _without_chain(session, names):
            text = f"The chain of {name} is missing, though entry {entry.number} of {OWN_CHAIN} lists it."
            yield Fault(FaultKind.REMOVED, f"chain {name}", text)


def _without_chain(session: Session, names: Sequence[str]) -> list[str]:
    # Parameters are limited; anyone who writes entries by hand may list any number.
    parts = (names[first : first + _AT_ONCE] for first in range(0, len(names), _AT_ONCE))
    there = {row for part in parts for row in session.scalars(select(ChainRow.chain).where(ChainRow.chain.in_(part)))}
    return [name for name in names if name not in there]


OVERLAP = timedelta(days=30)
"""The time for which an old signing key signs together with its successor, unless configured otherwise."""

_READ_AT_ONCE = 10_000
_WRITTEN_AT_ONCE = 1_000


class _Overtaken(Exception):
    """Another process has made this seal meanwhile."""


def note_what_is_sealed(database: Database, seal: int) -> None:
    """Note the sealed entry of each chain, so that the next seal proves only chains that grow until then.

    That it is noted is a matter of room, not of truth: a chain for which it is not gets a further proof. So what
    others are just writing to is passed over, and no one waits for anybody.
    """
    after = ""
    while True:
        with database.transaction() as session:
            query = select(SealProofRow.chain).where(SealProofRow.seal == seal, SealProofRow.chain > after)
            some = session.scalars(query.order_by(SealProofRow.chain).limit(_WRITTEN_AT_ONCE)).all()
            if not some:
                return
            _note(session, seal, some)
            after = some[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingActs:
    """The successive acts of sealing; another process may intervene between any two.

    Args:
        list_new: Lists the cases that no seal covers yet.
        make: Makes the seal of a commitment.
        note: Notes up to which entry each chain is sealed.
    """

    list_new: Callable[[Session, datetime, datetime | None], None] = list_new_cases
    make: Callable[[Commitment, Mapping[str, SigningKey]], Seal] = make_seal
    note: Callable[[Database, int], None] = note_what_is_sealed


_ACTS = SealingActs()


def seal(
    database: Database,
    master: MasterKey,
    now: datetime,
    *,
    overlap: timedelta = OVERLAP,
    unless_since: datetime | None = None,
    acts: SealingActs = _ACTS,
) -> Seal | None:
    """Seal the heads of all chains as they are at one moment; without anything new too, which proves just that.

    On PostgreSQL no one who writes entries waits for it, since it only reads them; on SQLite they wait until it is
    done, as for any other who writes.

    Args:
        database: The case store's database.
        master: Opens the signing keys.
        now: The present instant (aware).
        overlap: How long an old signing key signs together with its successor.
        unless_since: Make none if there is one of this instant or later.
        acts: What it does one after the other.

    Returns:
        The seal; ``None`` if there is one already, or another process made it at the same time.

    Raises:
        Transient: The database does not answer.
    """
    with database.transaction() as session:
        before = last_seal(session)
        previous = read_seal(before.body) if before else None
        if previous and unless_since and previous.at >= unless_since:
            return None
        first_key(session, master, now)
        retire_keys(session, now, overlap, previous.keys if previous else ())
        acts.list_new(session, now, previous.at if previous else None)
    try:
        with database.transaction() as session:
            made = _write(session, master, now, acts.make)
    except _Overtaken:
        return None
    acts.note(database, made.number)
    return made


def last_seal(session: Session) -> Seal | None:
    """Return the newest seal."""
    row = session.scalars(select(SealRow).order_by(SealRow.number.desc()).limit(1)).one_or_none()
    return _seal_of(row) if row else None


def seals_between(session: Session, first: int, last: int) -> list[Seal]:
    """Return the seals from one number to another, both included, in their order."""
    query = select(SealRow).where(SealRow.number.between(first, last)).order_by(SealRow.number)
    return [_seal_of(row) for row in session.scalars(query)]


def all_seals(session: Session) -> Iterator[Seal]:
    """Yield all seals in their order, a few at a time."""
    query = select(SealRow.number, SealRow.body, SealRow.digest, SealRow.signatures).order_by(SealRow.number)
    for row in session.execute(query, execution_options={"yield_per": _WRITTEN_AT_ONCE}):
        yield Seal(row.number, row.body, row.digest, row.signatures)


def proofs_of(session: Session, chain: str) -> list[SealProof]:
    """Return the proofs that a chain is under seals, oldest first: one for each seal before which it had grown."""
    query = select(SealProofRow).where(SealProofRow.chain == chain).order_by(SealProofRow.seal)
    return [_proof_of(row) for row in session.scalars(query)]


def by_name(session: Session, chain: InstrumentedAttribute[str] | ColumnElement[str]) -> ColumnElement[str]:
    """Return the order of the chains in a seal: by the bytes of their names, however the database sorts texts.

    Args:
        session: The open transaction.
        chain: The column with the chain's name.
    """
    return collate(chain, "C" if _is_postgresql(session) else "BINARY")


def see_one_moment(session: Session) -> None:
    """Give every statement of a transaction the state at the first one; SQLite does so by itself."""
    if _is_postgresql(session):
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _write(
    session: Session,
    master: MasterKey,
    now: datetime,
    make: Callable[[Commitment, Mapping[str, SigningKey]], Seal],
) -> Seal:
    see_one_moment(session)
    before = last_seal(session)
    grown, proved = array("Q"), Proved()
    tree = Tree(_leaves(session, grown, proved))
    keys = active_signing_keys(session, master, now)
    latest = max(_latest_entry(session), seal_date_of(before.body) if before else "")
    commitment = Commitment(
        number=before.number + 1 if before else 1,
        at=now,
        chains=tree.size,
        root=tree.root,
        proofs=proved.count,
        proved=proved.digest,
        previous=before.digest if before else GENESIS,
        keys={name: key.public for name, key in keys.items()},
        made_with={"code": CODE_VERSION, **clock_note(now, latest)},
    )
    made = make(commitment, keys)
    row = {"number": made.number, "body": made.body, "digest": made.digest, "signatures": dict(made.signatures)}
    try:
        session.execute(insert(SealRow).values(row))
    except IntegrityError:
        raise _Overtaken from None
    for some in _batches(_proofs(session, made.number, tree, grown)):
        session.execute(insert(SealProofRow), some)
    return made


def _latest_entry(session: Session) -> str:
    """Return the latest instant of the entries that no seal covers yet, as their texts have it; empty for none."""
    query = select(LedgerRow.body).join(ChainRow, ChainRow.chain == LedgerRow.chain)
    new = query.where(ChainRow.number > ChainRow.sealed_number, LedgerRow.number > ChainRow.sealed_number)
    bodies = session.execute(new, execution_options={"yield_per": _READ_AT_ONCE})
    return max((date_of(body) for (body,) in bodies), default="")


def _leaves(session: Session, grown: array[int], proved: Proved) -> Iterator[bytes]:
    """Yield the tree's leaves; note the places of chains that have grown since the last seal, and the proved data."""
    query = select(ChainRow.chain, ChainRow.number, ChainRow.digest, ChainRow.sealed_number).order_by(
        by_name(session, ChainRow.chain)
    )
    rows = session.execute(query, execution_options={"yield_per": _READ_AT_ONCE})
    for position, (chain, number, digest, sealed_number) in enumerate(rows):
        leaf = leaf_of(chain, Head(number, digest))
        if number > sealed_number:
            grown.append(position)
            proved.add(leaf)
        yield leaf


def _proofs(session: Session, number: int, tree: Tree, grown: Sequence[int]) -> Iterator[dict[str, object]]:
    query = select(ChainRow.chain, ChainRow.number, ChainRow.digest).where(ChainRow.number > ChainRow.sealed_number)
    rows = session.execute(
        query.order_by(by_name(session, ChainRow.chain)), execution_options={"yield_per": _READ_AT_ONCE}
    )
    for position, row in zip(grown, rows, strict=True):
        yield {
            "chain": row.chain,
            "seal": number,
            "number": row.number,
            "digest": row.digest,
            "position": position,
            "path": tree.path(position),
        }


def _note(session: Session, seal: int, chains: Collection[str]) -> None:
    query = select(ChainRow.chain).where(ChainRow.chain.in_(chains)).with_for_update(skip_locked=True)
    free = session.scalars(query).all()
    session.execute(
        update(ChainRow)
        .where(
            ChainRow.chain.in_(free),
            SealProofRow.chain == ChainRow.chain,
            SealProofRow.seal == seal,
            ChainRow.sealed_number < SealProofRow.number,
        )
        .values(sealed_number=SealProofRow.number),
        execution_options={"synchronize_session": False},
    )


def _batches(rows: Iterable[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    left = iter(rows)
    while some := list(islice(left, _WRITTEN_AT_ONCE)):
        yield some


def _seal_of(row: SealRow) -> Seal:
    return Seal(row.number, row.body, row.digest, row.signatures)


def _proof_of(row: SealProofRow) -> SealProof:
    return SealProof(seal=row.seal, number=row.number, digest=row.digest, position=row.position, path=tuple(row.path))


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def last_proved(session: Session, seal: int) -> Select[str, int, str]:
    """Asks for each chain's name, number and digest as the seals up to one proved them last: the leaves of its tree."""
    newest = select(SealProofRow.chain, func.max(SealProofRow.seal).label("seal"))
    of_each = newest.where(SealProofRow.seal <= seal).group_by(SealProofRow.chain).subquery()
    return (
        select(SealProofRow.chain, SealProofRow.number, SealProofRow.digest)
        .join(of_each, and_(SealProofRow.chain == of_each.c.chain, SealProofRow.seal == of_each.c.seal))
        .order_by(by_name(session, SealProofRow.chain))
    )
