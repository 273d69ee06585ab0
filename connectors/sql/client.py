"""The connection: an engine that keeps values out of its errors, and reflection of the configured tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.dialects.postgresql.ranges import AbstractRange
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.exc import ArgumentError
from sqlalchemy.types import TypeEngine

from connectors.sql import mysql_session, mysql_types
from connectors.sql.blanks import check_blanks, check_letters, has_odd_letters
from connectors.sql.character_sets import CODEC, codec_of
from connectors.sql.column_values import DayText, MomentText, Where
from connectors.sql.errors import translated
from connectors.sql.idle_connections import ask_if_there
from connectors.sql.mysql_tables import TAKES_BACK, can_take_back
from connectors.sql.settings import SqlSettings, TableSettings
from connectors.sql.sqlite_text import text_of
from connectors.sql.statement_calls import count_statements
from rightsflow.domain.errors import Misconfigured

if TYPE_CHECKING:
    import psycopg

_TYPE_WORDS = {str: "a text in quotation marks", int: "a number", bool: "true or false"}
_OPTIONS = "-c statement_timeout={0} -c lock_timeout={0} -c row_security=off"
_NOT_PLAIN = (mysql.FLOAT, sa.ARRAY, sa.JSON, postgresql.HSTORE, postgresql.MONEY, AbstractRange)
_LOCAL = ("", "localhost", "127.0.0.1", "::1")


class SqlDatabase:
    """The engine and the reflected tables of one system; opens nothing before it is asked.

    Args:
        system: The system's name in the configuration.
        settings: Its section.
    """

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
            self._tables[settings.name] = self._reflect(settings)
        return self._tables[settings.name]

    def close(self) -> None:
        """Close the pooled connections; the next use opens new ones."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()

    def _url(self) -> URL:
        try:
            return make_url(self.settings.url.reveal())
        except ArgumentError:
            raise Misconfigured(
                f"The secret {self.settings.url.reference} is not a database URL; write one like postgresql://…."
            ) from None

    def _compared(self, settings: TableSettings) -> set[str]:
        """The columns of a table by whose values its rows are told apart or joined."""
        joined = {
            reference.to
            for table in self.settings.tables
            for reference in table.references
            if reference.table == settings.name
        }
        own = {*settings.key, settings.group, *(reference.column for reference in settings.references)}
        return (joined | own) - {""}

    def _reflect(self, settings: TableSettings) -> sa.Table:
        schema, _, name = settings.name.rpartition(".")
        with translated(self.system, "reflect", settings.name), self.engine.connect() as connection:
            inspector = sa.inspect(connection)
            if not inspector.has_table(name, schema=schema or None):
                raise Misconfigured(
                    f"The system {self.system} has no table {settings.name}, or its user may not see it; "
                    "mend the key tables or grant the right."
                )
            # Its columns alone: keys, indexes and constraints take a statement each, and serve nothing.
            columns = inspector.get_columns(name, schema=schema or None)
            dialect = connection.dialect.name
            takes_back = can_take_back(connection, name, schema)
            codec = codec_of(connection)
        table = sa.Table(name, sa.MetaData(), *(_column(column, dialect) for column in columns), schema=schema or None)
        table.info |= {TAKES_BACK: takes_back, CODEC: codec}
        _check_columns(self.system, settings, table.columns.keys())
        check_blanks(settings, columns, dialect)
        if has_odd_letters(settings):
            with translated(self.system, "reflect", settings.name), self.engine.connect() as connection:
                check_letters(connection, table, settings)
        _check_compared(self.system, table, self._compared(settings))
        _check_version(settings, table)
        _check_file(settings, table)
        in_fields = (item.where for part in (settings.rectify, settings.fields) for of in part.values() for item in of)
        for where in (settings.where, *(reference.where for reference in settings.references), *in_fields):
            _check_where(settings, table, where)
        return table


def _check_compared(system: str, table: sa.Table, names: Iterable[str]) -> None:
    """A column by which rows are told apart or joined holds one plain value: two others cannot be called the same."""
    for name in names:
        if isinstance(table.c[name].type, _NOT_PLAIN):
            raise Misconfigured(
                f"The column {name} of the table {table.name} of the system {system} is of the type "
                f"{table.c[name].type.__visit_name__.lower()}, by whose values rows cannot be told apart; name another "
                "column as key, group or reference, or a view in which it is text."
            )


def _check_columns(system: str, settings: TableSettings, present: Iterable[str]) -> None:
    missing = settings.columns - set(present)
    if missing:
        raise Misconfigured(
            f"The table {settings.name} of the system {system} has no column {', '.join(sorted(missing))}; "
            "mend its section in the key tables."
        )


def _check_file(settings: TableSettings, table: sa.Table) -> None:
    """The column is cleared when its file goes, by which it is known that nothing is missing."""
    if settings.file and table.c[settings.file.column].computed is not None:
        raise Misconfigured(
            f"The key file of the table {settings.name} names a column that the database computes, which cannot be "
            "cleared when the file goes; name one that can be written."
        )


def _check_version(settings: TableSettings, table: sa.Table) -> None:
    if settings.version and not isinstance(table.c[settings.version].type, sa.Integer):
        raise Misconfigured(
            f"The key version of the table {settings.name} names a column that holds no whole numbers; name the one "
            "that your programs raise with each change, or leave the key out."
        )


def _check_where(settings: TableSettings, table: sa.Table, where: Where) -> None:
    """A value of another type than the column's would find nothing, or be an error in the middle of a case."""
    for name, value in where.items():
        wanted = _python_type(table.c[name])
        values = value if isinstance(value, tuple) else (value,)
        if wanted is not None and not all(type(item) is wanted for item in values):
            raise Misconfigured(
                f"The key where of the table {settings.name} compares the column {name} with a value of another type; "
                f"write {_TYPE_WORDS[wanted]}."
            )


def _python_type(column: sa.Column[object]) -> type | None:
    try:
        wanted = column.type.python_type
    except NotImplementedError:
        return None
    return wanted if wanted in _TYPE_WORDS else None


def _column(read: ReflectedColumn, dialect: str) -> sa.Column[Any]:
    """A column as it was read; one that the database computes itself is marked, since it cannot be written."""
    kind: TypeEngine[Any] = read["type"]
    while isinstance(kind, postgresql.DOMAIN):
        # A type of the operator's own holds what the type holds that it was made of.
        kind = kind.data_type
    kind = _kept_as_text(kind) if dialect == "sqlite" else kind
    kind = mysql_types.read_as(kind) if dialect in mysql_session.NAMES else kind
    identity = read.get("identity")
    is_computed = "computed" in read or bool(identity and identity["always"])
    return sa.Column(read["name"], kind, *([sa.Computed("")] if is_computed else []))


def _kept_as_text(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """SQLite has no type for times: read and compare the text as it was written, whatever its precision."""
    if isinstance(kind, sa.DateTime | sa.Date | sa.Time):
        return DayText() if isinstance(kind, sa.Date) else MomentText()
    return kind


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
        return _postgres_engine(url, timeout, common)
    try:
        if backend in mysql_session.NAMES:
            return _mysql_engine(mysql_session.with_driver(url), timeout, common)
        return sa.create_engine(url, **common)
    except (ArgumentError, ImportError, sa.exc.NoSuchModuleError):
        extra = ", as rightsflow[mysql] does" if backend in mysql_session.NAMES else ""
        raise Misconfigured(
            f"There is no driver for {backend} databases; install it beside rightsflow{extra}."
        ) from None


def _postgres_engine(url: URL, timeout: int, common: dict[str, object]) -> Engine:
    arguments = _postgres_arguments(url, timeout)
    engine = sa.create_engine(url.set(drivername="postgresql+psycopg"), connect_args=arguments, **common)
    # The driver is installed only where PostgreSQL is used.
    from connectors.sql.any_bytes import read_any_bytes  # noqa: PLC0415
    from connectors.sql.odd_values import read_odd_values  # noqa: PLC0415

    event.listen(engine, "connect", read_odd_values)
    event.listen(engine, "connect", read_any_bytes)
    event.listen(engine, "connect", _prepare_postgres)
    return engine


def _mysql_engine(url: URL, timeout: int, common: dict[str, object]) -> Engine:
    # Each look inside a transaction sees what is there now, as in PostgreSQL, and not what was there when it began.
    arguments = mysql_session.arguments(url, timeout)
    engine = sa.create_engine(url, connect_args=arguments, isolation_level="READ COMMITTED", **common)
    mysql_session.prepare_sessions(engine, timeout)
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


def _prepare_postgres(connection: psycopg.Connection, _record: object) -> None:
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
