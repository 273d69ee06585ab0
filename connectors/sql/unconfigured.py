"""Tables that the configuration does not name, and that seem to hold data of the same people: told by their columns.

Many schemas declare no foreign keys. A table is told by its name and columns where one of them is named as those by
which configured tables refer (``user_id``), and where it has the columns of a configured table, as a history does. And
a ``where`` that leaves out rows which are only marked as deleted is told, since these hold data too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Final

import sqlalchemy as sa

from connectors.sql.mysql import NAMES
from connectors.sql.propose.nouns import table_nouns
from connectors.sql.rows import TableRows
from rightsflow.domain.spellings.field_names import nouns_of
from rightsflow.domain.wording import listed

_COLUMNS: Final = sa.text(
    "SELECT c.table_name, c.column_name FROM information_schema.columns c "
    "JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name "
    "WHERE t.table_type = 'BASE TABLE' AND c.table_schema = COALESCE(:schema, :present)"
)
_COLUMNS_IN_SQLITE: Final = sa.text(
    "SELECT m.name, i.name FROM sqlite_master m, pragma_table_info(m.name) i WHERE m.type = 'table'"
)
_LEADING: Final = (
    "The tables {others} have a column that seems to lead to {table}, by its name, and are not configured; configure "
    "them, or name them in the key not_personal of the system if they hold no personal data."
)
_COPIES: Final = (
    "The table {other} has the columns of {table}, as one that keeps earlier or deleted rows, and is not configured; "
    "configure it, or name it in the key not_personal of the system if it holds no personal data."
)
_MARKED: Final = (
    "The where of {table} leaves out rows by {column}, and rows that are only marked as deleted still hold data; leave "
    "that column out of where."
)
_MARKS: Final = frozenset({"deleted", "removed", "trashed", "archived", "active", "inactive", "disabled", "hidden"})
_PLAIN: Final = frozenset({"id", "key", "name", "type", "value", "code", "number", "date", "object_id"})
"""Names of columns by which nothing can be told."""
_MOST_NAMED: Final = 8
_ALIKE: Final = 0.7
_FEWEST: Final = 3


def unconfigured(connection: sa.Connection, tables: Sequence[TableRows], told: str) -> Iterator[str]:
    """Name the tables that seem to belong to configured ones, a sentence each with its mend.

    Args:
        connection: The connection.
        tables: The configured tables.
        told: What is said of the tables already; a table that is named there is not named again.
    """
    yield from (
        _MARKED.format(table=rows.settings.name, column=column)
        for rows in tables
        for column in sorted(rows.settings.where)
        if _MARKS & {*column.lower().removesuffix("_at").split("_")}
    )
    settled = {name for rows in tables for name in rows.site.settings.not_personal}
    for schema in sorted({rows.table.schema or "" for rows in tables}):
        configured = [rows for rows in tables if (rows.table.schema or "") == schema]
        names = {rows.table.name.lower() for rows in tables} | {name.lower() for name in settled}
        others = {name: columns for name, columns in _columns(connection, schema).items() if name.lower() not in names}
        others = {name: columns for name, columns in others.items() if f" {name} " not in told and columns}
        copies = {name: rows for name, columns in others.items() if (rows := _copied(configured, name, columns))}
        yield from (_COPIES.format(other=name, table=rows.settings.name) for name, rows in sorted(copies.items()))
        yield from _leading(configured, {name: others[name] for name in others if name not in copies})


def _columns(connection: sa.Connection, schema: str) -> dict[str, set[str]]:
    """The columns of every table of a schema, as far as the user sees them."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    dialect = connection.dialect.name
    if dialect == "sqlite":
        rows = connection.execute(_COLUMNS_IN_SQLITE)
    elif dialect == "postgresql" or dialect in NAMES:
        asked = "SELECT current_schema()" if dialect == "postgresql" else "SELECT DATABASE()"
        present = connection.execute(sa.text(asked)).scalar()
        rows = connection.execute(_COLUMNS, {"schema": schema or None, "present": present})
    else:
        return found
    for table, column in rows:
        found[str(table)].add(str(column))
    return found


def _leading(configured: Sequence[TableRows], others: dict[str, set[str]]) -> Iterator[str]:
    told: set[str] = set()
    for rows in configured:
        leads = {
            nouns_of(reference.column)
            for other in configured
            for reference in other.settings.references
            if reference.table == rows.settings.name and reference.column.lower() not in _PLAIN
        } | {(table_nouns(rows.table.name)[-1], "id")}
        pointing = {
            name for name, columns in others.items() if any(_leads(nouns_of(column), leads, name) for column in columns)
        }
        found = sorted(pointing - told)
        told |= {*found}
        if found:
            more = [f"{len(found) - _MOST_NAMED} more"] if len(found) > _MOST_NAMED else []
            yield _LEADING.format(others=listed([*found[:_MOST_NAMED], *more]), table=rows.settings.name)


def _leads(nouns: tuple[str, ...], leads: Collection[tuple[str, ...]], table: str) -> bool:
    """Return True if a column is named as those that lead, and is not the key of its own table (``log_id`` of logs)."""
    own = table_nouns(table)
    return nouns in leads and nouns[:-1] != own[-len(nouns) + 1 :]


def _copied(configured: Sequence[TableRows], name: str, columns: set[str]) -> TableRows | None:
    """Return the table whose columns another one has: most of them, and all that name a person."""
    present = {column.lower() for column in columns}
    for rows in configured:
        own = {column.name.lower() for column in rows.table.columns}
        plain = (item.column for item in rows.settings.identities if item.is_plain)
        named = {name.lower() for name in plain if name not in rows.settings.key}
        is_alike = len(own) >= _FEWEST and len(own & present) >= _ALIKE * len(own)
        is_called = table_nouns(rows.table.name)[-1] in table_nouns(name)
        if named and named <= present and (is_alike or is_called):
            return rows
    return None
