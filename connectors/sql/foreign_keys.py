"""The database's own foreign keys: the rows that it removes or changes along with others.

Rows that the database removes along with one that is deleted may be another person's, or what a law keeps
(``ON DELETE CASCADE``, ``ON UPDATE CASCADE``). So a row on which any still hangs is not deleted, and a column to which
any refers not written: what is the subject's in these tables is erased before it, by the configuration, and what is
left then is to be kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from connectors.sql.client import Row
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
Place = tuple[str, str]
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
    return any(name == table and of in {"", schema} for of, name in below(connection, view))


def below(connection: sa.Connection, view: TableRows) -> set[Place]:
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
        read = tables_below(connection, name, schema)
        asked = [{"name": table, "schema": of, "writes": writes} for of, table in read]
        return [row for values in asked for row in connection.execute(_DEPENDENTS_IN_MYSQL, values)]
    if connection.dialect.name == "postgresql":
        quoted = connection.dialect.identifier_preparer.format_table(rows.table)
        return connection.execute(_DEPENDENTS_IN_POSTGRESQL, {"quoted": quoted, "writes": writes}).all()
    return connection.execute(_DEPENDENTS_IN_SQLITE, {"name": name, "writes": writes}).all()
