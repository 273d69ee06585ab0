"""The case store on both databases, fresh per test, with a clock that the test moves."""

from __future__ import annotations

import pytest

from rightsflow.store import Database, Store
from rightsflow.vault import MasterKey
from tests.support.casework import SECRET, Clock
from tests.support.stores import set_up, without_waiting_for_the_disk


@pytest.fixture
def postgres(request, postgres_server):
    has_tables = {"database", "postgres_database"} & set(request.fixturenames)
    with postgres_server.store(_make_tables) if has_tables else postgres_server.database() as database:
        yield database


def _make_tables(url: str) -> None:
    made = Database(url)
    set_up(made)
    made.close()


@pytest.fixture
def sqlite_url(tmp_path):
    return f"sqlite:///{tmp_path / 'cases.db'}"


@pytest.fixture
def postgres_url(postgres):
    return postgres.url()


@pytest.fixture(params=["sqlite_url", "postgres_url"], ids=["sqlite", "postgres"])
def url(request):
    """The same test on each of the databases."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def database(url):
    made = without_waiting_for_the_disk(Database(url))
    set_up(made)
    yield made
    made.close()


@pytest.fixture
def postgres_database(postgres_url):
    """For what only PostgreSQL lets happen: several writers at once."""
    made = Database(postgres_url)
    set_up(made)
    yield made
    made.close()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(database, clock):
    return Store(database, MasterKey(SECRET), clock)
