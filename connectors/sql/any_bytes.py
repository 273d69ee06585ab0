"""Text of a PostgreSQL database without a character set (``SQL_ASCII``), which takes any bytes and checks none.

Old programs wrote Latin letters there. One such row, no matter whose, would end a search; so its text is read as
SQLite's is, and written back as it was.
"""

from __future__ import annotations

import json
from typing import Final

from psycopg import Connection, DataError
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.types.string import StrDumperUnknown, TextLoader

from connectors.sql.sqlite_text import text_of

_NOT_KNOWN: Final = 0
"""Stands for each type that the driver does not know, such as those of the operator's own words."""
_TEXTS: Final = ("text", "varchar", "bpchar", "name", '"char"', _NOT_KNOWN)


class _AnyText(TextLoader):
    """Reads text; what is not UTF-8 stands in it as lone surrogates."""

    def load(self, data: Buffer) -> str:
        return text_of(bytes(data))


class _AnyJson(Loader):
    """Reads JSON with such text in it."""

    def load(self, data: Buffer) -> object:
        return json.loads(text_of(bytes(data)))


class _AnyStr(StrDumperUnknown):
    """Writes such text back as it was."""

    def dump(self, obj: str) -> bytes:
        if "\0" in obj:
            raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        return obj.encode("utf-8", "surrogateescape")


def read_any_bytes(connection: Connection, _record: object = None) -> None:
    """Let a connection to such a database read and write any text; every other one is left as it is.

    Args:
        connection: The connection, just opened.
    """
    is_plain = connection.info.parameter_status("server_encoding") == "SQL_ASCII"
    # Where the url names the character set that was meant, the driver reads by that.
    if not is_plain or connection.info.encoding != "utf-8":
        return
    connection.autocommit = True
    # Else the server refuses to send what is no text in UTF-8.
    connection.execute("SET client_encoding TO SQL_ASCII")
    connection.autocommit = False
    for name in _TEXTS:
        connection.adapters.register_loader(name, _AnyText)
    for name in ("json", "jsonb"):
        connection.adapters.register_loader(name, _AnyJson)
    connection.adapters.register_dumper(str, _AnyStr)
