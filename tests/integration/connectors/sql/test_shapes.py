"""One desk with every shape that is no table of people: JSON, arrays, mails, files in columns, keys of many tables.

Parties join cases many to many; notes hang on a party or on a case by ``party,1``; a history keeps what was; what is
marked as deleted is data still. Ben is in a case of his own and in one with Anna, and has her telephone number.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import (
    Blob,
    Document,
    Fact,
    Method,
    OutcomeKind,
    PresenceState,
    RecordRef,
)
from rightsflow.testing.bench import find
from tests.integration.connectors.sql.peer import Peer

KNOWN = frozenset({identifier(IdentifierKind.EMAIL, "anna@example.com")})
_DDL = """
CREATE TABLE party (id INTEGER PRIMARY KEY, contact {json} NOT NULL, deleted_at VARCHAR(20));
CREATE TABLE party_history (id INTEGER, contact {json}, deleted_at VARCHAR(20), changed VARCHAR(20));
CREATE TABLE matter (id INTEGER PRIMARY KEY, subject VARCHAR(80) NOT NULL, involved {array});
CREATE TABLE involved (party INTEGER, matter INTEGER, PRIMARY KEY (party, matter));
CREATE TABLE note (id INTEGER PRIMARY KEY, resource VARCHAR(40), body VARCHAR(200) NOT NULL);
CREATE TABLE mail (id INTEGER PRIMARY KEY, matter_id INTEGER, raw TEXT NOT NULL);
CREATE TABLE scan (id INTEGER PRIMARY KEY, party_id INTEGER, filename VARCHAR(80), content {bytes});
CREATE TABLE party_tag (id INTEGER PRIMARY KEY, party_id INTEGER, tag VARCHAR(20))"""
_KINDS = {
    "sqlite": {"json": "JSON", "array": "TEXT", "bytes": "BLOB"},
    "postgres": {"json": "JSONB", "array": "TEXT[]", "bytes": "BYTEA"},
}


def contact(mail: str, phone: str, name: str) -> str:
    data = {"name": name, "mails": [{"to": mail, "main": True}], "phone": phone, "score": 12.5, "since": 2019}
    return json.dumps(data)


def mail(sender: str, subject: str, body: str) -> str:
    return f"From: {sender}\nTo: desk@example.org\nSubject: {subject}\nMessage-ID: <1@x>\n\n{body}\n"


ROWS: dict[str, list[dict[str, Any]]] = {
    "party": [
        {"id": 1, "contact": contact("Anna@Example.com", "030 901820", "Anna Müller"), "deleted_at": "2026-01-01"},
        {"id": 2, "contact": contact("ben@example.com", "030 901820", "Ben Müller"), "deleted_at": None},
    ],
    "party_history": [
        {"id": 1, "contact": contact("anna@example.com", "", "Anna M."), "deleted_at": None, "changed": "2025"},
        {"id": 2, "contact": contact("ben@example.com", "", "Ben M."), "deleted_at": None, "changed": "2025"},
    ],
    "matter": [{"id": number, "subject": text} for number, text in ((11, "hers"), (12, "both"), (13, "his"))],
    "involved": [{"party": party, "matter": matter} for party, matter in ((1, 11), (1, 12), (2, 12), (2, 13))],
    "note": [
        {"id": 21, "resource": "party,1", "body": "calls late"},
        {"id": 22, "resource": "party,2", "body": "calls early"},
        {"id": 23, "resource": "matter,11", "body": "hers is done"},
        {"id": 24, "resource": "matter,1", "body": "of no matter here"},
        {"id": 25, "resource": "party,11", "body": "of no party here"},
    ],
    "mail": [
        {"id": 31, "matter_id": 11, "raw": mail("Anna Müller <anna@example.com>", "Kettle", "It hums. Anna Müller")},
        {"id": 32, "matter_id": 13, "raw": mail("ben@example.com", "Lid", "anna@example.com knows of it")},
    ],
    "scan": [
        {"id": 41, "party_id": 1, "filename": "anna.PDF", "content": b"%PDF of Anna"},
        {"id": 42, "party_id": 2, "filename": "ben.pdf", "content": b"%PDF of Ben"},
    ],
    "party_tag": [{"id": 51, "party_id": 1, "tag": "vip"}],
}
_NAMES = [
    {"column": "contact", "path": "mails[*].to", "kind": "email"},
    {"column": "contact", "path": "phone", "kind": "phone"},
    {"column": "contact", "path": "name", "kind": "name"},
]
TABLES: list[dict[str, Any]] = [
    {
        "name": "party",
        "key": ["id"],
        "identities": _NAMES,
        "erase": "blank",
        "blank": [
            {"column": "contact", "path": "mails[*].to"},
            {"column": "contact", "path": "phone"},
            {"column": "contact", "path": "name", "value": "erased-{key}"},
        ],
        "hide": [{"column": "contact", "path": "score"}],
    },
    {"name": "party_history", "key": ["id", "changed"], "identities": _NAMES},
    {"name": "involved", "key": ["party", "matter"], "references": [{"column": "party", "table": "party", "to": "id"}]},
    {
        "name": "matter",
        "key": ["id"],
        "references": [{"column": "id", "table": "involved", "to": "matter"}],
        "erase": "blank",
        "blank": {"subject": "", "involved": ""},
    },
    {
        "name": "note",
        "key": ["id"],
        "references": [
            {"column": "resource", "table": "party", "to": "id", "prefix": "party,"},
            {"column": "resource", "table": "matter", "to": "id", "prefix": "matter,"},
        ],
    },
    {
        "name": "mail",
        "key": ["id"],
        "identities": [{"column": "raw", "path": "from", "kind": "email", "form": "caller_id"}],
        "references": [{"column": "matter_id", "table": "matter", "to": "id"}],
        "erase": "blank",
        "blank": [{"column": "raw", "path": path} for path in ("from", "subject", "body")],
    },
    {
        "name": "scan",
        "key": ["id"],
        "references": [{"column": "party_id", "table": "party", "to": "id"}],
        "blob": {"column": "content", "name_column": "filename"},
    },
]


@pytest.fixture
def desk(each_peer: Peer) -> Peer:
    each_peer.run(*_DDL.format(**_KINDS["postgres" if each_peer.postgres else "sqlite"]).split(";"))
    for table, rows in ROWS.items():
        if each_peer.postgres and "contact" in rows[0]:
            for row in rows:
                given = ", ".join("NULL" if value is None else f"'{value}'" for value in row.values())
                each_peer.run(f"INSERT INTO {table} VALUES ({given})".replace("%", "%%"))
        else:
            each_peer.insert(table, rows)
    if each_peer.postgres:
        each_peer.run("UPDATE matter SET involved = ARRAY['anna@example.com', 'ben@example.com'] WHERE id = 12")
        each_peer.run("UPDATE matter SET involved = ARRAY['anna@example.com'] WHERE id = 11")
    return each_peer


def dump(peer: Peer) -> dict[str, tuple[str, ...]]:
    rows = ((table, row) for table in ROWS for row in peer.rows(f"SELECT * FROM {table}"))
    return {
        f"{table} {row[0]} {row[1] if table == 'involved' else ''}".strip(): tuple(map(str, row)) for table, row in rows
    }


def ref(kind: str, key: object) -> RecordRef:
    return RecordRef("telephone", kind, f"[{key}]")


@pytest.mark.apart
def test_of_every_shape_the_right_rows_are_found_given_and_blanked(desk: Peer):
    connector, before = desk.connector(TABLES), dump(desk)
    found = find(connector, KNOWN)
    places = {f"{one.kind} {one.ref}" for one in found.refs}
    assert places == {
        "party [1]",
        'party_history [1,"2025"]',
        "involved [1,11]",
        "involved [1,12]",
        "matter [11]",
        "matter [12]",
        "note [21]",
        "note [23]",
        "mail [31]",
        "scan [41]",
    }
    assert [one.record.ref for one in found.subject if Fact.SHARED in one.facts] == ["[12]"]
    parts = list(connector.extract(found.refs, found.known))
    (party,) = [part for part in parts if isinstance(part, Document) and part.record.kind == "party"]
    assert party.content["contact"]["mails"] == [{"to": "Anna@Example.com", "main": True}]
    assert "score" not in party.content["contact"]
    (scan,) = [part for part in parts if isinstance(part, Blob)]
    assert (scan.name, scan.media_type, b"".join(scan.open())) == ("scan.pdf", "application/pdf", b"%PDF of Anna")

    refs = [one.record for one in found.subject if Fact.SHARED not in one.facts]
    for kind in connector.capabilities.kinds:
        method = Method.ERASE if Method.ERASE in kind.methods else Method.REDACT
        done = list(connector.erase([one for one in refs if one.kind == kind.name], method, found.known))
        assert {one.kind for one in done} <= {OutcomeKind.ERASED, OutcomeKind.REDACTED}, done
    assert {one.state for one in connector.presence(refs, found.known)} == {PresenceState.ABSENT}
    after = dump(desk)
    gone = {"party_history 1", "involved 1 11", "involved 1 12", "note 21", "note 23", "scan 41"}
    assert before.keys() - after.keys() == gone
    changed = {place for place in after if after[place] != before[place]}
    assert changed == {"party 1", "matter 11", "mail 31"}
    left = json.loads(desk.rows("SELECT CAST(contact AS TEXT) FROM party WHERE id = 1")[0][0])
    assert left == {"name": "erased-1", "mails": [{"to": "", "main": True}], "phone": "", "score": 12.5, "since": 2019}
    assert after["mail 31"][2] == mail("", "", "").rstrip("\n") + "\n\n"


def test_an_array_names_people_and_is_emptied_where_it_names_one(postgres_peer: Peer):
    postgres_peer.run(
        "CREATE TABLE call (id INTEGER PRIMARY KEY, numbers TEXT[], customers INTEGER[], note TEXT)",
        "INSERT INTO call VALUES (1, '{030 901820,030 771234}', '{1007,1008}', 'a')",
        "INSERT INTO call VALUES (2, '{030 771234}', '{1008}', 'b'), (3, '{030 901820}', '{1007}', 'c')",
    )
    table = {
        "name": "call",
        "key": ["id"],
        "one_person": False,
        "identities": [{"column": "numbers", "kind": "phone"}, {"column": "customers", "kind": "customer_id"}],
        "erase": "blank",
        "blank": {"numbers": "", "note": ""},
        "to_null": ["customers"],
    }
    connector = postgres_peer.connector([table])
    known = frozenset({identifier(IdentifierKind.CUSTOMER_ID, "1007"), identifier(IdentifierKind.PHONE, "+4930901820")})
    found = find(connector, known)
    assert {one.record.ref: bool(one.facts & {Fact.SHARED}) for one in found.everything} == {"[1]": True, "[3]": False}
    (document, _) = connector.extract([ref("call", 1), ref("call", 3)], found.known)
    assert isinstance(document, Document)
    assert {"030 771234", "1008"} <= document.others
    assert not {"030 901820", "1007"} & document.others
    (mixed, own) = connector.erase([ref("call", 1), ref("call", 3)], Method.REDACT, found.known)
    assert (mixed.kind, own.kind) == (OutcomeKind.RESIDUE, OutcomeKind.REDACTED)
    assert postgres_peer.rows("SELECT * FROM call ORDER BY id") == [
        (1, ["030 901820", "030 771234"], [1007, 1008], ""),
        (2, ["030 771234"], [1008], "b"),
        (3, [], None, ""),
    ]


def test_numbers_and_spelling_beside_a_field_stay_as_the_database_wrote_them(postgres_peer: Peer):
    text = '{"mail": "anna@example.com",  "price": 1.10, "big": 12345678901234567890.5, "mail": "anna@example.com"}'
    postgres_peer.run(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, as_json JSON, as_jsonb JSONB)",
        f"INSERT INTO a VALUES (1, '{text}', '{text}')",
    )
    names = [{"column": column, "path": "mail", "kind": "email"} for column in ("as_json", "as_jsonb")]
    blank = [{"column": column, "path": "mail"} for column in ("as_json", "as_jsonb")]
    table = {"name": "a", "key": ["id"], "one_person": True, "identities": names, "erase": "blank", "blank": blank}
    connector = postgres_peer.connector([table])
    (done,) = connector.erase([ref("a", 1)], Method.REDACT, KNOWN)
    assert done.kind is OutcomeKind.REDACTED
    (row,) = postgres_peer.rows("SELECT CAST(as_json AS TEXT), CAST(as_jsonb AS TEXT) FROM a")
    assert row[0] == text.replace("anna@example.com", "")
    assert row[1] == '{"big": 12345678901234567890.5, "mail": "", "price": 1.10}'


@pytest.mark.apart
def test_the_doctor_names_what_is_left_out(desk: Peer):
    seen = desk.connector(TABLES).probe().detail
    assert "The tables party_tag have a column that seems to lead to party" in seen
    fewer = [table for table in TABLES if table["name"] != "party_history"]
    plain = [fewer[0] | {"where": {"deleted_at": ""}}, *fewer[1:]]
    assert "The where of party leaves out rows by deleted_at" in desk.connector(plain).probe().detail
    whole = {"name": "party", "key": ["id"], "identities": [{"column": "deleted_at", "kind": "name"}]}
    alone = desk.connector([whole], not_personal=["party_tag"]).probe().detail
    assert "The table party_history has the columns of party" in alone
    assert "party_tag" not in alone
    settled = desk.connector(TABLES, not_personal=["party_tag"]).probe().detail
    assert "seems to lead" not in settled
    into = [*TABLES[:-1], TABLES[-1] | {"identities": [{"column": "party_id", "path": "mail", "kind": "email"}]}]
    with pytest.raises(Misconfigured, match=r"of the table scan .* leads into the column party_id"):
        list(desk.connector(into).locate(KNOWN))


def test_a_table_is_a_part_of_one_other(sqlite_peer: Peer):
    part = {"column": "a", "table": "party", "to": "id", "part": True}
    two = {"name": "x", "key": ["id"], "references": [part, part | {"column": "b"}]}
    with pytest.raises(Misconfigured, match="a part of two others"):
        sqlite_peer.connector([TABLES[0], two])
