"""The ends of the ledger's chains: the last entry, and the instants that the next one must not be dated before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, bindparam, select, true
from sqlalchemy.orm import Session

from rightsflow.audit.ledger import START, Head, Link
from rightsflow.audit.ledger.chain import written
from rightsflow.audit.ledger.checking import clock_note, date_of, seal_date_of
from rightsflow.store.tables import ChainRow, LedgerRow, SealRow

_CHAIN, _ENTRY, _SEAL = ChainRow.__table__.c, LedgerRow.__table__.c, SealRow.__table__.c
_HEAD: Final = select(_CHAIN.number, _CHAIN.digest).where(_CHAIN.chain == bindparam("chain"))
_NEWEST: Final = select(_SEAL.number, _SEAL.body).order_by(_SEAL.number.desc()).limit(1)
LAST_SEAL: Final = _NEWEST.subquery()
"""The last seal: its number and its body."""
_ENDS: Final = (
    select(_CHAIN.chain, _CHAIN.number, _CHAIN.digest, _ENTRY.body, LAST_SEAL.c.body.label("sealed"))
    .select_from(ChainRow)
    .outerjoin(LedgerRow, and_(_ENTRY.chain == _CHAIN.chain, _ENTRY.number == _CHAIN.number))
    .outerjoin(LAST_SEAL, true())
)
_END: Final = _ENDS.where(_CHAIN.chain == bindparam("chain"))


@dataclass(frozen=True, slots=True)
class End:
    """The end of a chain, after which the next entry is written.

    Args:
        head: The last entry.
        written_at: When that was made, as its text has it; empty for none.
        sealed_at: When the last seal of the ledger was made, as its text has it; empty for none.
    """

    head: Head
    written_at: str = ""
    sealed_at: str = ""

    def clock_note(self, at: datetime) -> dict[str, str]:
        """Return the note on the clock for the next entry.

        Args:
            at: What the clock says (aware).
        """
        return clock_note(at, max(self.written_at, self.sealed_at))

    def after(self, made: Link, at: datetime) -> End:
        """Return the end once an entry was added.

        Args:
            made: The entry.
            at: When it was made (aware).
        """
        return End(made.head, written(at), self.sealed_at)


def head_of(session: Session, chain: str) -> Head:
    """Return the head of a chain."""
    row = session.connection().execute(_HEAD, {"chain": chain}).one_or_none()
    return Head(row.number, row.digest) if row else START


def end_of(session: Session, chain: str) -> End:
    """Return the end of a chain, by one statement."""
    row = session.connection().execute(_END, {"chain": chain}).one_or_none()
    return _end(row.number, row.digest, row.body, row.sealed) if row else new_end(session)


def new_end(session: Session) -> End:
    """Return the end of a chain that has no entries yet."""
    row = session.connection().execute(_NEWEST).one_or_none()
    return End(START, sealed_at=seal_date_of(row.body) if row else "")


def ends_of(session: Session, chains: Sequence[str]) -> dict[str, End]:
    """Return the ends of some chains; a chain that is not there has none."""
    rows = session.connection().execute(_ENDS.where(_CHAIN.chain.in_(chains)))
    return {row.chain: _end(row.number, row.digest, row.body, row.sealed) for row in rows}


def _end(number: int, digest: str, body: str | None, sealed: str | None) -> End:
    return End(Head(number, digest), date_of(body or ""), seal_date_of(sealed or ""))
