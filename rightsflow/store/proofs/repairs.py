"""Faults of the ledger that two people have accepted, so that sealing goes on; they stay faults and are named as such.

What was written wrongly, or taken away, cannot be put right without rewriting the past. Without a way on, one wrong row
would end the sealing of every case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy.orm import Session

from rightsflow.audit.ledger import Entry, Fault
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.four_eyes import refuse_own_repair
from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.store.core.case_ledger import append_own, own_entries

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
