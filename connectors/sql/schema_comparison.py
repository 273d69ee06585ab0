"""The database's foreign keys beside the configured references.

A row that hangs on the person by a foreign key which the configuration does not follow is not found. What the database
says of its tables is the better witness: the probe names each difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from connectors.sql.column_settings import Reference
from connectors.sql.foreign_keys import Place, below, dependents
from connectors.sql.mysql import NAMES, sees_all_tables
from connectors.sql.rows import TableRows

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
_TO_ITSELF: Final = (
    "The foreign key {column} of {table} leads to the same table, which references cannot express: rows that refer to "
    "the person's, such as a merged account, are not found by it; say in manual_step who looks for them, and name "
    "{column} in not_personal."
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


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key of the database.

    Args:
        table: The table that refers, with its schema.
        other: The table that it refers to, with its schema.
        columns: The columns, each with the one that it refers to.
    """

    table: Place
    other: Place
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
    tables: dict[Place, TableRows]
    settled: frozenset[str]

    def doubts(self) -> Iterator[str]:
        """Each difference, a sentence with its mend."""
        for key in self.keys:
            if key.table == key.other:
                yield from self._to_itself(key)
            elif key.table in self.tables and key.other in self.tables:
                yield from self._undeclared(key)
        for place, rows in self.tables.items():
            for reference in rows.settings.references:
                yield from self._contradicted(place, reference)
        yield from self._unconfigured()

    def _to_itself(self, key: ForeignKey) -> Iterator[str]:
        rows, (column, _) = self.tables[key.table], key.columns[0]
        if not _is_settled(rows, column):
            yield _TO_ITSELF.format(column=column, table=rows.settings.name)

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
        seen, ahead = set[str](), [start]
        by_name = {rows.settings.name: rows.settings.references for rows in self.tables.values()}
        while ahead:
            name = ahead.pop()
            if name not in seen:
                seen.add(name)
                ahead += [item.table for item in by_name.get(name, ())]
        return end in seen

    def _contradicted(self, place: Place, reference: Reference) -> Iterator[str]:
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

    def _reached(self, place: Place, column: str) -> set[tuple[Place, str]]:
        """The columns with the same values, by foreign keys and theirs in turn."""
        found, ahead = set[tuple[Place, str]](), [(place, column)]
        while ahead:
            here = ahead.pop()
            for key in self.keys:
                ends = {(key.other, to) for own, to in key.columns if (key.table, own) == here} - found
                found |= ends
                ahead += ends
        return found

    def _place_of(self, name: str, column: str) -> set[tuple[Place, str]]:
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


def _behind_views(connection: sa.Connection, places: dict[Place, TableRows], settled: set[str]) -> Iterator[str]:
    """Name tables that refer to the table below a configured view: a view has no foreign keys that would show them."""
    under = {
        _folded(connection, *place): rows
        for rows in places.values()
        for place in below(connection, rows)
        if place[1] != rows.table.name
    }
    found = defaultdict[str, dict[str, None]](dict)
    for key in _foreign_keys(connection, under):
        is_open = key.table not in {*places, *under} and key.table[1] not in settled
        if key.other in under and is_open:
            found[under[key.other].settings.name][f"{key.table[1]} ({key.columns[0][0]})"] = None
    for view, others in found.items():
        yield _BEHIND_VIEW.format(view=view, others=", ".join(list(others)[:_MOST_NAMED]))


def _place(connection: sa.Connection, rows: TableRows) -> Place:
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


def _folded(connection: sa.Connection, schema: str, name: str) -> Place:
    """SQLite calls tables the same whose names differ in capitals."""
    return ("", name.lower()) if connection.dialect.name == "sqlite" else (schema, name)


def _foreign_keys(connection: sa.Connection, places: dict[Place, TableRows]) -> Iterator[ForeignKey]:
    if connection.dialect.name in NAMES:
        found = connection.execute(_KEYS_IN_MYSQL, {"schemas": sorted({schema for schema, _ in places})})
    elif connection.dialect.name == "postgresql":
        found = connection.execute(_KEYS_IN_POSTGRESQL)
    elif connection.dialect.name == "sqlite":
        found = connection.execute(_KEYS_IN_SQLITE)
    else:
        return
    columns: defaultdict[tuple[str, Place, Place], list[tuple[str, str]]] = defaultdict(list)
    for name, schema, table, column, of, other, to in found:
        own, theirs = _folded(connection, schema, table), _folded(connection, of, other)
        columns[str(name), own, theirs].append((str(column), str(to)))
    for (_, own, theirs), pairs in columns.items():
        if own in places or theirs in places:
            yield ForeignKey(own, theirs, tuple(pairs))
