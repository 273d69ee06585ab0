"""The rows of a configured table: how they are searched, read, told apart by their keys, and given as data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.sql import operators

from connectors.sql.client import ReadConnection, Reads, Row, SqlDatabase, Statement, Values, rows_of
from connectors.sql.column_settings import BlankedColumn, FieldColumn, FileColumn, IdentityColumn, Reference, Where
from connectors.sql.errors import translated
from connectors.sql.files import FileStore, NamedFiles, is_unreachable
from connectors.sql.formats import Plain
from connectors.sql.inside import Replace, replaced
from connectors.sql.mysql import TAKES_BACK
from connectors.sql.persons import Named, PersonReader, PhoneReader, WholeRow
from connectors.sql.search import PersonSearch, bound, ends_with_name, ends_with_plain_name, fulfilling, shape
from connectors.sql.settings import SqlSettings
from connectors.sql.table_settings import TableSettings
from connectors.sql.text import as_text, holds, in_unicode
from connectors.sql.values import as_number, compared, instant, key_condition, key_text, whole_numbers
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import RecordRef

T = TypeVar("T")

_BITS = {sa.BigInteger: 63, sa.SmallInteger: 15}
"""The size in bits of PostgreSQL's whole numbers, since it rejects comparing too large a number; the default is 31."""
_SOUGHT = "sought"
_ONE_DAY = timedelta(days=1)
"""The place of the values in a statement that has one."""
FAR_OFF = datetime.max.replace(tzinfo=UTC)
"""The value for an unknown time where the earliest is looked for."""


@dataclass(frozen=True, slots=True)
class SqlSite:
    """The parts that all operations of one system share.

    Args:
        system: The system's name in the configuration.
        settings: Its section.
        database: Its connection.
        files: Its files, if it has any.
        phones: Reads phone numbers.
        zone: The zone of times without one.
        clock: Gives the present instant (aware).
    """

    system: str
    settings: SqlSettings
    database: SqlDatabase
    files: FileStore | None
    phones: PhoneReader
    zone: ZoneInfo
    clock: Callable[[], datetime]

    def tables(self) -> list[TableRows]:
        """The tables, such that what refers to another comes first."""
        return [TableRows(self, table) for table in self.settings.reading_order()[::-1]]

    def table(self, name: str) -> TableRows:
        """The table of this name."""
        return next(TableRows(self, item) for item in self.settings.tables if item.name == name)

    def is_owned_in_turn(self, reference: Reference) -> bool:
        """Return True if a reference leads to things that name their present owner beside those before."""
        return any(table.is_owned_in_turn for table in self.settings.tables if table.name == reference.table)

    def batches(self, refs: Sequence[RecordRef]) -> Iterator[tuple[TableRows | None, list[RecordRef]]]:
        """Cut records by their kinds and by the size of a transaction, each batch with its table; files have none.

        Raises:
            Misconfigured: One is of a kind that is no longer configured; nothing can be said of such a record.
        """
        known = {table.record_kind for table in self.settings.tables}
        known |= {table.file.kind for table in self.settings.tables if table.file}
        if any(ref.kind not in known for ref in refs):
            raise Misconfigured(
                f"The system {self.system} no longer names a table or file column of a kind that records of the case "
                "have; restore it in the key tables."
            )
        for kind in dict.fromkeys(ref.kind for ref in refs):
            rows = next((table for table in self.tables() if table.settings.record_kind == kind), None)
            for batch in batches((ref for ref in refs if ref.kind == kind), self.settings.batch_size):
                yield rows, batch

    def with_files(self, kind: str = "") -> list[tuple[TableRows, FileColumn]]:
        """The tables that point at files of this kind, or of any."""
        columns = [(table, table.settings.file) for table in self.tables()]
        return [(item, column) for item, column in columns if column and kind in ("", column.kind)]


class TableRows:
    """The rows of one table."""

    def __init__(self, site: SqlSite, settings: TableSettings) -> None:
        self.site = site
        self.settings = settings
        self._reader = PersonReader(settings, site.phones, site.system)
        self._search = PersonSearch(settings, site.phones, site.system)
        self.parts = [(reference, TableRows(site, part)) for reference, part in settings.parts]
        self._whole: TableRows | None = None
        self._of_thing = next((item for item in settings.references if site.is_owned_in_turn(item)), None)

    @property
    def table(self) -> sa.Table:
        """Its reflection."""
        return self.site.database.table(self.settings)

    @property
    def takes_back(self) -> bool:
        """True if a change can be rolled back; engines without transactions cannot."""
        return bool(self.table.info.get(TAKES_BACK, True))

    def named(self, row: Row) -> Named:
        """Return the people whom a row names."""
        return self._reader.read(row)

    def reads(self, column: IdentityColumn, text: str) -> bool:
        """Return True if a text of an identity column can be read as naming a person."""
        return self._reader.reads(column, text)

    def ref(self, row: Row) -> RecordRef:
        """Return the record reference of a row."""
        return RecordRef(self.site.system, self.settings.record_kind, key_text(row, self.settings.key))

    def occurred_at(self, row: Row) -> datetime | None:
        """Return the instant of a row's event."""
        column = self.settings.occurred_at
        return instant(row[column], self.site.zone) if column else None

    def file_value(self, row: Row) -> str:
        """Return the value of a row's file column, after its folder column if there is one; empty without a file."""
        column = self.settings.file
        name = str(row[column.column] or "").strip() if column else ""
        if not name or column is None or name == column.cleared:
            return ""
        if not column.folder_column:
            return name
        return f"{str(row[column.folder_column] or '').strip().rstrip('/')}/{name}".lstrip("/")

    @property
    def clears_file(self) -> bool:
        """True if the file column is emptied once the file is gone."""
        return self.site.settings.clears_file(self.settings)

    def search(self, known: Identifiers, by: Reads | None = None) -> Iterator[tuple[Row, Named]]:
        """The rows in which a known identifier stands, or in a part of which it does."""
        seen: dict[RecordRef, list[Row]] = {}
        for row in self._candidates(known, by):
            named, before = self.named(row), seen.setdefault(self.ref(row), [])
            if named.matching(known) and row not in before:
                before.append(row)
                yield row, named

    def _candidates(self, known: Identifiers, by: Reads | None) -> Iterator[Row]:
        sought = self._search.sought(self.table, known)
        if any(sought):
            statement = self._kept(("search", shape(sought)), lambda: self._search.condition(self.table, sought))
            yield from self._select("locate", statement, bound(sought), by)
        for reference, part in self.parts:
            found = [reference.value(row) for row, _ in part.search(known, by) if reference.applies(row)]
            yield from self.with_values(reference.to, found, "locate", by)

    def whole(
        self, found: Iterable[Row], operation: str, by: Reads | None = None, *, as_parts: bool = False
    ) -> Iterator[Row]:
        """Some rows with the rows of other tables that are parts of them, and with what they are parts of.

        Args:
            found: The rows.
            operation: What is being done, for errors.
            by: By what to read.
            as_parts: Whether they are read as parts of rows that are known.
        """
        of = None if as_parts else self.settings.part_of or self._of_thing
        if not self.parts and of is None:
            yield from found
            return
        for batch in batches(found, self.site.settings.batch_size):
            wholes = [WholeRow(row) for row in batch]
            for reference, part in self.parts:
                of_row: dict[str, list[Row]] = {compared(row[reference.to]): [] for row in wholes}
                values = [reference.stored(row[reference.to]) for row in wholes]
                for row in part.with_values(reference.column, values, operation, by, as_parts=True):
                    if reference.applies(row):
                        of_row[compared(reference.value(row))].append(row)
                for row in wholes:
                    row.parts[part.settings.name] = of_row[compared(row[reference.to])]
            if of is not None:
                self._read_beside(wholes, of, operation, by)
            yield from wholes

    def _read_beside(self, parts: Sequence[WholeRow], of: Reference, operation: str, by: Reads | None) -> None:
        """Note with rows whom the rows name that they are parts of, or which thing that people have in turn."""
        if self._whole is None:
            self._whole = self.site.table(of.table)
        leading = {compared(of.value(row)): of.value(row) for row in parts if of.applies(row)}
        for row in self._whole.with_values(of.to, leading.values(), operation, by):
            named, key = self._whole.named(row), compared(row[of.to])
            of_row = (part for part in parts if of.applies(part) and compared(of.value(part)) == key)
            for part in of_row:
                part.beside = part.beside if named.one_person or not of.part else named
                part.of_thing |= named.of_thing() if self._whole.settings.is_had_in_turn else frozenset()

    def with_values(
        self,
        column: str,
        values: Iterable[object],
        operation: str,
        by: Reads | None = None,
        *,
        as_parts: bool = False,
    ) -> Iterator[Row]:
        """The rows that count and have one of these values in a column, also as a number that is text there.

        A database may find more: by another spelling that it calls equal, or ``12b`` for the number 12.
        """
        wanted = {value for value in values if value not in (None, "")}
        alike = {compared(value) for value in wanted}
        wanted = self._of_type(self.table.c[column], wanted)
        for batch in batches(sorted(wanted, key=str), self.site.settings.batch_size):
            found = self._select(operation, self._with_one_of(column, batch), {_SOUGHT: batch}, by, as_parts=as_parts)
            yield from (row for row in found if compared(row[column]) in alike)

    def arrived_since(self, since: datetime, operation: str) -> Iterator[Row]:
        """The rows that count and were made since an instant, by the column ``occurred_at``.

        The database compares days, since a time may be text or have no zone; instants are compared here.
        A row without a time is not read.

        Raises:
            Misconfigured: A time cannot be read.
        """
        column = self.table.c[self.settings.occurred_at]
        first = (since - _ONE_DAY).astimezone(self.site.zone)
        coarse: object = first.date()
        if isinstance(column.type, sa.Integer | sa.Numeric):
            coarse = int(first.timestamp())
        elif isinstance(column.type, sa.DateTime):
            coarse = first if column.type.timezone else first.replace(tzinfo=None)
        late = column >= coarse
        if isinstance(column.type, sa.String):
            # What is not written year first would be compared wrongly; it is read, and refused below.
            late = sa.or_(column >= first.date().isoformat(), ~column.like("____-__-__%"))
        for row in self._select(operation, Statement.of(self.table, sa.and_(late, self._counting())), {}):
            made_at = self.occurred_at(row)
            if made_at is None:
                raise Misconfigured(
                    f"The column {column.name} of {self.settings.name} in the system {self.site.system} holds times "
                    "that cannot be read; name in occurred_at one with dates, ISO text or seconds since 1970."
                )
            if made_at >= since:
                yield row

    def _of_type(self, column: sa.Column[Any], values: set[object]) -> set[object]:
        """The values as the column's type can hold them; PostgreSQL compares a number with no text, nor the reverse."""
        if isinstance(column.type, sa.String):
            # A program may write a UUID in capitals where the database writes none.
            uuids = {str(value).upper() for value in values if isinstance(value, UUID)}
            return uuids | {value if isinstance(value, str | bytes) else compared(value) for value in values}
        if not isinstance(column.type, sa.Numeric | sa.Integer):
            return values
        read = (as_number(value) if isinstance(value, str) else value for value in values)
        is_bounded = isinstance(column.type, sa.Integer) and self.site.database.engine.dialect.name == "postgresql"
        bits = next((bits for kind, bits in _BITS.items() if isinstance(column.type, kind)), 31)
        return {
            value
            for value in read
            if value is not None and not (is_bounded and isinstance(value, int) and not -(2**bits) <= value < 2**bits)
        }

    def _with_one_of(self, column: str, values: Sequence[object]) -> Statement:
        stored = self.table.c[column]
        # Compared as what the first of them is, if that is no value of the column's own type.
        kind = stored.type.coerce_compared_value(operators.in_op, values[0])
        is_plain = all(str(value).isascii() for value in values) or not isinstance(stored.type, sa.String)
        place = sa.bindparam(_SOUGHT, type_=kind, expanding=True)
        if is_plain and kind is stored.type:
            return self._kept(("values", column), lambda: stored.in_(place))
        condition = (stored if is_plain else in_unicode(stored)).in_(place)
        return Statement.of(self.table, sa.and_(condition, self._counting()))

    def naming_files(self, names: NamedFiles, operation: str, by: Reads | None = None) -> Iterator[Row]:
        """All rows that may point at files of these names, also those that do not count otherwise."""
        column = self.settings.file
        assert column is not None, "asked of tables with a file column only"  # noqa: S101
        stored = as_text(self.table.c[column.column])
        for batch in batches(sorted(names.whole), self.site.settings.batch_size * 4):
            yield from self._select(operation, Statement.of(self.table, sa.func.trim(stored).in_(batch)), {}, by)
        for batch in batches(sorted(names.last), self.site.settings.batch_size * 4):
            yield from self._select(operation, *self._named(stored, batch), by)

    def _named(self, stored: sa.ColumnElement[str], names: Sequence[str]) -> tuple[Statement, Values]:
        if not all(name.isascii() for name in names):
            return Statement.of(self.table, ends_with_name(stored, names)), {}
        place = sa.bindparam(_SOUGHT, type_=sa.String(), expanding=True)
        statement = Statement.kept(self.table, "names", lambda: ends_with_plain_name(stored, place))
        return statement, {_SOUGHT: [name.lower() for name in names]}

    def with_keys(
        self, refs: Sequence[RecordRef], operation: str, by: Reads | None = None
    ) -> dict[RecordRef, list[Row]]:
        """The rows of some refs by a fresh read; a ref whose row is gone is left out."""
        found: dict[RecordRef, list[Row]] = {}
        for row in self._select(operation, *self._with_keys([item.ref for item in refs]), by):
            found.setdefault(self.ref(row), []).append(row)
        return {ref: found[ref] for ref in refs if ref in found}

    def _with_keys(self, keys: Sequence[str]) -> tuple[Statement, Values]:
        numbers = whole_numbers(self.table, self.settings.key, keys)
        if not numbers:
            condition = key_condition(self.table, self.settings.key, keys)
            return Statement.of(self.table, sa.and_(condition, self._counting())), {}
        column = self.table.c[self.settings.key[0]]
        place = sa.bindparam(_SOUGHT, type_=column.type, expanding=True)
        return self._kept("keys", lambda: column.in_(place)), {_SOUGHT: numbers}

    def unlike(self, refs: Sequence[RecordRef], column: str, value: object, operation: str) -> frozenset[RecordRef]:
        """Return the refs with a row in which a column holds another value, or none, by a fresh read.

        The database compares, as when it writes: what it reads back may be spelt otherwise.
        """
        held = self.table.c[column]
        condition = sa.and_(self.condition_of(refs), sa.or_(held.is_(None), held != value))
        return frozenset(self.ref(row) for row in self._select(operation, Statement.of(self.table, condition), {}))

    def locked(self, connection: sa.Connection, refs: Sequence[RecordRef]) -> dict[RecordRef, list[dict[str, Any]]]:
        """The rows of some refs, read in the transaction that changes them; a ref whose row is gone is left out."""
        selected = connection.execute(sa.select(self.table).where(self.condition_of(refs)).with_for_update())
        found: dict[RecordRef, list[dict[str, Any]]] = {}
        for row in self.whole(rows_of(selected), "lock", connection):
            found.setdefault(self.ref(row), []).append(row if isinstance(row, dict) else dict(row))
        return {ref: found[ref] for ref in refs if ref in found}

    def condition_of_row(self, row: Row, *, counting: bool = True) -> sa.ColumnElement[bool]:
        """The condition that a row fulfils as it was read and judged, and no other person's of the same key does.

        Args:
            row: The row.
            counting: Whether it has to count by the configuration's ``where``.
        """
        named = {identity.column for identity in self.settings.identities} | {
            reference.column for reference in self.settings.references
        }
        named |= self.settings.fields_inside
        told = (holds(self.table.c[name], row[name]) for name in sorted(named))
        return sa.and_(self.condition_of([self.ref(row)], counting=counting), *told)

    def condition_of(self, refs: Sequence[RecordRef], *, counting: bool = True) -> sa.ColumnElement[bool]:
        """The condition that selects the rows of some refs; those that do not count as well where that is said."""
        these = key_condition(self.table, self.settings.key, [ref.ref for ref in refs])
        return sa.and_(these, self._counting()) if counting else these

    def fulfilling(self, where: Where) -> sa.ColumnElement[bool]:
        """The condition of a ``where``; its values are bound."""
        return fulfilling(self.table, where)

    def _counting(self) -> sa.ColumnElement[bool]:
        return self.fulfilling(self.settings.where)

    def filled(self, row: Row) -> list[BlankedColumn]:
        """The fields of a row that blanking would change.

        Raises:
            Unreadable: One of them is inside something that is in no known format.
        """
        return [field for field in self.settings.blanks if not self.is_blank(field, row)]

    def is_blank(self, field: FieldColumn, row: Row) -> bool:
        """Return True if a row does not have a field, or has there what blanking gives it, or nothing.

        Raises:
            Unreadable: It is inside something that is in no known format.
        """
        given = self.settings.blank_value(field, row)
        return all(value is None or value == given for value in field.values(row))

    def to_blank(self, row: Row, known: Identifiers) -> list[BlankedColumn]:
        """The fields of a row in which something of the subject may still stand.

        In a row of several people, a number or a name that is another person's stays, with what is beside it in a list
        or in an object of theirs, and around an object of the subject what they own; what names no one that can be told
        goes. A row that names one person, and that another person (their comment on the subject's ticket), stays. So
        does the name of a file that is there.

        Raises:
            Unreadable: One is inside something that is in no known format.
        """
        filled, named = self.filled(row), self.named(row)
        others = named.others(known) if filled else ()
        if others and named.one_person:
            return []
        theirs = [other.column for other in (*others, *named.other_names(known))]
        objects = named.in_objects(known)
        return [
            field
            for field in filled
            if not any(field.overlaps(one) or field.is_beside(one) for one in theirs)
            and not (objects.keeps(field) or self._leads_to_file(field, row))
        ]

    def _leads_to_file(self, field: FieldColumn, row: Row) -> bool:
        """Return True if a field is the name of a file that is there: it goes with the file, which is erased before."""
        column, files, value = self.settings.file, self.site.files, self.file_value(row)
        if column is None or files is None or not value or field.column not in (column.column, column.folder_column):
            return False
        return not is_unreachable(files.find(value, column, self.occurred_at(row)))

    def inseparable(self, row: Row, known: Identifiers) -> bool:
        """Return True if a field to blank has the subject together with other people, or what may be theirs."""
        named, filled = self.named(row), self.filled(row)
        others = [other.column for other in (*named.others(known), *named.other_names(known))]
        own = [mention.column for mention in named.mentions if mention.read & known]
        objects = named.in_objects(known)
        return any(
            (any(map(field.overlaps, others)) and any(map(field.overlaps, own))) or objects.is_in_doubt(field)
            for field in (filled if others and own else ())
        )

    def blanked(self, row: Row, fields: Iterable[BlankedColumn]) -> dict[str, object]:
        """Return the columns of a row with the values that they get when fields are blanked.

        Raises:
            Unreadable: A field is inside something in which no value can be replaced.
        """
        written: dict[str, object] = {}
        for field in (item for item in fields if item.is_in(row)):
            value = self.settings.blank_value(field, row)
            present = written.get(field.column, row[field.column])
            if field.path:
                written[field.column] = replaced(present, field.path, _always(value))
            else:
                written[field.column] = [] if isinstance(present, list) and value == "" else value
        return written

    def _kept(self, shape: object, condition: Callable[[], sa.ColumnElement[bool]]) -> Statement:
        """The statement for the rows that count and fulfil a condition with places for values."""
        return Statement.kept(self.table, shape, lambda: sa.and_(condition(), self._counting()))

    def _select(
        self, operation: str, statement: Statement, values: Values, by: Reads | None = None, *, as_parts: bool = False
    ) -> Iterator[Row]:
        with translated(self.site.system, operation, self.settings.name):
            if isinstance(by, sa.Connection):
                found: Iterable[Row] = rows_of(by.execute(statement.whole, values))
            elif by is not None:
                found = by.read(statement, values)
            else:
                with ReadConnection(self.site.database) as own:
                    found = own.read(statement, values)
            yield from self.whole(found, operation, by, as_parts=as_parts)


def _always(value: Plain) -> Replace:
    return lambda _: value


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut into lists of at most ``size``."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
