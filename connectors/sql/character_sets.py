"""Databases of another character set than UTF-8: what they have no room for stands in none of their rows.

MySQL compares with any letters where it is asked to; PostgreSQL refuses a statement with a letter that it cannot hold.
"""

from __future__ import annotations

import codecs
from typing import Any, Final

import sqlalchemy as sa

CODEC: Final = "rightsflow_codec"
"""Under this word a reflected table says which of Python's codecs its database writes text with, if that is known."""
_ANY: Final = frozenset({"UTF8", "SQL_ASCII"})


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
    """Those of some texts that a column's database can hold.

    Args:
        column: Of a reflected table.
        values: The texts.
    """
    codec = str(column.table.info.get(CODEC, ""))
    return [one for one in values if _has_room(codec, one)] if codec else values


def _has_room(codec: str, text: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True
