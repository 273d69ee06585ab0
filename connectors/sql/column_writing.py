"""One column of a record is written, or not at all: what the database refuses, alters or spreads is taken back.

Rectification and blanking share it. The rows were read and judged in the transaction that writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import Any

import sqlalchemy as sa

from connectors.sql.changed_along import updating
from connectors.sql.dependents import hanging
from connectors.sql.errors import is_refusal
from connectors.sql.exact import holds
from connectors.sql.row_writing import updated
from connectors.sql.rows import TableRows
from rightsflow.domain.errors import Refused


class Written(Enum):
    """The result of writing one column of a record."""

    DONE = auto()
    """It holds what was written, read in the same transaction."""
    MOVED = auto()
    """Another program has written it since it was read."""
    REFUSED = auto()
    """The database did not take the value as it is."""
    FOR_GOOD = auto()
    """Not tried: the table takes nothing back, so that a value which was altered could not be undone."""
    SPREAD = auto()
    """The key does not tell the record from other rows, which would have been written as well, or the database changes
    others along: by a reference to it, or by a trigger of its own."""


def at_once(connection: sa.Connection) -> None:
    """Let the database look at each change as it is made, not at the end, when no one could say which it refuses.

    Args:
        connection: The transaction, just begun.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))


def write_column(
    connection: sa.Connection,
    rows: TableRows,
    record: Sequence[dict[str, Any]],
    at: dict[str, Any],
    column: str,
    value: object,
    is_right: Callable[[object], bool],
) -> Written:
    """Write a column of the rows of one record that hold what one of them holds there.

    Args:
        connection: The transaction.
        rows: The table.
        record: All rows of the record, as they were read; those that are written hold the new value from then on.
        at: The one of them that is to be written.
        column: The column.
        value: What is written.
        is_right: Whether a value that is read back is what was written.
    """
    alike = [row for row in record if row[column] == at[column]]
    if (left := _left(connection, rows, alike, column)) is not None:
        return left
    try:
        with connection.begin_nested() as savepoint:
            end, fresh = _try(connection, rows, at, column, value, len(alike), is_right)
            if end is not Written.DONE:
                savepoint.rollback()
    # SQLite's driver raises OverflowError for a number that no column holds, PostgreSQL's an error of encoding.
    except (OverflowError, UnicodeError):
        return Written.REFUSED
    except sa.exc.DBAPIError as error:
        if not is_refusal(error):
            raise
        return Written.REFUSED
    if end is Written.DONE:
        _note(alike, {column: value})
        # A trigger may have changed other columns along with it.
        _note(record, fresh[0] if len(record) == len(fresh) == 1 else {})
    return end


def _left(
    connection: sa.Connection, rows: TableRows, alike: Sequence[Mapping[str, Any]], column: str
) -> Written | None:
    """Return the reason a column is not even tried."""
    if not rows.takes_back:
        return Written.FOR_GOOD
    if rows.table.c[column].computed is not None:
        return Written.REFUSED
    changes_others = hanging(connection, rows, {rows.ref(alike[0]): alike}, {column})
    return Written.SPREAD if changes_others else None


def _note(rows: Sequence[dict[str, Any]], values: Mapping[str, Any]) -> None:
    for row in rows:
        row.update(values)


def _try(
    connection: sa.Connection,
    rows: TableRows,
    at: Mapping[str, Any],
    column: str,
    value: object,
    expected: int,
    is_right: Callable[[object], bool],
) -> tuple[Written, list[dict[str, Any]]]:
    present, target, mine = at[column], rows.table.c[column], rows.condition_of([rows.ref(at)])
    # Another program may have written meanwhile where the database locks no row.
    where = sa.and_(mine, holds(target, present))
    try:
        with updating(connection, rows, [at]):
            changed = connection.execute(updated(rows, where, {column: _bound(value)})).rowcount
    except Refused:
        return Written.SPREAD, []
    if changed > expected:
        return Written.SPREAD, []
    fresh = [dict(row) for row in connection.execute(sa.select(rows.table).where(mine)).mappings()]
    if changed and sum(is_right(row[column]) for row in fresh) >= expected:
        return Written.DONE, fresh
    # Of rows that were not changed: they hold something else by now, or the database left them.
    is_left = changed or any(row[column] == present for row in fresh)
    return Written.REFUSED if is_left else Written.MOVED, []


def _bound(value: object) -> object:
    # A column of JSON would take None for JSON's own null, which is a value.
    return sa.null() if value is None else value
