"""Around a statement that changes rows: what the database changes of its own beside it.

A trigger, a rule, a view or a table that inherits may remove or change rows along, or keep them although they are
deleted, and no foreign key shows it. The database counts what each session really did. Where that is more than the
statement's rows, it is taken back: rows removed or changed along were judged by no one, and rows that are only hidden
are not erased. A section accepts by ``triggers_change`` what a person has looked at, such as a counter.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa

from connectors.sql.client import Row
from connectors.sql.mysql import NAMES, changed_by_triggers, is_in_parts, keeps_past, written_by_triggers
from connectors.sql.rows import TableRows
from rightsflow.domain.errors import Refused

_IN_POSTGRESQL: Final = sa.text(
    "SELECT relname, n_tup_del, n_tup_upd, n_tup_ins FROM pg_stat_xact_user_tables "
    "WHERE n_tup_del > 0 OR n_tup_upd > 0 OR n_tup_ins > 0 UNION ALL "
    "SELECT c.relname, 1, 0, 0 FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE l.pid = pg_backend_pid() "
    "AND l.mode = 'AccessExclusiveLock' AND l.granted AND c.relkind IN ('r', 'p')"
)
"""What the session did; a table that it emptied as a whole (``TRUNCATE``) is counted nowhere, but locked."""
_FAMILY_IN_POSTGRESQL: Final = sa.text(
    "WITH RECURSIVE own AS (SELECT to_regclass(:quoted)::oid AS oid UNION SELECT below.oid FROM own, LATERAL ("
    "SELECT i.inhrelid AS oid FROM pg_inherits i WHERE i.inhparent = own.oid UNION ALL "
    "SELECT d.refobjid FROM pg_rewrite r JOIN pg_depend d ON d.objid = r.oid WHERE r.ev_class = own.oid "
    "AND r.ev_type = '1' AND d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass) below) "
    "SELECT t.relname, t.relkind = 'v', false FROM pg_class t WHERE t.oid IN (SELECT oid FROM own) UNION "
    "SELECT t.relname, false, true FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid "
    "WHERE c.contype = 'f' AND c.confdeltype IN ('n', 'd') AND c.confrelid IN (SELECT oid FROM own)"
)
"""The tables that hold a table's rows (partitions, what a view reads), and those where a deletion empties columns."""
_IN_MYSQL: Final = sa.text(
    "SHOW SESSION STATUS WHERE Variable_name IN ('Handler_delete', 'Handler_update', 'Handler_write')"
)
_IN_SQLITE: Final = sa.text("SELECT total_changes()")
_TRIGGERS: Final = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = lower(:name)")
_IS_VIEW: Final = sa.text("SELECT count(*) FROM sqlite_master WHERE type = 'view' AND lower(name) = lower(:name)")
_EVENT: Final = re.compile(r"\b(INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
_WRITES: Final = re.compile(
    r"\b(INSERT|REPLACE|UPDATE|DELETE)\b(?:\s+OR\s+\w+)?(?:\s+(?:INTO|FROM))?\s+(?:\w+\s*\.\s*)?[\"'`\[]?(\w+)",
    re.IGNORECASE,
)
_OWN_ROW: Final = re.compile(
    r"\bUPDATE\b[^;]*\bWHERE\s+(?:\w+\.)?(\w+)\s*=\s*(?:NEW|OLD)\.\1\s*$", re.IGNORECASE | re.DOTALL
)
"""A statement of a trigger of SQLite that changes the row once more that was changed."""
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
_CHANGED_ELSEWHERE = (
    "The database changes entries of {table} along with it, by a trigger of its own, and no one has looked whose they "
    "are; let a person settle this, or name {table} in triggers_change if the trigger changes nothing of other people."
)
_CHANGED_UNSEEN = (
    "The database changes entries of another table along with it, by a trigger that the user may not read, or by what "
    "that calls; let a person settle this, or grant the user the right TRIGGER, by which it reads no data."
)
_ANOTHER_TABLE = "another table"


def at_once(connection: sa.Connection) -> None:
    """Let the database look at each change as it is made, not at the end, when no one could say which it refuses."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))


@dataclass(frozen=True, slots=True)
class _Counted:
    """The changes that a session has made so far.

    Args:
        deleted: Rows, by table; the empty name stands for all tables together.
        updated: The same of changed rows; SQLite counts all kinds of change here.
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
    """Around the statement that deletes some rows: these go, and no others are removed or changed.

    Yields:
        What was written along, once the statement was made.

    Raises:
        Refused: Others went along or were changed, or one of these stays; the transaction has to be rolled back.
    """
    before, along = _counted(connection), WrittenAlong()
    yield along
    at_once(connection)
    done = _counted(connection).since(before)
    along.tables.update(_written(connection, rows, done, "DELETE"))
    times = 2 if _counts_twice(connection, rows) else 1
    if connection.dialect.name == "sqlite":
        _look_into_sqlite(connection, rows, done, len(found), "DELETE")
    elif (gone := sum(done.deleted.values())) > len(found) * times:
        raise Refused(_ALONG.format(table=_further(done.deleted, rows)))
    elif connection.dialect.name == "postgresql":
        if gone < len(found) and done.updated:
            raise Refused(_KEPT)
        _look_into_postgresql(connection, rows, done, found, deletes=True)
    # A table that keeps its past counts a deletion as a change.
    elif done.updated and not keeps_past(connection, rows.table):
        _look_into_mysql(connection, rows, "DELETE")
    if _still_there(connection, rows, found):
        raise Refused(_KEPT)


@contextmanager
def updating(connection: sa.Connection, rows: TableRows, found: Sequence[Row]) -> Iterator[WrittenAlong]:
    """Around the statement that changes some rows: no others are changed, of their table or of another one.

    Yields:
        What was written along, once the statement was made.

    Raises:
        Refused: Others were changed along; the transaction has to be rolled back.
    """
    before, along = _counted(connection), WrittenAlong()
    yield along
    at_once(connection)
    done = _counted(connection).since(before)
    along.tables.update(_written(connection, rows, done, "UPDATE"))
    if connection.dialect.name == "sqlite":
        _look_into_sqlite(connection, rows, done, len(found), "UPDATE")
    elif connection.dialect.name == "postgresql":
        _look_into_postgresql(connection, rows, done, found, deletes=False)
    elif sum(done.updated.values()) > len(found) * (2 if _counts_twice(connection, rows) else 1):
        _look_into_mysql(connection, rows, "UPDATE")


def _look_into_postgresql(
    connection: sa.Connection, rows: TableRows, done: _Counted, found: Sequence[Row], *, deletes: bool
) -> None:
    """Refuse what was changed along; a deletion may empty the references to its rows, which others keep."""
    own = rows.table.name
    updated = {name: count for name, count in done.updated.items() if name == own or not _is_accepted(rows, name)}
    expected = 0 if deletes else len(found)
    if updated.keys() <= {own} and sum(updated.values()) <= expected:
        return
    quoted = connection.dialect.identifier_preparer.format_table(rows.table)
    told = connection.execute(_FAMILY_IN_POSTGRESQL, {"quoted": quoted}).all()
    family = {str(name) for name, _, is_emptied in told if not is_emptied}
    emptied = {str(name) for name, _, is_emptied in told if is_emptied and deletes}
    if further := updated.keys() - family - emptied:
        raise Refused(_CHANGED_ELSEWHERE.format(table=" and ".join(sorted(further))))
    # More changes than rows may be the same rows twice: only then it is worth looking which.
    changed = sum(count for name, count in updated.items() if name in family - emptied)
    is_view = any(is_view for name, is_view, _ in told if name == own)
    if changed > expected and (is_view or _others_changed(connection, rows, found)):
        raise Refused(_CHANGED)


def _look_into_mysql(connection: sa.Connection, rows: TableRows, what: str) -> None:
    """Refuse what was changed along; there no trigger may change the table that it belongs to."""
    changed = changed_by_triggers(connection, rows.table, what)
    if not changed:
        raise Refused(_CHANGED_UNSEEN)
    if further := sorted(name for name in changed if not _is_accepted(rows, name)):
        raise Refused(_CHANGED_ELSEWHERE.format(table=" and ".join(further)))


def _look_into_sqlite(connection: sa.Connection, rows: TableRows, done: _Counted, expected: int, what: str) -> None:
    """Refuse what triggers remove or change along: SQLite counts all changes alike, so the triggers are read."""
    if sum(done.updated.values()) <= expected and what == "UPDATE":
        return
    if connection.execute(_IS_VIEW, {"name": rows.table.name}).scalar_one():
        return
    effects = _effects(connection, rows.table.name, what)
    if sum(done.updated.values()) > expected and any(verb == "DELETE" for verb, _ in effects):
        raise Refused(_ALONG.format(table=_ANOTHER_TABLE))
    own = rows.table.name.lower()
    changed = {table for verb, table in effects if verb == "UPDATE"}
    if own in changed and what == "DELETE" and sum(done.updated.values()) <= expected:
        # The statement was replaced by the trigger's, or the row is marked before it goes.
        return
    if further := sorted(table for table in changed - {own} if not _is_accepted(rows, table)):
        raise Refused(_CHANGED_ELSEWHERE.format(table=" and ".join(further)))
    if own in changed and not _changes_own_row(connection, rows):
        raise Refused(_CHANGED)


def _effects(connection: sa.Connection, table: str, what: str) -> frozenset[tuple[str, str]]:
    """What the triggers of a table of SQLite do on an event, and the triggers that these set off: verbs and tables."""
    found, todo = set[tuple[str, str]](), [(what, table.lower())]
    while todo:
        event, name = todo.pop()
        for trigger in connection.execute(_TRIGGERS, {"name": name}).scalars():
            head, body = _parts_of(str(trigger))
            if event not in {item.upper() for item in _EVENT.findall(head)}:
                continue
            for verb, target in _WRITES.findall(body):
                effect = ("INSERT" if verb.upper() == "REPLACE" else verb.upper(), target.lower())
                if effect not in found:
                    found.add(effect)
                    todo.append(effect)
    return frozenset(found)


def _changes_own_row(connection: sa.Connection, rows: TableRows) -> bool:
    """Return True if every change of a table by its own triggers is of the row that set them off."""
    table, key = (
        rows.table.name,
        {"rowid"} | {name.lower() for name in rows.settings.key if len(rows.settings.key) == 1},
    )
    bodies = (_parts_of(str(item))[1] for item in connection.execute(_TRIGGERS, {"name": table}).scalars())
    of_table = re.compile(rf"\bUPDATE\s+\W?{re.escape(table)}\b", re.IGNORECASE)
    changes = [text.strip() for body in bodies for text in body.split(";") if of_table.search(text)]
    found = [_OWN_ROW.search(text) for text in changes]
    return bool(found) and all(match and match[1].lower() in key for match in found)


def _parts_of(trigger: str) -> tuple[str, str]:
    head, _, _ = trigger.upper().partition("BEGIN")
    return trigger[: len(head)], trigger[len(head) :]


def _is_accepted(rows: TableRows, table: str) -> bool:
    return table.lower() in {name.lower() for name in rows.settings.triggers_change}


def _counted(connection: sa.Connection) -> _Counted:
    dialect = connection.dialect.name
    if dialect == "postgresql":
        return _in_postgresql(connection)
    if dialect in NAMES:
        counted = {name: int(value) for name, value in connection.execute(_IN_MYSQL)}
        return _Counted(*({"": counted[name]} for name in ("Handler_delete", "Handler_update", "Handler_write")))
    if dialect == "sqlite":
        return _Counted(updated={"": connection.execute(_IN_SQLITE).scalar_one()})
    return _Counted()


def _written(connection: sa.Connection, rows: TableRows, done: _Counted, what: str) -> Collection[str]:
    """The tables into which rows were written; MariaDB tells that there are any, and its triggers into which."""
    if connection.dialect.name == "postgresql":
        return done.inserted
    if connection.dialect.name == "sqlite":
        return {table for verb, table in _effects(connection, rows.table.name, what) if verb == "INSERT"}
    table = rows.table
    if not done.inserted or not getattr(connection.dialect, "is_mariadb", False):
        return ()
    # What such a table writes is its own past, or a row that changes its part: the probe tells of it.
    if keeps_past(connection, table) or is_in_parts(connection, table):
        return ()
    return written_by_triggers(connection, table, what) or {_ANOTHER_TABLE}


def _in_postgresql(connection: sa.Connection) -> _Counted:
    counted = _Counted()
    for name, deleted, updated, inserted in connection.execute(_IN_POSTGRESQL):
        # Of several schemas' tables of one name, all count.
        counted.deleted[name] = counted.deleted.get(name, 0) + deleted
        counted.updated[name] = counted.updated.get(name, 0) + updated
        counted.inserted[name] = counted.inserted.get(name, 0) + inserted
    return counted


def _counts_twice(connection: sa.Connection, rows: TableRows) -> bool:
    """Return True if a row is counted both for its table and for the partition that holds the row."""
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
