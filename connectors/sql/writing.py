"""Changing rows that were read and judged: these and no others, or not at all.

A trigger, a rule, a view or a table that inherits may remove rows along or keep them although they are deleted, and no
foreign key shows it. The database counts the rows that each session really deleted and changed. Where the counts differ
from the statement's, the transaction is rolled back: rows removed along were judged by no one, and rows that are only
hidden are not erased. Rectification and blanking write one column at a time: what the database refuses, alters or
spreads is taken back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final

import sqlalchemy as sa

from connectors.sql.belonging import Belonging
from connectors.sql.client import Row
from connectors.sql.errors import is_refusal
from connectors.sql.foreign_keys import hanging
from connectors.sql.mysql import NAMES, is_in_parts, keeps_past, written_by_triggers
from connectors.sql.rows import TableRows
from connectors.sql.text import holds
from rightsflow.domain.errors import Refused
from rightsflow.domain.ownership import SUBJECTS
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, RecordRef

_SPREAD = "The key does not tell the entry from other people's, so it was left as it is; name further columns in key."
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
_TRIGGERS: Final = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = lower(:name)")
_WRITES_INTO: Final = re.compile(r"\b(?:INSERT|REPLACE)\b[^;]*?\bINTO\s+[\"'`\[]?(\w+)", re.IGNORECASE)
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


def at_once(connection: sa.Connection) -> None:
    """Let the database look at each change as it is made, not at the end, when no one could say which it refuses."""
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

    PostgreSQL and MariaDB tell that, and SQLite's triggers; MySQL counts what its own answers write as well.
    """

    tables: set[str] = field(default_factory=set)


@contextmanager
def deleting(connection: sa.Connection, rows: TableRows, found: Sequence[Row]) -> Iterator[WrittenAlong]:
    """Around the statement that deletes some rows: these go, and no others.

    Yields:
        What was written along, once the statement was made.

    Raises:
        Refused: Others went along, or one of these stays; the transaction has to be rolled back.
    """
    before, along = _counted(connection, rows), WrittenAlong()
    yield along
    at_once(connection)
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

    Yields:
        What was written along, once the statement was made.

    Raises:
        Refused: Others were changed along; the transaction has to be rolled back.
    """
    if connection.dialect.name != "postgresql" and not _is_mariadb(connection):
        along = WrittenAlong()
        yield along
        along.tables.update(_by_triggers_of_sqlite(connection, rows, "UPDATE"))
        return
    before, along = _counted(connection, rows), WrittenAlong()
    yield along
    at_once(connection)
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
    if connection.dialect.name == "sqlite":
        return _by_triggers_of_sqlite(connection, rows, what)
    table = rows.table
    if not done.inserted or not _is_mariadb(connection):
        return ()
    # What such a table writes is its own past, or a row that changes its part: the probe tells of it.
    if keeps_past(connection, table) or is_in_parts(connection, table):
        return ()
    return written_by_triggers(connection, table, what) or {_ANOTHER_TABLE}


def _by_triggers_of_sqlite(connection: sa.Connection, rows: TableRows, what: str) -> set[str]:
    """The tables into which triggers of a table insert, which SQLite counts nowhere."""
    if connection.dialect.name != "sqlite":
        return set()
    found = set[str]()
    for trigger in connection.execute(_TRIGGERS, {"name": rows.table.name}).scalars():
        head, _, body = str(trigger).upper().partition("BEGIN")
        if re.search(rf"\b{what}\b", head):
            found.update(_WRITES_INTO.findall(str(trigger)[-len(body) :]))
    return found


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
    return connection.dialect.name in NAMES and is_in_parts(connection, rows.table)


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
