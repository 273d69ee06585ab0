"""The database's own foreign keys: the rows that it removes or changes along, and those not configured.

Rows that the database removes along with one that is deleted may be another person's, or what a law keeps
(``ON DELETE CASCADE``, ``ON UPDATE CASCADE``). So a row on which any still hangs is not deleted, and a column to which
any refers not written: what is the subject's in these tables is erased before it, by the configuration, and what is
left then is to be kept.

A row that hangs on the person by a foreign key which the configuration does not follow is not found. What the database
says of its tables is the better witness: the probe names each difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from connectors.sql.client import Row
from connectors.sql.column_settings import Reference
from connectors.sql.errors import translated
from connectors.sql.mysql import NAMES, sees_all_tables, tables_below
from connectors.sql.rows import TableRows
from connectors.sql.values import compared
from rightsflow.domain.errors import Refused
from rightsflow.domain.vocabulary.records import RecordRef

_DEPENDENTS_IN_MYSQL: Final = sa.text(
    "SELECT k.CONSTRAINT_NAME, k.TABLE_SCHEMA, k.TABLE_NAME, k.COLUMN_NAME, k.REFERENCED_COLUMN_NAME, "
    "(:writes OR r.DELETE_RULE = 'CASCADE') "
    "FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r "
    "ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME "
    "AND r.TABLE_NAME = k.TABLE_NAME WHERE (CASE WHEN :writes THEN r.UPDATE_RULE IN ('CASCADE', 'SET NULL') "
    "ELSE r.DELETE_RULE NOT IN ('SET NULL', 'SET DEFAULT') END) AND k.REFERENCED_TABLE_NAME = :name "
    "AND k.REFERENCED_TABLE_SCHEMA = COALESCE(:schema, DATABASE()) ORDER BY 1, 2, 3, k.ORDINAL_POSITION"
)
_DEPENDENTS_IN_POSTGRESQL: Final = sa.text(
    "WITH RECURSIVE meant AS (SELECT to_regclass(:quoted)::oid AS oid UNION "
    "SELECT i.inhrelid FROM pg_inherits i JOIN meant m ON m.oid = i.inhparent) "
    "SELECT c.conname, n.nspname, t.relname, a.attname, b.attname, (:writes OR c.confdeltype = 'c') "
    "FROM pg_constraint c "
    "JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace "
    "CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k(own, theirs, place) "
    "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own "
    "JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.theirs "
    "WHERE c.contype = 'f' AND (CASE WHEN :writes THEN c.confupdtype IN ('c', 'n', 'd') "
    "ELSE c.confdeltype IN ('c', 'a', 'r') END) "
    # Of the copies that a constraint has for each partition one is enough, also where a partition itself is named.
    "AND c.confrelid IN (SELECT oid FROM meant) AND NOT EXISTS (SELECT FROM pg_constraint o "
    "WHERE o.oid = c.conparentid AND o.confrelid IN (SELECT oid FROM meant)) "
    "ORDER BY 1, 2, 3, k.place"
)
_DEPENDENTS_IN_SQLITE: Final = sa.text(
    "SELECT m.name || f.id, '', m.name, f.\"from\", f.\"to\", (:writes OR f.on_delete = 'CASCADE') "
    "FROM sqlite_master m, pragma_foreign_key_list(m.name) f "
    "WHERE m.type = 'table' AND lower(f.\"table\") = lower(:name) AND (CASE WHEN :writes "
    "THEN f.on_update IN ('CASCADE', 'SET NULL', 'SET DEFAULT') "
    "ELSE f.on_delete NOT IN ('SET NULL', 'SET DEFAULT') END) "
    "ORDER BY 1, f.seq"
)

_VIEW_IN_POSTGRESQL: Final = sa.text(
    "WITH RECURSIVE reads AS (SELECT to_regclass(:quoted)::oid AS oid UNION "
    "SELECT d.refobjid FROM reads JOIN pg_rewrite r ON r.ev_class = reads.oid JOIN pg_depend d ON d.objid = r.oid "
    "WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass) "
    "SELECT n.nspname, t.relname FROM reads JOIN pg_class t ON t.oid = reads.oid "
    "JOIN pg_namespace n ON n.oid = t.relnamespace WHERE t.relkind IN ('r', 'p')"
)
_VIEW_IN_SQLITE: Final = sa.text(
    "SELECT '', t.name FROM sqlite_master v, sqlite_master t WHERE v.type = 'view' AND lower(v.name) = lower(:name) "
    "AND t.type = 'table' AND instr(lower(v.sql), lower(t.name)) > 0"
)

_KNOWN: Final = "rightsflow_dependents"
_SEES_ALL: Final = "rightsflow_sees_all"
_BLIND: Final = (
    "The user of the database does not see all of its tables, and the database may remove rows of others along with "
    "the entry; grant the user REFERENCES on the whole database, by which it can read no data."
)
_KEYS_IN_MYSQL: Final = sa.text(
    "SELECT CONSTRAINT_NAME, TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, "
    "REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME "
    "FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL AND TABLE_SCHEMA IN :schemas "
    "ORDER BY 2, 3, 1, ORDINAL_POSITION"
).bindparams(sa.bindparam("schemas", expanding=True))
_KEYS_IN_POSTGRESQL: Final = sa.text(
    "SELECT c.oid::text, n.nspname, t.relname, a.attname, m.nspname, o.relname, b.attname FROM pg_constraint c "
    "JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace "
    "JOIN pg_class o ON o.oid = c.confrelid JOIN pg_namespace m ON m.oid = o.relnamespace "
    "CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k(own, theirs, place) "
    "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own "
    "JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.theirs "
    # The copies that a constraint has for each partition say the same.
    "WHERE c.contype = 'f' AND c.conparentid = 0 ORDER BY 2, 3, 1, k.place"
)
_KEYS_IN_SQLITE: Final = sa.text(
    "SELECT m.name || f.id, '', m.name, f.\"from\", '', f.\"table\", "
    'COALESCE(f."to", (SELECT p.name FROM pragma_table_info(f."table") p WHERE p.pk = f.seq + 1)) '
    "FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq"
)
_UNDECLARED: Final = (
    "The foreign key {column} of {table} leads to {to} of {other} and is not among the references of {table}, so rows "
    'are not found through it; add {{ column = "{column}", table = "{other}", to = "{to}" }}, or name {column} in '
    "not_personal of {table} if it never leads to the person."
)
_CONTRADICTS: Final = (
    "The reference {column} of {table} leads to {to} of {other}, and the database's foreign key to {real_to} of "
    "{real_other}; mend the reference, or rows of other people are found."
)
_BEHIND_VIEW: Final = (
    "{view} is a view, and these refer by foreign keys to the table that it reads: {others}; configure these tables "
    "with a reference to {view}, or name them in not_personal."
)
_UNCONFIGURED: Final = (
    "Tables that are not configured have foreign keys to {table}, so the person's rows there are not found: {others}; "
    "configure them, or name them in the key not_personal of the system if they hold no personal data."
)
_UNSEEN: Final = (
    "The user does not see all tables of {schema}, so tables that refer to configured ones may be unnamed; "
    "grant it REFERENCES on the whole database, by which it can read no data."
)
_MOST_NAMED: Final = 8

_Place = tuple[str, str]
"""A schema and a table, as the database names them."""


@dataclass(frozen=True, slots=True)
class CascadingTable:
    """A table whose rows are removed along with those of another one, or keep these from being removed.

    Args:
        table: The table, with the columns that refer.
        columns: Those columns, each with the one that it refers to.
        goes_along: Whether its rows would be removed, or changed; else the database does not remove what they refer to.
        words: How people call its rows, if the configuration names it.
        name: Its name in the configuration; empty where that does not name it.
    """

    table: sa.TableClause
    columns: tuple[tuple[str, str], ...]
    goes_along: bool = True
    words: str = ""
    name: str = ""


def dependents(connection: sa.Connection, rows: TableRows, *, writes: bool = False) -> list[CascadingTable]:
    """The tables whose rows the database removes along with those of a table, or for which it refuses to remove these.

    It is asked once, as for the columns.

    MySQL names only tables in which the user has some right
    (:func:`connectors.sql.mysql.sees_all_tables`); of a view there, the tables count that it reads. What
    PostgreSQL does below a view is seen when it is done (``writing``).

    Args:
        connection: A connection.
        rows: The table.
        writes: Whether those are meant that it changes when a row is changed.
    """
    known: dict[bool, list[CascadingTable]] = rows.table.info.setdefault(_KNOWN, {})
    if writes not in known:
        known[writes] = _dependents(connection, rows, writes=writes)
    return known[writes]


def sees_all(connection: sa.Connection, rows: TableRows) -> bool:
    """Return True if the user sees all tables from which the database might remove rows along with a table's."""
    if connection.dialect.name not in NAMES or not rows.takes_back:
        return True
    known = rows.table.info
    # A right that is granted later counts at once.
    known[_SEES_ALL] = known.get(_SEES_ALL) or sees_all_tables(connection, rows.table.schema)
    return bool(known[_SEES_ALL])


def _dependents(connection: sa.Connection, rows: TableRows, *, writes: bool) -> list[CascadingTable]:
    found: defaultdict[tuple[str, str, str, bool], list[tuple[str, str]]] = defaultdict(list)
    for constraint, schema, table, column, to, goes_along in _constraints(connection, rows, writes=writes):
        found[constraint, schema, table, bool(goes_along)].append((column, to or rows.settings.key[0]))
    return [
        _cascading(connection, rows, (schema, table), columns, goes_along=goes_along)
        for (_, schema, table, goes_along), columns in found.items()
    ]


def _cascading(
    connection: sa.Connection,
    rows: TableRows,
    place: tuple[str, str],
    columns: Sequence[tuple[str, str]],
    *,
    goes_along: bool,
) -> CascadingTable:
    """A table that refers, as the configuration names it: by itself or as a view of it, which is read then."""
    schema, table = place
    tables = rows.site.settings.tables
    named = next((item for item in tables if item.name in (table, f"{schema}.{table}")), None)
    read: sa.TableClause = sa.table(table, *(sa.column(name) for name, _ in columns), schema=schema or None)
    if named is None:
        views = (item for item in tables if _reads(connection, rows.site.table(item.name), schema, table))
        named = next(
            (view for view in views if all(own in rows.site.table(view.name).table.c for own, _ in columns)), None
        )
        read = read if named is None else rows.site.table(named.name).table
    words, name = (named.words, named.name) if named else ("", "")
    return CascadingTable(read, tuple(columns), goes_along, words, name)


def _reads(connection: sa.Connection, view: TableRows, schema: str, table: str) -> bool:
    """Return True if the configured table is a view that reads another table."""
    return any(name == table and of in {"", schema} for of, name in _below(connection, view))


def _below(connection: sa.Connection, view: TableRows) -> set[_Place]:
    """The tables that a view reads, with their schemas; of a table itself."""
    if connection.dialect.name in NAMES:
        return {(str(of or ""), name) for of, name in tables_below(connection, view.table.name, view.table.schema)}
    if connection.dialect.name == "postgresql":
        quoted = connection.dialect.identifier_preparer.format_table(view.table)
        return {(of, name) for of, name in connection.execute(_VIEW_IN_POSTGRESQL, {"quoted": quoted})}
    return {("", name) for _, name in connection.execute(_VIEW_IN_SQLITE, {"name": view.table.name})}


def hanging(
    connection: sa.Connection,
    rows: TableRows,
    going: Mapping[RecordRef, Sequence[Row]],
    written: Collection[str] | None = None,
) -> dict[RecordRef, CascadingTable]:
    """The records on which rows hang that stay, without which the database does not remove them; with their table.

    Args:
        connection: The transaction.
        rows: The table.
        going: The rows that are to be deleted, by their records.
        written: The columns that are to be written instead; then those are told that would be changed along.

    Raises:
        Refused: Rows are to be deleted, and which would be removed along cannot be seen.
    """
    if written is None and any(going.values()) and not sees_all(connection, rows):
        raise Refused(_BLIND)
    found: dict[RecordRef, CascadingTable] = {}
    meant_by = dependents(connection, rows, writes=written is not None) if any(going.values()) else []
    # In a table that is not configured the database looks itself whether rows are in the way.
    meant_by = [item for item in meant_by if item.goes_along or item.words]
    for dependent in (item for item in meant_by if written is None or any(to in written for _, to in item.columns)):
        if any(to not in rows.table.c for _, to in dependent.columns):
            # A view gives the column under another name, or not at all: which rows refer to which is unknown. One that
            # cannot be written through says so here.
            if written is None:
                connection.execute(sa.delete(rows.table).where(sa.false()))
            found |= dict.fromkeys(going, dependent)
            continue
        left = _left(connection, rows, dependent, [row for same in going.values() for row in same])
        for values in left:
            meant = [ref for ref, same in going.items() if any(_refers(dependent, values, row) for row in same)]
            # Another spelling that the database calls equal: which of them it means is not told.
            found |= dict.fromkeys(meant or going, dependent)
    return found


def _left(
    connection: sa.Connection, rows: TableRows, dependent: CascadingTable, going: Sequence[Row]
) -> list[tuple[object, ...]]:
    """Return the keys in rows that would be removed along with the given rows and are not among them."""
    own = dependent.table.name == rows.table.name
    columns = [(rows.table if own else dependent.table).c[name] for name, _ in dependent.columns]
    pairs = [[row[to] for _, to in dependent.columns] for row in going]
    # To nothing refers no one.
    pairs = [values for values in pairs if None not in values]
    if not pairs:
        return []
    refers = sa.or_(*(equal_to(columns, values) for values in pairs))
    if own:
        # The answers to an entry stand in its own table, and may go in the same statement.
        together = sa.or_(*map(rows.condition_of_row, going))
        refers = sa.and_(refers, sa.not_(sa.func.coalesce(together, sa.false())))
    # The right that may be missing is one on that table.
    with translated(rows.site.system, "erase", dependent.table.name):
        return [tuple(item) for item in connection.execute(sa.select(*columns).where(refers).distinct())]


def equal_to(columns: Sequence[sa.ColumnClause[Any]], values: Sequence[object]) -> sa.ColumnElement[bool]:
    """The condition that columns hold values, one each."""
    return sa.and_(*(column == value for column, value in zip(columns, values, strict=True)))


def _refers(dependent: CascadingTable, values: Sequence[object], row: Row) -> bool:
    """Return True if a row is the row that another row refers to."""
    named = zip(values, dependent.columns, strict=True)
    return all(compared(value) == compared(row[to]) for value, (_, to) in named)


def _constraints(connection: sa.Connection, rows: TableRows, *, writes: bool) -> Sequence[Any]:
    name, schema = rows.table.name, rows.table.schema
    if connection.dialect.name in NAMES:
        below = tables_below(connection, name, schema)
        asked = [{"name": table, "schema": of, "writes": writes} for of, table in below]
        return [row for values in asked for row in connection.execute(_DEPENDENTS_IN_MYSQL, values)]
    if connection.dialect.name == "postgresql":
        quoted = connection.dialect.identifier_preparer.format_table(rows.table)
        return connection.execute(_DEPENDENTS_IN_POSTGRESQL, {"quoted": quoted, "writes": writes}).all()
    return connection.execute(_DEPENDENTS_IN_SQLITE, {"name": name, "writes": writes}).all()


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key of the database.

    Args:
        table: The table that refers, with its schema.
        other: The table that it refers to, with its schema.
        columns: The columns, each with the one that it refers to.
    """

    table: _Place
    other: _Place
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SchemaComparison:
    """The foreign keys of a database beside the configured references.

    Args:
        keys: The foreign keys.
        tables: The configured tables, by their places in the database.
        settled: The tables that need no further word.
    """

    keys: tuple[ForeignKey, ...]
    tables: dict[_Place, TableRows]
    settled: frozenset[str]

    def doubts(self) -> Iterator[str]:
        """Each difference, a sentence with its mend."""
        for key in self.keys:
            if key.table in self.tables and key.other in self.tables:
                yield from self._undeclared(key)
        for place, rows in self.tables.items():
            for reference in rows.settings.references:
                yield from self._contradicted(place, reference)
        yield from self._unconfigured()

    def _undeclared(self, key: ForeignKey) -> Iterator[str]:
        rows, other = self.tables[key.table], self.tables[key.other]
        column, to = key.columns[0]
        if any(self._is_declared(key, *pair) for pair in key.columns) or _is_settled(rows, column):
            return
        if not self._leads_back(other.settings.name, rows.settings.name):
            names = {"table": rows.settings.name, "other": other.settings.name}
            yield _UNDECLARED.format(column=column, to=to, **names)

    def _is_declared(self, key: ForeignKey, column: str, to: str) -> bool:
        """Return True if a reference expresses a foreign key: the same way, the other way, or by a further key."""
        rows, other = self.tables[key.table], self.tables[key.other]
        ends = self._reached(key.table, column)
        declared = ((reference.column, reference.table, reference.to) for reference in rows.settings.references)
        if any(mine == column and self._place_of(table, end) & ends for mine, table, end in declared):
            return True
        back = ((reference.column, reference.table, reference.to) for reference in other.settings.references)
        return (to, rows.settings.name, column) in back

    def _leads_back(self, start: str, end: str) -> bool:
        """Return True if declared references lead from a table to another, so that another would close a circle."""
        by_name = {rows.settings.name: rows.settings.references for rows in self.tables.values()}
        seen, ahead = set[str](), [start]
        while ahead:
            name = ahead.pop()
            if name not in seen:
                seen.add(name)
                ahead += [item.table for item in by_name.get(name, ())]
        return end in seen

    def _contradicted(self, place: _Place, reference: Reference) -> Iterator[str]:
        alone = [key for key in self.keys if key.table == place and key.columns[0][0] == reference.column]
        alone = [key for key in alone if len(key.columns) == 1]
        wanted = self._place_of(reference.table, reference.to)
        if not alone or not wanted or reference.where or wanted & self._reached(place, reference.column):
            return
        real = alone[0]
        named = self.tables.get(real.other)
        yield _CONTRADICTS.format(
            column=reference.column,
            table=self.tables[place].settings.name,
            to=reference.to,
            other=reference.table,
            real_to=real.columns[0][1],
            real_other=named.settings.name if named else real.other[1],
        )

    def _reached(self, place: _Place, column: str) -> set[tuple[_Place, str]]:
        """The columns with the same values, by foreign keys and theirs in turn."""
        found, ahead = set[tuple[_Place, str]](), [(place, column)]
        while ahead:
            here = ahead.pop()
            for key in self.keys:
                ends = {(key.other, to) for own, to in key.columns if (key.table, own) == here} - found
                found |= ends
                ahead += ends
        return found

    def _place_of(self, name: str, column: str) -> set[tuple[_Place, str]]:
        return {(place, column) for place, rows in self.tables.items() if rows.settings.name == name}

    def _unconfigured(self) -> Iterator[str]:
        by_table = defaultdict[str, dict[str, None]](dict)
        for key in self.keys:
            name = key.table[1]
            if key.other in self.tables and key.table not in self.tables and name not in self.settled:
                by_table[self.tables[key.other].settings.name][f"{name} ({key.columns[0][0]})"] = None
        for table, found in by_table.items():
            more = [f"{len(found) - _MOST_NAMED} more"] if len(found) > _MOST_NAMED else []
            yield _UNCONFIGURED.format(table=table, others=", ".join([*list(found)[:_MOST_NAMED], *more]))


def _is_settled(rows: TableRows, column: str) -> bool:
    return any(item.column == column and not item.path for item in rows.settings.not_personal)


def schema_doubts(connection: sa.Connection, tables: Sequence[TableRows]) -> Iterator[str]:
    """Compare the database's foreign keys with the configuration.

    MySQL and MariaDB show only tables in which the user has some right; that is said.
    """
    places = {_place(connection, rows): rows for rows in tables}
    settled = {text for rows in tables for text in rows.site.settings.not_personal}
    # Of these the probe says more already.
    going = (rows for rows in tables if rows.settings.erase == "delete")
    settled |= {
        dependent.table.name for rows in going for dependent in dependents(connection, rows) if dependent.goes_along
    }
    if connection.dialect.name in NAMES:
        schemas = sorted({schema for schema, _ in places})
        yield from (_UNSEEN.format(schema=place) for place in schemas if not sees_all_tables(connection, place))
    keys = tuple(_foreign_keys(connection, places))
    yield from SchemaComparison(keys, places, frozenset(settled)).doubts()
    yield from _behind_views(connection, places, settled)


def _behind_views(connection: sa.Connection, places: dict[_Place, TableRows], settled: set[str]) -> Iterator[str]:
    """Name tables that refer to the table below a configured view: a view has no foreign keys that would show them."""
    below = {
        _folded(connection, *place): rows
        for rows in places.values()
        for place in _below(connection, rows)
        if place[1] != rows.table.name
    }
    found = defaultdict[str, dict[str, None]](dict)
    for key in _foreign_keys(connection, below):
        is_open = key.table not in {*places, *below} and key.table[1] not in settled
        if key.other in below and is_open:
            found[below[key.other].settings.name][f"{key.table[1]} ({key.columns[0][0]})"] = None
    for view, others in found.items():
        yield _BEHIND_VIEW.format(view=view, others=", ".join(list(others)[:_MOST_NAMED]))


def _place(connection: sa.Connection, rows: TableRows) -> _Place:
    name, schema = rows.table.name, rows.table.schema or ""
    if connection.dialect.name == "postgresql" and not schema:
        quoted = connection.dialect.identifier_preparer.format_table(rows.table)
        asked = sa.text(
            "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.oid = to_regclass(:quoted)"
        )
        schema = str(connection.execute(asked, {"quoted": quoted}).scalar() or "")
    if connection.dialect.name in NAMES and not schema:
        schema = str(connection.execute(sa.text("SELECT DATABASE()")).scalar())
    return _folded(connection, schema, name)


def _folded(connection: sa.Connection, schema: str, name: str) -> _Place:
    """SQLite calls tables the same whose names differ in capitals."""
    return ("", name.lower()) if connection.dialect.name == "sqlite" else (schema, name)


def _foreign_keys(connection: sa.Connection, places: dict[_Place, TableRows]) -> Iterator[ForeignKey]:
    if connection.dialect.name in NAMES:
        found = connection.execute(_KEYS_IN_MYSQL, {"schemas": sorted({schema for schema, _ in places})})
    elif connection.dialect.name == "postgresql":
        found = connection.execute(_KEYS_IN_POSTGRESQL)
    elif connection.dialect.name == "sqlite":
        found = connection.execute(_KEYS_IN_SQLITE)
    else:
        return
    columns: defaultdict[tuple[str, _Place, _Place], list[tuple[str, str]]] = defaultdict(list)
    for name, schema, table, column, of, other, to in found:
        own, theirs = _folded(connection, schema, table), _folded(connection, of, other)
        columns[str(name), own, theirs].append((str(column), str(to)))
    for (_, own, theirs), pairs in columns.items():
        if own != theirs and (own in places or theirs in places):
            yield ForeignKey(own, theirs, tuple(pairs))
