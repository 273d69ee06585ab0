"""The rows of a case's findings: records and their owners encrypted, what they are matched by as keyed hashes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Final, TypeVar

from sqlalchemy import BindParameter, Row, Select, bindparam, delete, insert, select, update
from sqlalchemy.orm.util import identity_key

from rightsflow.domain.attribution import Attribution, Resolution
from rightsflow.domain.case.findings import Copies
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.records import Fact, HadContent, Located, RecordRef
from rightsflow.store.case.finding_reading import DESCRIBED, FindingLine, described, says
from rightsflow.store.core.case_ledger import CasePart, Ledger
from rightsflow.store.core.context import Context, content_hash
from rightsflow.store.tables import FindingRow, table_of

T = TypeVar("T")

_ROW: Final = FindingRow.__table__.c
_TO_ATTRIBUTE: Final = (
    *(_ROW.record_hash, _ROW.via_hash, _ROW.above_hashes, _ROW.is_context, _ROW.sealed_owner, _ROW.owner_strong),
    *(_ROW.id, _ROW.system, _ROW.kind, _ROW.chain, _ROW.attribution, _ROW.doubt, _ROW.facts),
)
"""The columns that say whose a record is, and what was decided of that before."""
_UNREAD: Final = frozenset({"owner_strong", "owner_weak", "sealed_owner", "content_hashes"})
_READ: Final = tuple(column for column in _ROW if column.name not in _UNREAD)
"""The columns that a record is read from, without its owner."""
_SYSTEMS: Final = select(_ROW.system).where(_ROW.case_id == bindparam("case")).distinct()
_PUT_IN: Final = insert(table_of(FindingRow))
_KEY: Final = "number"
_AT_ONCE: Final = 500
"""The number of values that one query names; databases have a limit."""
_FEW: Final = 100
"""The number of rows that are each updated by id, with one prepared statement."""


def some_at_once(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Values in portions that one query can name."""
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


class FindingRows:
    """The rows of one case's findings, written and read.

    Args:
        context: The open transaction.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    def forget(self) -> None:
        """Read the records again when they are asked for, since they change."""
        memory = self._context.memory
        memory.findings = memory.systems = None
        memory.is_changed = True

    def _flush_to_change(self) -> None:
        self._context.memory.flush_of(FindingRow)
        self.forget()

    @property
    def _read(self) -> Sequence[FindingLine] | None:
        return self._context.memory.findings

    def one(self, ref: RecordRef) -> FindingRow:
        """The row of a record of the case, which may be changed."""
        self._flush_to_change()
        query = select(FindingRow).where(
            FindingRow.case_id == self._context.row.id, FindingRow.record_hash == self._context.record_hash(ref)
        )
        return self._context.session.scalars(query).one()

    def all(self, system: str = "") -> list[FindingRow]:
        """The rows of every record of the case, or of one system, in a stable order; they may be changed."""
        self._flush_to_change()
        query = select(FindingRow).where(FindingRow.case_id == self._context.row.id)
        if system:
            query = query.where(FindingRow.system == system)
        return list(self._context.session.scalars(query.order_by(FindingRow.system, FindingRow.id)))

    def lines(self, *, with_owners: bool = False) -> Sequence[FindingLine]:
        """Return the same columns of the whole case, read-only: thousands cost a third of their cost as objects.

        They are read once until something of them changes.

        Args:
            with_owners: Whether whom they name is about to be read too.
        """
        if self._read is None:
            self._context.memory.flush_of(FindingRow)
            query = select(*(_ROW if with_owners else _READ)).where(_ROW.case_id == self._context.row.id)
            self._context.memory.findings = self._context.session.execute(query.order_by(_ROW.system, _ROW.id)).all()
        return self._read or ()

    def numbers(self, system: str) -> dict[str, int]:
        """The numbers of the rows of a system's records, by the records' keyed hashes.

        Args:
            system: The system's name in the configuration.
        """
        return {row.record_hash: row.id for row in self.lines() if row.system == system}

    @property
    def are_read(self) -> bool:
        """True if the lines are in memory, so that reading them needs no query."""
        return self._read is not None

    def systems(self) -> set[str]:
        """The systems in which the case has a record."""
        if self._read is not None:
            return {row.system for row in self._read}
        memory = self._context.memory
        if memory.systems is None:
            memory.flush_of(FindingRow)
            found = self._context.session.connection().execute(_SYSTEMS, {"case": self._context.row.id})
            memory.systems = set(found.scalars())
            if not memory.systems:
                memory.findings = []
        return set(memory.systems)

    def found_before(self, system: str) -> dict[str, FindingLine]:
        """Return number and outcome of each record of a system by its hash, before a search result is written."""
        return {row.record_hash: row for row in self.lines() if row.system == system}

    def add(self, located: Mapping[str, Located], attribution: Attribution = Attribution.UNCLEAR) -> None:
        """Insert records that were not known.

        Args:
            located: What a search returned of each, by its keyed hash.
            attribution: Whose they are.
        """
        if not located:
            return
        rows = [
            {
                "case_id": self._context.row.id,
                "system": item.record.system,
                "kind": item.record.kind,
                "record_hash": digest,
                "sealed_ref": self._context.key.seal("finding/ref", item.record.ref),
                "attribution": attribution.value,
                **described(self._context, item),
            }
            for digest, item in located.items()
        ]
        # By the connection: a session would write those apart in which something else is empty.
        self._context.session.connection().execute(_PUT_IN, rows)
        self.forget()

    @property
    def _has_owners(self) -> bool:
        """True if all stored columns of each record were read."""
        return self._read is not None and all(hasattr(item, "content_hashes") for item in self._read[:1])

    def to_attribute(self) -> Sequence[FindingLine]:
        """Return the columns of each record that attribution needs, in a stable order."""
        if self._has_owners:
            return self._read or ()
        self._context.memory.flush_of(FindingRow)
        query: Select[Any] = select(*_TO_ATTRIBUTE).where(_ROW.case_id == self._context.row.id)
        return self._context.session.execute(query.order_by(_ROW.system, _ROW.id)).all()

    def attribute(self, attributions: Mapping[int, tuple[Attribution, str]]) -> None:
        """Write the attribution of records.

        Args:
            attributions: Whose each is, and the doubt where that is unclear, by the number of its row.
        """
        self.write_alike(attributions, lambda whose: {"attribution": whose[0].value, "doubt": whose[1]})

    def note_chains(self, rows: Sequence[FindingLine], resolution: Resolution) -> None:
        """Write the chains of the subject's records: inherited sharing, and the records that decided in doubt.

        Args:
            rows: The rows that were decided on, with their kinds and keys.
            resolution: What was decided.
        """
        by_hash = {row.record_hash: row for row in rows}
        for row in rows:
            if row.record_hash in resolution.shared and Fact.SHARED not in row.facts:
                self.write_alike({row.id: (*row.facts, Fact.SHARED.value)}, lambda facts: {"facts": sorted(facts)})
            chain = [by_hash[item].kind for item in resolution.chains.get(row.record_hash, ()) if item in by_hash]
            if chain != (row.chain or []):
                self.write_alike({row.id: tuple(chain)}, lambda kinds: {"chain": list(kinds)})

    def note_copies(self, copies: Mapping[int, Copies]) -> None:
        """Write the copies made of records.

        Args:
            copies: What of each, by the number of its row.
        """
        self.write_alike(copies, lambda copy: {"copied_documents": copy.documents, "copied_files": copy.files})

    def describe(self, located: Mapping[int, Located]) -> None:
        """Write the search result of known records whose description has changed.

        Args:
            located: What it returned of each, by the number of its row.
        """
        rows = [
            {_KEY: row.id, **described(self._context, located[row.id], row)}
            for row in self._described(located)
            if not says(self._context, row, located[row.id])
        ]
        if rows:
            self._changed(located)
            self._write_each(rows)

    def _described(self, numbers: Collection[int]) -> Iterator[Any]:
        """Yield the stored descriptions of records, by their row ids."""
        if self._has_owners:
            yield from (row for row in self._read or () if row.id in numbers)
            return
        query: Select[Any] = select(_ROW.id, *DESCRIBED)
        for some in some_at_once(list(numbers)):
            yield from self._context.session.execute(query.where(_ROW.id.in_(some)))

    def _write_each(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the same columns of some rows, each by its number."""
        values: dict[str, BindParameter[Any]] = {name: bindparam(name) for name in rows[0] if name != _KEY}
        # By the connection: a session would write each row apart.
        statement = update(FindingRow).where(_ROW.id == bindparam(_KEY)).values(values)
        self._context.session.connection().execute(statement, rows)

    def write_alike(self, values: Mapping[int, T], columns: Callable[[T], dict[str, Any]]) -> None:
        """Write some columns of rows, grouped by equal values.

        What was read of them before is told the new values instead of being read again.

        Args:
            values: What is written, by the numbers of the rows.
            columns: The columns that a value stands for.
        """
        read, systems = self._read, self._context.memory.systems
        self._changed(values)
        self._context.memory.systems = systems
        if len(set(values.values())) > 1 and len(values) <= _FEW:
            self._write_each([{_KEY: number, **columns(value)} for number, value in values.items()])
        else:
            self._write_alike(values, columns)
        if read is not None:
            told = [_told(row, columns(values[row.id])) if row.id in values else row for row in read]
            self._context.memory.findings = told

    def _write_alike(self, values: Mapping[int, T], columns: Callable[[T], dict[str, Any]]) -> None:
        alike = defaultdict[T, list[int]](list)
        for number, value in values.items():
            alike[value].append(number)
        for value, numbers in alike.items():
            for some in some_at_once(numbers):
                # By the connection, as it stands: what a session remembers of the rows was just expired.
                statement = update(FindingRow).where(_ROW.id.in_(some)).values(columns(value))
                self._context.session.connection().execute(statement)

    def remove(self, numbers: Collection[int]) -> None:
        """Forget records.

        Args:
            numbers: The numbers of their rows.
        """
        if not numbers:
            return
        self._changed(numbers)
        for some in some_at_once(list(numbers)):
            self._context.session.execute(delete(FindingRow).where(_ROW.id.in_(some)))

    def _changed(self, numbers: Iterable[int]) -> None:
        self.forget()
        for number in numbers:
            # Rows that were read as objects before are read again when they are used.
            if row := self._context.session.identity_map.get(identity_key(FindingRow, number)):
                self._context.session.expire(row)


def _told(row: FindingLine, written: Mapping[str, Any]) -> SimpleNamespace:
    """Return a row as it was read, updated with the values written to it since."""
    before = row._mapping if isinstance(row, Row) else vars(row)  # noqa: SLF001 - the name by which SQLAlchemy offers it
    return SimpleNamespace(**{**before, **written})


_KEPT_ROW: Final = FindingRow.__table__.c


class RestoredRows(CasePart):
    """The rows of one case's findings that concern restored records.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
        rows: The rows.
    """

    def __init__(self, context: Context, ledger: Ledger, rows: FindingRows) -> None:
        super().__init__(context, ledger)
        self._rows = rows

    def contents(self, refs: Iterable[RecordRef]) -> HadContent:
        """Return a check that recognises the content of records, usable after the transaction too."""
        names = {self._context.record_hash(ref): ref for ref in refs}
        query: Select[Any] = select(_KEPT_ROW.record_hash, _KEPT_ROW.content_hashes).where(
            _KEPT_ROW.case_id == self._context.row.id
        )
        had: dict[RecordRef, frozenset[str]] = {}
        for some in some_at_once(list(names)):
            rows = self._context.session.execute(query.where(_KEPT_ROW.record_hash.in_(some)))
            had |= {names[digest]: frozenset(hashes or ()) for digest, hashes in rows.all()}
        case_id, keyring = self._context.row.id, self._context.keyring

        def tells(ref: RecordRef, mark: str) -> bool | None:
            known = had.get(ref)
            return content_hash(keyring, case_id, mark) in known if known else None

        return tells

    def holds(self, ref: RecordRef) -> bool:
        """Return whether the case has a record."""
        query: Select[Any] = select(_KEPT_ROW.id).where(_KEPT_ROW.case_id == self._context.row.id)
        found = self._context.session.execute(query.where(_KEPT_ROW.record_hash == self._context.record_hash(ref)))
        return found.first() is not None

    def rename(self, ref: RecordRef, now: RecordRef) -> None:
        """Let a record go by the name under which it is back.

        Args:
            ref: The record, by the name that it had.
            now: The same by its present name, which no other record of the case has.
        """
        row = self._rows.one(ref)
        before, after = row.record_hash, self._context.record_hash(now)
        row.sealed_ref, row.record_hash = self._context.key.seal("finding/ref", now.ref), after
        self._context.session.flush()
        hanging = update(FindingRow).where(_KEPT_ROW.case_id == self._context.row.id, _KEPT_ROW.via_hash == before)
        self._context.session.execute(hanging.values(via_hash=after))
        self._rows.forget()
        self._ledger.append(CaseEvent.RECORD_RENAMED, record=before, system=now.system, now=after)

    def note_looked(self, refs: Sequence[RecordRef]) -> None:
        """Note that muted, marked or corrected records were looked at, whatever was seen.

        The days of the looks count from it. What was seen is noted by itself, in the ledger too.
        """
        rows = update(FindingRow).where(_KEPT_ROW.case_id == self._context.row.id)
        for some in some_at_once([self._context.record_hash(ref) for ref in refs]):
            found = rows.where(_KEPT_ROW.record_hash.in_(some))
            self._context.session.execute(found.values(looked_at=self._context.now))
        self._rows.forget()
