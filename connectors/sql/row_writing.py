"""Changing rows that were read and judged: these and no others, and so that the operator's own programs notice it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from connectors.sql.belonging import Belonging, applying
from connectors.sql.changed_along import deleting, updating
from connectors.sql.rows import Row, TableRows
from rightsflow.domain.errors import Refused
from rightsflow.domain.ownership import SUBJECTS

_SPREAD = "The key does not tell the entry from other people's, so it was left as it is; name further columns in key."


def updated(rows: TableRows, where: sa.ColumnElement[bool], values: Mapping[str, object]) -> sa.Update:
    """The statement that writes columns, and raises the version that the operator's own programs look at.

    Args:
        rows: The table.
        where: Which rows.
        values: What is written, by column.
    """
    version = rows.settings.version
    written: dict[Any, Any] = {rows.table.c[name]: value for name, value in values.items()}
    if version:
        written[rows.table.c[version]] = sa.func.coalesce(rows.table.c[version], 0) + 1
    return sa.update(rows.table).where(where).values(written)


def update_rows(
    connection: sa.Connection, rows: TableRows, found: Sequence[Row], values: Mapping[str, object]
) -> frozenset[str]:
    """Write the same into some rows.

    Args:
        connection: The transaction in which they were read.
        rows: The table.
        found: The rows, as they were read.
        values: What is written, by column.

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

    Args:
        connection: The transaction in which they were read.
        rows: The table.
        found: The rows, as they were read.

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
        values = [row[reference.column] for row in changed if reference in applying(rows.settings.references, row)]
        found = whole.with_values(reference.to, values, "erase", connection)
        exact = [value for value in found if value[reference.to] in values]
        update_rows(connection, whole, [value for value in exact if belonging.of(whole, value) in SUBJECTS], {})


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
