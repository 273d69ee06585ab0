"""The connection: an engine that keeps values out of its errors, and statements that read.

A statement is built without the values that it is asked with, which costs more than to ask it: a search of one person
has as many values as that of another one. What is kept of it holds no value of a search.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from time import monotonic, perf_counter
from typing import Any, Final, Self
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import Connection, ExceptionContext, event
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from connectors.settings import SecretRef
from connectors.sql.formats import text_of
from connectors.sql.mysql import (
    NAMES,
    mysql_arguments,
    prepare_sessions,
    with_driver,
)
from connectors.sql.schema import reflect
from connectors.sql.settings import SqlSettings
from connectors.sql.table_settings import TableSettings
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.telemetry import recorder

_VERBS: Final = frozenset({"select", "insert", "update", "delete"})
_BEGAN: Final = "rightsflow_began"
_MOMENT_SECONDS: Final = 2.0
_USED: Final = "rightsflow_used"
Row = Mapping[str, object]


Values = Mapping[str, object]

_FEW: Final = 1000
"""Almost always there are no more rows; a cursor on the server, for which memory stays flat, takes three more calls."""
_READ_ONLY: Final = {
    "sqlite": "PRAGMA query_only = ON",
    "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    **dict.fromkeys(NAMES, "SET SESSION TRANSACTION READ ONLY"),
}
"""The statement after which a session cannot write."""
_KEPT: Final = "rightsflow_statements"
_MOST_KEPT: Final = 200
"""Statements of a table, each for another number of values, before they are built anew."""


class SqlDatabase:
    """The engine and the reflected tables of one system; opens nothing before it is asked."""

    def __init__(self, system: str, settings: SqlSettings) -> None:
        self.system = system
        self.settings = settings
        self._lock = Lock()
        self._engine: Engine | None = None
        self._reading: Engine | None = None
        self._tables: dict[str, sa.Table] = {}

    @property
    def engine(self) -> Engine:
        """The engine, made on first use, since the secret is resolved then.

        Raises:
            Misconfigured: The URL is missing or unusable.
        """
        with self._lock:
            if self._engine is None:
                self._engine = self._reading = _engine(self._url(), self.settings.timeout_seconds)
                count_statements(self._engine, self.system)
                ask_if_there(self._engine)
                if self._engine.name == "postgresql":
                    self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
            return self._engine

    @property
    def reading(self) -> Engine:
        """The same for one statement that reads: on PostgreSQL without a transaction around it, which is two calls.

        Raises:
            Misconfigured: The URL is missing or unusable.
        """
        engine = self.engine
        return self._reading or engine

    def table(self, settings: TableSettings) -> sa.Table:
        """The reflected table, with every configured column.

        Raises:
            Misconfigured: The table or a column does not exist.
        """
        if settings.name not in self._tables:
            self._tables[settings.name] = reflect(self.engine, self.system, self.settings, settings)
        return self._tables[settings.name]

    def looking(self, seconds: int) -> Engine:
        """Make an engine whose sessions cannot write.

        Args:
            seconds: How long one statement may take.
        """
        return read_only_engine(required_url(self.settings), seconds)

    def is_writable(self, connection: Connection) -> bool:
        """Return True if the file of an SQLite database can be written."""
        listed = connection.execute(sa.text("PRAGMA database_list")).first()
        return listed is not None and os.access(str(listed[2]), os.W_OK)

    def close(self) -> None:
        """Close the pooled connections; the next use opens new ones."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()

    def _url(self) -> URL:
        return _read_url(required_url(self.settings))


def required_url(settings: SqlSettings) -> SecretRef:
    """The URL of a system that is known to be a database."""
    assert settings.url is not None, "the settings make sure that tables without a CSV file have a database"  # noqa: S101
    return settings.url


def _read_url(secret: SecretRef) -> URL:
    try:
        return make_url(secret.reveal())
    except ArgumentError:
        raise Misconfigured(
            f"The secret {secret.reference} is not a database URL; write one like postgresql://…."
        ) from None


def read_only_engine(secret: SecretRef, timeout: int) -> Engine:
    """Make an engine whose sessions cannot write.

    Args:
        secret: Where the database's URL is.
        timeout: Seconds that one statement, or the connecting, may take.

    Raises:
        Misconfigured: The URL is missing or unusable.
    """
    engine = _engine(_read_url(secret), timeout)
    if statement := _READ_ONLY.get(engine.name):

        def refuse_writing(connection: Any, _record: object) -> None:
            cursor = connection.cursor()
            cursor.execute(statement)
            cursor.close()
            connection.commit()

        event.listen(engine, "connect", refuse_writing)
    return engine


def _engine(url: URL, timeout: int) -> Engine:
    backend = url.get_backend_name()
    # Values of a statement stay out of exceptions and logs.
    common: dict[str, object] = {"hide_parameters": True}
    if backend == "sqlite":
        # No pool: an open handle would go on reading a file that was moved away or replaced.
        engine = sa.create_engine(
            _existing_file(url), connect_args={"timeout": timeout}, poolclass=sa.NullPool, **common
        )
        event.listen(engine, "do_connect", partial(_insist_on_file, Path(str(url.database))))
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    if backend == "postgresql":
        # The driver is installed only where PostgreSQL is used.
        from connectors.sql.postgresql import postgres_engine  # noqa: PLC0415

        return postgres_engine(url, timeout, common)
    try:
        if backend in NAMES:
            return _mysql_engine(with_driver(url), timeout, common)
        return sa.create_engine(url, **common)
    except (ArgumentError, ImportError, sa.exc.NoSuchModuleError):
        extra = ", as rightsflow[mysql] does" if backend in NAMES else ""
        raise Misconfigured(
            f"There is no driver for {backend} databases; install it beside rightsflow{extra}."
        ) from None


def _mysql_engine(url: URL, timeout: int, common: dict[str, object]) -> Engine:
    # Each look inside a transaction sees what is there now, as in PostgreSQL, and not what was there when it began.
    arguments = mysql_arguments(url, timeout)
    engine = sa.create_engine(url, connect_args=arguments, isolation_level="READ COMMITTED", **common)
    prepare_sessions(engine, timeout)
    return engine


def _existing_file(url: URL) -> URL:
    """Open only a file that exists: SQLite would make an empty database, in which no one is found."""
    if not url.database or url.database.startswith("file:") or url.database == ":memory:":
        raise Misconfigured("The database URL names no SQLite file; write sqlite:////absolute/path.")
    return url.set(database=f"file:{quote(url.database)}").update_query_dict({"mode": "rw", "uri": "true"})


def _insist_on_file(path: Path, *_: object) -> None:
    """A wrong path is a fault of the configuration; where its folder is gone too, a share may not be mounted."""
    if path.parent.is_dir() and not path.is_file():
        raise Misconfigured("The database URL names a file that is not in its folder; mend the path in url.")


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.text_factory = text_of
    cursor = connection.cursor()
    # Overwrite what is deleted, and let the tables' own references speak.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def count_statements(engine: Engine, system: str) -> None:
    """Let every statement of an engine be counted, until its first row is there."""

    def begin(connection: Connection, *_: object) -> None:
        connection.info[_BEGAN] = perf_counter()

    def end(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        _say(connection, statement, "ok")

    def fail(context: ExceptionContext) -> None:
        # Without a connection nothing was sent.
        if context.connection is not None and context.statement is not None:
            _say(context.connection, context.statement, "error")

    def _say(connection: Connection, statement: str, status: str) -> None:
        began = connection.info.pop(_BEGAN, None)
        if began is not None:
            verb = statement.split(maxsplit=1)[0].lower()
            recorder().call(system, verb if verb in _VERBS else "other", status, perf_counter() - began)

    for name, handler in (("before_cursor_execute", begin), ("after_cursor_execute", end), ("handle_error", fail)):
        event.listen(engine, name, handler)


def ask_if_there(engine: Engine, clock: Callable[[], float] = monotonic) -> None:
    """Let the pool of an engine ask a connection that was not used for a moment whether it is still there.

    Args:
        engine: The engine, made without ``pool_pre_ping``.
        clock: Gives seconds.
    """
    dialect = engine.dialect

    def used(_connection: object, entry: ConnectionPoolEntry) -> None:
        entry.info[_USED] = clock()

    def taken(connection: Any, entry: ConnectionPoolEntry, _proxy: object) -> None:
        now = clock()
        # A new one has not been used.
        if now - entry.info.get(_USED, now) < _MOMENT_SECONDS:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            if not dialect.is_disconnect(error, connection, None):
                raise
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", used)
    event.listen(engine, "checkout", taken)


@dataclass(frozen=True, slots=True)
class Statement:
    """A query of whole rows.

    Args:
        whole: It itself.
        few: The same for one row more than are read at once.
    """

    whole: sa.Select[Any]
    few: sa.Select[Any]

    @classmethod
    def of(cls, table: sa.Table, condition: sa.ColumnElement[bool]) -> Statement:
        """The rows of a table that fulfil a condition."""
        whole = sa.select(table).where(condition)
        return cls(whole, whole.limit(_FEW + 1))

    @classmethod
    def kept(cls, table: sa.Table, shape: object, condition: Callable[[], sa.ColumnElement[bool]]) -> Statement:
        """The same, built once for a table as it was reflected.

        Args:
            table: The table.
            shape: What tells the condition from others; hashable.
            condition: Builds it, with places in which values are bound, and without any value of a search.
        """
        known: dict[object, Statement] = table.info.setdefault(_KEPT, {})
        statement = known.get(shape)
        if statement is None:
            if len(known) >= _MOST_KEPT:
                known.clear()
            statement = known[shape] = cls.of(table, condition())
        return statement


class ReadConnection:
    """One connection for several statements, each a transaction of its own; opened for the first of them."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database
        self._connection: sa.Connection | None = None

    def __enter__(self) -> Self:
        """Open nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the connection back."""
        self.close()

    @property
    def connection(self) -> sa.Connection:
        """The connection; who asks by it says when that is at its end (:meth:`end`)."""
        if self._connection is None:
            self._connection = self._database.reading.connect()
        return self._connection

    def end(self) -> None:
        """End the transaction, if the database begins one by itself, so that the next statement sees what is new."""
        if self._connection is not None and self._database.reading is self._database.engine:
            self._connection.rollback()

    def close(self) -> None:
        """Give the connection back; the next statement opens another one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def read(self, statement: Statement, values: Values) -> Iterable[Row]:
        """The rows; those that are many come as they are asked for, by another connection, when this one is free."""
        few = rows_of(self.connection.execute(statement.few, values))
        self.end()
        if len(few) <= _FEW:
            return few
        self.close()
        return _many(self._database, statement, values)


Reads = sa.Connection | ReadConnection
"""The source of a read: the transaction that changes rows, or a connection for reading."""


def rows_of(result: sa.CursorResult[Any]) -> list[Row]:
    """All rows of a result."""
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result.all()]


def _many(database: SqlDatabase, statement: Statement, values: Values) -> Iterator[Row]:
    with database.engine.connect() as connection:
        result = connection.execution_options(yield_per=_FEW).execute(statement.whole, values)
        names = tuple(result.keys())
        for row in result:
            yield dict(zip(names, row, strict=True))
