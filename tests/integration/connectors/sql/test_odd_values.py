"""Values for which Python or JSON has no type: they reach the package as valid JSON, and end no search."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rightsflow.domain.errors import Misconfigured, Permanent
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Document, Method, OutcomeKind
from tests.integration.connectors.sql.peer import Peer

KNOWN = frozenset({identifier(IdentifierKind.EMAIL, "anna@example.com")})

ODD: dict[str, tuple[str, str, Any]] = {
    "far": ("TIMESTAMPTZ", "'infinity'", "infinity"),
    "past": ("TIMESTAMP", "'-infinity'", "-infinity"),
    "day": ("DATE", "'infinity'", "infinity"),
    "ides": ("DATE", "'0044-03-15 BC'", "0044-03-15 BC"),
    "late": ("TIMESTAMPTZ", "'20000-01-01 00:00:00+00'", "20000-01-01 00:00:00+00"),
    "midnight": ("TIME", "'24:00'", "24:00:00"),
    "large": ("DOUBLE PRECISION", "'infinity'", "Infinity"),
    "small": ("REAL", "'-infinity'", "-Infinity"),
    "none": ("DOUBLE PRECISION", "'NaN'", "NaN"),
    "exact": ("NUMERIC", "'NaN'", "NaN"),
    "tree": ("JSONB", """'{"a": [1, 2.5, null, {"b": "ü"}]}'""", {"a": [1, 2.5, None, {"b": "ü"}]}),
    "text_tree": ("JSON", "'[1, true]'", [1, True]),
    "list": ("TEXT[]", "ARRAY['x', NULL, 'y']", ["x", None, "y"]),
    "grid": ("DOUBLE PRECISION[]", "ARRAY[ARRAY['NaN', 1.5]]::float8[]", [["NaN", 1.5]]),
    "range": ("INT4RANGE", "'[1,5)'", "[1,5)"),
    "period": ("TSTZRANGE", "'[2026-01-01 00:00+00,infinity)'", None),
    "ranges": ("INT4MULTIRANGE", "'{[1,3),[5,7)}'", None),
    "span": ("INTERVAL", "'1 mon 3 days'", "1 mon 3 days"),
    "raw": ("BYTEA", "'\\x00ff'", "00ff"),
    "token": ("UUID", "'0f8fad5b-d9cb-469f-a165-70867728950e'", "0f8fad5b-d9cb-469f-a165-70867728950e"),
    "address": ("INET", "'192.0.2.7/24'", "192.0.2.7/24"),
    "net": ("CIDR", "'2001:db8::/32'", "2001:db8::/32"),
    "bits": ("BIT(4)", "B'1010'", "1010"),
    "place": ("POINT", "'(1,2)'", "(1,2)"),
    "price": ("MONEY", "12.5", None),
}
TABLE = {"name": "odd", "key": ["id"], "identities": [{"column": "email", "kind": "email"}], "occurred_at": "far"}


@pytest.fixture
def odd(postgres_peer: Peer) -> Peer:
    columns = ", ".join(f"{name} {sort}" for name, (sort, _, _) in ODD.items())
    values = ", ".join(value for _, value, _ in ODD.values())
    postgres_peer.run(
        f"CREATE TABLE odd (id INTEGER PRIMARY KEY, email TEXT, {columns})".replace("%", "%%"),
        f"INSERT INTO odd VALUES (1, 'anna@example.com', {values}), (2, 'ben@example.com', {values})",
    )
    return postgres_peer


def strictly(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_every_odd_value_reaches_the_package_as_json(odd: Peer):
    """A time of "infinity" in any row ended the whole search; a NaN made a package that no JSON reader takes."""
    connector = odd.connector([TABLE])
    (one,) = connector.locate(KNOWN)
    assert one.occurred_on is None
    (document,) = connector.extract([one.record], KNOWN)
    assert isinstance(document, Document)
    content = strictly(json.dumps(dict(document.content)))
    assert {name: content[name] for name, (_, _, wanted) in ODD.items() if wanted is not None} == {
        name: wanted for name, (_, _, wanted) in ODD.items() if wanted is not None
    }
    assert all("datetime" not in str(value) for value in content.values())


@pytest.mark.parametrize(
    "name", ["far", "past", "ides", "midnight", "large", "none", "exact", "span", "token", "address"]
)
def test_a_row_whose_key_is_odd_is_found_again(odd: Peer, name: str):
    connector = odd.connector([TABLE | {"key": ["email", name]}])
    (one,) = connector.locate(KNOWN)
    assert len(list(connector.extract([one.record], KNOWN))) == 1
    assert [each.kind for each in connector.erase([one.record], Method.ERASE, KNOWN)] == [OutcomeKind.ERASED]
    assert odd.rows("SELECT email FROM odd") == [("ben@example.com",)]


@pytest.mark.parametrize("name", ["list", "tree", "text_tree", "range", "ranges", "price"])
@pytest.mark.parametrize("what", ["key", "group", "reference", "referred"])
def test_a_column_by_which_rows_cannot_be_told_apart_is_refused(odd: Peer, name: str, what: str):
    """Some raised TypeError in the middle of a search, others said that the database refused a statement."""
    odd.run("CREATE TABLE notes (id INTEGER PRIMARY KEY, about TEXT)")
    changes: dict[str, dict[str, Any]] = {
        "key": {"key": [name]},
        "group": {"group": name},
        "reference": {"references": [{"column": name, "table": "notes", "to": "id"}]},
        "referred": {},
    }
    notes: dict[str, Any] = {"name": "notes", "key": ["id"], "identities": [{"column": "about", "kind": "email"}]}
    if what == "referred":
        notes["references"] = [{"column": "about", "table": "odd", "to": name}]
    connector = odd.connector([TABLE | changes[what], notes])
    with pytest.raises(Misconfigured, match=f"The column {name} of the table odd .* cannot be told apart"):
        list(connector.locate(KNOWN))


def test_infinite_numbers_of_sqlite_are_json(sqlite_peer: Peer):
    sqlite_peer.run("CREATE TABLE odd (id INTEGER PRIMARY KEY, email TEXT, large REAL, far REAL)")
    sqlite_peer.run("INSERT INTO odd VALUES (1, 'anna@example.com', 9e999, -9e999)")
    connector = sqlite_peer.connector([TABLE])
    (one,) = connector.locate(KNOWN)
    (document,) = connector.extract([one.record], KNOWN)
    assert isinstance(document, Document)
    assert strictly(json.dumps(dict(document.content)))["large"] == "Infinity"


@pytest.mark.parametrize(
    ("parent", "child", "value"),
    [
        ("INTEGER", "NUMERIC(10,2)", 5),
        ("VARCHAR(10)", "CHAR(10)", "a5"),
        ("INTEGER", "DOUBLE PRECISION", 5),
        ("UUID", "VARCHAR(40)", "0F8FAD5B-D9CB-469F-A165-70867728950E"),
    ],
)
def test_a_reference_of_another_type_is_followed(parent: str, child: str, value: object, peer: Peer) -> None:
    """What the database called equal was looked up by its text, and 5.00 ended the search with an error of Python."""
    peer.run(
        f"CREATE TABLE people (id {parent} PRIMARY KEY, email VARCHAR(99))",
        f"CREATE TABLE notes (id INTEGER PRIMARY KEY, person {child})",
    )
    peer.insert("people", [{"id": value, "email": "anna@example.com"}])
    peer.insert("notes", [{"id": 1, "person": value}])
    people = {"name": "people", "key": ["id"], "identities": [{"column": "email", "kind": "email"}]}
    notes = {"name": "notes", "key": ["id"], "references": [{"column": "person", "table": "people", "to": "id"}]}
    connector = peer.connector([people, notes])
    refs = [one.record for one in connector.locate(KNOWN)]
    assert [one.kind for one in refs] == ["people", "notes"]
    assert len(list(connector.extract(refs, KNOWN))) == 2


def test_text_of_sqlite_that_is_not_utf8_is_given_and_erased(sqlite_peer: Peer) -> None:
    """One such text in a row of the subject ended the search, with the advice to try again."""
    sqlite_peer.run(
        "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT, name TEXT)",
        "INSERT INTO old VALUES (1, 'anna@example.com', CAST(x'4afc7267' AS TEXT)), "
        "(2, CAST(x'fc20616e6e61406578616d706c652e636f6d' AS TEXT), char(55357)), (3, 'ben@example.com', '')",
    )
    table = {"name": "old", "key": ["id"], "identities": [{"column": "email", "kind": "email"}]}
    connector = sqlite_peer.connector([table])
    refs = [one.record for one in connector.locate(KNOWN)]
    given = [dict(one.content) for one in connector.extract(refs, KNOWN) if isinstance(one, Document)]
    assert (given[0]["name"], given[1]["email"]) == ("J\xfcrg", "\xfc anna@example.com")
    json.dumps(given, ensure_ascii=False).encode()
    assert [one.kind for one in connector.erase(refs, Method.ERASE, KNOWN)] == [OutcomeKind.ERASED] * 2
    assert sqlite_peer.rows("SELECT id FROM old") == [(3,)]


def test_a_key_that_is_not_utf8_is_refused_before_anything_is_said_of_its_row(sqlite_peer: Peer) -> None:
    sqlite_peer.run(
        "CREATE TABLE old (id TEXT PRIMARY KEY, email TEXT)",
        "INSERT INTO old VALUES (CAST(x'4afc7267' AS TEXT), 'anna@example.com')",
    )
    table = {"name": "old", "key": ["id"], "identities": [{"column": "email", "kind": "email"}]}
    with pytest.raises(Permanent, match=r"key columns \(id\) that is not UTF-8; choose other columns"):
        list(sqlite_peer.connector([table]).locate(KNOWN))
