"""Rectification in a database: a declared column of the subject's own rows, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from connectors.sql.settings import SqlSettings
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.rectification.changes import Change
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, PresenceState, RecordRef
from tests.integration.connectors.sql import tickets
from tests.integration.connectors.sql.peer import Peer
from tests.integration.connectors.sql.tickets import ANNA, TABLES

KNOWN = frozenset({ANNA, identifier(IdentifierKind.CUSTOMER_ID, "C-1001")})
FIELDS = {"phone": "phone", "email": "email", "name": "name", "statement": "remark"}
RECTIFYING = [
    {**table, "rectify": FIELDS}
    if table["name"] == "customers"
    else {**table, "rectify": {"delivery note": "note"}}
    if table["name"] == "orders"
    else table
    for table in TABLES
]
PHONE = Change("phone", "+491713920012", "+4917139200")
NAME = Change("name", "anna example", "Anna O'Example; DROP TABLE customers --")


def ref(kind: str, key: str) -> RecordRef:
    return RecordRef("telephone", kind, key)


MINE, BENS, JOHANNAS = ref("customer", "[1]"), ref("customer", "[2]"), ref("customer", "[3]")


@pytest.fixture
def filled(each_peer: Peer) -> Peer:
    tickets.fill(each_peer)
    each_peer.run("ALTER TABLE customers ADD COLUMN remark VARCHAR(200)")
    return each_peer


def row(peer: Peer, number: int = 1) -> tuple[object, ...]:
    return tuple(peer.rows(f"SELECT number, email, phone, name, remark FROM customers WHERE id = {number}")[0])


@pytest.mark.apart
def test_what_is_wrong_is_replaced_and_nothing_of_others(filled: Peer):
    connector = filled.connector(RECTIFYING, batch_size=2)
    kind = connector.capabilities.kind("customer")
    assert Method.RECTIFY in kind.methods
    assert kind.fields == frozenset(FIELDS)
    before = tickets.neighbours(filled)
    changes = [PHONE, NAME, Change("statement", "", "She says that she moved.")]
    for _ in range(2):
        done = {
            one.record: one for one in connector.rectify([MINE, BENS, JOHANNAS, ref("customer", "[9]")], changes, KNOWN)
        }
        assert {one.ref: done[one].kind for one in done} == {
            "[1]": OutcomeKind.RECTIFIED,
            "[2]": OutcomeKind.UNRECTIFIED,
            "[3]": OutcomeKind.UNRECTIFIED,
            "[9]": OutcomeKind.NOT_HELD,
        }
        assert done[MINE].reason == "Corrected: telephone number and name. Added: supplementary statement."
        assert "belongs to another person" in done[BENS].reason
    assert row(filled) == ("C-1001", "Anna@Example.COM", PHONE.new, NAME.new, "She says that she moved.")
    assert tickets.neighbours(filled) == before
    seen = {one.record: one.state for one in connector.still_wrong([MINE, BENS], changes, KNOWN)}
    assert seen == {MINE: PresenceState.ABSENT, BENS: PresenceState.ABSENT}


def test_an_address_by_which_the_row_was_found_is_corrected_and_recognised_again(filled: Peer):
    connector, known = filled.connector(RECTIFYING), frozenset({ANNA})
    filled.run("UPDATE customers SET number = NULL WHERE id = 1")
    change = Change("email", "anna@example.com", "anna.new@example.com")
    for _ in range(2):
        (done,) = connector.rectify([MINE], [change], known)
        assert done.kind is OutcomeKind.RECTIFIED
    assert row(filled)[1] == "anna.new@example.com"
    filled.run("UPDATE customers SET email = 'anna@example.com' WHERE id = 1")
    (seen,) = connector.still_wrong([MINE], [change], known)
    assert seen.state is PresenceState.PRESENT


@pytest.mark.apart
@pytest.mark.parametrize(
    ("change", "why"),
    [
        (Change("phone", "+49301", "+49302"), "another value stands there"),
        (Change("phone", "", "+49302"), "another value stands there"),
        (Change("phone", "+491713920012", "+" + "4" * 60), "did not take the new value"),
    ],
)
def test_what_is_not_as_said_or_does_not_fit_is_left(filled: Peer, change: Change, why: str):
    before = row(filled)
    (done,) = filled.connector(RECTIFYING).rectify([MINE], [change], KNOWN)
    assert done.kind is OutcomeKind.UNRECTIFIED
    assert why in done.reason
    assert row(filled) == before


def test_an_address_in_anothers_row_is_not_written_without_a_look_and_that_is_not_told(filled: Peer):
    connector, before = filled.connector(RECTIFYING), row(filled)
    change = Change("email", "anna@example.com", "Ben@example.com")
    (done,) = connector.rectify([MINE], [change], KNOWN)
    assert done.reason == "Not corrected: e-mail address: a person has to look first whose the new address is."
    assert row(filled) == before
    filled.run("UPDATE customers SET number = 'C-1001' WHERE id = 2")
    (done,) = connector.rectify([MINE], [change], KNOWN)
    assert done.kind is OutcomeKind.RECTIFIED, "the other row is hers as well"


def test_each_item_about_one_field_is_carried_out_once_and_told_apart(filled: Peer):
    connector = filled.connector(RECTIFYING)
    filled.run("UPDATE customers SET remark = 'The address was not removed.' WHERE id = 1")
    changes = [
        Change("phone", PHONE.old, PHONE.new, 1),
        Change("phone", "+49301", "+49302", 2),
        Change("statement", "", "removed.", 3),
        Change("statement", "", "She moved.", 4),
    ]
    for _ in range(2):
        (done,) = connector.rectify([MINE], changes, KNOWN)
        assert done.kind is OutcomeKind.UNRECTIFIED
        assert done.reason == (
            "Corrected: telephone number (item 1). "
            "Added: supplementary statement (item 3) and supplementary statement (item 4). Not corrected: telephone "
            "number (item 2): another value stands there than the one that you say is wrong."
        )
        assert row(filled)[2:] == (PHONE.new, "Anna Example", "The address was not removed.\nremoved.\nShe moved.")


@pytest.mark.parametrize(("text", "held"), [("7", 7), ("9" * 300, None), ("1_000", None), ("012", None)])
def test_a_whole_number_is_written_as_it_reads_or_not_at_all(filled: Peer, text: str, held: int | None):
    filled.run("ALTER TABLE customers ADD COLUMN points INTEGER")
    tables = [{**TABLES[0], "rectify": {"points": "points"}}]
    (done,) = filled.connector(tables).rectify([MINE], [Change("points", "", text)], KNOWN)
    assert done.kind is (OutcomeKind.UNRECTIFIED if held is None else OutcomeKind.RECTIFIED)
    assert [tuple(one) for one in filled.rows("SELECT points FROM customers WHERE id = 1")] == [(held,)]


def test_a_field_that_the_table_has_no_more_is_not_said_to_be_corrected(filled: Peer):
    (done,) = filled.connector(RECTIFYING).rectify([MINE], [Change("date of birth", "", "1980-05-01")], KNOWN)
    assert done.kind is OutcomeKind.UNRECTIFIED
    assert "no field any more" in done.reason


def test_what_the_database_refuses_is_told_and_the_rest_is_done(filled: Peer):
    filled.run("CREATE UNIQUE INDEX one_mail ON customers (email)")
    filled.run("UPDATE customers SET number = 'C-1001' WHERE id = 2")
    changes = [Change("email", "anna@example.com", "ben@example.com"), PHONE]
    before = row(filled, 2)
    (done,) = filled.connector(RECTIFYING).rectify([MINE], changes, KNOWN)
    assert done.reason == (
        "Corrected: telephone number. Not corrected: e-mail address: the system did not take the new value."
    )
    assert row(filled)[1:3] == ("Anna@Example.COM", PHONE.new)
    assert row(filled, 2) == before


def test_a_key_or_a_reference_is_no_column_to_rectify():
    wrong = [{**TABLES[0], "rectify": {"name": "id"}}]
    with pytest.raises(ValueError, match="names a key"):
        SqlSettings.model_validate({"connector": "sql", "url": "env:URL", "tables": wrong})
    with pytest.raises(ValueError, match="does not name a field in words"):
        SqlSettings.model_validate(
            {"connector": "sql", "url": "env:URL", "tables": [{**TABLES[0], "rectify": {"+49 30": "phone"}}]}
        )


def test_a_column_that_is_not_there_is_told(sqlite_peer: Peer):
    tickets.fill(sqlite_peer)
    with pytest.raises(Misconfigured):
        list(sqlite_peer.connector(RECTIFYING).rectify([MINE], [PHONE], KNOWN))
