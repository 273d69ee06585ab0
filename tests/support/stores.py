"""Empty case stores without the migrations' price, which is several times that of most tests.

Each process migrates one store of each sort in earnest, and makes the others after it: on SQLite by a copy of its file,
on PostgreSQL by what the migrations said to the server. The migrations themselves are tested in ``test_database``, and
that no difference can be seen in ``test_set_up``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event, inspect

from rightsflow.store import Database

_SCRIPTS: list[str] = []
"""What the migrations said to the first PostgreSQL database, once they have."""


_COMPILED: dict[str, tuple[Any, Any]] = {}
"""The dialect and the compiled statements that stores of one sort share."""


def set_up(database: Database) -> None:
    """Give a database that no one has used the tables of this version; any other is migrated."""
    path = Path(database.engine.url.database or "")
    if database.engine.dialect.name == "postgresql":
        _set_up_postgres(database)
    elif path.exists():
        database.migrate()
    else:
        path.write_bytes(sqlite_file())
    share_statements(database)


def without_waiting_for_the_disk(database: Database) -> Database:
    """The same database: nothing has to outlive the tests, and every commit would wait in the disk's queue."""
    if database.engine.dialect.name == "sqlite":
        event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return database


def share_statements(database: Database) -> Database:
    """The same database: SQLAlchemy compiles each statement once for all stores of this process, and not for each."""
    name = database.engine.dialect.name
    if name not in _COMPILED:
        # What it asks the database about itself, it asks at the first connection.
        database.engine.connect().close()
        _COMPILED[name] = (database.engine.dialect, database.engine._compiled_cache)
    for engine in (database.engine, database._reader):
        engine.dialect, engine._compiled_cache = _COMPILED[name]
    return database


@cache
def sqlite_file() -> bytes:
    """A case store on SQLite as the migrations leave it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.db"
        database = without_waiting_for_the_disk(Database(f"sqlite:///{path}"))
        database.migrate()
        # Closing the last connection brings the write-ahead log into the file.
        database.close()
        return path.read_bytes()


def _set_up_postgres(database: Database) -> None:
    if database.is_current():
        return
    if inspect(database.engine).get_table_names():
        database.migrate()
    elif _SCRIPTS:
        with database.engine.begin() as connection:
            connection.connection.cursor().execute(_SCRIPTS[0])
    else:
        with _overheard(database) as said:
            database.migrate()
        _SCRIPTS.append(";\n".join(said))


@contextmanager
def _overheard(database: Database) -> Iterator[list[str]]:
    """What is said to a PostgreSQL database that changes something, its values in their places."""
    said: list[str] = []

    def hear(_connection: Any, cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        writing = psycopg.ClientCursor(cursor.connection)
        if not statement.lstrip().upper().startswith(("SELECT", "SET LOCAL")):
            said.extend(writing.mogrify(statement, one) for one in (parameters if many else [parameters]))

    event.listen(database.engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(database.engine, "before_cursor_execute", hear)
