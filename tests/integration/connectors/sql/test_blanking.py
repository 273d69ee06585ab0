"""Blanking in a database: declared columns of rows that a law keeps, on SQLite and on PostgreSQL."""

from __future__ import annotations

import hashlib

import pytest

from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, RecordRef
from tests.integration.connectors.sql.peer import Peer

ANNA = identifier(IdentifierKind.EMAIL, "anna@example.com")
PHONE = identifier(IdentifierKind.PHONE, "+49 30 901820")
"""Ben's too: a bare number says nothing of whose a row is."""
KNOWN = frozenset({ANNA, PHONE, identifier(IdentifierKind.CUSTOMER_ID, "C-1001")})
_DDL = """CREATE TABLE bills (id INTEGER PRIMARY KEY, customer VARCHAR(20), email VARCHAR(120), payer VARCHAR(120),
  tel VARCHAR(40), born VARCHAR(20) NOT NULL CHECK (born <> ''), note VARCHAR(80), total NUMERIC(8, 2), billed DATE)"""
TABLE = {
    "name": "bills",
    "kind": "bill",
    "key": ["id"],
    "one_person": False,
    "identities": [
        {"column": "customer", "kind": "customer_id"},
        {"column": "email", "kind": "email"},
        {"column": "payer", "kind": "email"},
        {"column": "tel", "kind": "phone"},
    ],
    "occurred_at": "billed",
    "facts": ["accounting"],
    "fields": {"phone": "tel", "email": "email", "date of birth": "born", "note": "note"},
}
FIELDS = frozenset({"phone", "email", "date of birth", "note"})
COLUMNS = ("id", "customer", "email", "payer", "tel", "born", "note", "total", "billed")
ROWS = [
    (1, "C-1001", "anna@example.com", None, "030 901820", "1980-05-01", "ring twice", 39.9, "2025-12-01"),
    (2, "C-2002", "ben@example.com", None, "030 901820", "1979-01-02", "ring once", 39.9, "2025-12-02"),
    (3, None, "anna@example.com", None, "030 901820", "1980-05-01", None, 12, "2025-12-03"),
    (4, "C-1001", "anna@example.com", "ben@example.com", "030 901821", "1980-05-01", "for Ben", 12, "2025-12-04"),
]


def ref(number: int) -> RecordRef:
    return RecordRef("telephone", "bill", f"[{number}]")


@pytest.fixture
def filled(each_peer: Peer) -> Peer:
    each_peer.run(_DDL)
    each_peer.insert("bills", [dict(zip(COLUMNS, row, strict=True)) for row in ROWS])
    return each_peer


def row(peer: Peer, number: int) -> tuple[object, ...]:
    return tuple(peer.rows(f"SELECT customer, email, payer, tel, born, note FROM bills WHERE id = {number}")[0])


def others(peer: Peer) -> str:
    return hashlib.sha256(repr(peer.rows("SELECT * FROM bills WHERE id IN (2, 4) ORDER BY id")).encode()).hexdigest()


def test_what_is_not_needed_goes_and_the_rest_and_the_neighbours_stay(filled: Peer):
    connector, before = filled.connector([TABLE], batch_size=2), others(filled)
    kind = connector.capabilities.kind("bill")
    assert Method.BLANK in kind.methods
    assert kind.blankable == FIELDS
    for _ in range(2):
        done = {one.record: one for one in connector.blank([ref(1), ref(2), ref(4), ref(9)], FIELDS, KNOWN)}
        assert done[ref(1)].kind is OutcomeKind.RETAINED
        assert done[ref(1)].reason == "date of birth, since the system did not take it."
        for number in (2, 4):
            assert done[ref(number)].refused
            assert "since another person's data stand in the same record" in done[ref(number)].reason
        assert done[ref(9)].kind is OutcomeKind.NOT_HELD
    assert row(filled, 1) == ("C-1001", None, None, None, "1980-05-01", None)
    assert others(filled) == before


def test_only_what_is_asked_is_blanked_with_the_value_of_the_table(filled: Peer):
    table = {**TABLE, "blank": {"customer": "", "email": "", "payer": "", "tel": "", "born": "-"}}
    connector = filled.connector([table])
    (done,) = connector.blank([ref(1)], {"date of birth", "phone"}, KNOWN)
    assert (done.kind, done.reason, done.refused) == (OutcomeKind.RETAINED, "", False)
    assert row(filled, 1) == ("C-1001", "anna@example.com", None, "", "-", "ring twice")


def test_what_the_row_is_found_by_alone_stays(filled: Peer):
    (done,) = filled.connector([TABLE]).blank([ref(3)], {"email", "phone"}, KNOWN)
    assert done.reason == "e-mail address and telephone number, since the record is found by it alone."
    assert row(filled, 3) == (None, "anna@example.com", None, "030 901820", "1980-05-01", None)
