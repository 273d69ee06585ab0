"""What the database itself removes along with a row that is deleted: such a row stays while anything hangs on it."""

from __future__ import annotations

from typing import Any

import pytest

from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.records import Method, OutcomeKind, RecordRef
from tests.integration.connectors.sql.peer import Peer

KNOWN = frozenset({identifier(IdentifierKind.EMAIL, "anna@example.com")})
PEOPLE: dict[str, Any] = {"name": "people", "key": ["id"], "identities": [{"column": "email", "kind": "email"}]}
NOTES: dict[str, Any] = {
    "name": "notes",
    "key": ["id"],
    "references": [
        {"column": "person", "table": "people", "to": "id"},
        {"column": "writer", "table": "people", "to": "id"},
    ],
    "author": "writer",
}


@pytest.fixture
def people(peer: Peer) -> Peer:
    peer.run(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(80))",
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, writer INTEGER REFERENCES people (id) ON DELETE SET NULL, "
        "person INTEGER REFERENCES people (id) ON DELETE CASCADE, "
        "answers INTEGER REFERENCES notes (id) ON DELETE CASCADE)",
        "INSERT INTO people VALUES (1, 'anna@example.com'), (2, 'ben@example.com')",
        "INSERT INTO notes VALUES (1, 1, 1, NULL), (2, 1, 1, 1), (3, 2, 1, NULL), (4, 2, 2, NULL), (5, 1, 2, NULL)",
    )
    return peer


def ref(kind: str, key: int) -> RecordRef:
    return RecordRef("telephone", kind, f"[{key}]")


def left(peer: Peer) -> list[int]:
    return [key for (key,) in peer.rows("SELECT id FROM notes ORDER BY id")]


def test_a_row_stays_on_which_another_persons_hangs(people: Peer):
    connector = people.connector([PEOPLE, NOTES])
    done = list(connector.erase([ref("notes", key) for key in (1, 2, 3)], Method.ERASE, KNOWN))
    assert [one.kind for one in done] == [OutcomeKind.ERASED, OutcomeKind.ERASED, OutcomeKind.RETAINED]
    (kept,) = connector.erase([ref("people", 1)], Method.ERASE, KNOWN)
    assert (kept.kind, "Entries of notes hang on it" in kept.reason) == (OutcomeKind.FAILED, True)
    assert left(people) == [3, 4, 5]
    people.run("DELETE FROM notes WHERE id = 3")
    (gone,) = connector.erase([ref("people", 1)], Method.ERASE, KNOWN)
    assert gone.kind is OutcomeKind.ERASED
    assert people.rows("SELECT id, writer FROM notes ORDER BY id") == [(4, 2), (5, None)]


def test_an_entry_stays_that_another_one_in_its_table_answers(people: Peer):
    people.run("UPDATE notes SET answers = 1 WHERE id = 3")
    connector = people.connector([PEOPLE, NOTES])
    done = list(connector.erase([ref("notes", 1), ref("notes", 2)], Method.ERASE, KNOWN))
    assert [one.kind for one in done] == [OutcomeKind.FAILED, OutcomeKind.ERASED]
    assert left(people) == [1, 3, 4, 5]


def test_a_table_that_is_not_configured_is_told(people: Peer):
    health = people.connector([PEOPLE]).probe()
    assert (health.ok, health.is_doubtful) == (True, True)
    assert "The database removes rows of notes along with those of people" in health.detail
    assert "removes rows" not in people.connector([PEOPLE, NOTES]).probe().detail
