"""Whether a mapping reads what is there, and what the doctor doubts of a configuration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rightsflow.domain.connector import MOST_SAMPLED, Sample
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Method, PresenceState, RecordRef
from tests.integration.connectors.sql import cdr, threads
from tests.integration.connectors.sql.peer import Peer
from tests.support.peers.mariadb import MariaServer, running_mariadb


def sampled(peer: Peer, *identities: dict[str, Any], **more: Any) -> list[Sample]:
    table = {"name": "customers", "key": ["id"], "identities": list(identities), **more}
    return list(peer.connector([table]).samples())


@pytest.fixture
def customers(peer: Peer) -> Peer:
    peer.run("CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(80), phone VARCHAR(80), sort VARCHAR(9))")
    rows = [(number, f"c{number}@example.com", f"0171 39{number:05}", "User") for number in range(1200)]
    columns = ("id", "email", "phone", "sort")
    peer.insert("customers", [dict(zip(columns, row, strict=True)) for row in rows])
    return peer


@pytest.mark.apart
def test_a_right_mapping_reads_what_is_there_and_looks_at_a_bounded_number(customers: Peer):
    emails, phones = sampled(customers, {"column": "email", "kind": "email"}, {"column": "phone", "kind": "phone"})
    assert (emails.looked_at, emails.readable) == (MOST_SAMPLED, MOST_SAMPLED)
    assert (phones.looked_at, phones.readable) == (MOST_SAMPLED, MOST_SAMPLED)


def test_a_phone_column_that_is_declared_as_email_is_a_wrong_mapping(customers: Peer):
    """Such a mapping found nothing for everyone, and each case was answered with "Nothing held"."""
    (sample,) = sampled(customers, {"column": "phone", "kind": "email"})
    assert sample.is_wrong
    assert str(sample).startswith(
        "Of 1,000 values in the column phone of customers that should be an e-mail address, 0 "
    )
    (sample,) = sampled(customers, {"column": "email", "kind": "phone"})
    assert sample.is_wrong


def test_an_empty_column_and_a_where_that_nothing_fulfils_prove_nothing(customers: Peer):
    customers.run("UPDATE customers SET email = ''")
    assert [one.is_unproven for one in sampled(customers, {"column": "email", "kind": "email"})] == [True]
    (sample,) = sampled(customers, {"column": "phone", "kind": "phone"}, where={"sort": "Usr"})
    assert sample.is_unproven


def test_only_what_is_searched_for_is_counted(peer: Peer):
    # Own lines extensions and withheld numbers are not counted.
    cdr.fill(peer)
    table = cdr.CDR | {"identities": [{"column": "src", "kind": "phone"}, {"column": "clid", "kind": "phone",
                                                                           "form": "caller_id"}]}  # fmt: skip
    src, clid = peer.connector([table], own_numbers=list(cdr.OWN)).samples()
    assert src.readable == src.looked_at > 3
    assert clid.readable == clid.looked_at == 1
    threads.fill(peer)
    assert [(one.looked_at, one.readable) for one in threads.connector(peer).samples()] == [(3, 3)]


# A shop: its orders hang on people, invoices on orders, and what a shop writes beside them.
_DDL = (
    "CREATE TABLE person (id INTEGER PRIMARY KEY, email VARCHAR(80), name VARCHAR(80), number VARCHAR(20) UNIQUE)",
    (
        "CREATE TABLE purchase (id INTEGER PRIMARY KEY, buyer INTEGER REFERENCES person (id), "
        "payer INTEGER REFERENCES person (id), clerk INTEGER REFERENCES person (id), email VARCHAR(80), "
        "name VARCHAR(80), note TEXT, label VARCHAR(40), slip VARCHAR(80), extra JSON, "
        "FOREIGN KEY (buyer) REFERENCES person (id), FOREIGN KEY (payer) REFERENCES person (id), "
        "FOREIGN KEY (clerk) REFERENCES person (id))"
    ),
    (
        "CREATE TABLE parcel (id INTEGER, part INTEGER, purchase INTEGER, email VARCHAR(80), PRIMARY KEY (id, part), "
        "FOREIGN KEY (purchase) REFERENCES purchase (id))"
    ),
    "CREATE TABLE favourite (id INTEGER PRIMARY KEY, person INTEGER, FOREIGN KEY (person) REFERENCES person (id))",
    "CREATE TABLE visit (day INTEGER, email VARCHAR(80))",
)
_ROWS = (
    (
        "INSERT INTO person VALUES (1, 'anna@example.com', 'Anna Quill', 'C-1001'), "
        "(2, 'ben@example.com', 'Ben Stone', 'C-1002')"
    ),
    (
        "INSERT INTO purchase VALUES (11, 1, 1, 2, 'anna@example.com', 'Anna Quill', 'for Quill, Anna', 'kettle', "
        """'11.pdf', '{"to": "Anna Qu\\\\u0069ll"}')"""
    ),
    "INSERT INTO purchase VALUES (12, 2, 2, 2, 'ben@example.com', 'Ben Stone', 'as agreed', 'lid', '12.pdf', '{}')",
    "INSERT INTO parcel VALUES (1, 1, 11, 'anna@example.com')",
    "INSERT INTO visit VALUES (1, 'anna@example.com'), (2, 'anna@example.com'), (3, 'ben@example.com')",
)

PERSON: dict[str, Any] = {
    "name": "person",
    "key": ["id"],
    "identities": [{"column": "email", "kind": "email"}, {"column": "number", "kind": "customer_id"}],
    # Where a blanked purchase keeps the row.
    "to_null": ["email", "number"],
}
PURCHASE: dict[str, Any] = {
    "name": "purchase",
    "key": ["id"],
    "references": [{"column": one, "table": "person", "to": "id"} for one in ("buyer", "payer", "clerk")],
    "identities": [{"column": "email", "kind": "email"}, {"column": "name", "kind": "name"}],
    "erase": "blank",
    "to_null": ["email", "name", "note", "extra"],
    "file": {"column": "slip"},
}
PARCEL: dict[str, Any] = {
    "name": "parcel",
    "key": ["id", "part"],
    "references": [{"column": "purchase", "table": "purchase", "to": "id"}],
}
VISIT: dict[str, Any] = {"name": "visit", "key": ["day"], "identities": [{"column": "email", "kind": "email"}]}
TABLES = (PERSON, PURCHASE, PARCEL, VISIT)
RIGHT = {"not_personal": ["favourite"]}


@pytest.fixture(scope="module")
def maria() -> Iterator[MariaServer]:
    with running_mariadb() as server:
        yield server


@pytest.fixture
def maria_peer(tmp_path: Path, maria: MariaServer) -> Iterator[Peer]:
    folder = tmp_path / "monitor"
    folder.mkdir()
    with maria.database() as database:
        yield Peer(database.url(), folder, maria=database)


MARIA = pytest.param("maria_peer", marks=[pytest.mark.apart, pytest.mark.xdist_group("mariadb")])


@pytest.fixture(params=["sqlite_peer", "postgres_peer", MARIA])
def shop(request: pytest.FixtureRequest) -> Peer:
    peer: Peer = request.getfixturevalue(request.param)
    # A backslash in a text of SQL is itself, but for MariaDB.
    peer.run(*_DDL, *(one if peer.maria else one.replace("\\\\u", "\\u") for one in _ROWS))
    (peer.folder / "11.pdf").write_text("slip")
    return peer


def changed(name: str, **values: Any) -> list[dict[str, Any]]:
    return [one | values if one["name"] == name else one for one in TABLES]


@pytest.mark.apart
def test_a_configuration_that_says_what_the_database_says_leaves_no_doubt(shop: Peer):
    health = shop.connector(TABLES, **RIGHT).probe()
    assert (health.ok, health.is_doubtful) == (True, False), health.detail
    # A wrong place of the files is said.
    (shop.folder / "11.pdf").rename(shop.folder / "elsewhere.pdf")
    detail = shop.connector(TABLES, **RIGHT).probe().detail
    assert "None of 2 files that the column slip of purchase names is in the files' location" in detail


LESS = [one for one in PURCHASE["references"] if one["column"] != "payer"]
WRONG = [{"column": "buyer", "table": "person", "to": "number"}, *PURCHASE["references"][1:]]
DOUBTS: dict[str, tuple[list[dict[str, Any]], dict[str, Any], str]] = {
    "a foreign key that no reference follows": (
        changed("purchase", references=LESS),
        RIGHT,
        "The foreign key payer of purchase leads to id of person and is not among the references of purchase",
    ),
    "a reference to another column": (
        changed("purchase", references=WRONG),
        RIGHT,
        "The reference buyer of purchase leads to number of person, and the database's foreign key to id of person",
    ),
    "a table that is not configured": (
        list(TABLES),
        {},
        (
            "Tables that are not configured have foreign keys to person, so the person's rows there are not found: "
            "favourite (person)"
        ),
    ),
    "a part of the primary key": (
        changed("parcel", key=["id"]),
        RIGHT,
        "The key of parcel (id) is only a part of the table's primary key (id, part)",
    ),
    "a key that several rows have": (changed("visit", key=["email"]), RIGHT, "The key of visit (email) is not unique"),
    "a column that names the row's person": (
        changed("purchase", to_null=["email", "name", "extra"]),
        RIGHT,
        "The column note of purchase holds the name, an address, a number or an id of the row's own person (1 of 2",
    ),
    "JSON that names the row's person": (
        changed("purchase", to_null=["email", "name", "note"]),
        RIGHT,
        "The column extra of purchase holds the name",
    ),
}


@pytest.mark.apart
@pytest.mark.parametrize(("tables", "more", "said"), DOUBTS.values(), ids=DOUBTS.keys())
def test_a_difference_is_said_with_its_mend(shop: Peer, tables: Any, more: dict[str, Any], said: str):
    health = shop.connector(tables, **more).probe()
    assert (health.ok, health.is_doubtful) == (True, True)
    assert said in health.detail
    assert "; " in health.detail
    assert not any(one in health.detail for one in ("Anna", "anna@", "Quill"))


@pytest.mark.apart
def test_a_reference_of_a_table_to_itself_is_said_until_a_person_looks_for_such_rows(shop: Peer):
    """A merged account under another address was not found, and no one was told."""
    shop.run("ALTER TABLE person ADD COLUMN merged_into INTEGER REFERENCES person (id)")
    said = "The foreign key merged_into of person leads to the same table, which references cannot express"
    assert said in shop.connector(TABLES, **RIGHT).probe().detail
    (person,) = (one for one in TABLES if one["name"] == "person")
    looked = changed(
        "person", not_personal=[*person.get("not_personal", ()), "merged_into"], manual_step="Merged ones."
    )
    assert said not in shop.connector(looked, **RIGHT).probe().detail


@pytest.mark.apart
def test_free_text_that_blanking_leaves_is_a_risk_although_no_one_is_named_in_it_now(shop: Peer):
    shop.run("UPDATE purchase SET note = 'as agreed'")
    tables = changed("purchase", to_null=["email", "name", "extra"])
    assert (
        "Blanking leaves note of purchase, which holds JSON or free text"
        in shop.connector(tables, **RIGHT).probe().detail
    )
    settled = [one | {"not_personal": ["note"]} if one["name"] == "purchase" else one for one in tables]
    assert not shop.connector(settled, **RIGHT).probe().is_doubtful


def test_a_foreign_key_that_is_declared_the_other_way_round_is_followed(shop: Peer):
    """As of a table of addresses, from which people are found."""
    person = PERSON | {"references": [{"column": "id", "table": "purchase", "to": "payer"}]}
    tables = [person, PURCHASE | {"references": []}, PARCEL]
    detail = shop.connector(tables, **RIGHT).probe().detail
    # The others would close a circle, which the configuration does not take.
    assert "foreign key" not in detail


@pytest.mark.apart
@pytest.mark.xdist_group("mariadb")
def test_a_user_who_does_not_see_every_table_is_no_proof_that_there_are_no_others(maria_peer: Peer):
    """MariaDB names no table in which the user has no right."""
    maria = maria_peer.maria
    assert maria
    maria_peer.run(*_DDL)
    user = f"few_{maria.name}"
    maria_peer.run(
        f"CREATE OR REPLACE USER {user}@localhost", f"GRANT SELECT, UPDATE ON {maria.name}.purchase TO {user}@localhost"
    )
    tables = [PURCHASE | {"references": []}]
    detail = replace(maria_peer, url=maria.url(user)).connector(tables).probe().detail
    assert "does not see all tables" in detail
    assert "parcel" not in detail
    assert "parcel (purchase)" in maria_peer.connector(tables).probe().detail


KNOWN = frozenset(
    {
        identifier(IdentifierKind.EMAIL, "anna@example.com"),
        identifier(IdentifierKind.NAME, "Anna Quill"),
        identifier(IdentifierKind.CUSTOMER_ID, "C-1001"),
    }
)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("note", "for Quill, Anna"),
        ("note", "see customer C-1001"),
        ("extra", '{"to": ["Anna Quill"]}'),
        ("extra", '{"anna@example.com": 1}'),
        ("label", "ANNA@EXAMPLE.COM"),
    ],
)
def test_a_row_that_stays_is_clear_only_where_no_column_names_the_person(shop: Peer, column: str, value: str):
    """Also a column that the configuration does not name."""
    tables = changed("purchase", to_null=["email", "name"])
    connector, ref = shop.connector(tables, **RIGHT), RecordRef("telephone", "purchase", "[11]")
    shop.run("UPDATE purchase SET note = 'for Anna', extra = '{}'")
    list(connector.erase([ref], Method.ERASE, KNOWN))
    (seen,) = connector.presence([ref], KNOWN)
    # A first name alone is many people's.
    assert seen.state is PresenceState.ABSENT
    shop.run(f"UPDATE purchase SET {column} = '{value}' WHERE id = 11")
    (seen,) = connector.presence([ref], KNOWN)
    assert (seen.state, seen.fields) == (PresenceState.RESIDUE, (column,))
    assert value not in seen.detail
