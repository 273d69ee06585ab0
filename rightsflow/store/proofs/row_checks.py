"""Check that cases, chains and their rows are there together, and that values have their columns' kinds.

The ledger holds what happened to a case. Without its row in ``cases`` a request would be forgotten: no list shows it,
no deadline is watched. SQLite keeps a text in a column of numbers, and bytes in any.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    Table,
    Text,
    cast,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from rightsflow.audit.ledger import Fault, FaultKind, read_entry
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store.core.case_ledger import OWN_CHAIN
from rightsflow.store.proofs.seals import by_name
from rightsflow.store.tables import (
    Base,
    CaseRow,
    CaseTaskRow,
    ChainRow,
    DecisionRow,
    InstructionRow,
    LedgerRow,
    LetterRow,
    MessageRow,
    PublicationRow,
    SealProofRow,
    SealRow,
    VaultKeyRow,
    table_of,
)

_AT_ONCE = 1_000


def rows(session: Session, query: Executable) -> Iterator[Any]:
    """Yield the rows of a query, a few at a time, without the overhead of an object-relational mapper.

    Args:
        session: The open transaction.
        query: What is asked for.
    """
    yield from session.connection().execute(query, execution_options={"yield_per": _AT_ONCE})


@contextmanager
def any_text(session: Session) -> Iterator[None]:
    r"""Read invalid texts with ``\xff`` for each wrong byte.

    SQLite keeps whatever bytes it is given, and its driver would fail over them. Nothing that the ledger writes holds a
    backslash before an x, so that such a text is never taken for another. PostgreSQL keeps texts only.
    """
    connection: Any = session.connection().connection.dbapi_connection
    if session.get_bind().dialect.name != "sqlite":
        yield
        return
    connection.text_factory = _text_of
    try:
        yield
    finally:
        connection.text_factory = str


def parsed(text: str) -> object:
    """Parse a text as JSON; ``None`` if it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _text_of(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


_CASES = table_of(CaseRow)
_PARTS: Final[Mapping[CaseEvent, tuple[str, str, type[Base], InstrumentedAttribute[object]]]] = {
    CaseEvent.DECISION_RECORDED: ("decision", "gate", DecisionRow, DecisionRow.gate),
    CaseEvent.LETTER_WRITTEN: ("letter", "letter", LetterRow, LetterRow.template_id),
    CaseEvent.TASK_NOTED: ("task", "number", CaseTaskRow, CaseTaskRow.number),
    CaseEvent.PROCESSOR_ASKED: ("instruction", "number", InstructionRow, InstructionRow.number),
    CaseEvent.MESSAGE_RECEIVED: ("message", "number", MessageRow, MessageRow.number),
    CaseEvent.NOTE_WRITTEN: ("note", "number", MessageRow, MessageRow.number),
}
"""Events that add a row which stays as long as its case: the row's name, the detail that names it, its column."""


def check_cases(session: Session) -> Iterator[Fault]:
    """Find cases without a chain, chains without a case, and rows of cases that are gone."""
    without = select(CaseRow.id).outerjoin(ChainRow, ChainRow.chain == CaseRow.id).where(ChainRow.chain.is_(None))
    for (case_id,) in rows(session, without.order_by(CaseRow.id)):
        text = f"The chain of {case_id} is missing, though the case is there."
        yield Fault(FaultKind.REMOVED, f"chain {case_id}", text)
    gone = dict(rows(session, _chains_without_case()))
    for chain, purged_at in gone.items():
        if purged_at is None:
            text = f"The case {chain} is missing, though its chain is there and was not purged."
            yield Fault(FaultKind.REMOVED, f"case {chain}", text)
    purged = select(CaseRow.id).join(ChainRow, ChainRow.chain == CaseRow.id).where(ChainRow.purged_at.is_not(None))
    for (case_id,) in rows(session, purged.order_by(CaseRow.id)):
        yield Fault(FaultKind.ADDED, f"case {case_id}", f"The case {case_id} is there, though it was purged.")
    for case_id, tables in _left_behind(session).items():
        if gone.get(case_id, "purged") is not None:
            text = f"The case {case_id} is missing, though rows of it are in {', '.join(tables)}."
            yield Fault(FaultKind.REMOVED, f"case {case_id}", text)


def check_parts(session: Session) -> Iterator[Fault]:
    """Find decisions, letters, tasks, instructions, messages and notes that the ledger names and that are gone."""
    there = groupby(rows(session, _parts(session)), key=lambda row: row[0])
    at_hand = next(there, None)
    for chain, entries in groupby(rows(session, _entries(session)), key=lambda row: row[0]):
        while at_hand and at_hand[0] < chain:
            at_hand = next(there, None)
        known = {(name, key) for _, name, key in at_hand[1]} if at_hand and at_hand[0] == chain else set()
        for _, number, body in entries:
            part = _part_of(body)
            if part and part not in known:
                known.add(part)
                name, key = part
                text = f"The {name} {key} of {chain}, which entry {number} names, is missing."
                yield Fault(FaultKind.REMOVED, f"{name} {key} of {chain}", text)


def _part_of(body: str) -> tuple[str, str] | None:
    """Return which row an entry names; ``None`` for none, and for an entry that is not whole."""
    try:
        entry = read_entry(body)
    except (ValueError, RecursionError):
        return None
    part = next((item for event, item in _PARTS.items() if event == entry.event), None)
    return (part[0], str(entry.details[part[1]])) if part and part[1] in entry.details else None


def _entries(session: Session) -> Select[str, int, str]:
    """Return a query of the entries that name a row, of the stored cases."""
    names_one = or_(*(LedgerRow.body.contains(f'"event":"{event}"', autoescape=True) for event in _PARTS))
    query = select(LedgerRow.chain, LedgerRow.number, LedgerRow.body).join(CaseRow, CaseRow.id == LedgerRow.chain)
    return query.where(names_one).order_by(by_name(session, LedgerRow.chain), LedgerRow.number)


def _parts(session: Session) -> Select[str, str, str]:
    """Select every such row, in the order of the entries."""
    of_each = (
        select(
            table_of(row).c.case_id.label("case_id"),
            literal(name, Text).label("name"),
            cast(column, Text).label("key"),
        )
        for name, _, row, column in _PARTS.values()
    )
    parts = union_all(*of_each).subquery()
    return select(parts.c.case_id, parts.c.name, parts.c.key).order_by(by_name(session, parts.c.case_id))


def _chains_without_case() -> Select[str, datetime | None]:
    query = select(ChainRow.chain, ChainRow.purged_at).outerjoin(CaseRow, CaseRow.id == ChainRow.chain)
    return query.where(CaseRow.id.is_(None), ChainRow.chain != OWN_CHAIN).order_by(ChainRow.chain)


def _left_behind(session: Session) -> dict[str, list[str]]:
    """Return the cases of which only dependent rows are left, with the tables of these."""
    by_table: dict[str, list[str]] = {}
    for table, column in _dependents():
        case_id = table.c[column]
        query = select(case_id).outerjoin(_CASES, _CASES.c.id == case_id)
        orphans = query.where(case_id.is_not(None), _CASES.c.id.is_(None)).distinct().order_by(case_id)
        for (name,) in rows(session, orphans):
            by_table.setdefault(name, []).append(table.name)
    return by_table


def _dependents() -> Iterator[tuple[Table, str]]:
    """Return every table whose rows belong to a case, with the column that names it."""
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table is _CASES:
                yield table, key.parent.name


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
