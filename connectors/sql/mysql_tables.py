"""What MySQL and MariaDB say of a table itself: can a change be taken back, does it keep the past."""

from __future__ import annotations

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
_KEEPS_PAST: Final = "SYSTEM VERSIONED"


def can_take_back(connection: sa.Connection, name: str, schema: str) -> bool:
    """Whether a change of a table can be taken back: those of engines such as MyISAM cannot.

    Args:
        connection: Of whatever database.
        name: The table.
        schema: Its schema; empty for the default one.
    """
    return _about(connection, name, schema)[0] != "NO"


def keeps_past(connection: sa.Connection, name: str, schema: str) -> bool:
    """Whether a table keeps every row that is changed or deleted (``WITH SYSTEM VERSIONING``).

    Args:
        connection: Of whatever database.
        name: The table.
        schema: Its schema; empty for the default one.
    """
    return _about(connection, name, schema)[1] == _KEEPS_PAST


def has_trigger(connection: sa.Connection, name: str, schema: str) -> bool:
    """Whether a trigger runs on a change or a deletion; one is seen by users with the right ``TRIGGER`` alone.

    Args:
        connection: Of MySQL or MariaDB.
        name: The table.
        schema: Its schema; empty for the default one.
    """
    return connection.execute(_TRIGGERS, {"schema": schema or None, "name": name}).first() is not None


def _about(connection: sa.Connection, name: str, schema: str) -> tuple[str, str]:
    if connection.dialect.name not in NAMES:
        return "", ""
    found = connection.execute(_ABOUT, {"schema": schema or None, "name": name}).first()
    # A view has no engine of its own.
    return (str(found[0] or ""), str(found[1] or "")) if found else ("", "")
