"""MySQL and MariaDB: their sessions, the types that Python reads otherwise, and what a table of theirs can do."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import URL, Dialect, Engine
from sqlalchemy.types import TypeDecorator, TypeEngine

NAMES: Final = frozenset({"mysql", "mariadb"})
"""The backends, as a database's URL names them."""
_DRIVER: Final = "pymysql"
_LOCAL: Final = frozenset({"", "localhost", "127.0.0.1", "::1"})
_SETTINGS: Final = (
    # A text that does not fit is refused, instead of being cut or turned into question marks.
    "sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES')",
    # A server may be told to give so many rows and no more; then a search would prove nothing.
    "sql_select_limit = 18446744073709551615",
    # A view that lists a person's addresses in one column would be cut as well.
    "group_concat_max_len = 1048576",
    # Every change here names its rows.
    "sql_safe_updates = 0",
    # Columns of TIMESTAMP are given in the session's zone.
    "time_zone = '+00:00'",
    "innodb_lock_wait_timeout = {seconds}",
    "lock_wait_timeout = {seconds}",
)
_LONGEST: Final = {True: "max_statement_time = {seconds}", False: "max_execution_time = {seconds}000"}
"""The time limit of a statement, at MariaDB and at MySQL."""
_HOUR: Final = 3600
TAKES_BACK: Final = "rightsflow_takes_back"
"""Under this word a reflected table says whether a change of it can be taken back."""
_ABOUT: Final = sa.text(
    "SELECT e.TRANSACTIONS, t.TABLE_TYPE FROM information_schema.TABLES t LEFT JOIN information_schema.ENGINES e "
    "ON e.ENGINE = t.ENGINE WHERE t.TABLE_SCHEMA = COALESCE(:schema, DATABASE()) AND t.TABLE_NAME = :name"
)
_TRIGGERS: Final = sa.text(
    "SELECT 1 FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = COALESCE(:schema, DATABASE()) "
    "AND EVENT_OBJECT_TABLE = :name AND EVENT_MANIPULATION IN ('UPDATE', 'DELETE')"
)
_WHAT_THEY_DO: Final = sa.text(
    "SELECT ACTION_STATEMENT FROM information_schema.TRIGGERS "
    "WHERE EVENT_OBJECT_SCHEMA = COALESCE(:schema, DATABASE()) AND EVENT_OBJECT_TABLE = :name "
    "AND EVENT_MANIPULATION = :what"
)
_NAMED: Final = r"(?:(?:`[^`]+`|\w+)\s*\.\s*)?(?:`(?P<quoted>[^`]+)`|(?P<plain>\w+))"
_WRITES: Final = re.compile(
    rf"\b(?:insert|replace)\s+(?:(?:low_priority|delayed|high_priority|ignore)\s+)*into\s+{_NAMED}", re.IGNORECASE
)
_CHANGES: Final = re.compile(rf"(?<!key )\bupdate\s+(?:(?:low_priority|ignore)\s+)*{_NAMED}", re.IGNORECASE)
_WRITES_OR_CHANGES: Final = "on duplicate key update"
_VIEW: Final = sa.text(
    "SELECT VIEW_DEFINITION FROM information_schema.VIEWS "
    "WHERE TABLE_SCHEMA = COALESCE(:schema, DATABASE()) AND TABLE_NAME = :name"
)
_PARTS: Final = sa.text(
    "SELECT 1 FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = COALESCE(:schema, DATABASE()) "
    "AND TABLE_NAME = :name AND PARTITION_NAME IS NOT NULL"
)
_READ_BY_VIEW: Final = re.compile(r"\b(?:from|join)[ (]+`((?:[^`]|``)+)`\.`((?:[^`]|``)+)`", re.IGNORECASE)
_GRANTED: Final = re.compile(r"^GRANT (.+?) ON (\*|`(?:[^`]|``)+`)\.\* TO ", re.IGNORECASE)
_NOTHING: Final = "USAGE"
_KEEPS_PAST: Final = "SYSTEM VERSIONED"


def with_driver(url: URL) -> URL:
    """A URL with the driver that comes with the extra ``mysql``, unless it names one."""
    backend, _, driver = url.drivername.partition("+")
    return url if driver else url.set(drivername=f"{backend}+{_DRIVER}")


def mysql_arguments(url: URL, timeout: int) -> dict[str, Any]:
    """Return the driver's arguments: full Unicode, time limits, and for a remote server a verified certificate."""
    if url.get_driver_name() != _DRIVER:
        return {}
    # A little longer than the server's own limit, so that it is the server that says so.
    waits = {"connect_timeout": timeout, "read_timeout": timeout + 5, "write_timeout": timeout + 5}
    has_own = any(name.startswith("ssl") for name in url.query) or "unix_socket" in url.query
    is_near = has_own or (url.host or "") in _LOCAL
    return {"charset": "utf8mb4", **waits, **({} if is_near else {"ssl": ssl.create_default_context()})}


def prepare_sessions(engine: Engine, timeout: int) -> None:
    """Let every connection of an engine begin with these settings.

    Args:
        engine: The engine.
        timeout: Seconds that a statement, or the wait for a lock, may take.
    """

    def prepare(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT VERSION()")
            is_mariadb = "mariadb" in str(cursor.fetchone()[0]).lower()
            wanted = ", ".join((*_SETTINGS, _LONGEST[is_mariadb]))
            cursor.execute(f"SET SESSION {wanted.format(seconds=timeout)}")

    event.listen(engine, "connect", prepare)


class UtcMoment(TypeDecorator[datetime]):
    """A ``TIMESTAMP``: an instant, given in the session's zone, which is UTC. What cannot be a day is given as text."""

    impl = sa.DateTime
    cache_ok = True

    def process_result_value(self, value: Any, _dialect: Dialect) -> Any:
        """Read it with its zone."""
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value

    def process_bind_param(self, value: Any, _dialect: Dialect) -> Any:
        """Write it as the session's zone has it."""
        return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value


class LengthText(TypeDecorator[str]):
    """A ``TIME``, which may be a length of time of many hours, or a negative one: read as the server writes it."""

    impl = sa.String
    cache_ok = True

    def process_result_value(self, value: Any, _dialect: Dialect) -> Any:
        """Read it as text."""
        return _written(value) if isinstance(value, timedelta) else value


def read_as(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type by which a column is read."""
    if isinstance(kind, mysql.TIMESTAMP):
        return UtcMoment()
    if isinstance(kind, mysql.TIME):
        return LengthText()
    if isinstance(kind, mysql.ENUM | mysql.SET):
        # Text of the schema's own words; a column may hold an empty one that is none of them.
        return sa.String()
    return kind


def _written(value: timedelta) -> str:
    seconds = abs(value)
    whole, parts = divmod(seconds, timedelta(seconds=1))
    sign = "-" if value < timedelta(0) else ""
    fraction = f".{parts.microseconds:06}" if parts else ""
    return f"{sign}{whole // _HOUR:02}:{whole % _HOUR // 60:02}:{whole % 60:02}{fraction}"


def can_take_back(connection: sa.Connection, table: sa.Table) -> bool:
    """Return True if a change of a table of any database can be rolled back: engines such as MyISAM cannot."""
    return _about(connection, table)[0] != "NO"


def keeps_past(connection: sa.Connection, table: sa.Table) -> bool:
    """Return True if a table of any database retains every changed or deleted row (``WITH SYSTEM VERSIONING``)."""
    return _about(connection, table)[1] == _KEEPS_PAST


def has_trigger(connection: sa.Connection, table: sa.Table) -> bool:
    """Return True if a trigger runs on a change or a deletion; only users with the right ``TRIGGER`` see triggers."""
    return connection.execute(_TRIGGERS, _place(table)).first() is not None


def is_in_parts(connection: sa.Connection, table: sa.Table) -> bool:
    """Return True if a table is partitioned."""
    return connection.execute(_PARTS, _place(table)).first() is not None


def written_by_triggers(connection: sa.Connection, table: sa.Table, what: str) -> frozenset[str]:
    """The tables into which triggers of a table write on ``DELETE`` or ``UPDATE``, as far as the user sees them."""
    return frozenset(name for text in _bodies(connection, table, what) for name in _named(_WRITES, text))


def changed_by_triggers(connection: sa.Connection, table: sa.Table, what: str) -> frozenset[str]:
    """The tables whose rows triggers of a table change on ``DELETE`` or ``UPDATE``, as far as the user sees them."""
    found = set[str]()
    for text in _bodies(connection, table, what):
        found.update(_named(_CHANGES, text))
        if _WRITES_OR_CHANGES in text.lower():
            found.update(_named(_WRITES, text))
    return frozenset(found)


def _bodies(connection: sa.Connection, table: sa.Table, what: str) -> Iterator[str]:
    for (text,) in connection.execute(_WHAT_THEY_DO, {**_place(table), "what": what}):
        yield " ".join(str(text).split())


def _named(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    yield from (row["quoted"] or row["plain"] for row in pattern.finditer(text))


def tables_below(connection: sa.Connection, name: str, schema: str | None) -> list[tuple[str | None, str]]:
    """A table, or what a view reads, each with its schema; whose definition the user may not read counts as a table."""
    text = connection.execute(_VIEW, {"schema": schema or None, "name": name}).scalar()
    if not text:
        return [(schema, name)]
    read = [tuple(part.replace("``", "`") for part in item) for item in _READ_BY_VIEW.findall(str(text))]
    return [below for of, table in dict.fromkeys(read) for below in tables_below(connection, table, of)]


def sees_all_tables(connection: sa.Connection, schema: str | None) -> bool:
    """Return True if the user sees every table of a database, with the foreign keys that remove rows along.

    Of a table in which it has no right at all, MySQL tells it nothing. A right on the whole database is enough,
    such as ``REFERENCES``, by which no data can be read.

    Args:
        connection: Of MySQL or MariaDB.
        schema: The database; empty for the one that the session uses.
    """
    database = schema or str(connection.execute(sa.text("SELECT DATABASE()")).scalar())
    granted = (_GRANTED.match(str(text)) for (text,) in connection.execute(sa.text("SHOW GRANTS")))
    return any(row[1].upper() != _NOTHING and _means(row[2], database) for row in granted if row)


def _means(pattern: str, database: str) -> bool:
    """Return True if a grant is for a database; ``%`` and ``_`` in its name match other letters unless escaped."""
    if pattern == "*":
        return True
    signs = {"%": ".*", "_": "."}
    parts = re.findall(r"\\.|.", pattern[1:-1].replace("``", "`"), re.DOTALL)
    wanted = "".join(re.escape(part[1:]) if len(part) > 1 else signs.get(part, re.escape(part)) for part in parts)
    return re.fullmatch(wanted, database, re.DOTALL) is not None


def _about(connection: sa.Connection, table: sa.Table) -> tuple[str, str]:
    if connection.dialect.name not in NAMES:
        return "", ""
    found = connection.execute(_ABOUT, _place(table)).first()
    # A view has no engine of its own.
    return (str(found[0] or ""), str(found[1] or "")) if found else ("", "")


def _place(table: sa.Table) -> dict[str, str | None]:
    return {"schema": table.schema, "name": table.name}
