"""A record of several people whose names stand in its parts: an account with a row for each field, and their history.

Anna has an account with her husband's address in its fields; what was noted on a field is a part of that field, with a
scan. Ben has an account of his own as well.
"""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sql import SqlConnector
from connectors.sql.extract import OTHERS_ENTRY
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.domain.vocabulary.records import Blob, Document, Fact, Method, OutcomeKind, RecordRef
from rightsflow.testing.bench import Found, by_kind, find, may_go
from tests.integration.connectors.sql.peer import Peer

_DDL = """
CREATE TABLE account (id INTEGER PRIMARY KEY, login VARCHAR(40) NOT NULL);
CREATE TABLE field (id INTEGER PRIMARY KEY, account_id INTEGER, named VARCHAR(40), held VARCHAR(80));
CREATE TABLE history (id INTEGER PRIMARY KEY, field_id INTEGER, said VARCHAR(80), scan VARCHAR(40));
CREATE TABLE wish (id INTEGER PRIMARY KEY, account_id INTEGER, text VARCHAR(40) NOT NULL);
CREATE TABLE wish_note (id INTEGER PRIMARY KEY, wish_id INTEGER, note VARCHAR(40) NOT NULL)"""
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "account": [(1, "family"), (2, "ben")],
    "field": [
        (10, 1, "billing_email", "anna@example.com"),
        (11, 1, "billing_name", "Anna Quill"),
        (12, 1, "shipping_email", "ben@example.com"),
        (13, 1, "shipping_name", "Ben Kern"),
        (14, 1, "street", "Weg 5"),
        (20, 2, "billing_email", "ben@example.com"),
        (21, 2, "street", "Weg 7"),
    ],
    "history": [
        (100, 10, "by letter", "anna.txt"),
        (102, 12, "by telephone", "ben.txt"),
        (103, 13, "was B. Kern", ""),
        (120, 20, "by telephone", "own.txt"),
    ],
    "wish": [(200, 1, "a kettle"), (210, 2, "a lamp")],
    "wish_note": [(300, 200, "in red")],
}
_COLUMNS = {
    "account": ("id", "login"),
    "field": ("id", "account_id", "named", "held"),
    "history": ("id", "field_id", "said", "scan"),
    "wish": ("id", "account_id", "text"),
    "wish_note": ("id", "wish_id", "note"),
}
_NAMES = {"billing_email": "email", "shipping_email": "email", "billing_name": "name", "shipping_name": "name"}
TABLES: list[dict[str, Any]] = [
    {"name": "account", "key": ["id"], "blank": {"login": ""}},
    {
        "name": "field",
        "key": ["id"],
        "references": [{"column": "account_id", "table": "account", "to": "id", "part": True}],
        "identities": [{"column": "held", "where": {"named": key}, "kind": kind} for key, kind in _NAMES.items()],
        "blank": {"held": ""},
    },
    {
        "name": "history",
        "key": ["id"],
        "references": [{"column": "field_id", "table": "field", "to": "id", "part": True}],
        "file": {"column": "scan", "kind": "scan"},
    },
    {
        "name": "wish",
        "key": ["id"],
        "references": [{"column": "account_id", "table": "account", "to": "id"}],
        "blank": {"text": ""},
    },
    {
        "name": "wish_note",
        "key": ["id"],
        "references": [{"column": "wish_id", "table": "wish", "to": "id"}],
        "blank": {"note": ""},
    },
]
ANNA: Identifiers = frozenset(
    {identifier(IdentifierKind.EMAIL, "anna@example.com"), identifier(IdentifierKind.NAME, "Anna Quill")}
)


@pytest.fixture(
    params=["sqlite_peer", pytest.param("postgres_peer", marks=pytest.mark.apart),
            pytest.param("mariadb_peer", marks=pytest.mark.apart)]
)  # fmt: skip
def shop(request: pytest.FixtureRequest) -> Peer:
    peer: Peer = request.getfixturevalue(request.param)
    peer.run(*_DDL.split(";"))
    for table, rows in ROWS.items():
        peer.insert(table, [dict(zip(_COLUMNS[table], row, strict=True)) for row in rows])
    for name in ("anna", "ben", "own"):
        (peer.folder / f"{name}.txt").write_text(f"scan of {name}")
    return peer


def dump(peer: Peer) -> dict[int, tuple[Any, ...]]:
    return {row[0]: tuple(row) for table in ROWS for row in peer.rows(f"SELECT * FROM {table}")}


def ref(kind: str, key: int) -> RecordRef:
    return RecordRef("telephone", kind, f"[{key}]")


def erase(connector: SqlConnector, found: Found) -> dict[RecordRef, OutcomeKind]:
    """Erase as a case does: kind by kind, what is redacted before what is deleted."""
    facts, done = {one.record: one for one in found.subject}, dict[RecordRef, OutcomeKind]()
    for kind, refs in by_kind(connector, found.refs):
        for method in (Method.REDACT, Method.ERASE):
            goes = [one for one in refs if may_go(facts[one], Method.ERASE) is (method is Method.ERASE)]
            if goes and method in connector.capabilities.kind(kind).methods:
                done |= {one.record: one.kind for one in connector.erase(goes, method, found.known)}
    return done


def test_the_parts_of_a_record_of_two_people_are_each_theirs_who_is_named_there(shop: Peer) -> None:
    """Before, the other person's name and what was noted on it were given."""
    connector = shop.connector(TABLES)
    found = find(connector, ANNA)
    shared = {one.record for one in found.subject if Fact.SHARED in one.facts}
    assert {ref("field", 10), ref("history", 100)} == {one.record for one in found.subject if one.record.kind in
                                                       ("field", "history")} - shared  # fmt: skip
    parts = list(connector.extract(found.refs, found.known))
    given = {part.record: part.content for part in parts if isinstance(part, Document)}
    assert "Ben Kern" not in str(given)
    assert "ben@example.com" not in str(given)
    assert "Kern" not in str(given[ref("history", 103)])
    # Whose of the two it is, no one can tell: it is named, and not given, and neither is what hangs on it.
    untold = [(ref("field", 14), "held"), (ref("account", 1), "login"), (ref("wish", 200), "text")]
    untold += [(ref("wish_note", 300), "note")]
    left_out = {part.record: sum(part.withheld.values()) for part in parts if isinstance(part, Document)}
    for record, column in untold:
        assert (given[record][column], left_out[record]) == (OTHERS_ENTRY, 1)
    others = {part.record: part.others for part in parts if isinstance(part, Document)}
    assert others[ref("field", 14)] == {"ben@example.com", "Ben Kern"}
    assert [b"".join(part.open()) for part in parts if isinstance(part, Blob)] == [b"scan of anna"]


def test_an_erasure_leaves_the_other_persons_parts_and_what_hangs_on_them(shop: Peer) -> None:
    """Before, what was left once her address was gone counted as gone, with her name and her wishes in it."""
    connector, before = shop.connector(TABLES), dump(shop)
    found = find(connector, ANNA)
    done = erase(connector, found)
    after = dump(shop)
    assert before.keys() - after.keys() == {10, 100}
    assert {key for key in after if after[key] != before[key]} == {11}
    assert after[11][-1] == ""
    assert {path.name for path in shop.folder.iterdir()} == {"ben.txt", "own.txt"}
    kept = {one for one, kind in done.items() if kind in (OutcomeKind.RETAINED, OutcomeKind.RESIDUE)}
    fields = {ref("field", key) for key in (12, 13, 14)}
    assert kept == fields | {ref("account", 1), ref("wish", 200), ref("wish_note", 300)}


def test_what_became_several_peoples_after_the_plan_is_not_deleted(shop: Peer) -> None:
    """The last door: before, all of the account went, the other person's name and scan with it."""
    shop.run("DELETE FROM field WHERE id IN (12, 13)", "DELETE FROM history WHERE id IN (102, 103)")
    connector = shop.connector(TABLES)
    found = find(connector, ANNA)
    assert not [one for one in found.subject if Fact.SHARED in one.facts]
    for table, columns in (("field", _COLUMNS["field"]), ("history", _COLUMNS["history"])):
        late = [row for row in ROWS[table] if row[0] in (12, 13, 102, 103)]
        shop.insert(table, [dict(zip(columns, row, strict=True)) for row in late])
    refs = [*found.refs, ref("field", 12), ref("field", 13), ref("history", 102), ref("history", 103)]
    said = dict[RecordRef, str]()
    for _, some in by_kind(connector, [*refs, RecordRef("telephone", "scan", "ben.txt")]):
        said |= {one.record: one.reason for one in connector.erase(some, Method.ERASE, found.known)}
    after = dump(shop)
    assert {key: after[key] for key in (12, 13, 102, 103)} == {
        row[0]: row for table in ROWS for row in ROWS[table] if row[0] in (12, 13, 102, 103)
    }
    assert {path.name for path in shop.folder.iterdir()} == {"ben.txt", "own.txt"}
    assert (after[14][-1], after[200][-1], after[300][-1]) == ("Weg 5", "a kettle", "in red")
    for record in (ref("field", 13), ref("wish", 200)):
        assert said[record] == "This entry is, or may be, another person's, so it was left as it is."
    for method, kind in ((Method.ERASE, OutcomeKind.RETAINED), (Method.REDACT, OutcomeKind.RESIDUE)):
        (again,) = connector.erase([ref("account", 1)], method, found.known)
        assert (again.kind, again.refused) == (kind, True)


def test_a_part_of_a_part_names_people_too(sqlite_peer: Peer) -> None:
    """Before, the order of two people counted as one person's, and who stood in its items' fields was not found."""
    sqlite_peer.run(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT)",
        "CREATE TABLE item (id INTEGER PRIMARY KEY, order_id INTEGER)",
        "CREATE TABLE itemmeta (id INTEGER PRIMARY KEY, item_id INTEGER, k TEXT, v TEXT)",
        "INSERT INTO orders VALUES (1, 'for both'), (2, 'hers')",
        "INSERT INTO item VALUES (10, 1), (11, 1), (20, 2)",
        "INSERT INTO itemmeta VALUES (100, 10, 'mail', 'anna@example.com'), (101, 11, 'mail', 'ben@example.com'), "
        "(200, 20, 'mail', 'anna@example.com')",
    )
    tables = [
        {"name": "orders", "key": ["id"]},
        {"name": "item", "key": ["id"],
         "references": [{"column": "order_id", "table": "orders", "to": "id", "part": True}]},
        {"name": "itemmeta", "key": ["id"],
         "references": [{"column": "item_id", "table": "item", "to": "id", "part": True}],
         "identities": [{"column": "v", "where": {"k": "mail"}, "kind": "email"}]},
    ]  # fmt: skip
    connector = sqlite_peer.connector(tables)
    found = find(connector, ANNA)
    shared = {f"{one.record.kind} {one.record.ref}": Fact.SHARED in one.facts for one in found.subject}
    assert shared == {
        "orders [1]": True, "orders [2]": False, "item [10]": False, "item [11]": True, "item [20]": False,
        "itemmeta [100]": False, "itemmeta [101]": True, "itemmeta [200]": False,
    }  # fmt: skip
    assert [kind.name for kind in connector.capabilities.kinds] == ["itemmeta", "item", "orders"]
    documents = [part for part in connector.extract(found.refs, found.known) if isinstance(part, Document)]
    notes = {part.record.ref: part.content["note"] for part in documents if part.record.kind == "orders"}
    assert notes == {"[1]": OTHERS_ENTRY, "[2]": "hers"}
    for kind, refs in by_kind(connector, found.refs):
        outcomes = list(connector.erase(refs, Method.ERASE, found.known))
        if kind == "orders":
            assert [one.kind for one in outcomes] == [OutcomeKind.RETAINED, OutcomeKind.ERASED]
    assert sqlite_peer.rows("SELECT id, note FROM orders") == [(1, "for both")]


def test_parts_by_which_a_record_is_found_go_after_all_that_hangs_on_it(sqlite_peer: Peer) -> None:
    """Before, chance decided, and a run that was killed after them found the rest no more."""
    connector = sqlite_peer.connector(TABLES)
    assert [kind.name for kind in connector.capabilities.kinds][-2:] == ["field", "account"]
    blanked = [TABLES[0] | {"erase": "blank"}, *TABLES[1:]]
    connector = sqlite_peer.connector(blanked)
    assert [kind.name for kind in connector.capabilities.kinds][-2:] == ["account", "field"]


def test_a_field_of_another_persons_account_that_names_the_subject_gives_and_changes_nothing_else(shop: Peer) -> None:
    """Before, all of the account in which her address is noted was hers too, and was given and blanked."""
    shop.run("ALTER TABLE account ADD COLUMN email VARCHAR(40)", "UPDATE account SET email = 'ben@example.com'")
    account = TABLES[0] | {"identities": [{"column": "email", "kind": "email"}], "blank": {"login": "", "email": ""}}
    connector, before = shop.connector([account, *TABLES[1:]]), dump(shop)
    found = find(connector, ANNA)
    assert not found.refs
    assert found.known == ANNA
    assert ref("field", 10) in {one.record for one in found.everything}
    erase(connector, found)
    assert dump(shop) == before


def test_what_names_another_member_below_a_record_of_several_is_that_ones(sqlite_peer: Peer) -> None:
    """Before, where her own number was not known yet, his purchases taught his number, were given and erased."""
    sqlite_peer.run(
        "CREATE TABLE house (id INTEGER PRIMARY KEY)",
        "CREATE TABLE member (card TEXT, house_id INTEGER, mail TEXT)",
        "CREATE TABLE buy (id INTEGER PRIMARY KEY, house_id INTEGER, card TEXT, what TEXT)",
        "INSERT INTO house VALUES (1)",
        "INSERT INTO member VALUES ('K1', 1, 'anna@example.com'), ('K2', 1, 'ben@example.com')",
        "INSERT INTO buy VALUES (1, 1, 'K1', 'hers'), (2, 1, 'K2', 'a secret'), (3, 1, 'K3', 'a secret')",
    )
    to, card = {"column": "house_id", "table": "house", "to": "id"}, {"column": "card", "kind": "customer_id"}
    connector = sqlite_peer.connector([
        {"name": "house", "key": ["id"]},
        {"name": "member", "key": ["card"], "identities": [card, {"column": "mail", "kind": "email"}],
         "references": [to | {"part": True}]},
        {"name": "buy", "key": ["id"], "identities": [card], "references": [to]},
    ])  # fmt: skip
    found = find(connector, ANNA)
    assert {one.value for one in found.known if one.kind is IdentifierKind.CUSTOMER_ID} == {"K1"}
    given = [one.content for one in connector.extract(found.refs, found.known) if isinstance(one, Document)]
    assert ("a secret" in str(given), "hers" in str(given)) == (False, True)
    outcomes = {one.record: one.kind for _, refs in by_kind(connector, found.refs)
                for one in connector.erase(refs, Method.ERASE, found.known)}  # fmt: skip
    assert [outcomes[ref("buy", key)] for key in (1, 2, 3)] == [OutcomeKind.ERASED, *[OutcomeKind.RETAINED] * 2]
    assert sqlite_peer.rows("SELECT id FROM buy ORDER BY id") == [(2,), (3,)]
