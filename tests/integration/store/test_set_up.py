"""A store that was made after another is one that was migrated."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import inspect, text

from rightsflow.store import Database, Store
from rightsflow.vault import MasterKey
from tests.support.casework import SECRET, Clock, opened
from tests.support.peers.postgres import PostgresServer
from tests.support.stores import set_up

SEEN_ON = {
    "sqlite": ("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2",),
    "postgresql": (
        """SELECT table_name, ordinal_position, column_name, data_type, is_nullable, column_default,
        character_maximum_length FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2""",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2",
        """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2""",
        """SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal ORDER BY 1, 2""",
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
    ),
}


def picture(database: Database) -> dict[str, list[Any]]:
    """Everything that a migration makes, and every row that it writes."""
    with database.engine.connect() as connection:
        made = {query: _rows(connection, query) for query in SEEN_ON[database.engine.dialect.name]}
        tables = inspect(connection).get_table_names()
        return made | {table: _rows(connection, f'SELECT * FROM "{table}"') for table in tables}


def _rows(connection: Any, query: str) -> list[Any]:
    return [tuple(map(_told, row)) for row in connection.execute(text(query))]


def _told(value: Any) -> Any:
    """A value as it can be compared: a table that a migration made anew has its constraints in any order."""
    if isinstance(value, str) and value.startswith("CREATE TABLE"):
        columns, constraints = [], []
        for line in value.splitlines():
            said = line.strip().removesuffix(",")
            (constraints if said.startswith("CONSTRAINT") else columns).append(said)
        return (*columns, *sorted(constraints))
    return value


@pytest.fixture(params=["sqlite", "postgresql"])
def urls(request, tmp_path):
    """Three databases that no one has used."""
    if request.param == "sqlite":
        yield tuple(f"sqlite:///{tmp_path / name}.db" for name in ("one", "two", "three"))  # type: ignore[misc]
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database() as one, server.database() as two, server.database() as three:
        yield one.url(), two.url(), three.url()


@pytest.mark.apart
def test_no_difference_can_be_seen(urls):
    migrated, *others = (Database(url) for url in urls)
    migrated.migrate()
    expected = picture(migrated)
    assert sum(map(len, expected.values())) > 40
    for other in others:
        set_up(other)
        assert picture(other) == expected
        assert other.is_current()
        set_up(other)
        assert picture(other) == expected, "once more changes nothing"
        other.close()
    migrated.close()


CHANGES = {
    "nothing": "",
    "a column": "ALTER TABLE cases ADD COLUMN more integer",
    "the version": "UPDATE alembic_version SET version_num = '0'",
    "a trigger": "ALTER TABLE cases DISABLE TRIGGER ALL",
    "a right": "GRANT SELECT ON cases TO PUBLIC",
}


@pytest.mark.apart
def test_what_a_test_used_is_as_it_was_for_the_next_one(postgres_server):
    """Rows go; where anything else was changed, the tables are made anew."""
    server, made, pictures = replace(postgres_server, free=[], stores=[], marks={}, rows={}), [], []

    def make(url: str) -> None:
        made.append(url)
        database = Database(url)
        set_up(database)
        database.close()

    for change in ("", *CHANGES.values(), ""):
        with server.store(make) as one:
            database = Database(one.url())
            pictures.append(picture(database))
            opened(Store(database, MasterKey(SECRET), Clock()))
            with database.engine.begin() as connection:
                connection.execute(text(change or "SELECT 1"))
            database.close()
    assert all(one == pictures[0] for one in pictures)
    assert len(made) == len(CHANGES)
