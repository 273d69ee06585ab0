"""Facts about a table of MySQL or MariaDB: changes can be rolled back, and past rows are retained."""

from __future__ import annotations

import re
from typing import Final

import sqlalchemy as sa

from connectors.sql.mysql_session import NAMES

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
_WRITES: Final = re.compile(
    r"\b(?:insert|replace)\s+(?:(?:low_priority|delayed|high_priority|ignore)\s+)*into\s+(?:(?:`[^`]+`|\w+)\s*\.\s*)?"
    r"(?:`(?P<quoted>[^`]+)`|(?P<plain>\w+))",
    re.IGNORECASE,
)
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


def can_take_back(connection: sa.Connection, name: str, schema: str) -> bool:
    """Return True if a change of a table can be rolled back: engines such as MyISAM cannot.

    Args:
        connection: Of whatever database.
        name: The table.
        schema: Its schema; empty for the default one.
    """
    return _about(connection, name, schema)[0] != "NO"


def keeps_past(connection: sa.Connection, name: str, schema: str) -> bool:
    """Return True if a table retains every changed or deleted row (``WITH SYSTEM VERSIONING``).

    Args:
        connection: Of whatever database.
        name: The table.
        schema: Its schema; empty for the default one.
    """
    return _about(connection, name, schema)[1] == _KEEPS_PAST


def has_trigger(connection: sa.Connection, name: str, schema: str) -> bool:
    """Return True if a trigger runs on a change or a deletion; only users with the right ``TRIGGER`` see triggers.

    Args:
        connection: Of MySQL or MariaDB.
        name: The table.
        schema: Its schema; empty for the default one.
    """
    return connection.execute(_TRIGGERS, {"schema": schema or None, "name": name}).first() is not None


def written_by_triggers(connection: sa.Connection, name: str, schema: str, what: str) -> frozenset[str]:
    """The tables into which triggers of a table write rows; none where the user does not see them.

    Args:
        connection: Of MySQL or MariaDB.
        name: The table.
        schema: Its schema; empty for the default one.
        what: On what they run: ``DELETE`` or ``UPDATE``.
    """
    asked = {"schema": schema or None, "name": name, "what": what}
    found = (item for (text,) in connection.execute(_WHAT_THEY_DO, asked) for item in _WRITES.finditer(str(text)))
    return frozenset(row["quoted"] or row["plain"] for row in found)


def tables_below(connection: sa.Connection, name: str, schema: str | None) -> list[tuple[str | None, str]]:
    """A table, or what a view reads, each with its schema; whose definition the user may not read counts as a table.

    Args:
        connection: Of MySQL or MariaDB.
        name: The table or view.
        schema: Its schema; empty for the default one.
    """
    text = connection.execute(_VIEW, {"schema": schema or None, "name": name}).scalar()
    if not text:
        return [(schema, name)]
    read = [tuple(part.replace("``", "`") for part in item) for item in _READ_BY_VIEW.findall(str(text))]
    return [below for of, table in dict.fromkeys(read) for below in tables_below(connection, table, of)]


def is_in_parts(connection: sa.Connection, name: str, schema: str | None) -> bool:
    """Return True if a table is partitioned.

    Args:
        connection: Of MySQL or MariaDB.
        name: The table.
        schema: Its schema; empty for the default one.
    """
    return connection.execute(_PARTS, {"schema": schema or None, "name": name}).first() is not None


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


def _about(connection: sa.Connection, name: str, schema: str) -> tuple[str, str]:
    if connection.dialect.name not in NAMES:
        return "", ""
    found = connection.execute(_ABOUT, {"schema": schema or None, "name": name}).first()
    # A view has no engine of its own.
    return (str(found[0] or ""), str(found[1] or "")) if found else ("", "")
