"""Check that the entries were made when they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from rightsflow.audit.ledger import Fault
from rightsflow.audit.ledger.dating import Span, check_dates, date_of, noted_in
from rightsflow.audit.ledger.seals import Commitment
from rightsflow.store.proofs.reading import rows
from rightsflow.store.proofs.seals import by_name
from rightsflow.store.tables import LedgerRow, SealProofRow


def check_dating(session: Session, sealed: Mapping[int, Commitment]) -> Iterator[Fault]:
    """The entries that are dated out of their order, or outside of the seals that enclose them.

    Args:
        session: The open transaction.
        sealed: What the seals say that are whole, by their numbers.
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
