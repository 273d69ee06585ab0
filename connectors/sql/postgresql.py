"""PostgreSQL: the engine, and values and text that Python has no type for.

Infinite times, dates before Christ and lengths of time in months are read as the text that the database writes. Old
programs wrote Latin letters into databases of ``SQL_ASCII``; such text is read as SQLite's is, and written back as it
was. So one such row, no matter whose, does not end a search.
"""

from __future__ import annotations

import json
from typing import Final

import sqlalchemy as sa
from psycopg import Connection, DataError
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Loader
from psycopg.types.datetime import DateLoader, TimeLoader, TimestampLoader, TimestamptzLoader, TimetzLoader
from psycopg.types.string import StrDumperUnknown, TextLoader
from sqlalchemy import event
from sqlalchemy.engine import URL, Engine

from connectors.sql.formats import text_of

_OPTIONS = "-c statement_timeout={0} -c lock_timeout={0} -c row_security=off"
_LOCAL = ("", "localhost", "127.0.0.1", "::1")
_Timed = DateLoader | TimeLoader | TimetzLoader | TimestampLoader | TimestamptzLoader

_STRICT: dict[str, type[_Timed]] = {
    "date": DateLoader,
    "time": TimeLoader,
    "timetz": TimetzLoader,
    "timestamp": TimestampLoader,
    "timestamptz": TimestamptzLoader,
}
_NOT_KNOWN: Final = 0
"""Stands for each type that the driver does not know, such as those of the operator's own words."""
_TEXTS: Final = ("text", "varchar", "bpchar", "name", '"char"', _NOT_KNOWN)


def _tolerant(strict: type[_Timed]) -> type[Loader]:
    class Tolerant(strict):  # type: ignore[misc,valid-type]
        """Reads what Python can hold, and gives all else as text."""

        def load(self, data: Buffer) -> object:
            try:
                return super().load(data)
            except DataError:
                return bytes(data).decode()

    return Tolerant


_LOADERS = {name: _tolerant(strict) for name, strict in _STRICT.items()} | {"interval": TextLoader}


def read_odd_values(connection: AdaptContext, _record: object = None) -> None:
    """Let a psycopg connection read every value of the types above."""
    for name, loader in _LOADERS.items():
        connection.adapters.register_loader(name, loader)


def postgres_engine(url: URL, timeout: int, common: dict[str, object]) -> Engine:
    """Make an engine whose sessions show all rows or fail, and read every value and text.

    Args:
        url: The database's URL.
        timeout: Seconds that a statement, the wait for a lock or the connecting may take.
        common: Arguments that every engine has.
    """
    arguments = _postgres_arguments(url, timeout)
    engine = sa.create_engine(url.set(drivername="postgresql+psycopg"), connect_args=arguments, **common)
    event.listen(engine, "connect", read_odd_values)
    event.listen(engine, "connect", read_any_bytes)
    event.listen(engine, "connect", _prepare_postgres)
    return engine


def _prepare_postgres(connection: Connection, _record: object) -> None:
    """Show all rows or fail, which a pooler before it (pgbouncer) may have passed over; plan for each value."""
    connection.autocommit = True
    connection.execute("SET row_security = off")
    # After ten searches the server would plan for any value, and go through an index of parts of words three times for
    # each. Set only where it knows the setting: it may be older, or not PostgreSQL's own.
    connection.execute(
        "SELECT set_config(name, 'force_custom_plan', false) FROM pg_settings WHERE name = 'plan_cache_mode'"
    )
    connection.autocommit = False


def _postgres_arguments(url: URL, timeout: int) -> dict[str, object]:
    own = url.query.get("options", ())
    arguments: dict[str, object] = {
        "connect_timeout": timeout,
        "application_name": "rightsflow",
        # Else the driver takes the database's own, and reads no text at all from one that has none (SQL_ASCII).
        "client_encoding": str(url.query.get("client_encoding", "utf8")),
        # What the url says, such as a search path, and ours after it. Without row security the server raises where a
        # policy would hide rows, instead of giving fewer.
        "options": " ".join(((own,) if isinstance(own, str) else own) + (_OPTIONS.format(timeout * 1000),)),
    }
    host = str(url.host or url.query.get("host", ""))
    if host not in _LOCAL and not host.startswith("/") and "sslmode" not in url.query:
        arguments |= {"sslmode": "verify-full", "sslrootcert": "system"}
    return arguments


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
    """Let a connection to such a database read and write any text; every other one is left as it is."""
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
