"""SQLite keeps overwritten values in its log and, where it is not told otherwise, in free pages; both are cleared."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from functools import partial

import pytest

from deployments.local.remains import Clearing, clear_all, clear_log
from tests.support.canary import Scanner

OLD = "overwritten-zither-4711"
SCANNER = Scanner({"old value": OLD})


@pytest.fixture
def database(tmp_path):
    """A database in the log mode of Prefect's server, with a value overwritten by a connection that stays open."""
    file = tmp_path / "prefect.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as server:
        server.execute("PRAGMA journal_mode=WAL")
        server.execute("PRAGMA secure_delete=ON")
        server.execute("CREATE TABLE flow_run (parameters TEXT)")
        server.execute("INSERT INTO flow_run VALUES (?)", (OLD,))
        server.execute("UPDATE flow_run SET parameters = 'sealed'")
        yield file, server


def where(file):
    return {path.name for path in file.parent.iterdir() if SCANNER.scan(path.read_bytes(), path.name)}


def test_the_log_is_cut_while_the_server_runs(database):
    file, server = database
    assert where(file) == {"prefect.db-wal"}
    assert clear_log(file)
    assert where(file) == set()
    assert server.execute("SELECT parameters FROM flow_run").fetchall() == [("sealed",)]


def test_a_reader_in_the_way_is_waited_for_and_told_of(database):
    file, _ = database
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM flow_run").fetchall()
        assert not clear_log(file, lock_wait=0.05)
        reader.execute("COMMIT")
    assert clear_log(file)
    assert where(file) == set()


def test_it_is_done_in_the_background(database):
    file, _ = database
    clearing = Clearing(partial(clear_log, file), 0.01, 0.01)
    waiting = threading.Event()
    for _ in range(500):
        if not where(file):
            break
        waiting.wait(0.01)
    clearing.end()
    assert where(file) == set()
    assert not clearing._thread.is_alive()


@pytest.mark.parametrize("securely", [True, False])
def test_a_database_that_nobody_uses_is_cleared_wholly(tmp_path, securely):
    file = tmp_path / "prefect.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as server:
        server.execute("PRAGMA journal_mode=WAL")
        server.execute(f"PRAGMA secure_delete={'ON' if securely else 'OFF'}")
        server.execute("CREATE TABLE flow_run (parameters TEXT)")
        server.executemany("INSERT INTO flow_run VALUES (?)", [(f"{OLD} {'x' * 500}",)] * 50)
        server.execute("DELETE FROM flow_run")
    assert bool(where(file)) is not securely, "the closing alone does not clear what was not deleted securely"
    clear_all(file, lambda: securely)
    assert where(file) == set()


def test_a_damaged_or_missing_database_stops_nobody(tmp_path):
    clear_all(tmp_path / "none.db")
    assert clear_log(tmp_path / "none.db")
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database at all" * 100)
    (tmp_path / "broken.db-wal").write_bytes(b"no log either")
    assert not clear_log(broken)
    clear_all(broken, lambda: False)
    assert broken.exists()
