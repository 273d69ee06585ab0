"""Values of another kind than their columns have: SQLite keeps a text in a column of numbers, and bytes in any."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Text, func, or_, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from rightsflow.audit.ledger import Fault, FaultKind
from rightsflow.store.proofs.reading import rows
from rightsflow.store.tables import CaseRow, ChainRow, LedgerRow, PublicationRow, SealProofRow, SealRow, VaultKeyRow

_TEXT, _NUMBER = "text", "integer"
_SHOWN = {"text": "a text", "integer": "a number", "real": "a fraction", "blob": "bytes", "null": "nothing"}
_MOST_SHOWN = 40

Column = InstrumentedAttribute[object]

Names = tuple[Column, ...]
Kinds = dict[Column, str]

_COLUMNS: tuple[tuple[str, Names, Kinds], ...] = (
    (
        "entry {} of {}",
        (LedgerRow.number, LedgerRow.chain),
        {LedgerRow.chain: _TEXT, LedgerRow.number: _NUMBER, LedgerRow.body: _TEXT, LedgerRow.digest: _TEXT},
    ),
    (
        "chain {}",
        (ChainRow.chain,),
        {ChainRow.chain: _TEXT, ChainRow.number: _NUMBER, ChainRow.digest: _TEXT, ChainRow.sealed_number: _NUMBER},
    ),
    ("chain {}", (CaseRow.id,), {CaseRow.id: _TEXT}),
    ("seal {}", (SealRow.number,), {SealRow.number: _NUMBER, SealRow.body: _TEXT, SealRow.digest: _TEXT}),
    (
        "proof of {} in seal {}",
        (SealProofRow.chain, SealProofRow.seal),
        {
            SealProofRow.chain: _TEXT,
            SealProofRow.seal: _NUMBER,
            SealProofRow.number: _NUMBER,
            SealProofRow.digest: _TEXT,
            SealProofRow.position: _NUMBER,
        },
    ),
    ("publication of seal {}", (PublicationRow.seal,), {PublicationRow.seal: _NUMBER}),
    ("key {}", (VaultKeyRow.name,), {VaultKeyRow.name: _TEXT, VaultKeyRow.public: _TEXT}),
)
_INSTANTS: tuple[tuple[str, Column, Column], ...] = (
    ("chain {}", ChainRow.chain, ChainRow.purged_at),
    ("key {}", VaultKeyRow.name, VaultKeyRow.created_at),
    ("key {}", VaultKeyRow.name, VaultKeyRow.retired_at),
)


def other_kinds(session: Session) -> Iterator[Fault]:
    """Find values in the ledger's tables whose type is not that of their column.

    Columns of JSON are not among them: anyone who reads them says what is wrong. On PostgreSQL there are none.
    """
    if session.get_bind().dialect.name != "sqlite":
        return
    for place, names, kinds in _COLUMNS:
        yield from _other_storage(session, place, names, kinds)
    for place, name, column in _INSTANTS:
        yield from _no_instants(session, place, name, column)


def _other_storage(session: Session, place: str, names: Names, kinds: Kinds) -> Iterator[Fault]:
    stored: list[ColumnElement[object]] = [func.typeof(column) for column in kinds]
    named: list[ColumnElement[object]] = [type_coerce(name, Text) for name in names]
    wrong = or_(*(column_element != wanted for column_element, wanted in zip(stored, kinds.values(), strict=True)))
    for row in rows(session, select(*named, *stored).where(wrong)):
        shown = place.format(*map(_shown, row[: len(names)]))
        for (column, wanted), found in zip(kinds.items(), row[len(names) :], strict=True):
            if found != wanted:
                yield _fault(shown, column, _SHOWN[wanted], _SHOWN[found])


def _no_instants(session: Session, place: str, name: Column, column: Column) -> Iterator[Fault]:
    query = select(type_coerce(name, Text), type_coerce(column, Text)).where(column.is_not(None))
    for key, raw in rows(session, query):
        if not _is_instant(raw):
            yield _fault(place.format(_shown(key)), column, "an instant", "something else")


def _fault(place: str, column: Column, wanted: str, found: str) -> Fault:
    what = f"has {found} in {column.key} where {wanted} belongs; nothing further was checked"
    return Fault(FaultKind.ALTERED, place, f"{place[0].upper()}{place[1:]} {what}.")


def _shown(value: object) -> str:
    return str(value)[:_MOST_SHOWN]


def _is_instant(raw: object) -> bool:
    try:
        moment = datetime.fromisoformat(raw)  # type: ignore[arg-type]
        return moment.tzinfo is None or bool(moment.astimezone(UTC))
    except (TypeError, ValueError, OverflowError):
        return False
