"""A proposed section: what a careful person would write, nothing of a row in it, and it loads and works."""

from __future__ import annotations

import json
import tomllib
import warnings
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.settings import SecretRef
from connectors.sql import SqlConnector, SqlSettings
from connectors.sql.client import read_only_engine
from connectors.sql.coverage import uncovered_places
from connectors.sql.propose import propose
from connectors.sql.propose.facts import (
    ColumnFacts,
    ColumnType,
    Content,
    ForeignKeyFacts,
    TableFacts,
    look_at,
    look_into,
)
from connectors.sql.propose.links import TableLink, declared_links, guessed_links
from connectors.sql.propose.selection import select
from connectors.sql.propose.toml_text import render
from rightsflow.config.sections.section import validate
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifier_kinds import KindDeclaration
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.spellings.field_names import FieldSort, sort_of, word_set
from tests.integration.connectors.sql.layouts import LAYOUTS, MARK, PEOPLE, build, wanted
from tests.integration.connectors.sql.peer import PLACE, Peer
from tests.support.kinds import IMEI, RMA, SERIAL


def proposed(
    url: str, folder: Path, name: str = "shop", kinds: tuple[KindDeclaration, ...] = ()
) -> tuple[str, dict[str, Any]]:
    secret = folder / "url"
    secret.write_text(url)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        text = propose(name, SecretRef(f"file:{secret}"), "DE", lambda _: None, kinds)
    return text, tomllib.loads(text)["systems"][name]


def connector(section: dict[str, Any]) -> SqlConnector:
    return SqlConnector("shop", validate(SqlSettings, section, "[systems.shop]"), PLACE)


@pytest.mark.apart
def test_strange_layouts_are_described_as_a_careful_person_does(tmp_path):
    found, false, missing, ended = 0, set(), set(), []
    for layout in LAYOUTS:
        text, section = proposed(build(layout, tmp_path / f"{layout}.db"), tmp_path)
        assert MARK not in text.casefold(), layout
        assert str(tmp_path / layout) not in text, layout
        columns = {
            f"{table['name']}.{one['column']}" for table in section["tables"] for one in table.get("identities", ())
        }
        by_hand = wanted(layout)
        found += len(columns & by_hand["*"])
        missing |= by_hand["*"] - columns
        false |= columns - by_hand["*"] - by_hand["?"]
        ended.append(connector(section).probe())
    assert (found, missing, false) == (60, set(), set())
    assert all(health.ok for health in ended), [health.detail for health in ended]


@pytest.mark.apart
def test_what_is_found_by_a_proposal_is_the_persons(tmp_path):
    """Of Redmine, where a person's address, name and entries are in different tables and no foreign key is declared."""
    _, section = proposed(build("redmine", tmp_path / "redmine.db"), tmp_path)
    known = frozenset({identifier(IdentifierKind.EMAIL, f"{MARK}.7@example.org")})
    located = list(connector(section).locate(known))
    kinds = {item.record.kind for item in located}
    # The telephone numbers among the further fields are found by the number, and lead to no table by a column.
    assert kinds == {table.get("kind", table["name"]) for table in section["tables"]} - {"custom_values"}
    assert all(json.loads(item.record.ref) in (7, [7], {"id": 7}, "7", ["7"]) for item in located)


@pytest.mark.apart
def test_guesses_say_why_and_what_is_left_out_is_named(tmp_path):
    text, section = proposed(build("chinook", tmp_path / "chinook.db"), tmp_path)
    by_name = {table["name"]: table for table in section["tables"]}
    assert by_name["Customer"]["erase"] == "blank"
    assert by_name["Invoice"]["document_class"] == "voucher"
    assert by_name["InvoiceLine"]["references"] == [{"column": "InvoiceId", "table": "Invoice", "to": "InvoiceId"}]
    assert "SupportRepId" not in json.dumps([table.get("references", []) for table in section["tables"]])
    assert "#   Employee: it describes colleagues" in text
    assert f"likely: by its name, and {PEOPLE} of {PEOPLE} different values can be read" in text
    assert "sure: a foreign key of the database" in text
    text, shop = proposed(build("shop", tmp_path / "shop.db"), tmp_path)
    assert "24 of 24 different values are e-mail addresses at this path" in text
    contact = next(table for table in shop["tables"] if table["name"] == "contact")
    assert {"column": "profil", "kind": "email", "path": "contact.email"} in contact["identities"]
    _, woo = proposed(build("woocommerce", tmp_path / "woo.db"), tmp_path)
    meta = next(table for table in woo["tables"] if table["name"] == "wp_usermeta")
    assert meta["identities"] == [{"column": "meta_value", "kind": "phone", "where": {"meta_key": "billing_phone"}}]
    assert meta["references"] == [{"column": "user_id", "table": "wp_users", "to": "ID", "part": True}]


@pytest.mark.apart
def test_a_device_is_found_through_its_owners_and_declared_kinds_are_identities(tmp_path):
    url = build("shop", tmp_path / "shop.db")
    known = (RMA.declaration, SERIAL.declaration, replace(IMEI.declaration, name="imei_of_ours"))
    text, section = proposed(url, tmp_path, kinds=known)
    device = next(table for table in section["tables"] if table["name"] == "geraet")
    assert device["references"] == [{"column": "id", "table": "geraet_contact", "to": "geraet_id"}]
    assert device["identities"] == [{"column": "serial", "kind": "serial"}]
    repair = next(table for table in section["tables"] if table["name"] == "repair_order")
    assert [item["table"] for item in repair["references"]] == ["contact"]
    assert "device_id leads to geraet, which people may have in turn" in text
    other = replace(RMA.declaration, name="repair_order")
    assert "declare [identifiers.repair_order]" in proposed(url, tmp_path, kinds=(other,))[0]


HOSTILE = [
    'e-mail" , kind = "phone',
    "email\n[systems.other]",
    "email # \u2028",
    "e\\mail",
    "email'''",
    "email\x00\x1b[31m",
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_no_name_in_a_database_ends_its_line(name: str):
    own = ColumnFacts(name="id", type=ColumnType.NUMBER)
    column = ColumnFacts(name=name, type=ColumnType.TEXT, filled=9, different=9, holds={Content.EMAIL: 9})
    note = ColumnFacts(
        name=f"note {name}", type=ColumnType.TEXT, filled=9, different=9, holds={Content.EMAIL_IN_TEXT: 9}
    )
    table = TableFacts(name=name, columns=(own, column, note), primary=("id",), rows=9)
    section = tomllib.loads(render("shop", {"url": "env:SHOP_URL"}, select((table,), ()), 200, {}))["systems"]
    assert section.keys() == {"shop"}
    identities = [{"column": "mail", "kind": "email"}]
    configured = {"name": name, "key": ["id"], "identities": identities, "blank": {"mail": ""}}
    described = {"connector": "sql", "url": "env:X", "source": "x", "retention": "x", "tables": [configured]}
    described |= {key: ["x"] for key in ("purposes", "categories")}
    places = uncovered_places("shop", validate(SqlSettings, described, "[systems.shop]"), (table,), ())
    assert [tomllib.loads(place.lines) for place in places] == [
        {"identities": [{"column": column.name, "kind": "email"}]},
        {"not_personal": [note.name]},
    ]


def test_an_empty_database_is_described_by_its_names(tmp_path):
    text, section = proposed(build("woocommerce", tmp_path / "empty.db", rows=0), tmp_path)
    assert "guess: by its name alone; no value was seen" in text
    assert {"wp_users", "wp_comments", "wp_wc_order_addresses"} <= {table["name"] for table in section["tables"]}


def test_a_database_without_people_is_refused(tmp_path, sqlite_peer: Peer):
    sqlite_peer.run("CREATE TABLE product (id INTEGER PRIMARY KEY, title TEXT, price INTEGER)")
    with pytest.raises(BadInput, match="None of the 1 tables"):
        proposed(sqlite_peer.url, tmp_path)


def test_every_database_is_read_and_none_is_written(peer: Peer, tmp_path):
    peer.run(
        "CREATE TABLE customer (id INTEGER PRIMARY KEY, email VARCHAR(80) NOT NULL UNIQUE, born DATE, note TEXT)",
        "CREATE TABLE invoice (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, made_on DATE, "
        "FOREIGN KEY (customer_id) REFERENCES customer (id))",
    )
    people = [
        {"id": number, "email": f"{MARK}{number}@example.org", "born": date(1980, 1, number), "note": MARK}
        for number in range(1, 6)
    ]
    peer.insert("customer", people)
    text, section = proposed(peer.url, tmp_path)
    assert MARK not in text
    invoice, customer = sorted(section["tables"], key=lambda table: table["name"], reverse=True)
    assert invoice["references"] == [{"column": "customer_id", "table": "customer", "to": "id"}]
    assert (customer["blank"], customer["erase"]) == ({"email": "erased-{key}"}, "blank")
    engine = read_only_engine(SecretRef(f"file:{tmp_path / 'url'}"), 5)
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError):
        connection.exec_driver_sql("DELETE FROM customer")
    engine.dispose()
    assert peer.rows("SELECT count(*) FROM customer") == [(5,)]


NAMES = st.sampled_from(
    sorted(
        word_set(
            "id user_id customer_id email phone first_name name created_at order_id author_id parent_id assigned_to_id "
            "type commentable_id commentable_type password notes status imei Ünïcode 名前 lock_version file_name"
        )
    )
)
TABLES = st.sampled_from(
    sorted(word_set("users customer orders order_line ticket ticket_note product tag Wörter cdr address"))
)


@st.composite
def databases(draw: st.DrawFn) -> tuple[list[TableFacts], list[TableLink]]:
    tables = []
    for name in draw(st.lists(TABLES, min_size=1, max_size=6, unique=True)):
        columns = draw(st.lists(NAMES, min_size=1, max_size=9, unique=True))
        facts = tuple(
            ColumnFacts(
                name=column,
                type=draw(st.sampled_from(ColumnType)),
                length=draw(st.sampled_from([None, 5, 40, 255])),
                nullable=draw(st.booleans()),
                filled=20,
                different=draw(st.integers(0, 20)),
            )
            for column in columns
        )
        primary = tuple(draw(st.lists(st.sampled_from(columns), max_size=2, unique=True)))
        unique = tuple((column,) for column in draw(st.lists(st.sampled_from(columns), max_size=2, unique=True)))
        tables.append(TableFacts(name=name, columns=facts, primary=primary, unique=unique, together=tuple(columns)))
    keyed = [
        TableFacts(**{**vars(table), "foreign": tuple(draw(st.lists(_key(table, tables), max_size=3)))})
        for table in tables
    ]
    return keyed, [*declared_links(keyed), *guessed_links(keyed)]


def _key(table: TableFacts, tables: list[TableFacts]) -> st.SearchStrategy[ForeignKeyFacts]:
    ends = [(other.name, column.name) for other in tables for column in other.columns]
    return st.builds(
        lambda column, end: ForeignKeyFacts(table=end[0], columns=((column, end[1]),)),
        st.sampled_from([column.name for column in table.columns]),
        st.sampled_from(ends),
    )


@pytest.mark.apart
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(database=databases())
def test_whatever_the_schema_is_the_section_loads_and_names_every_table_once(database):
    tables, links = database
    selection = select(tables, links)
    text = render("shop", {"url": "env:SHOP_URL"}, selection, 200, {})
    section = tomllib.loads(text)["systems"]["shop"]
    names = [table["name"] for table in section.get("tables", ())]
    assert sorted([*names, *selection.left_out, *selection.others]) == sorted(table.name for table in tables)
    if names:
        validate(SqlSettings, section, "[systems.shop]")


@given(
    values=st.lists(st.one_of(st.none(), st.text(), st.binary(), st.integers(), st.emails(), st.dates()), max_size=30)
)
def test_whatever_stands_in_a_column_only_counts_are_kept(values):
    filled, different, holds = look_at(values, "DE")
    assert 0 <= different <= filled <= len(values)
    assert all(0 < count <= different for count in holds.values())


def test_words_of_programs_are_named_and_words_about_people_are_not():
    people = [json.dumps({f"{MARK}{number}": {"email": "x@example.org"}}) for number in range(9)]
    program = [json.dumps({"mail": {"to": f"{MARK}{number}@example.org"}}) for number in range(9)]
    assert look_into(people) == {}
    assert list(look_into(program)) == ["mail.to"]
    assert list(look_into(program[:2])) == []


def test_what_leads_to_several_tables_is_not_guessed_and_what_is_no_table_is_named(tmp_path, sqlite_peer: Peer):
    """Two tables of a shop count their rows from 1, as WooCommerce's do: a guess would be other people's rows."""
    sqlite_peer.run(
        "CREATE TABLE wp_users (ID INTEGER PRIMARY KEY, user_email TEXT)",
        "CREATE TABLE wp_lookup (customer_id INTEGER PRIMARY KEY, email TEXT)",
        "CREATE TABLE wp_orders (id INTEGER PRIMARY KEY, customer_id INTEGER, billing_email TEXT, ip_address TEXT)",
        "CREATE TABLE wp_order_stats (order_id INTEGER PRIMARY KEY, customer_id INTEGER)",
        "CREATE TABLE wp_ordermeta (id INTEGER PRIMARY KEY, order_token INTEGER, order_id INTEGER)",
        "CREATE TABLE wp_sessions (id INTEGER PRIMARY KEY, session_key TEXT UNIQUE, session_value TEXT)",
        "CREATE TABLE wp_log (id INTEGER PRIMARY KEY, line TEXT)",
        'CREATE TABLE "old.users" (id INTEGER PRIMARY KEY, email TEXT)',
        "CREATE VIEW customers AS SELECT ID, user_email FROM wp_users",
    )
    # What the shop writes itself comes first and names no one yet.
    shop = [{"id": n, "customer_id": 0, "billing_email": "", "ip_address": ""} for n in range(1, 301)]
    mail = [f"{MARK}{number}@example.org" for number in range(1, 41)]
    nested = [f'a:1:{{s:8:"customer";s:{len(m) + 26}:"a:1:{{s:5:"email";s:{len(m)}:"{m}";}}";}}' for m in mail]
    theirs = [
        {"id": 300 + n, "customer_id": n, "billing_email": mail[n - 1], "ip_address": f"192.0.2.{n}"}
        for n in range(1, 41)
    ]
    for table, rows in (
        ("wp_users", [{"ID": n, "user_email": mail[n - 1]} for n in range(1, 41)]),
        ("wp_lookup", [{"customer_id": n, "email": mail[-n]} for n in range(1, 41)]),
        ("wp_orders", [*shop, *theirs]),
        ("wp_order_stats", [{"order_id": 300 + n, "customer_id": n} for n in range(1, 41)]),
        ("wp_ordermeta", [{"id": n, "order_token": n, "order_id": 300 + n} for n in range(1, 41)]),
        ("wp_sessions", [{"id": n, "session_key": str(n), "session_value": nested[n - 1]} for n in range(1, 41)]),
        ("wp_log", [{"id": n, "line": f"a mail to {mail[n - 1]} was sent"} for n in range(1, 41)]),
    ):
        sqlite_peer.insert(table, rows)
    text, section = proposed(sqlite_peer.url, tmp_path)
    tables = {table["name"]: table for table in section["tables"]}
    by_account = {"column": "customer_id", "table": "wp_users", "to": "ID"}
    by_order = {"column": "order_id", "table": "wp_orders", "to": "id"}
    assert tables["wp_orders"]["references"] == [by_account]
    assert tables["wp_order_stats"]["references"] == [by_order]
    assert "customer_id leads to one of wp_lookup, wp_users: its numbers are in each" in text.replace("\n# ", " ")
    assert (tables["wp_ordermeta"]["title"], tables["wp_ordermeta"]["references"]) == ("order metas", [by_order])
    inside = {"column": "session_value", "kind": "email", "path": "customer.email"}
    assert tables["wp_sessions"]["identities"] == [inside]
    assert "ip_address seems to point at files" not in text
    for left_out in ("customers: is a view", "old.users: has a dot in its name", "wp_log: its columns line hold"):
        assert f"#   {left_out}" in text
    alone = [table for table in section["tables"] if table["name"] == "wp_users"]
    described = section | {"tables": alone, "not_personal": [name for name in tables if name != "wp_users"]}
    found = {place.name: place.looks_like for place in connector(described).uncovered()}
    assert found == {"customers": "e-mail address", "old.users": "e-mail address"}


def test_own_companies_and_ids_of_mails_are_no_people_and_uuids_lead_as_numbers_do():
    """A system of several companies: through its one company each person would be everyone else's."""
    key = ColumnFacts(name="id", type=ColumnType.KEY, filled=9, different=9)
    mail = ColumnFacts(name="email", type=ColumnType.TEXT, filled=9, different=9, holds={Content.EMAIL: 9})
    own = ColumnFacts(name="org_id", type=ColumnType.KEY, filled=9, different=1)
    message = ColumnFacts(name="message_id", type=ColumnType.TEXT, filled=9, different=9, holds={Content.EMAIL: 9})
    customer = ColumnFacts(name="customer_id", type=ColumnType.KEY, filled=9, different=9)
    tables = [TableFacts(name="org", columns=(key, replace(mail, filled=1, different=1)), primary=("id",), rows=1)]
    tables += [
        TableFacts(name=name, columns=(key, own, *more), primary=("id",), rows=9)
        for name, more in (
            ("customer", (mail,)),
            ("note", (customer,)),
            ("mail", (customer, message)),
            ("tag", ()),
            ("product", ()),
        )
    ]
    selection = select(tables, [link.checked(9, 9) or link for link in guessed_links(tables)])
    assert "your own companies" in selection.left_out["org"]
    assert {name: [link.other for link in item.references] for name, item in selection.chosen.items()} == {
        "customer": [],
        "note": ["customer"],
        "mail": ["customer"],
    }
    assert not selection.chosen["mail"].identities
    assert sort_of("date_of_joining") is FieldSort.OTHER
    assert sort_of("date_of_birth") is FieldSort.BIRTH_DATE


def test_a_field_in_json_that_cannot_be_null_is_emptied(tmp_path):
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    with sa.create_engine(url).begin() as connection:
        for statement in (
            "CREATE TABLE cases (id INTEGER PRIMARY KEY, details JSON NOT NULL, title VARCHAR(80) NOT NULL)",
            "CREATE TABLE invoices (id INTEGER PRIMARY KEY, case_id INTEGER REFERENCES cases (id))",
            *(
                f"INSERT INTO cases VALUES ({number}, '{{\"caller\": \"+4930123450{number}\"}}', 'Kettle')"
                for number in range(1, 8)
            ),
            *(f"INSERT INTO invoices VALUES ({number}, {number})" for number in range(1, 8)),
        ):
            connection.exec_driver_sql(statement)
    _, section = proposed(url, tmp_path)
    (cases,) = [table for table in section["tables"] if table["name"] == "cases"]
    assert {"column": "details", "path": "caller", "value": ""} in cases["blank"]
    assert cases["erase"] == "blank"
