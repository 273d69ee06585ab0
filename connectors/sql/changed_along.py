"""The database's own changes beside a statement: rows removed along, or retained despite a delete.

A trigger, a rule, a view or a table that inherits may do either, and no foreign key shows it. The database counts the
rows that each session really deleted and changed. Where the counts differ from the statement's, the transaction is
rolled back: rows removed along were judged by no one, and rows that are only hidden are not erased.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa

from connectors.sql.mysql_session import NAMES
from connectors.sql.mysql_tables import is_in_parts, keeps_past, written_by_triggers
from connectors.sql.rows import Row, TableRows
from rightsflow.domain.errors import Refused

_IN_POSTGRESQL: Final = sa.text(
    "SELECT relname, n_tup_del, n_tup_upd, n_tup_ins FROM pg_stat_xact_user_tables "
    "WHERE n_tup_del > 0 OR n_tup_upd > 0 OR n_tup_ins > 0"
)
_IN_MYSQL: Final = sa.text("SHOW SESSION STATUS WHERE Variable_name IN ('Handler_delete', 'Handler_write')")
_IN_SQLITE: Final = sa.text("SELECT total_changes()")
_DELETING_TRIGGERS: Final = sa.text(
    "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = lower(:name) "
    "AND upper(substr(sql, instr(upper(sql), 'BEGIN'))) LIKE '%DELETE%'"
)
_JUST_CHANGED: Final = sa.text("age(xmin) BETWEEN -1000000 AND 0")
"""Rows of PostgreSQL that this transaction has changed, savepoints within it, or another one since it began."""

_ALONG = (
    "The database removes entries of {table} along with it, by a trigger or a rule of its own, and no one has looked "
    "whose they are; let a person settle these first, or change that rule."
)
_KEPT = (
    "The database does not remove the entry when it is told to: a trigger, a rule or a view of its own keeps it and "
    "only marks it; have it removed by hand, or configure the table and the rights by which it really goes."
)
_CHANGED = (
    "The database changes further entries of the table along with it, by a trigger of its own, and no one has looked "
    "whose they are; let a person settle this, or change that trigger."
)
_ANOTHER_TABLE = "another table"


@dataclass(frozen=True, slots=True)
class _Counted:
    """The changes that a session has made so far.

    Args:
        deleted: Rows, by table; the empty name stands for all tables together.
        updated: The same of changed rows.
        inserted: The same of new rows.
    """

    deleted: dict[str, int] = field(default_factory=dict)
    updated: dict[str, int] = field(default_factory=dict)
    inserted: dict[str, int] = field(default_factory=dict)

    def since(self, before: _Counted) -> _Counted:
        """Return the changes since then."""
        return _Counted(
            _more(self.deleted, before.deleted),
            _more(self.updated, before.updated),
            _more(self.inserted, before.inserted),
        )


@dataclass(slots=True)
class WrittenAlong:
    """Tables into which the database itself wrote rows beside a statement, such as one of earlier values.

    PostgreSQL and MariaDB tell that; MySQL counts what its own answers write as well, and SQLite nothing apart.

    Args:
        tables: Their names.
    """

    tables: set[str] = field(default_factory=set)


@contextmanager
def deleting(connection: sa.Connection, rows: TableRows, found: Sequence[Row]) -> Iterator[WrittenAlong]:
    """Around the statement that deletes some rows: these go, and no others.

    Args:
        connection: The transaction.
        rows: The table.
        found: The rows, as they were read.

    Yields:
        What was written along, once the statement was made.

    Raises:
        Refused: Others went along, or one of these stays; the transaction has to be rolled back.
    """
    before, along = _counted(connection, rows), WrittenAlong()
    yield along
    _at_once(connection)
    done = _counted(connection, rows).since(before)
    along.tables.update(_written(connection, rows, done, "DELETE"))
    gone: int = sum(done.deleted.values())
    if gone > len(found) * (2 if _counts_twice(connection, rows) else 1):
        raise Refused(_ALONG.format(table=_further(done.deleted, rows)))
    only_marked = gone < len(found) and bool(done.updated)
    if only_marked or _still_there(connection, rows, found):
        raise Refused(_KEPT)


@contextmanager
def updating(connection: sa.Connection, rows: TableRows, found: Sequence[Row]) -> Iterator[WrittenAlong]:
    """Around the statement that changes some rows: no other one of their table is changed by a trigger (PostgreSQL).

    MariaDB lets no trigger change the table that it belongs to.

    Args:
        connection: The transaction.
        rows: The table.
        found: The rows, as they were read.

    Yields:
        What was written along, once the statement was made.

    Raises:
        Refused: Others were changed along; the transaction has to be rolled back.
    """
    if connection.dialect.name != "postgresql" and not _is_mariadb(connection):
        yield WrittenAlong()
        return
    before, along = _counted(connection, rows), WrittenAlong()
    yield along
    _at_once(connection)
    done = _counted(connection, rows).since(before)
    along.tables.update(_written(connection, rows, done, "UPDATE"))
    # More changes than rows may be the same rows twice: only then it is worth looking which.
    if connection.dialect.name != "postgresql":
        return
    if done.updated.get(rows.table.name, 0) > len(found) and _others_changed(connection, rows, found):
        raise Refused(_CHANGED)


def _counted(connection: sa.Connection, rows: TableRows) -> _Counted:
    dialect = connection.dialect.name
    if dialect == "postgresql":
        return _in_postgresql(connection)
    if dialect in NAMES:
        # A table that keeps its past counts no deletion, but a change; the probe tells of it.
        counted = {name: int(value) for name, value in connection.execute(_IN_MYSQL)}
        return _Counted({"": counted["Handler_delete"]}, inserted={"": counted["Handler_write"]})
    if dialect == "sqlite":
        return _Counted({"": connection.execute(_IN_SQLITE).scalar_one() if _deletes_more(connection, rows) else 0})
    return _Counted()


def _is_mariadb(connection: sa.Connection) -> bool:
    return bool(getattr(connection.dialect, "is_mariadb", False))


def _written(connection: sa.Connection, rows: TableRows, done: _Counted, what: str) -> Collection[str]:
    """The tables into which rows were written; MariaDB tells that there are any, and its triggers into which."""
    if connection.dialect.name == "postgresql":
        return done.inserted
    table = rows.table
    if not done.inserted or not _is_mariadb(connection):
        return ()
    # What such a table writes is its own past, or a row that changes its part: the probe tells of it.
    if keeps_past(connection, table.name, table.schema or "") or is_in_parts(connection, table.name, table.schema):
        return ()
    return written_by_triggers(connection, table.name, table.schema or "", what) or {_ANOTHER_TABLE}


def _at_once(connection: sa.Connection) -> None:
    """Have done what a trigger of PostgreSQL may put off to the end of the transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))


def _in_postgresql(connection: sa.Connection) -> _Counted:
    counted = _Counted()
    for name, deleted, updated, inserted in connection.execute(_IN_POSTGRESQL):
        # Of several schemas' tables of one name, all count.
        counted.deleted[name] = counted.deleted.get(name, 0) + deleted
        counted.updated[name] = counted.updated.get(name, 0) + updated
        counted.inserted[name] = counted.inserted.get(name, 0) + inserted
    return counted


def _deletes_more(connection: sa.Connection, rows: TableRows) -> bool:
    """Return True if a trigger of SQLite deletes rows: inserts by triggers into history tables are counted as well."""
    return bool(connection.execute(_DELETING_TRIGGERS, {"name": rows.table.name}).scalar_one())


def _counts_twice(connection: sa.Connection, rows: TableRows) -> bool:
    """Return True if a deleted row is counted both for its table and for the partition that holds the row."""
    return connection.dialect.name in NAMES and is_in_parts(connection, rows.table.name, rows.table.schema)


def _more(now: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    return {name: more for name, count in now.items() if (more := count - before.get(name, 0))}


def _further(deleted: dict[str, int], rows: TableRows) -> str:
    others = sorted(set(deleted) - {rows.table.name, ""})
    if others:
        return " and ".join(others)
    return rows.table.name if rows.table.name in deleted else _ANOTHER_TABLE


def _still_there(connection: sa.Connection, rows: TableRows, found: Sequence[Row]) -> bool:
    """Return True if a row exists as it was read, even if the configuration's ``where`` excludes the row by now."""
    if not rows.settings.where:
        # The fresh read after an erasure sees it.
        return False
    these = sa.or_(*(rows.condition_of_row(row, counting=False) for row in found))
    return (
        connection.execute(sa.select(sa.literal(1)).select_from(rows.table).where(these).limit(1)).first() is not None
    )


def _others_changed(connection: sa.Connection, rows: TableRows, found: Sequence[Row]) -> bool:
    """Return True if rows of the table other than the given ones were changed just now."""
    own = rows.condition_of([rows.ref(row) for row in found], counting=False)
    others = sa.and_(_JUST_CHANGED, sa.not_(sa.func.coalesce(own, sa.false())))
    return (
        connection.execute(sa.select(sa.literal(1)).select_from(rows.table).where(others).limit(1)).first() is not None
    )
