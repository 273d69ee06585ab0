"""A row is judged by everything it belongs to, and what several people share stays shared below."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.sql import SqlConnector
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.domain.vocabulary.records import Blob, Document, Fact, Method, OutcomeKind, RecordRef
from rightsflow.testing.bench import decide, find, key_of
from tests.integration.connectors.sql.peer import Peer

EMAIL = identifier(IdentifierKind.EMAIL, "anna@example.com")
LANDLINE = identifier(IdentifierKind.PHONE, "+49 30 901820")
NAME = identifier(IdentifierKind.NAME, "Anna Quill")
BORN = identifier(IdentifierKind.BIRTH_DATE, "1960-03-01")
CUSTOMERS: dict[str, Any] = {
    "name": "cust",
    "key": ["id"],
    "identities": [{"column": "email", "kind": "email"}, {"column": "name", "kind": "name"}],
}
ORDERS: dict[str, Any] = {
    "name": "orders",
    "key": ["id"],
    "identities": [{"column": "phone", "kind": "phone"}, {"column": "email", "kind": "email"}],
    "references": [{"column": "cust_id", "table": "cust", "to": "id"}],
}
PAPERS: dict[str, Any] = {
    "name": "papers",
    "key": ["id"],
    "identities": [{"column": "name", "kind": "name"}, {"column": "born", "kind": "birth_date"}],
    "references": [{"column": "cust_id", "table": "cust", "to": "id"}],
}
CALLS: dict[str, Any] = {
    "name": "calls",
    "key": ["id"],
    "one_person": False,
    "identities": [{"column": "src", "kind": "phone"}, {"column": "dst", "kind": "phone"}],
}
RECORDINGS: dict[str, Any] = {
    "name": "recordings",
    "key": ["id"],
    "references": [{"column": "call_id", "table": "calls", "to": "id"}],
    "file": {"column": "file", "extensions": [".wav"]},
}
_DDL = (
    "CREATE TABLE cust (id INTEGER PRIMARY KEY, email VARCHAR(80), name VARCHAR(80), no VARCHAR(40))",
    (
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, cust_id INTEGER, phone VARCHAR(40), email VARCHAR(80), "
        "addr VARCHAR(80))"
    ),
    (
        "CREATE TABLE papers (id INTEGER PRIMARY KEY, cust_id INTEGER, name VARCHAR(80), born VARCHAR(20), "
        "scan VARCHAR(80))"
    ),
    "CREATE TABLE calls (id INTEGER PRIMARY KEY, src VARCHAR(40), dst VARCHAR(40), file VARCHAR(80))",
    "CREATE TABLE recordings (id INTEGER PRIMARY KEY, call_id INTEGER, file VARCHAR(80))",
    "INSERT INTO cust VALUES (1, 'anna@example.com', 'Anna Quill', 'C1'), (2, 'carl@example.com', 'Carl Kern', 'C2')",
)


@pytest.fixture
def shop(peer: Peer) -> Peer:
    peer.run(*_DDL)
    return peer


def whose(connector: SqlConnector, known: Identifiers) -> dict[str, Attribution]:
    """Whose the records are that were found, by table and key."""
    found = list(connector.locate(known))
    decided = decide(found, known).attributions
    return {f"{one.record.kind} {one.record.ref}": decided[key_of(one.record)] for one in found if not one.is_context}


def given(connector: SqlConnector, refs: list[RecordRef], known: Identifiers) -> str:
    parts = connector.extract(refs, known)
    return " ".join(
        str(dict(part.content)) if isinstance(part, Document) else b"".join(part.open()).decode() for part in parts
    )


def test_an_order_by_a_shared_landline_on_anothers_account_is_neither_given_nor_erased(shop: Peer) -> None:
    shop.run(
        "INSERT INTO orders VALUES (1, 1, '030 901820', NULL, 'hers'), (2, 2, '030 901820', NULL, 'his secret'), "
        "(3, NULL, '030 901820', NULL, 'no account')"
    )
    known = frozenset({EMAIL, LANDLINE})
    connector = shop.connector([CUSTOMERS, ORDERS])
    decided = whose(connector, known)
    assert decided["orders [1]"] is Attribution.SUBJECT
    assert decided["orders [2]"] is Attribution.ANOTHER
    assert decided["orders [3]"] is Attribution.UNCLEAR, "the landline is his as well"
    assert "cust [2]" not in decided
    theirs = RecordRef("telephone", "orders", "[2]")
    assert "his secret" not in given(connector, [theirs], known)
    list(connector.erase([theirs], Method.ERASE, known))
    assert shop.rows("SELECT addr FROM orders WHERE id = 2") == [("his secret",)]


def test_the_chain_that_decided_is_told(shop: Peer) -> None:
    shop.run("INSERT INTO orders VALUES (7, 2, NULL, 'anna@example.com', 'for whom?')")
    found = list(shop.connector([CUSTOMERS, ORDERS]).locate(frozenset({EMAIL})))
    decided = decide(found, frozenset({EMAIL}))
    order, account = (key_of(RecordRef("telephone", kind, key)) for kind, key in (("orders", "[7]"), ("cust", "[2]")))
    assert decided.doubts[order] is RecordDoubt.OTHER_OWNER
    assert decided.chains[order] == (order, account)


def test_a_namesakes_paper_below_an_account_is_in_doubt(shop: Peer) -> None:
    shop.run(
        "INSERT INTO papers VALUES (1, 1, 'Anna Quill', '1960-03-01', 'hers'), (2, 1, 'Andreas Quill', NULL, 'his'), "
        "(3, 1, NULL, '1985-01-02', 'the son''s')"
    )
    known = frozenset({EMAIL, NAME, BORN})
    decided = whose(shop.connector([CUSTOMERS, PAPERS]), known)
    assert decided["papers [1]"] is Attribution.SUBJECT
    assert {decided["papers [2]"], decided["papers [3]"]} == {Attribution.UNCLEAR}


def test_an_account_without_a_name_at_a_shared_mailbox_is_whose_the_papers_below_it_are(shop: Peer) -> None:
    shop.run(
        "DELETE FROM cust",
        "INSERT INTO cust VALUES (1, 'family@example.com', NULL, 'C1'), (2, 'family@example.com', NULL, 'C2')",
        "INSERT INTO papers VALUES (1, 1, 'Anna Quill', '1960-03-01', 'hers'), (2, 2, 'Anna Quill', '1985-01-02', 'x')",
        "INSERT INTO orders VALUES (1, 1, NULL, NULL, 'hers'), (2, 2, NULL, NULL, 'the namesake''s')",
    )
    known = frozenset({identifier(IdentifierKind.EMAIL, "family@example.com"), NAME, BORN})
    decided = whose(shop.connector([CUSTOMERS, PAPERS, ORDERS]), known)
    assert {decided[f"{one} [1]"] for one in ("cust", "papers", "orders")} == {Attribution.SUBJECT}
    assert {decided[f"{one} [2]"] for one in ("cust", "papers", "orders")} == {Attribution.UNCLEAR}


@pytest.mark.parametrize("on_the_call", [True, False])
def test_the_recording_of_a_call_of_two_customers_is_shared(shop: Peer, on_the_call: bool) -> None:
    (shop.folder / "r1.wav").write_text("two voices")
    shop.run("INSERT INTO calls VALUES (1, '030 901820', '030 555123', 'r1')")
    shop.run(*([] if on_the_call else ["INSERT INTO recordings VALUES (5, 1, 'r1')"]))
    file = {"column": "file", "extensions": [".wav"]}
    connector = shop.connector([CALLS | {"file": file}] if on_the_call else [CALLS, RECORDINGS])
    known = frozenset({LANDLINE})
    found = find(connector, known)
    shared = {one.record for one in found.subject if Fact.SHARED in one.facts}
    recording = RecordRef("telephone", "recording", "r1.wav")
    assert recording in shared
    assert not [part for part in connector.extract([recording], known) if isinstance(part, Blob)]
    (kept,) = connector.erase([recording], Method.ERASE, known)
    assert kept.kind is OutcomeKind.RETAINED
    assert (shop.folder / "r1.wav").read_text() == "two voices"


def test_a_file_that_an_id_without_extension_points_at_elsewhere_stays(shop: Peer) -> None:
    (shop.folder / "r9.wav").write_text("his voice too")
    shop.run(
        "INSERT INTO calls VALUES (1, '030 901820', NULL, NULL), (2, '030 777', NULL, NULL)",
        "INSERT INTO recordings VALUES (5, 1, 'r9'), (6, 2, 'r9')",
    )
    connector = shop.connector([CALLS, RECORDINGS])
    recording = RecordRef("telephone", "recording", "r9.wav")
    found = find(connector, frozenset({LANDLINE}))
    assert Fact.SHARED in {one.record: one.facts for one in found.subject}[recording]
    list(connector.erase([recording], Method.ERASE, frozenset({LANDLINE})))
    assert (shop.folder / "r9.wav").exists()


def test_what_stands_after_a_dot_in_an_id_is_no_extension(shop: Peer) -> None:
    for name in ("1700000000.12.wav", "1700000000.wav"):
        (shop.folder / name).write_text(name)
    shop.run(
        "INSERT INTO calls VALUES (1, '030 901820', NULL, NULL)",
        "INSERT INTO recordings VALUES (5, 1, '1700000000.12')",
    )
    found = find(shop.connector([CALLS, RECORDINGS]), frozenset({LANDLINE}))
    assert {one.record.ref for one in found.subject if one.record.kind == "recording"} == {"1700000000.12.wav"}


def test_what_blanking_wrote_names_no_one(shop: Peer) -> None:
    customers = {
        **CUSTOMERS,
        "identities": [*CUSTOMERS["identities"], {"column": "no", "kind": "customer_id"}],
        "blank": {"email": "", "name": "", "no": "erased-{key}"},
    }
    shop.run(
        "UPDATE cust SET email = '', name = '', no = 'erased-1' WHERE id = 1",
        "INSERT INTO orders VALUES (1, 1, NULL, 'anna@example.com', 'kept until 2032')",
    )
    decided = whose(shop.connector([customers, ORDERS]), frozenset({EMAIL}))
    assert decided == {"orders [1]": Attribution.SUBJECT}


@pytest.mark.parametrize(
    ("number", "on_order"), [("GUEST", "GUEST"), ("GUEST", "no:guest"), ("0", "0"), (" ", " "), ("gone", "gone")]
)
def test_a_number_that_means_no_one_leads_nowhere(shop: Peer, number: str, on_order: str) -> None:
    # Orders of guests were given to a customer who had no number either, and erased with that account.
    shop.run(
        "CREATE TABLE bought (id INTEGER PRIMARY KEY, no VARCHAR(40), item VARCHAR(40))",
        f"UPDATE cust SET no = '{number}' WHERE id = 1",
        f"INSERT INTO bought VALUES (1, '{on_order}', 'of a guest'), (2, 'no:A-17', 'hers'), (3, 'no:', 'of no one')",
        "UPDATE cust SET email = 'anna@example.com', name = 'Anna Quill', no = 'A-17' WHERE id = 2",
    )
    no = {"column": "no", "kind": "customer_id", "unknown": ["GUEST"]}
    cust = CUSTOMERS | {"identities": [*CUSTOMERS["identities"], no], "erase": "blank"}
    cust |= {"blank": {"email": "", "name": "", "no": "gone"}}
    leads = {"column": "no", "table": "cust", "to": "no"}
    bought = {"name": "bought", "key": ["id"], "references": [leads, leads | {"prefix": "no:"}]}
    connector, known = shop.connector([cust, bought]), frozenset({EMAIL})
    assert whose(connector, known) == dict.fromkeys(("cust [1]", "cust [2]", "bought [2]"), Attribution.SUBJECT)
    refs = [one.record for one in connector.locate(known) if one.record.kind == "bought"]
    list(connector.erase(refs, Method.ERASE, known))
    assert shop.rows("SELECT id, item FROM bought ORDER BY id") == [(1, "of a guest"), (3, "of no one")]


def test_a_telephone_below_an_account_is_learnt_and_calls_by_it_alone_are_a_question(shop: Peer) -> None:
    shop.run(
        "INSERT INTO orders VALUES (1, 1, '030 901820', NULL, 'hers')",
        "INSERT INTO calls VALUES (1, '030 901820', NULL, NULL)",
    )
    connector = shop.connector([CUSTOMERS, ORDERS, CALLS])
    assert LANDLINE in find(connector, frozenset({EMAIL})).known
    known = frozenset({EMAIL, LANDLINE})
    found = list(connector.locate(known))
    call = key_of(RecordRef("telephone", "calls", "[1]"))
    assert decide(found, known, frozenset({EMAIL})).doubts[call] is RecordDoubt.LEARNT_NUMBER
    assert decide(found, known).attributions[call] is Attribution.SUBJECT, "the request states it"


def test_a_contested_number_takes_no_recording_from_the_own_account_and_gives_none_of_another(shop: Peer) -> None:
    """A number that others were seen to use is on the own account's call and on one that names no account."""
    calls = CALLS | {"identities": [*CALLS["identities"], {"column": "account", "kind": "customer_id"}]}
    calls |= {"file": {"column": "file", "extensions": [".wav"]}}
    for name, says in (("mine", "her voice"), ("both", "whose voice?"), ("theirs", "another voice"), ("two", "two")):
        (shop.folder / f"{name}.wav").write_text(says)
    shop.run(
        "ALTER TABLE calls ADD COLUMN account VARCHAR(20)",
        "INSERT INTO calls VALUES (1, '030 901820', NULL, 'mine', 'C1'), (2, '030 901820', NULL, 'theirs', NULL), "
        "(3, '030 901820', NULL, 'both', 'C1'), (4, '030 901820', NULL, 'both', NULL), "
        "(5, '030 901820', '030 555123', 'two', NULL)",
    )
    connector = shop.connector([calls])
    known = frozenset({identifier(IdentifierKind.CUSTOMER_ID, "C1"), replace(LANDLINE, is_contested=True)})
    refs = [RecordRef("telephone", "recording", f"{name}.wav") for name in ("mine", "both", "two")]
    copy = given(connector, refs, known)
    assert "her voice" in copy
    assert "whose voice?" not in copy
    assert "two" not in copy.replace("two.wav", "")
    outcomes = {one.record.ref: one.kind for one in connector.erase(refs, Method.ERASE, known)}
    assert outcomes == {"mine.wav": OutcomeKind.ERASED} | dict.fromkeys(("both.wav", "two.wav"), OutcomeKind.RETAINED)
    assert {one.name for one in shop.folder.glob("*.wav")} == {"both.wav", "theirs.wav", "two.wav"}


def test_an_own_order_under_a_former_address_is_the_persons_where_the_name_agrees(shop: Peer) -> None:
    orders = {**ORDERS, "identities": [*ORDERS["identities"], {"column": "addr", "kind": "name"}]}
    shop.run(
        "INSERT INTO orders VALUES (1, 1, NULL, 'old@example.net', 'Anna Quill'), "
        "(2, 1, NULL, 'other@example.net', NULL), (3, 1, NULL, 'ben@example.net', 'Ben Kern')"
    )
    decided = whose(shop.connector([CUSTOMERS, orders]), frozenset({EMAIL, NAME}))
    assert decided["orders [1]"] is Attribution.SUBJECT
    assert {decided["orders [2]"], decided["orders [3]"]} == {Attribution.UNCLEAR}


def test_a_device_of_two_owners_is_both_owners(shop: Peer) -> None:
    owners = {"name": "papers", "kind": "owner", "key": ["id"], "references": PAPERS["references"]}
    device = {
        "name": "recordings",
        "kind": "device",
        "key": ["id"],
        "references": [{"column": "call_id", "table": "papers", "to": "device_id"}],
    }
    shop.run(
        "ALTER TABLE papers ADD COLUMN device_id INTEGER",
        "INSERT INTO papers VALUES (1, 1, NULL, NULL, NULL, 5), (2, 2, NULL, NULL, NULL, 5)",
        "INSERT INTO recordings VALUES (9, 5, 'his secret')",
    )
    connector = shop.connector([CUSTOMERS, owners, device])
    known = frozenset({EMAIL})
    found = find(connector, known)
    device_ref = RecordRef("telephone", "device", "[9]")
    assert Fact.SHARED in {one.record: one.facts for one in found.subject}[device_ref]
    assert "his secret" not in given(connector, [device_ref], known)
    list(connector.erase([device_ref], Method.ERASE, known))
    assert shop.rows("SELECT file FROM recordings") == [("his secret",)]


def test_a_copy_makes_no_entry_of_another_author_the_subjects(shop: Peer) -> None:
    notes = {
        "name": "orders",
        "kind": "note",
        "key": ["id"],
        "author": "email",
        "one_person": False,
        "identities": [{"column": "email", "kind": "email"}, {"column": "phone", "kind": "email"}],
        "references": [{"column": "cust_id", "table": "cust", "to": "id"}],
    }
    shop.run(
        "INSERT INTO orders VALUES (1, 2, 'anna@example.com', 'carl@example.com', 'his secret'), "
        "(2, 2, 'carl@example.com', 'anna@example.com', 'hers'), "
        "(3, 1, 'anna@example.com', 'carl@example.com', 'his answer')"
    )
    connector = shop.connector([CUSTOMERS, notes])
    known = frozenset({EMAIL})
    decided = whose(connector, known)
    assert decided["note [1]"] is Attribution.ANOTHER
    assert decided["note [2]"] is Attribution.SUBJECT
    text = given(connector, [RecordRef("telephone", "note", f"[{key}]") for key in (1, 2, 3)], known)
    assert "hers" in text
    assert "his" not in text.replace("[", "")


def test_a_reference_leads_from_a_text_to_a_number_and_from_a_number_to_a_text(shop: Peer) -> None:
    notes = {
        "name": "notes",
        "key": ["id"],
        "identities": [{"column": "mail", "kind": "email"}],
        "references": [{"column": "ent_id", "table": "cust", "to": "id", "where": {"ent": "cust"}}],
    }
    replies = {"name": "replies", "key": ["id"], "references": [{"column": "note", "table": "notes", "to": "no"}]}
    shop.run(
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, ent CHAR(4), ent_id VARCHAR(20), no VARCHAR(9), mail VARCHAR(40))",
        "CREATE TABLE replies (id INTEGER PRIMARY KEY, note INTEGER)",
        "INSERT INTO notes VALUES (1, 'cust', '1', '17', ''), (2, 'cust', '2', '18', ''), (3, 'cust', 'x', '', '')",
        "INSERT INTO notes VALUES (4, 'cust', '99999999999', '19', 'anna@example.com')",
        "INSERT INTO replies VALUES (1, 17), (2, 18)",
    )
    connector, known = shop.connector([CUSTOMERS, notes, replies]), frozenset({EMAIL})
    decided = whose(connector, known)
    assert decided == dict.fromkeys(["cust [1]", "notes [1]", "notes [4]", "replies [1]"], Attribution.SUBJECT)
    refs = [RecordRef("telephone", kind, "[1]") for kind in ("replies", "notes")]
    assert {one.kind for ref in refs for one in connector.erase([ref], Method.ERASE, known)} == {OutcomeKind.ERASED}
    assert shop.rows("SELECT id FROM notes ORDER BY 1") == [(2,), (3,), (4,)]


@pytest.mark.parametrize("column", ["VARCHAR(40)", "VARCHAR(40) NOT NULL"])
def test_a_file_goes_whose_column_is_a_foreign_key_and_is_told_of_where_it_takes_no_null(
    shop: Peer, column: str
) -> None:
    (shop.folder / "s1.txt").write_text("hers")
    shop.run(
        "CREATE TABLE stored (name VARCHAR(40) PRIMARY KEY)",
        f"CREATE TABLE scans (id INTEGER PRIMARY KEY, email VARCHAR(40), name {column} REFERENCES stored (name))",
        "INSERT INTO stored VALUES ('s1.txt')",
        "INSERT INTO scans VALUES (1, 'anna@example.com', 's1.txt')",
    )
    scans = {"name": "scans", "key": ["id"], "identities": CUSTOMERS["identities"][:1]}
    connector = shop.connector([scans | {"file": {"column": "name", "kind": "scan", "title": "scans"}}])
    (done,) = connector.erase([RecordRef("telephone", "scan", "s1.txt")], Method.ERASE, frozenset({EMAIL}))
    is_null = "NOT" not in column
    assert done.kind is (OutcomeKind.ERASED if is_null else OutcomeKind.FAILED)
    assert ("file.cleared" in done.reason, done.refused) == (not is_null, not is_null)
    assert (shop.folder / "s1.txt").exists() is not is_null
    assert shop.rows("SELECT name FROM scans") == [(None if is_null else "s1.txt",)]
