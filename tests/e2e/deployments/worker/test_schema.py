"""A worker beside a case store of another version: it says so, takes no runs, and goes on once the versions fit."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import text

from deployments.worker.preparation import SchemaWatch
from rightsflow.store import Database
from rightsflow.store.tables import REVISION
from tests.e2e.deployments.worker import flows
from tests.e2e.deployments.worker.rig import read
from tests.support.stores import set_up

OLDER, NEWER = "0000", "9999"


@pytest.fixture
def put_at(tmp_path, monkeypatch):
    """Set the revision of this environment's case store, as another version's ``migrate`` does."""
    # By its address the connection is kept, and a passed test's folder is removed, so that its name comes again.
    url = f"sqlite:///{tmp_path / uuid4().hex}.db"
    database = Database(url)
    set_up(database)
    # The session's worker, which looks at it too, finds it whole.
    monkeypatch.setenv("RIGHTSFLOW_DATABASE_URL", url)

    def put(revision):
        with database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :one"), {"one": revision})

    yield put
    database.close()


@pytest.mark.parametrize(
    ("revision", "sentence"),
    [(NEWER, "newer than this version of Rightsflow"), (OLDER, "and run `rightsflow service migrate`")],
)
def test_a_store_of_another_version_is_told_once(put_at, caplog, revision, sentence):
    """Before, a worker took every run and failed it."""
    watch = SchemaWatch()
    assert watch.may_work()
    put_at(revision)
    assert [watch.may_work() for _ in range(3)] == [False] * 3
    (told,) = caplog.messages
    assert "This worker takes no runs" in told
    assert sentence in told
    put_at(REVISION)
    assert watch.may_work()
    assert len(caplog.messages) == 2


def test_a_store_that_is_not_there_is_not_made(tmp_path, monkeypatch):
    monkeypatch.setenv("RIGHTSFLOW_DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    assert SchemaWatch().may_work()
    assert not list(tmp_path.iterdir())


@pytest.mark.apart
def test_the_worker_takes_no_run_until_the_versions_fit(put_at, working, order, name):
    put_at(NEWER)
    run_id = order(flows.short, name=name)

    def ask():
        return asyncio.run_coroutine_threadsafe(working.worker.get_and_submit_flow_runs(), working._loop).result(60)

    assert ask() == []
    assert read(run_id).state.is_scheduled()
    put_at(REVISION)
    assert [run.id for run in ask()] == [run_id]
