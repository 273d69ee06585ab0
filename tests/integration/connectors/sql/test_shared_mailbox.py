"""Two people of one mailbox: what hangs on both of them, or was written by the other one, is the other one's too."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sql import SqlConnector
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Blob, Document, Fact, Method, OutcomeKind, RecordRef
from rightsflow.testing.bench import decide, find, key_of
from tests.integration.connectors.sql.peer import Peer

HOUSE = identifier(IdentifierKind.EMAIL, "house@example.com")
KNOWN = frozenset({HOUSE, identifier(IdentifierKind.NAME, "Anna Quill")})
TO_PEOPLE = {"table": "people", "to": "id"}
TABLES: list[dict[str, Any]] = [
    {
        "name": "people",
        "key": ["id"],
        "identities": [{"column": "mail", "kind": "email"}, {"column": "name", "kind": "name"}],
    },
    {"name": "matters", "key": ["id"], "references": [TO_PEOPLE | {"column": "person"}]},
    {
        "name": "notes",
        "key": ["id"],
        "references": [{"column": "matter", "table": "matters", "to": "id"}, TO_PEOPLE | {"column": "writer"}],
        "author": "writer",
        "file": {"column": "file", "kind": "attachment"},
    },
    {
        "name": "ties",
        "key": ["one", "other"],
        "references": [TO_PEOPLE | {"column": "one"}, TO_PEOPLE | {"column": "other"}],
    },
]
ANNAS = {"people [1]", "matters [1]", "notes [1]", "notes [4]"}
"""She wrote note 4 in his matter."""


@pytest.fixture
def house(peer: Peer) -> Peer:
    """Anna and Andreas read one mailbox, Ben has his own."""
    peer.run(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, mail VARCHAR(80), name VARCHAR(80))",
        "CREATE TABLE matters (id INTEGER PRIMARY KEY, person INTEGER)",
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, matter INTEGER, writer INTEGER, text VARCHAR(80), "
        "file VARCHAR(80))",
        "CREATE TABLE ties (one INTEGER, other INTEGER, text VARCHAR(80))",
        "INSERT INTO people VALUES (1, 'house@example.com', 'Anna Quill'), "
        "(2, 'house@example.com', 'Andreas Quill'), (3, 'ben@example.com', 'Ben Kern')",
        "INSERT INTO matters VALUES (1, 1), (2, 2), (3, 3)",
        "INSERT INTO notes VALUES (1, 1, 1, 'hers', 'a.txt'), (2, 1, 2, 'a secret', 'b.txt'), "
        "(3, 2, 2, 'a secret', 'a.txt'), (4, 2, 1, 'hers', NULL), (5, 3, 3, 'a secret', NULL)",
        "INSERT INTO ties VALUES (1, 2, 'a secret'), (3, 1, 'a secret'), (2, 2, 'a secret')",
    )
    for name in ("a.txt", "b.txt"):
        (peer.folder / name).write_text("a secret")
    return peer


def decided(connector: SqlConnector) -> dict[str, set[RecordRef]]:
    """The subject's records, those of them in which others stand too, and all others, as the cases decide."""
    found = list(connector.locate(KNOWN))
    whose = decide(found, KNOWN).attributions
    sorts: dict[str, set[RecordRef]] = {"alone": set(), "shared": set(), "unclear": set()}
    for one in (one for one in found if not one.is_context):
        sort = "shared" if Fact.SHARED in one.facts else "alone"
        sorts[sort if whose[key_of(one.record)] == "subject" else "unclear"].add(one.record)
    return sorts


def named(refs: set[RecordRef]) -> set[str]:
    return {f"{one.kind} {one.ref}" for one in refs}


def test_what_hangs_on_both_or_was_written_by_the_other_is_shared(house: Peer) -> None:
    sorts = decided(house.connector(TABLES))
    assert named(sorts["alone"]) == ANNAS
    assert named(sorts["shared"]) == {"notes [2]", "ties [1,2]", "ties [3,1]", "attachment a.txt", "attachment b.txt"}
    assert named(sorts["unclear"]) == {"people [2]", "matters [2]", "notes [3]", "ties [2,2]"}


def test_of_what_is_shared_nothing_is_told_or_erased(house: Peer) -> None:
    connector = house.connector(TABLES)
    sorts = decided(connector)
    for part in connector.extract(sorted(sorts["alone"] | sorts["shared"], key=str), KNOWN):
        assert not isinstance(part, Blob)
        assert isinstance(part, Document)
        assert "a secret" not in str(part.content)
    tables = ("people", "matters", "notes", "ties")
    before = {table: house.rows(f"SELECT * FROM {table}") for table in tables}
    for ref in sorted(sorts["shared"], key=str):
        (kept,) = connector.erase([ref], Method.ERASE, KNOWN)
        assert kept.kind is OutcomeKind.RETAINED
    assert {table: house.rows(f"SELECT * FROM {table}") for table in tables} == before
    for kind in ("notes", "matters", "people"):
        refs = [one for one in sorts["alone"] if one.kind == kind]
        assert {one.kind for one in connector.erase(refs, Method.ERASE, KNOWN)} == {OutcomeKind.ERASED}
    gone = {
        f"{table} [{row[0]}]" for table in tables for row in {*before[table]} - {*house.rows(f"SELECT * FROM {table}")}
    }
    assert gone == ANNAS
    assert (house.folder / "a.txt").exists()


def test_what_an_officer_decided_to_be_the_persons_is_erased(house: Peer) -> None:
    """The other profile is hers after all, with what hangs on it alone."""
    connector = house.connector(TABLES)
    refs = [
        RecordRef("telephone", kind, key) for kind, key in (("notes", "[3]"), ("matters", "[2]"), ("people", "[2]"))
    ]
    assert [next(iter(connector.erase([one], Method.ERASE, KNOWN))).kind for one in refs] == [OutcomeKind.ERASED] * 3
    assert house.rows("SELECT id FROM people ORDER BY id") == [(1,), (3,)]


def test_a_row_that_names_the_mailbox_alone_belongs_to_both_unless_it_bears_a_name(sqlite_peer: Peer) -> None:
    """Before, what bears his name was given to her, since one of the accounts of the mailbox is surely hers."""
    sqlite_peer.run(
        "CREATE TABLE people (number VARCHAR(9), mail VARCHAR(80), name VARCHAR(80))",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, mail VARCHAR(80), name VARCHAR(80), text VARCHAR(80))",
        "CREATE TABLE items (id INTEGER PRIMARY KEY, order_id INTEGER, text VARCHAR(80))",
        "INSERT INTO people VALUES ('C1', 'house@example.com', 'Anna Quill'), ('C2', 'house@example.com', 'Ben Quill')",
        "INSERT INTO orders VALUES (1, 'house@example.com', 'Anna Quill', 'hers'), "
        "(2, 'house@example.com', 'Ben Quill', 'a secret'), (3, 'house@example.com', '', 'a secret')",
        "INSERT INTO items VALUES (1, 1, 'hers'), (2, 2, 'a secret'), (3, 3, 'a secret')",
    )
    name = {"column": "name", "kind": "name"}
    tables: list[dict[str, Any]] = [
        {"name": "people", "key": ["number"],
         "identities": [{"column": "number", "kind": "customer_id"}, {"column": "mail", "kind": "email"}, name]},
        {"name": "orders", "key": ["id"], "identities": [name],
         "references": [{"column": "mail", "table": "people", "to": "mail"}]},
        {"name": "items", "key": ["id"], "references": [{"column": "order_id", "table": "orders", "to": "id"}]},
    ]  # fmt: skip
    connector = sqlite_peer.connector(tables)
    found = find(connector, KNOWN)
    taken = {f"{one.kind} {one.ref}" for one in found.refs}
    assert "orders [1]" in taken
    assert not {"orders [2]", "items [2]"} & taken
    assert {"orders [2]", "items [2]"} <= {f"{one.record.kind} {one.record.ref}" for one in found.everything}
    assert "a secret" not in str([one.content for one in connector.extract(found.refs, found.known)])
