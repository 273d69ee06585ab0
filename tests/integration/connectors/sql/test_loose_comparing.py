"""Databases that call texts equal which are not: by case, accents, blanks at the end."""

from __future__ import annotations

from typing import Any

import pytest

from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, RecordRef
from tests.integration.connectors.sql.peer import Peer

KNOWN = frozenset({identifier(IdentifierKind.EMAIL, "anna@example.com")})
GUESTS: dict[str, Any] = {
    "name": "guests",
    "key": ["login"],
    "identities": [{"column": "email", "kind": "email"}],
    "restriction": {"column": "locked", "value": 1, "lifted": 0},
}
NOTES: dict[str, Any] = {
    "name": "notes",
    "key": ["id"],
    "references": [{"column": "login", "table": "guests", "to": "login"}],
}
BLANKED = GUESTS | {"erase": "blank", "blank": {"email": "", "city": ""}}
_KIND = {"sqlite_peer": "VARCHAR(40) COLLATE NOCASE", "postgres_peer": "citext"}


@pytest.fixture(params=list(_KIND))
def guests(request: pytest.FixtureRequest) -> Peer:
    peer = request.getfixturevalue(request.param)
    kind = _KIND[request.param]
    if peer.postgres:
        peer.run("CREATE EXTENSION citext")
    peer.run(
        f"CREATE TABLE guests (login {kind}, email VARCHAR(80), city VARCHAR(20), locked INTEGER)",
        f"CREATE TABLE notes (id INTEGER, login {kind}, body VARCHAR(40))",
        "INSERT INTO guests VALUES ('anna', 'anna@example.com', 'Berlin', 0), ('ANNA', 'ben@example.com', 'Bonn', 0)",
        "INSERT INTO notes VALUES (1, 'anna', 'mine'), (2, 'ANNA', 'of Ben'), (3, 'Anna', 'of either')",
    )
    return peer


def bens(peer: Peer) -> list[tuple[Any, ...]]:
    guests = peer.rows("SELECT * FROM guests WHERE email = 'ben@example.com'")
    return guests + peer.rows("SELECT * FROM notes WHERE id > 1 ORDER BY id")


def ref(kind: str, key: str) -> RecordRef:
    return RecordRef("telephone", kind, key)


ANNAS = ref("guests", '["anna"]')


def test_what_hangs_on_another_spelling_is_not_found(guests: Peer):
    found = {(one.record.kind, one.record.ref) for one in guests.connector([GUESTS, NOTES]).locate(KNOWN)}
    assert found == {("guests", '["anna"]'), ("notes", "[1]")}


@pytest.mark.parametrize("table", [GUESTS, BLANKED])
def test_a_row_is_erased_by_its_very_key(guests: Peer, table: dict[str, Any]):
    connector, before = guests.connector([table, NOTES]), bens(guests)
    (done,) = connector.erase([ANNAS], Method.ERASE, KNOWN)
    assert done.kind in {OutcomeKind.ERASED, OutcomeKind.REDACTED}
    assert bens(guests) == before
    assert not guests.rows("SELECT * FROM guests WHERE email = 'anna@example.com'")


def test_a_row_is_marked_by_its_very_key(guests: Peer):
    connector, before = guests.connector([GUESTS, NOTES]), bens(guests)
    for method in (Method.RESTRICT, Method.LIFT):
        assert len(list(connector.erase([ANNAS], method, KNOWN))) == 1
        assert bens(guests) == before
