"""The connection to the case store: SQLite beside the configuration, or PostgreSQL by URL."""

from __future__ import annotations

import select
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from sqlalchemy import Connection, Insert, create_engine, event, inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from rightsflow.domain.errors import Misconfigured, Transient
from rightsflow.store.tables import REVISION, Base


class _DriverConnection(Protocol):
    """The part of a PostgreSQL driver's connection that is used here."""

    def execute(self, query: str) -> object: ...
    def commit(self) -> None: ...
    def fileno(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Waits:
    """The waiting times for the database.

    Args:
        lock_seconds: For another transaction's lock.
        connect_seconds: For a connection, where the URL does not say otherwise.
        pool_seconds: For one that another thread of this process gives back.
    """

    lock_seconds: float = 60.0
    connect_seconds: int = 10
    pool_seconds: float = 30.0


_WAITS = Waits()
_COLLISIONS = frozenset({"40001", "40P01"})
"""PostgreSQL's codes for a serialization failure and a deadlock (its manual, appendix A)."""
_NO_DATABASE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY = 0xFF
"""The part of SQLite's result code that says what happened; the rest says where."""
_DISK_FAULTS: dict[int | str, str] = {
    sqlite3.SQLITE_FULL: "The disk of {place} is full; free space there, then it goes on.",
    sqlite3.SQLITE_READONLY: (
        "{place} cannot be written; mount its disk for writing, and give this account the right to write there."
    ),
    sqlite3.SQLITE_CANTOPEN: "{place} cannot be opened; check that its folder is there and can be written.",
    sqlite3.SQLITE_IOERR: "The disk of {place} reports a fault or is full; check the disk, then it goes on.",
    "53100": "The disk of the server of {place} is full; free space there, then it goes on.",
    "58030": "The disk of the server of {place} reports a fault; check the disk, then it goes on.",
    "25006": "The server of {place} only reads; name the server that writes in RIGHTSFLOW_DATABASE_URL.",
}
"""SQLite's result codes (sqlite.org/rescode.html), and PostgreSQL's (its manual, appendix A)."""
_READ_ONLY, _PASSING, _SYNCHRONOUS = "rightsflow_read_only", "rightsflow_passing", "rightsflow_synchronous"
_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class Database:
    """The case store's database.

    Args:
        url: A SQLAlchemy URL; ``sqlite:///…`` or ``postgresql+psycopg://…`` (``postgresql://`` is read as that).

    Raises:
        Misconfigured: The URL is not one of these.
    """

    def __init__(self, url: str, waits: Waits = _WAITS) -> None:
        self.url = url
        self.waits = waits
        self.engine = _engine(url, waits)
        file = self.engine.url.database if self.engine.dialect.name == "sqlite" else ""
        self._place = f"the case store ({file})" if file else "the case store"
        is_postgresql = self.engine.dialect.name == "postgresql"
        self._reader = self.engine.execution_options(**(_SNAPSHOT if is_postgresql else {_READ_ONLY: True}))

    def migrate(self) -> None:
        """Create or upgrade the tables to this version's.

        Raises:
            Misconfigured: The tables are those of a newer version, or the file is no database.
            Transient: The database does not answer.
        """
        self._revision()
        # Late: it is needed once, and takes 8 MB of every process.
        from rightsflow.store.migrating import upgrade  # noqa: PLC0415

        with _plain_faults(self._place), self.engine.begin() as connection:
            upgrade(connection)

    def is_current(self) -> bool:
        """Return whether the tables are those of this version.

        Raises:
            Misconfigured: They are those of a newer version, or the file is no database.
            Transient: The database does not answer.
        """
        return self._revision() == REVISION

    def why_not_ours(self) -> str:
        """Return why this version must not use the tables, in a sentence; empty if it may, or if there are no tables.

        Raises:
            Misconfigured: They are those of a newer version, or the file is no database.
            Transient: The database does not answer.
        """
        present = self._revision()
        if present in {None, REVISION}:
            return ""
        return (
            f"The case store is older than this version of Rightsflow: it is at revision {present}, and this one needs "
            f"{REVISION}; stop the workers of the older version and run `rightsflow service migrate`."
        )

    def _revision(self) -> str | None:
        """Return the revision of the tables; ``None`` if there are none."""
        with _plain_faults(self._place), self.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            present: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        if present is not None and present > REVISION:
            raise Misconfigured(
                f"The case store is newer than this version of Rightsflow: it is at revision {present}, and this one "
                f"knows {REVISION}; use the version that set it up, or a newer one."
            )
        return present

    @contextmanager
    def transaction(self, *, passing: bool = False) -> Iterator[Session]:
        """Open a unit of work: everything in it is stored, or nothing.

        Args:
            passing: Whether it need not outlive a power cut.

        Raises:
            Transient: The database does not answer or is locked; nothing was stored.
        """
        with _plain_faults(self._place), Session(self.engine, expire_on_commit=False) as session, session.begin():
            if passing:
                self._let_pass(session)
            yield session

    def _let_pass(self, session: Session) -> None:
        connection = session.connection(execution_options={_PASSING: True})
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a read-only view of a single moment, for which no writer waits.

        Raises:
            Transient: The database does not answer.
        """
        with _plain_faults(self._place), Session(self._reader, expire_on_commit=False) as session, session.begin():
            yield session

    def passing(self) -> AbstractContextManager[Session]:
        """Open a unit of work that need not survive a power cut, since its subject does not; no wait for the disk.

        Raises:
            Transient: The database does not answer or is locked; nothing was stored.
        """
        return self.transaction(passing=True)

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()


@contextmanager
def _plain_faults(place: str) -> Iterator[None]:
    """Replace the database's own messages, which quote the values they stumbled on."""
    try:
        yield
    except (OperationalError, PoolTimeout) as error:
        raise Transient(_disk_fault(error, place) or _passing_fault(error), system="case store") from None
    except DBAPIError as error:
        if getattr(error.orig, "sqlite_errorcode", None) in _NO_DATABASE:
            raise Misconfigured(
                "The case store's file is no SQLite database, or is damaged; check RIGHTSFLOW_DATABASE_URL and "
                "RIGHTSFLOW_HOME, or restore the file from a backup."
            ) from None
        if fault := _disk_fault(error, place):
            raise Transient(fault, system="case store") from None
        raise RuntimeError(f"The case store refused a statement ({type(error.orig).__name__}).") from None
    except SQLAlchemyError as error:
        raise RuntimeError(f"The case store was used wrongly ({type(error).__name__}).") from None


def _passing_fault(error: SQLAlchemyError) -> str:
    if _state_of(error) in _COLLISIONS:
        return "Two processes stood in each other's way; it is tried again."
    return "The case store does not answer or is locked; check RIGHTSFLOW_DATABASE_URL and that the database runs."


def _disk_fault(error: SQLAlchemyError, place: str) -> str:
    """Return the fault of the database's disk, in words; empty if there is none."""
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", 0) & _PRIMARY
    fault = (_DISK_FAULTS.get(code) or _DISK_FAULTS.get(_state_of(error), "")).format(place=place)
    return fault[:1].upper() + fault[1:]


def _state_of(error: SQLAlchemyError) -> str:
    """PostgreSQL's code; empty for other faults."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""


def _engine(url: str, waits: Waits) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Misconfigured(
            "RIGHTSFLOW_DATABASE_URL is not a database URL; give sqlite:///… or postgresql://…."
        ) from None
    if parsed.get_backend_name() == "postgresql":
        return _postgres_engine(parsed.set(drivername="postgresql+psycopg"), waits)
    if parsed.get_backend_name() != "sqlite":
        raise Misconfigured("RIGHTSFLOW_DATABASE_URL names another database; use SQLite or PostgreSQL.")
    engine = create_engine(parsed, connect_args={"timeout": waits.lock_seconds}, pool_timeout=waits.pool_seconds)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgres_engine(url: URL, waits: Waits) -> Engine:
    limits = {} if "connect_timeout" in url.query else {"connect_timeout": waits.connect_seconds}
    engine = create_engine(url, pool_recycle=1800, pool_timeout=waits.pool_seconds, connect_args=limits)
    event.listen(engine, "connect", partial(_limit_waiting, waits.lock_seconds))
    event.listen(engine, "checkout", _refuse_dead)
    return engine


def _limit_waiting(seconds: float, connection: _DriverConnection, _record: object) -> None:
    """Limit the wait for another's lock as on SQLite; by default the server would wait forever."""
    connection.execute(f"SET lock_timeout = {round(seconds * 1000)}")
    connection.commit()


def _refuse_dead(connection: _DriverConnection, _record: object, _proxy: object) -> None:
    """Refuse a connection that the server has closed, recognised by unread data on an idle connection.

    ``pool_pre_ping`` asks the server before each use; a case takes a hundred transactions within a second.
    """
    farewell = select.poll()
    farewell.register(connection.fileno(), select.POLLIN)
    if farewell.poll(0):
        raise DisconnectionError


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not start transactions by itself: _begin_sqlite does.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once, unless nothing can be written.

    A reader that becomes a writer later would fail where it could have waited.
    """
    options = connection.get_execution_options()
    is_reading = bool(options.get(_READ_ONLY))
    # The connection is used again, by others too.
    if connection.info.get(_READ_ONLY, False) is not is_reading:
        connection.exec_driver_sql(f"PRAGMA query_only={int(is_reading)}")
        connection.info[_READ_ONLY] = is_reading
    is_passing = bool(options.get(_PASSING))
    if connection.info.get(_PASSING, False) is not is_passing:
        if _SYNCHRONOUS not in connection.info:
            connection.info[_SYNCHRONOUS] = connection.exec_driver_sql("PRAGMA synchronous").scalar()
        safe = connection.info[_SYNCHRONOUS]
        connection.exec_driver_sql(f"PRAGMA synchronous={'NORMAL' if is_passing else safe}")
        connection.info[_PASSING] = is_passing
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")


def insert_unless_there(session: Session, table: type[Base], values: Mapping[str, object]) -> Insert:
    """Return an insertion that does nothing where a unique key is taken, also by another at the same moment.

    Args:
        session: The open transaction.
        table: The table.
        values: The row.
    """
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table).values(values).on_conflict_do_nothing()
    return sqlite.insert(table).values(values).on_conflict_do_nothing()
