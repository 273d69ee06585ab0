"""Check what the ledger's own chain says of cases and keys beside what is there of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from rightsflow.audit.ledger import Entry, Fault, FaultKind, Head
from rightsflow.audit.ledger.seals import Commitment
from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.store.core.case_ledger import MACHINE, OWN_CHAIN, own_entries
from rightsflow.store.proofs.reading import rows
from rightsflow.store.proofs.signing_keys import MADE, RETIRED, KeptKey, kept_keys
from rightsflow.store.tables import ChainRow, SealRow


def check_purged(session: Session) -> Iterator[Fault]:
    """Check chains whose entries are gone against the ledger's own chain."""
    said = {str(own_entry.details.get("case")): own_entry for own_entry in own_entries(session, StoreEvent.CASE_PURGED)}
    query = select(ChainRow.chain, ChainRow.number, ChainRow.digest, ChainRow.purged_at)
    for chain, number, digest, purged_at in rows(session, query.where(ChainRow.purged_at.is_not(None))):
        entry = said.pop(chain, None)
        place = f"chain {chain}"
        if entry is None:
            text = f"The entries of {chain} were removed: it is noted as purged, but no entry of {OWN_CHAIN} says so."
            yield Fault(FaultKind.REMOVED, place, text)
        elif not _fits(entry, Head(number, digest), purged_at):
            text = f"{chain} was purged otherwise than entry {entry.number} of {OWN_CHAIN} says."
            yield Fault(FaultKind.ALTERED, place, text)
        elif not _was_over(entry):
            text = f"The entries of {chain} were removed before the period ended that entry {entry.number} names."
            yield Fault(FaultKind.REMOVED, place, text)
    for chain, entry in said.items():
        text = f"{chain} is not noted as purged, though entry {entry.number} of {OWN_CHAIN} says that it was."
        yield Fault(FaultKind.ALTERED, f"chain {chain}", text)


def check_keys(session: Session, sealed: Mapping[int, Commitment]) -> Iterator[Fault]:
    """Check the keys that sign the seals against the seals and the ledger's own chain.

    Args:
        session: The open transaction.
        sealed: What the seals say that are whole, by their numbers.
    """
    kept = {kept_key.name: kept_key for kept_key in kept_keys(session)}
    yield from _no_seals(session)
    made = {str(own_entry.details.get("key")): own_entry for own_entry in own_entries(session, MADE)}
    retired = {str(own_entry.details.get("key")): own_entry for own_entry in own_entries(session, RETIRED)}
    for name, key in kept.items():
        yield from _otherwise(key, made.get(name), retired.get(name))
    for name, entry in made.items():
        if name not in kept:
            yield _missing(name, f"entry {entry.number} of {OWN_CHAIN}")
    # The newest of each name; that no seal before names another, its signatures show.
    signed = {name: (public, number) for number, said in sealed.items() for name, public in said.keys.items()}
    for name, (public, number) in signed.items():
        if name in kept and kept[name].public != public:
            yield _fault(FaultKind.ALTERED, name, f"is not the one that signed seal {number}")
        elif name not in kept and name not in made:
            yield _missing(name, f"seal {number}")


def _otherwise(key: KeptKey, made: Entry | None, retired: Entry | None) -> Iterator[Fault]:
    if made is None:
        yield _fault(FaultKind.ADDED, key.name, f"is there, though no entry of {OWN_CHAIN} says that it was made")
    elif (made.details.get("public"), made.at) != (key.public, key.created_at):
        yield _fault(FaultKind.ALTERED, key.name, f"is not the one that entry {made.number} of {OWN_CHAIN} says")
    if key.retired_at != (retired.at if retired else None):
        yield _fault(FaultKind.ALTERED, key.name, f"was retired otherwise than {OWN_CHAIN} says")


def _no_seals(session: Session) -> Iterator[Fault]:
    """Seals that were all taken away: the first key is made together with the first seal."""
    first = next((own_entry for own_entry in own_entries(session, MADE) if own_entry.actor == MACHINE), None)
    if first and session.scalar(select(SealRow.number).limit(1)) is None:
        text = f"Every seal is missing, though entry {first.number} of {OWN_CHAIN} says that one was made."
        yield Fault(FaultKind.REMOVED, "seals", text)


def _was_over(entry: Entry) -> bool:
    """Return whether the evidence period that an entry names had ended; a day's difference may be one of time zones."""
    try:
        until = date.fromisoformat(str(entry.details.get("evidence_until")))
    except ValueError:
        return False
    return until < entry.at.date() + timedelta(days=1)


def _fits(entry: Entry, head: Head, purged_at: datetime) -> bool:
    return (entry.details.get("entries"), entry.details.get("head"), entry.at) == (head.number, head.digest, purged_at)


def _missing(name: str, where: str) -> Fault:
    return _fault(FaultKind.REMOVED, name, f"is missing, which {where} names")


def _fault(kind: FaultKind, name: str, what: str) -> Fault:
    return Fault(kind, f"key {name}", f"The key {name} {what}.")
