"""Changing rows that were read and judged: these and no others, or not at all.

What the database itself does beside a statement is watched (:mod:`connectors.sql.changed_along`). Rectification and
blanking write one column at a time: what the database refuses, alters or spreads is taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import Any

import sqlalchemy as sa

from connectors.sql.belonging import Belonging
from connectors.sql.changed_along import deleting, updating
from connectors.sql.client import Row
from connectors.sql.errors import is_refusal
from connectors.sql.foreign_keys import hanging
from connectors.sql.rows import TableRows
from connectors.sql.text import holds
from rightsflow.domain.errors import Refused
from rightsflow.domain.ownership import SUBJECTS
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, RecordRef

_SPREAD = "The key does not tell the entry from other people's, so it was left as it is; name further columns in key."


def updated(rows: TableRows, where: sa.ColumnElement[bool], values: Mapping[str, object]) -> sa.Update:
    """The statement that writes columns, and raises the version that the operator's own programs look at."""
    version = rows.settings.version
    written: dict[Any, Any] = {rows.table.c[name]: value for name, value in values.items()}
    if version:
        written[rows.table.c[version]] = sa.func.coalesce(rows.table.c[version], 0) + 1
    return sa.update(rows.table).where(where).values(written)


def update_rows(
    connection: sa.Connection, rows: TableRows, found: Sequence[Row], values: Mapping[str, object]
) -> frozenset[str]:
    """Write the same into some rows.

    Returns:
        The tables into which the database itself wrote rows beside it.

    Raises:
        Refused: More rows than these would be written; the transaction has to be rolled back.
    """
    if not found:
        return frozenset()
    where = _these(connection, rows, found)
    with updating(connection, rows, found) as along:
        _insist(connection.execute(updated(rows, where, values)).rowcount, len(found))
    return frozenset(along.tables)


def delete_rows(connection: sa.Connection, rows: TableRows, found: Sequence[Row]) -> frozenset[str]:
    """Delete some rows.

    Returns:
        The tables into which the database itself wrote rows beside it.

    Raises:
        Refused: More rows than these would be deleted, here or in other tables, or one of these would stay; the
            transaction has to be rolled back.
    """
    if not found:
        return frozenset()
    where = _these(connection, rows, found)
    with deleting(connection, rows, found) as along:
        _insist(connection.execute(sa.delete(rows.table).where(where)).rowcount, len(found))
    return frozenset(along.tables)


def raise_versions(connection: sa.Connection, belonging: Belonging, rows: TableRows, changed: Sequence[Row]) -> None:
    """Raise the version of the subject's rows of which some changed rows are a part.

    Args:
        connection: The transaction.
        belonging: Judges whose the others are; nothing is raised in another person's.
        rows: The table of the changed rows.
        changed: Those rows, as they were read.
    """
    for reference in (item for item in rows.settings.references if item.raises_version):
        whole = rows.site.table(reference.table)
        values = [reference.value(row) for row in changed if reference.applies(row)]
        found = whole.with_values(reference.to, values, "erase", connection)
        exact = [value for value in found if value[reference.to] in values]
        update_rows(connection, whole, [value for value in exact if belonging.of(whole, value) in SUBJECTS], {})


def together_or_alone(
    change: Callable[[Sequence[RecordRef]], list[Outcome]], refs: Sequence[RecordRef], left: OutcomeKind
) -> list[Outcome]:
    """Change some records in one transaction; where one in the way rolled back all of them, each in its own.

    Args:
        change: Changes records, and gives an outcome of each.
        refs: The records.
        left: The outcome of a record that the database does not change.
    """
    try:
        return change(refs)
    except Refused as error:
        if len(refs) > 1:
            return [outcome for ref in refs for outcome in together_or_alone(change, [ref], left)]
        return [Outcome(record=refs[0], kind=left, reason=str(error.args[0]), refused=True)]


def _these(connection: sa.Connection, rows: TableRows, found: Sequence[Row]) -> sa.ColumnElement[bool]:
    """The condition of some rows; where a change could not be taken back, they are counted before it."""
    where = sa.or_(*map(rows.condition_of_row, found))
    if not rows.takes_back:
        counted = sa.select(sa.func.count()).select_from(rows.table).where(where)
        _insist(connection.execute(counted).scalar_one(), len(found))
    return where


def _insist(reached: int, expected: int) -> None:
    if reached > expected:
        raise Refused(_SPREAD)


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
            end, fresh = _try(connection, rows, at, alike, column, value, is_right)
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
    alike: Sequence[Row],
    column: str,
    value: object,
    is_right: Callable[[object], bool],
) -> tuple[Written, list[dict[str, Any]]]:
    expected = len(alike)
    present, target, mine = at[column], rows.table.c[column], rows.condition_of([rows.ref(at)])
    # Another program may have written meanwhile where the database locks no row.
    where = sa.and_(mine, holds(target, present))
    try:
        with updating(connection, rows, alike):
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
