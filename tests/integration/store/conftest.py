"""The case store on both databases, fresh per test, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rightsflow.store import Database, Store
from rightsflow.vault import MasterKey
from tests.support.casework import SECRET, Clock
from tests.support.peers.postgres import PostgresDatabase, PostgresServer
from tests.support.stores import set_up, without_waiting_for_the_disk


@pytest.fixture
def postgres(request: pytest.FixtureRequest, postgres_server: PostgresServer) -> Iterator[PostgresDatabase]:
    has_tables = {"database", "postgres_database"} & set(request.fixturenames)
    with postgres_server.store(_make_tables) if has_tables else postgres_server.database() as database:
        yield database


def _make_tables(url: str) -> None:
    made = Database(url)
    set_up(made)
    made.close()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'cases.db'}"


@pytest.fixture
def postgres_url(postgres: PostgresDatabase) -> str:
    return postgres.url()


@pytest.fixture(params=["sqlite_url", "postgres_url"], ids=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """The same test on each of the databases."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    made = without_waiting_for_the_disk(Database(url))
    set_up(made)
    yield made
    made.close()


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[Database]:
    """For what only PostgreSQL lets happen: several writers at once."""
    made = Database(postgres_url)
    set_up(made)
    yield made
    made.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(database: Database, clock: Clock) -> Store:
    return Store(database, MasterKey(SECRET), clock)
