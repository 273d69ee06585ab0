"""The same on a real MariaDB, whose users see the foreign keys of only those tables in which they have a right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.registry import ControllerPlace
from connectors.sql import SqlConnector, SqlSettings
from rightsflow.config.sections.section import validate
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, PresenceState, RecordRef
from tests.support.peers.mariadb import MariaDatabase, MariaServer, running_mariadb

pytestmark = [pytest.mark.apart, pytest.mark.xdist_group("mariadb")]

KNOWN = frozenset({identifier(IdentifierKind.EMAIL, "anna@example.com")})
PEOPLE: dict[str, Any] = {"name": "people", "key": ["id"], "identities": [{"column": "email", "kind": "email"}]}
RIGHTS = ["SELECT", "UPDATE", "DELETE", "SHOW VIEW"]


@pytest.fixture(scope="module")
def server() -> Iterator[MariaServer]:
    with running_mariadb() as one:
        yield one


@pytest.fixture
def people(server: MariaServer) -> Iterator[MariaDatabase]:
    with server.database() as one:
        one.run(
            "CREATE TABLE people (id INT PRIMARY KEY, email VARCHAR(80), house INT) ENGINE=InnoDB",
            "CREATE TABLE notes (id INT PRIMARY KEY, person INT, "
            "FOREIGN KEY (person) REFERENCES people (id) ON DELETE CASCADE) ENGINE=InnoDB",
            "INSERT INTO people VALUES (1, 'anna@example.com', 7), (2, 'ben@example.com', 7), "
            "(3, 'anna@example.com', 8)",
            "INSERT INTO notes VALUES (1, 1)",
        )
        one.allow("rightsflow", RIGHTS)
        yield one


def connected(people: MariaDatabase, table: dict[str, Any], folder: Path) -> SqlConnector:
    (folder / "url").write_text(people.url("rightsflow"))
    section = {
        "connector": "sql",
        "purposes": ["handling service requests"],
        "categories": ["service tickets"],
        "source": "the data subject",
        "retention": "24 months",
        "url": f"file:{folder}/url",
        "tables": [table],
    }
    place = ControllerPlace(country="DE", timezone="Europe/Berlin")
    return SqlConnector("telephone", validate(SqlSettings, section, "[systems.telephone]"), place)


def erased(connector: SqlConnector, kind: str, *keys: int) -> dict[int, str]:
    """By key, what is said where a row stays; a fresh read says the same."""
    refs = [RecordRef("telephone", kind, f"[{key}]") for key in keys]
    done = list(connector.erase(refs, Method.ERASE, KNOWN))
    seen = list(connector.presence(refs, KNOWN))
    assert [one.kind is OutcomeKind.ERASED for one in done] == [one.state is PresenceState.ABSENT for one in seen]
    return {key: one.reason for key, one in zip(keys, done, strict=True) if one.kind is not OutcomeKind.ERASED}


@pytest.mark.parametrize("columns", ["*", "id AS number, email"])
def test_what_hangs_on_a_table_below_views_stays(people: MariaDatabase, tmp_path: Path, columns: str):
    people.run(
        f"CREATE VIEW inner_one AS SELECT {columns} FROM people", "CREATE VIEW `a``b` AS SELECT * FROM inner_one"
    )
    table = PEOPLE | {"name": "a`b", "kind": "person", "key": ["id" if columns == "*" else "number"]}
    left = erased(connected(people, table, tmp_path), "person", 1, 3)
    # Under another name it is not told which of the rows they hang on.
    assert set(left) == ({1} if columns == "*" else {1, 3})
    assert "Entries of notes refer to it" in left[1]
    assert people.rows("SELECT id FROM notes") == [(1,)]


@pytest.mark.parametrize("also", ["", "REFERENCES"])
def test_who_does_not_see_what_hangs_on_a_row_does_not_delete_it(people: MariaDatabase, tmp_path: Path, also: str):
    people.run(
        "CREATE OR REPLACE USER rightsflow@localhost",
        f"GRANT SELECT, UPDATE, DELETE ON {people.name}.people TO rightsflow@localhost",
        f"GRANT SELECT ON {people.name}.notes TO rightsflow@localhost" if also else "SELECT 1",
        f"GRANT {also} ON `{people.name.replace('_', chr(92) + '_')}`.* TO rightsflow@localhost"
        if also
        else "SELECT 1",
    )
    connector = connected(people, PEOPLE, tmp_path)
    health, left = connector.probe(), erased(connector, "people", 1, 3)
    if also:
        assert health.ok
        assert (set(left), "Entries of notes refer to it" in left[1]) == ({1}, True)
    else:
        assert (health.ok, "REFERENCES on the whole database" in health.detail) == (False, True)
        assert all("does not see all of its tables" in left[key] for key in (1, 3))
    assert people.rows("SELECT id FROM notes") == [(1,)]


def test_what_a_trigger_removes_along_stays(people: MariaDatabase, tmp_path: Path):
    people.run(
        "DELETE FROM notes",
        "CREATE TABLE seats (house INT)",
        "INSERT INTO seats VALUES (7)",
        "CREATE TRIGGER own AFTER DELETE ON people FOR EACH ROW DELETE FROM seats WHERE house = OLD.house",
    )
    left = erased(connected(people, PEOPLE, tmp_path), "people", 1, 3)
    assert (set(left), "removes entries of another table along" in left[1]) == ({1}, True)
    assert people.rows("SELECT house FROM seats") == [(7,)]


@pytest.mark.parametrize(
    "counts",
    [
        "UPDATE houses SET people = people - 1 WHERE id = OLD.house",
        "INSERT INTO houses VALUES (OLD.house, 1) ON DUPLICATE KEY UPDATE people = people - 1",
    ],
)
def test_what_a_trigger_changes_in_another_table_is_taken_back(people: MariaDatabase, tmp_path: Path, counts: str):
    people.run(
        "DELETE FROM notes",
        "CREATE TABLE houses (id INT PRIMARY KEY, people INT)",
        "INSERT INTO houses VALUES (7, 2), (8, 1)",
        f"CREATE TRIGGER own AFTER DELETE ON people FOR EACH ROW {counts}",
    )
    unseen = erased(connected(people, PEOPLE, tmp_path), "people", 1)
    people.allow("rightsflow", [*RIGHTS, "TRIGGER"])
    left = erased(connected(people, PEOPLE, tmp_path), "people", 1)
    assert ("grant the user the right TRIGGER" in unseen[1], "of houses along with it" in left[1]) == (True, True)
    assert people.rows("SELECT people FROM houses ORDER BY id") == [(2,), (1,)]
    assert erased(connected(people, PEOPLE | {"triggers_change": ["Houses"]}, tmp_path), "people", 1) == {}
    assert people.rows("SELECT people FROM houses ORDER BY id") == [(1,), (1,)]


@pytest.mark.parametrize("how", ["PARTITION BY HASH (id) PARTITIONS 3", "WITH SYSTEM VERSIONING"])
def test_tables_that_count_otherwise_are_erased(people: MariaDatabase, tmp_path: Path, how: str):
    people.run(
        f"CREATE TABLE logins (id INT PRIMARY KEY, email VARCHAR(80)) ENGINE=InnoDB {how}",
        "INSERT INTO logins VALUES (1, 'anna@example.com'), (2, 'ben@example.com'), (3, 'anna@example.com')",
    )
    assert erased(connected(people, PEOPLE | {"name": "logins"}, tmp_path), "logins", 1, 3) == {}
    assert people.rows("SELECT id FROM logins") == [(2,)]
