"""A ticket database: references between tables, records of several people, and what the database refuses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connectors.sql import SqlConnector
from connectors.sql.column_settings import Preflight
from rightsflow.domain.errors import Transient
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, identifier
from rightsflow.domain.vocabulary.records import Document, Fact, Located, Method, OutcomeKind, PresenceState, RecordRef
from tests.integration.connectors.sql import tickets
from tests.integration.connectors.sql.peer import Peer
from tests.integration.connectors.sql.tickets import ANNA, TABLES

KNOWN = frozenset({ANNA})
PHONE = identifier(IdentifierKind.PHONE, "+49 171 3920012")
ANNAS_NAME = identifier(IdentifierKind.NAME, "Anna Example")
ANNAS_ID = identifier(IdentifierKind.CUSTOMER_ID, "C-1001")


@pytest.fixture
def filled(peer: Peer) -> Peer:
    tickets.fill(peer)
    return peer


def located(connector: SqlConnector, known: Identifiers = KNOWN) -> dict[tuple[str, str], Located]:
    return {(one.record.kind, one.record.ref): one for one in connector.locate(known) if not one.is_context}


def ref(kind: str, key: str) -> RecordRef:
    return RecordRef("telephone", kind, key)


def test_tables_that_refer_are_erased_before_those_they_refer_to(sqlite_peer: Peer):
    kinds = [kind.name for kind in tickets.connector(sqlite_peer).capabilities.kinds]
    assert kinds[0] == "attachment"
    assert kinds.index("comment") < kinds.index("ticket") < kinds.index("customer")


@pytest.mark.apart
def test_rows_are_reached_and_tell_whose_they_are(filled: Peer):
    owner = located(tickets.connector(filled))["customer", "[1]"].owner
    assert owner == {ANNA, PHONE, ANNAS_ID, ANNAS_NAME}
    # Rows are reached through their parents over two steps.
    found = located(tickets.connector(filled))
    assert found["ticket", "[11]"].via == ref("customer", "[1]")
    assert found["comment", "[11,1]"].via == ref("ticket", "[11]")
    assert found["comment", "[13,2]"].via is None
    assert found["comment", "[13,2]"].owner == KNOWN | {ANNAS_NAME}
    assert found["attachment", "11/hum.wav"].via == ref("comment", "[11,1]")
    assert ("ticket", "[13]") not in found
    # The tickets of another customer with the same number are not walked.
    filled.run("UPDATE customers SET phone = '+49 171 3920012' WHERE id = 2")
    found = located(tickets.connector(filled), frozenset({PHONE, ANNAS_ID}))
    assert ("customer", "[2]") in found
    assert ("ticket", "[13]") not in found
    assert ("ticket", "[11]") in found
    # What is not the person's stays out of the answer.
    (document,) = tickets.connector(filled).extract([ref("ticket", "[11]")], KNOWN)
    assert isinstance(document, Document)
    assert document.content["subject"] == "The kettle hums"
    assert "agent" not in document.content
    # The tables are listed with their parents first.
    kinds = [one.record.kind for one in tickets.connector(filled).locate(KNOWN)]
    assert kinds.index("customer") < kinds.index("ticket") < kinds.index("comment") < kinds.index("attachment")
    assert len(TABLES) == 4


def test_somebody_elses_comment_on_the_subjects_ticket_is_shared_masked_and_not_blanked(filled: Peer):
    connector = tickets.connector(filled)
    found = located(connector)
    assert {key for key, one in found.items() if Fact.SHARED in one.facts} == {("comment", "[11,2]")}
    theirs = found["comment", "[11,2]"].record
    (document,) = connector.extract([theirs], KNOWN)
    assert isinstance(document, Document)
    assert document.others == {"ben@example.com", "Ben Example"}
    list(connector.erase([theirs], Method.REDACT, KNOWN))
    assert filled.rows("SELECT body FROM ticket_comments WHERE author = 'ben@example.com' AND ticket_id = 11") == [
        ("Mine hums too.",)
    ]


def test_vouchers_keep_their_figures(filled: Peer):
    connector = tickets.connector(filled)
    assert located(connector)["order", "[1]"].facts == {Fact.ACCOUNTING}
    list(connector.erase([ref("order", "[1]")], Method.REDACT, KNOWN))
    assert filled.rows("SELECT customer_email, item, note FROM orders WHERE id = 1") == [(None, "kettle", None)]


def test_each_outcome_names_the_statement_and_its_rows(filled: Peer):
    """Before, the outcome of a table carried no reference at all, where other systems note the vendor's request id."""
    connector = tickets.connector(filled)
    done = [
        next(iter(connector.erase([one], method, KNOWN)))
        for one, method in (
            (ref("order", "[1]"), Method.REDACT),
            (ref("comment", "[12,1]"), Method.ERASE),
            (ref("comment", "[12,1]"), Method.ERASE),
        )
    ]
    assert [one.request_id for one in done] == ["update-rows:1", "delete-rows:1", ""]


def test_a_row_on_which_others_depend_is_refused_and_the_rest_of_the_batch_goes(filled: Peer):
    connector = tickets.connector(filled)
    list(connector.erase([ref("comment", "[12,1]")], Method.ERASE, KNOWN))
    outcomes = {
        one.record.ref: one
        for one in connector.erase([ref("ticket", "[11]"), ref("ticket", "[12]")], Method.ERASE, KNOWN)
    }
    assert outcomes["[12]"].kind is OutcomeKind.ERASED
    assert (outcomes["[11]"].kind, outcomes["[11]"].refused) == (OutcomeKind.RETAINED, True)
    # PostgreSQL's own sentence is: Key (id)=(11) is still referenced from table "ticket_comments".
    assert "11" not in outcomes["[11]"].reason
    assert "(comment)" in outcomes["[11]"].reason
    assert filled.rows('SELECT id FROM "Ticket List" ORDER BY id') == [(11,), (13,), (14,), (15,)]


def test_a_trigger_that_says_no_is_refused_without_its_words(postgres_peer: Peer):
    tickets.fill(postgres_peer)
    postgres_peer.run(
        "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'held for %%', OLD.email; END $$",
        "CREATE TRIGGER hold BEFORE DELETE ON customers FOR EACH ROW EXECUTE FUNCTION hold()",
    )
    (outcome,) = tickets.connector(postgres_peer).erase([ref("customer", "[1]")], Method.ERASE, KNOWN)
    assert outcome.refused
    assert "nna" not in outcome.reason


@pytest.mark.apart
def test_a_lock_held_by_another_is_transient(filled: Peer):
    connector = tickets.connector(filled, timeout_seconds=1)
    with filled.engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE" if filled.sqlite else "LOCK TABLE ticket_comments")
        with pytest.raises(Transient):
            list(connector.erase([ref("comment", "[12,1]")], Method.ERASE, KNOWN))
    (outcome,) = connector.erase([ref("comment", "[12,1]")], Method.ERASE, KNOWN)
    assert outcome.kind is OutcomeKind.ERASED


def test_signs_of_a_pattern_in_an_address_stand_for_themselves(filled: Peer):
    for number, address in enumerate(("an%a@example.com", "anxa@example.com", "an_a@example.com"), 20):
        filled.insert("customers", [{"id": number, "email": address}])
    found = located(tickets.connector(filled), frozenset({identifier(IdentifierKind.EMAIL, "an_a@example.com")}))
    assert set(found) == {("customer", "[22]")}


@pytest.mark.parametrize("stored", ["  Jörg@Bücher.example ", "JÖRG@bücher.example", "jörg@xn--bcher-kva.example"])
def test_an_address_with_letters_beyond_ascii_is_found_in_each_spelling(filled: Peer, stored: str):
    filled.insert("customers", [{"id": 30, "email": stored}])
    found = located(tickets.connector(filled), frozenset({identifier(IdentifierKind.EMAIL, "jörg@bücher.example")}))
    assert set(found) == {("customer", "[30]")}


@pytest.mark.parametrize(
    "known",
    [
        Identifier(IdentifierKind.CUSTOMER_ID, "x' OR '1'='1"),
        Identifier(IdentifierKind.EMAIL, "%' OR 1=1 --@example.com"),
        Identifier(IdentifierKind.CUSTOMER_ID, "%"),
    ],
    ids=["quote", "comment", "pattern"],
)
def test_values_never_become_part_of_a_statement(filled: Peer, known: Identifier):
    assert located(tickets.connector(filled), frozenset({known})) == {}


def test_ids_in_columns_of_numbers_and_texts(peer: Peer):
    peer.run("CREATE TABLE accounts (id INTEGER PRIMARY KEY, customer BIGINT, code CHAR(10))")
    rows = [(1, 7, "A-1"), (2, 70, " A-1"), (3, None, "a-1")]
    peer.insert("accounts", [dict(zip(("id", "customer", "code"), row, strict=True)) for row in rows])
    table: dict[str, Any] = {
        "name": "accounts",
        "key": ["id"],
        "identities": [{"column": "customer", "kind": "customer_id"}, {"column": "code", "kind": "account_id"}],
    }
    connector = peer.connector([table])

    def keys(kind: IdentifierKind, value: str, issuer: str = "telephone") -> set[str]:
        return {key for _, key in located(connector, frozenset({identifier(kind, value, issuer=issuer)}))}

    assert keys(IdentifierKind.CUSTOMER_ID, "7") == {"[1]"}
    assert keys(IdentifierKind.CUSTOMER_ID, "007") == set()
    assert keys(IdentifierKind.CUSTOMER_ID, "C-7") == set()
    assert keys(IdentifierKind.CUSTOMER_ID, "9" * 30) == set()
    assert keys(IdentifierKind.ACCOUNT_ID, "A-1") == {"[1]", "[2]"}
    assert keys(IdentifierKind.ACCOUNT_ID, "A-1", "helpdesk") == set(), "another system's account of the same number"


def test_keys_of_every_type_lead_back_to_their_row(postgres_peer: Peer):
    postgres_peer.run(
        "CREATE TABLE things (a UUID, b TIMESTAMPTZ, c DATE, d NUMERIC(8, 3), e BYTEA, f TIME, g BOOLEAN, h TEXT,"
        " email TEXT)",
        "INSERT INTO things VALUES ('0f8fad5b-d9cb-469f-a165-70867728950e', '2026-03-01 09:00:00.123+05', '2026-03-01',"
        " 1.230, '\\x00ff', '09:00', true, NULL, 'anna@example.com'),"
        " ('0f8fad5b-d9cb-469f-a165-70867728950e', '2026-03-01 09:00:00.123+05', '2026-03-01', 1.230, '\\x00ff',"
        " '09:00', true, 'x', 'ben@example.com')",
    )
    table = {"name": "public.things", "key": list("abcdefgh"), "identities": [{"column": "email", "kind": "email"}]}
    connector = postgres_peer.connector([table])
    (one,) = connector.locate(KNOWN)
    assert len(list(connector.extract([one.record], KNOWN))) == 1
    assert [each.kind for each in connector.erase([one.record], Method.ERASE, KNOWN)] == [OutcomeKind.ERASED]
    assert postgres_peer.rows("SELECT email FROM things") == [("ben@example.com",)]


def test_references_may_have_different_types(peer: Peer):
    peer.run("CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(80))")
    peer.run("CREATE TABLE notes (id INTEGER PRIMARY KEY, owner BIGINT)")
    peer.insert("customers", [{"id": 1, "email": "anna@example.com"}])
    peer.insert("notes", [{"id": 5, "owner": 1}, {"id": 6, "owner": 2}])
    notes = {"name": "notes", "key": ["id"], "references": [{"column": "owner", "table": "customers", "to": "id"}]}
    customers = {"name": "customers", "key": ["id"], "identities": [{"column": "email", "kind": "email"}]}
    assert ("notes", "[5]") in located(peer.connector([notes, customers]))
    assert ("notes", "[6]") not in located(peer.connector([notes, customers]))


def test_a_column_that_is_not_blanked_and_names_the_person_is_a_residue(filled: Peer):
    """The row was called absent once its configured columns were blank, whatever stood in the others."""
    filled.run("UPDATE orders SET item = 'kettle for C-1001' WHERE id = 1")
    connector, known = tickets.connector(filled), KNOWN | {ANNAS_ID}
    (outcome,) = connector.erase([ref("order", "[1]")], Method.REDACT, known)
    assert outcome.kind is OutcomeKind.REDACTED
    (seen,) = connector.presence([ref("order", "[1]")], known)
    assert (seen.state, seen.fields) == (PresenceState.RESIDUE, ("item",))


def with_language(peer: Peer, table: str = "customers", column: str = "lang") -> SqlConnector:
    return peer.connector([one | {"language": column} if one["name"] == table else one for one in TABLES])


@pytest.mark.parametrize(("stored", "language"), [("de_AT", "de-AT"), ("fr", "fr"), ("German", ""), (None, "")])
def test_a_row_of_a_person_tells_the_language_in_its_column(filled: Peer, stored: str | None, language: str):
    filled.run("ALTER TABLE customers ADD COLUMN lang VARCHAR(20)")
    filled.run("UPDATE customers SET lang = " + (f"'{stored}'" if stored else "NULL"))
    found = located(with_language(filled))
    assert found["customer", "[1]"].language == language
    assert {one.language for (kind, _), one in found.items() if kind != "customer"} == {""}


def test_a_row_of_several_people_tells_no_language(filled: Peer):
    filled.run("ALTER TABLE ticket_comments ADD COLUMN lang VARCHAR(20)", "UPDATE ticket_comments SET lang = 'fr'")
    found = located(with_language(filled, "ticket_comments"))
    assert found["comment", "[11,1]"].language == "fr"
    assert Fact.SHARED in found["comment", "[11,2]"].facts
    assert found["comment", "[11,2]"].language == ""


def test_a_column_of_languages_that_is_not_there_is_named(filled: Peer):
    health = with_language(filled, column="tongue").probe()
    assert not health.ok
    assert "no column tongue" in health.detail


@pytest.mark.parametrize(
    ("opened", "facts"), [(["new"], {Fact.ACCOUNTING, Fact.OPEN_ORDER}), (["paid"], {Fact.ACCOUNTING})]
)
def test_an_open_order_is_told_by_its_columns(sqlite_peer: Peer, opened: list[str], facts: set[Fact]):
    tickets.fill(sqlite_peer)
    sqlite_peer.run("ALTER TABLE orders ADD COLUMN status VARCHAR(20)", "UPDATE orders SET status = 'new'")
    tables = [
        {**table, "preflight": {"open_when": {"status": opened}}} if table["name"] == "orders" else table
        for table in TABLES
    ]
    assert located(sqlite_peer.connector(tables))["order", "[1]"].facts == facts


def test_a_purchase_is_under_warranty_until_its_months_are_over():
    rule = Preflight(warranty_months=24)
    assert rule.facts({}, date(2025, 12, 1), date(2027, 12, 1)) == {Fact.WARRANTY}
    assert rule.facts({}, date(2025, 12, 1), date(2027, 12, 2)) == frozenset()
    assert rule.facts({}, None, date(2027, 12, 2)) == frozenset()
    with pytest.raises(ValueError, match="open_when, warranty_months"):
        Preflight()
