"""Tables in CSV files as a database: loaded into memory, changed there, and written back before a commit.

Everything else is that of a relational system. Each thread has a database of its own in memory, which is loaded anew
when a session opens and the files are no longer those that were read.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from connectors.sql.client import SqlDatabase, count_statements
from connectors.sql.csv_files import CsvFile, CsvTable, read_table
from connectors.sql.layouts import matching
from connectors.sql.settings import SqlSettings
from connectors.sql.stores import FsspecStore
from rightsflow.domain.errors import Misconfigured, Transient

_ROW: Final = "_rowid_"
_Row = tuple[Any, ...]


@dataclass(slots=True)
class _File:
    """A file that was read, and where its rows are.

    Args:
        path: The file.
        table: Its content.
        digest: That of its bytes.
        numbers: By the number of a row in memory, that of its line.
    """

    path: str
    table: CsvTable
    digest: bytes
    numbers: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Memory:
    """The database of one thread.

    Args:
        engine: Opens sessions of it.
        keeper: The connection without which it would be gone.
        opened: How many sessions are open.
        files: What was read, by the tables' names.
        rows: The rows as they were loaded, by the tables' names and their numbers.
    """

    engine: Engine
    keeper: sqlite3.Connection
    opened: int = 0
    files: dict[str, list[_File]] = field(default_factory=dict)
    rows: dict[str, dict[int, _Row]] = field(default_factory=dict)


class CsvDatabase(SqlDatabase):
    """The tables of one system that are CSV files in its location.

    Args:
        system: The system's name in the configuration.
        settings: Its section.
        store: Where the files are.
    """

    def __init__(self, system: str, settings: SqlSettings, store: FsspecStore) -> None:
        super().__init__(system, settings)
        self._store = store
        self._csv = {table.name: table.csv for table in settings.tables if table.csv}
        self._local = threading.local()

    @property
    def engine(self) -> Engine:
        """The engine of this thread; a session that it opens sees the files as they are now.

        Raises:
            Misconfigured: A file is not as the settings say.
            Transient: A file is cut, or the location does not answer.
        """
        return self._memory.engine

    @property
    def reading(self) -> Engine:
        """The same."""
        return self.engine

    def looking(self, seconds: int) -> Engine:  # noqa: ARG002 - memory answers at once
        """The same: what is written in memory alone changes no file."""
        return self.engine

    def is_writable(self, connection: Connection) -> bool:  # noqa: ARG002 - the location says that
        """Return true: whether its files can be changed, their location says."""
        return True

    def close(self) -> None:
        """Forget what this thread has read."""
        self._local = threading.local()

    @property
    def _memory(self) -> _Memory:
        memory: _Memory | None = getattr(self._local, "memory", None)
        if memory is None:
            name = f"file:/rightsflow-{uuid4()}?vfs=memdb"
            engine = sa.create_engine(
                f"sqlite:///{name}&uri=true",
                hide_parameters=True,
                poolclass=sa.NullPool,
                connect_args={"timeout": self.settings.timeout_seconds},
            )
            memory = self._local.memory = _Memory(engine, sqlite3.connect(name, uri=True, isolation_level=None))
            count_statements(engine, self.system)
            event.listen(engine, "do_connect", partial(self._before_session, memory))
            event.listen(engine, "connect", partial(_count, memory, 1))
            event.listen(engine, "close", partial(_count, memory, -1))
            event.listen(engine, "commit", partial(self._write_back, memory))
        return memory

    def _before_session(self, memory: _Memory, *_: object) -> None:
        # Within a session, what it has read stays.
        if not memory.opened:
            self._load(memory)

    def _load(self, memory: _Memory) -> None:
        """Read the files, and load the tables of which one has changed."""
        for name, settings in self._csv.items():
            contents = {path: b"".join(self._store.read(path)) for path in self._paths(settings)}
            digests = {path: hashlib.sha256(content).digest() for path, content in contents.items()}
            if name in memory.files and digests == {file.path: file.digest for file in memory.files[name]}:
                continue
            tables = {path: read_table(content, settings, self.system) for path, content in contents.items()}
            memory.files.pop(name, None)
            self._fill(memory, name, [_File(path, table, digests[path]) for path, table in tables.items()])

    def _paths(self, settings: CsvFile) -> list[str]:
        paths = sorted(path for path in matching(settings.path, self._store) if not _is_hidden(path))
        if not paths:
            raise Misconfigured(
                f"The system {self.system} has no file {settings.path}; mend the keys csv.path and files."
            )
        return paths

    def _fill(self, memory: _Memory, name: str, files: list[_File]) -> None:
        columns = files[0].table.columns
        if any({*file.table.columns} != {*columns} for file in files):
            raise Misconfigured(
                f"The files {self._csv[name].path} of the system {self.system} have different columns; export them "
                "alike, or write a table for each."
            )
        if name in self._tables and [*self._tables[name].columns.keys()] != [*columns]:
            # A later export has other columns. One with the same columns stays the same table to who uses it now.
            self._tables.pop(name, None)
        keeper, quoted = memory.keeper, [_quoted(column) for column in columns]
        keeper.execute("BEGIN")
        keeper.execute(f"DROP TABLE IF EXISTS {_quoted(name)}")
        keeper.execute(f"CREATE TABLE {_quoted(name)} ({', '.join(f'{column} TEXT' for column in quoted)})")
        number, rows = 0, dict[int, _Row]()
        for file in files:
            order = [file.table.columns.index(column) for column in columns]
            for place, line in enumerate(file.table.lines):
                if line.values:
                    number += 1
                    file.numbers[number] = place
                    rows[number] = tuple(line.values[index] for index in order)
        marks = ", ".join("?" * (len(columns) + 1))
        statement = f"INSERT INTO {_quoted(name)} ({_ROW}, {', '.join(quoted)}) VALUES ({marks})"  # noqa: S608 - names
        keeper.executemany(statement, ((number, *row) for number, row in rows.items()))
        keeper.execute("COMMIT")
        memory.files[name], memory.rows[name] = files, rows

    def _write_back(self, memory: _Memory, connection: Connection) -> None:
        """Write the files of which a session changed rows; it is rolled back if one cannot be written."""
        if not connection.connection.dbapi_connection.total_changes:  # type: ignore[union-attr]
            return
        try:
            self._write_files(memory, connection)
        except BaseException:
            # Some may be written: what memory holds after the rollback is not what they hold, so it is loaded anew.
            memory.files.clear()
            raise

    def _write_files(self, memory: _Memory, connection: Connection) -> None:
        for name, files in memory.files.items():
            columns = files[0].table.columns
            statement = f"SELECT {_ROW}, {', '.join(map(_quoted, columns))} FROM {_quoted(name)}"  # noqa: S608 - names
            now = {number: tuple(row) for number, *row in connection.exec_driver_sql(statement)}
            before = memory.rows[name]
            gone = before.keys() - now.keys()
            changed = {number: _changes(columns, before[number], now[number]) for number in before.keys() & now.keys()}
            changed = {number: values for number, values in changed.items() if values}
            for file in (item for item in files if item.numbers.keys() & (gone | changed.keys())):
                self._write(file, gone, changed)
            memory.rows[name] = now

    def _write(self, file: _File, gone: Collection[int], changed: Mapping[int, Mapping[str, str]]) -> None:
        content = file.table.without(
            frozenset(place for number, place in file.numbers.items() if number in gone),
            {place: changed[number] for number, place in file.numbers.items() if number in changed},
        )
        if hashlib.sha256(b"".join(self._store.read(file.path))).digest() != file.digest:
            message = "A CSV file was written by another program meanwhile; it is tried again."
            raise Transient(message, system=self.system, operation="erase")
        file.table = read_table(content, file.table.settings, self.system)
        self._store.replace(file.path, content)
        file.digest = hashlib.sha256(content).digest()
        places = (place for place, line in enumerate(file.table.lines) if line.values)
        file.numbers = dict(zip([number for number in file.numbers if number not in gone], places, strict=True))


def _changes(columns: tuple[str, ...], before: _Row, now: _Row) -> dict[str, str]:
    pairs = zip(columns, before, now, strict=True)
    return {name: "" if new is None else str(new) for name, old, new in pairs if old != new}


def _count(memory: _Memory, step: int, *_: object) -> None:
    memory.opened += step


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _is_hidden(path: str) -> bool:
    return path.rpartition("/")[2].startswith(".")
