"""What blanking writes: where a column takes each value once, and where it does not take what it is given."""

from __future__ import annotations

from typing import Any

import pytest

from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, RecordRef
from tests.integration.connectors.sql.peer import Peer

TABLE: dict[str, Any] = {
    "name": "people",
    "kind": "person",
    "key": ["tenant", "id"],
    "identities": [{"column": "email", "kind": "email"}],
    "fields": {"login": "login"},
    "erase": "blank",
    "blank": {"email": "", "login": "gone-{key}"},
}


def known(name: str) -> Any:
    return frozenset({identifier(IdentifierKind.EMAIL, f"{name}@example.com")})


@pytest.fixture
def people(each_peer: Peer) -> Peer:
    each_peer.run(
        "CREATE TABLE people (tenant integer, id integer, login varchar(12) NOT NULL, email varchar(80), born date, "
        "points integer, UNIQUE (tenant, login))",
        "INSERT INTO people VALUES (1, 1, 'anna', 'anna@example.com', NULL, 1), (1, 2, 'ben', 'ben@example.com', "
        "NULL, 2), (1, 3, 'carl', 'carl@example.com', NULL, 3)",
    )
    return each_peer


@pytest.mark.apart
def test_what_a_law_keeps_is_blanked_with_the_key_too(people: Peer):
    connector, ref = people.connector([TABLE]), RecordRef("telephone", "person", "[1,1]")
    for _ in range(2):
        (done,) = connector.blank([ref], ["login"], known("anna"))
        assert (done.kind, done.reason) == (OutcomeKind.RETAINED, "")
    assert people.rows("SELECT login FROM people ORDER BY id") == [("gone-1-1",), ("ben",), ("carl",)]


@pytest.mark.apart
def test_a_column_that_takes_each_value_once_is_blanked_with_the_key(people: Peer):
    # A second person who could not be blanked is told before.
    health = people.connector([TABLE | {"blank": {"email": "", "login": "gone"}}]).probe()
    assert (health.ok, health.is_doubtful) == (True, True)
    assert "The column login of people takes each value once" in health.detail
    # A column that takes each value once is blanked with the key.
    connector = people.connector([TABLE])
    assert "takes each value once" not in connector.probe().detail
    for name, ref in (("anna", "[1,1]"), ("ben", "[1,2]")):
        for _ in range(2):
            (done,) = connector.erase([RecordRef("telephone", "person", ref)], Method.ERASE, known(name))
            assert done.kind is OutcomeKind.REDACTED
    rows = people.rows("SELECT login, email FROM people ORDER BY id")
    assert rows == [("gone-1-1", ""), ("gone-1-2", ""), ("carl", "carl@example.com")]


@pytest.mark.parametrize(
    ("change", "said", "only"),
    [
        ({"blank": {"email": ""}, "to_null": ["login"]}, "takes no NULL", ""),
        ({"blank": {"email": "", "login": "much-too-long"}}, "room for 12 characters", ""),
        ({"blank": {"email": "", "points": ""}}, "holds no text", "postgres"),
        ({"blank": {"email": "", "born": ""}}, "holds no text", "postgres"),
    ],
)
def test_what_a_column_does_not_take_is_told_before_anything_is_erased(people: Peer, change: Any, said: str, only: str):
    if only and not people.postgres:
        pytest.skip("SQLite takes any value in any column")
    before = people.rows("SELECT * FROM people ORDER BY id")
    connector = people.connector([TABLE | change])
    assert said in connector.probe().detail
    with pytest.raises(Misconfigured, match=said):
        list(connector.locate(known("anna")))
    assert people.rows("SELECT * FROM people ORDER BY id") == before


def test_a_column_that_is_unique_by_itself_is_seen_in_sqlite(sqlite_peer: Peer):
    """Before, only a constraint of the table was, and the second person could not be erased."""
    sqlite_peer.run("CREATE TABLE people (id integer PRIMARY KEY, login text UNIQUE, email text)")
    table = TABLE | {"key": ["id"], "blank": {"email": "", "login": "gone"}}
    assert "The column login of people takes each value once" in sqlite_peer.connector([table]).probe().detail


def test_what_stands_for_no_value_names_no_one_also_where_a_name_is(sqlite_peer: Peer):
    """A program's own name beside its notes is no other person's, and leaves their records in no doubt."""
    sqlite_peer.run(
        "CREATE TABLE orders (id integer PRIMARY KEY, email text, name text)",
        "CREATE TABLE notes (id integer PRIMARY KEY, order_id integer, author text)",
        "INSERT INTO orders VALUES (1, 'anna@example.com', 'Anna Meyer')",
        "INSERT INTO notes VALUES (1, 1, 'The Shop')",
    )
    named = [{"column": "email", "kind": "email"}, {"column": "name", "kind": "name"}]
    author = {"column": "author", "kind": "name", "unknown": ["The Shop"]}
    to = [{"column": "order_id", "table": "orders", "to": "id"}]
    notes = {"name": "notes", "key": ["id"], "identities": [author], "references": to}
    shop = sqlite_peer.connector([{"name": "orders", "key": ["id"], "identities": named}, notes])
    subject = known("anna") | {identifier(IdentifierKind.NAME, "Anna Meyer")}
    found = {item.record.kind: item.owner for item in shop.locate(subject)}
    assert found["notes"] == frozenset()
