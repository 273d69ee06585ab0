"""The list of all cases in the ledger's own chain: anyone who takes a case away whole is told which it was.

With each seal the cases are listed that it covers for the first time; so no case waits for another when it is opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from rightsflow.audit.ledger import Fault, FaultKind
from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.store.core.case_ledger import MACHINE, OWN_CHAIN, append_own, own_entries
from rightsflow.store.tables import CaseRow, ChainRow

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
    """The faults that a case is listed of which nothing is left, not even its chain's head."""
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
