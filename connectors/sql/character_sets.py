"""Databases of another character set than UTF-8: what they have no room for stands in none of their rows.

MySQL compares with any letters where it is asked to; PostgreSQL refuses a statement with a letter that it cannot hold.
At MySQL and MariaDB each column has a character set of its own.
"""

from __future__ import annotations

import codecs
import re
from typing import Any, Final

import sqlalchemy as sa

from connectors.sql.mysql_session import NAMES

CODEC: Final = "rightsflow_codec"
"""Under this word a reflected table says which of Python's codecs its database writes text with, if that is known."""
_ANY: Final = frozenset({"UTF8", "SQL_ASCII"})
_OF_COLUMN: Final = sa.text(
    "SELECT CHARACTER_SET_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = COALESCE(:schema, DATABASE()) "
    "AND TABLE_NAME = :name AND COLUMN_NAME = :column"
)
_NAME: Final = re.compile(r"[a-z0-9_]+")


def codec_of(connection: sa.Connection) -> str:
    """The codec of a database that has not room for every letter; empty where it has, or that is not known.

    Args:
        connection: Of whatever database.
    """
    if connection.dialect.name != "postgresql":
        return ""
    told = connection.connection.dbapi_connection
    name = str(getattr(told, "info").parameter_status("server_encoding"))  # noqa: B009 - the driver's own
    try:
        return "" if name in _ANY else codecs.lookup(name.replace("WIN", "cp")).name
    except LookupError:
        return ""


def with_room(column: sa.Column[Any], values: list[str]) -> list[str]:
    """Return the texts that a column's database can hold.

    Args:
        column: Of a reflected table.
        values: The texts.
    """
    codec = str(column.table.info.get(CODEC, ""))
    return [value for value in values if _has_room(codec, value)] if codec else values


def holds_letters(connection: sa.Connection, column: sa.Column[Any], text: str) -> bool:
    """Return True if a column can store each letter of a text; a text of plain letters needs no query.

    Args:
        connection: A connection.
        column: Of a reflected table.
        text: The text.
    """
    if text.isascii():
        return True
    if connection.dialect.name in NAMES:
        return _is_held(connection, column, text)
    return bool(with_room(column, [text]))


def _is_held(connection: sa.Connection, column: sa.Column[Any], text: str) -> bool:
    """The same at MySQL and MariaDB, whose server turns what it has no room for into question marks."""
    table = column.table
    of_column = {"schema": table.schema, "name": table.name, "column": column.name}
    name = str(connection.execute(_OF_COLUMN, of_column).scalar() or "")
    if not _NAME.fullmatch(name):
        return True
    there_and_back = f"CONVERT(CONVERT(:text USING {name}) USING utf8mb4)"
    return connection.execute(sa.text(f"SELECT {there_and_back}"), {"text": text}).scalar() == text


def _has_room(codec: str, text: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True
