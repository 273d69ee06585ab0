"""PostgreSQL databases of other character sets than UTF-8, or of none, with the bytes that old programs wrote there.

The neighbours have such bytes in their rows too; of theirs no byte changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.rectification.changes import Change, FieldOf
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, PresenceState, RecordRef
from tests.integration.connectors.sql.peer import Peer
from tests.support.peers.postgres import PostgresDatabase

KNOWN = frozenset(
    {
        identifier(IdentifierKind.EMAIL, "anna@example.com"),
        identifier(IdentifierKind.EMAIL, "łukasz@exämple.com"),
        identifier(IdentifierKind.CUSTOMER_ID, "Łódź-7"),
        identifier(IdentifierKind.PHONE, "+49 30 901820"),
    }
)
TABLE: dict[str, Any] = {
    "name": "people",
    "kind": "person",
    "key": ["id"],
    "identities": [
        {"column": "email", "kind": "email"},
        {"column": "customer", "kind": "customer_id"},
        {"column": "tel", "kind": "phone"},
    ],
    "rectify": {"name": "name", "level": "level"},
    "fields": {"name": "name", "note": "note", "tags": "tags", "level": "level"},
}
ENTRY = {"name": "entries", "kind": "entry", "key": ["person", "no"], "references": [{"column": "person", "to": "id"}]}
BLANKED = TABLE | {"erase": "blank", "blank": {"email": "", "name": "", "note": "", "tel": "", "customer": ""}}
ANNAS = [RecordRef("telephone", "person", "[1]"), RecordRef("telephone", "person", "[2]")]
# What stands in the code points 0x80 to 0x9f, which LATIN1 has and CP1252 has not.
_NOTE = r"E'K\xf6ln \x9d\x81'"
_DDL = (
    r"CREATE TYPE rank AS ENUM ('silver', E'g\xf6ld')",
    (
        "CREATE TABLE people (id integer, email varchar(120) NOT NULL, customer varchar(20), tel varchar(30), name "
        "varchar(40), note text, tags text[], given json, level rank, sort char(3))"
    ),
    "CREATE TABLE entries (person integer, no varchar(8), body text)",
)
_ROW = (
    "INSERT INTO people VALUES ({}, {}, 'Lodz-{}', {}, "
    rf"E'M\xfcller', {_NOTE}, ARRAY[{_NOTE}], E'{{{{\"a\": \"\xfc\"}}}}', E'g\xf6ld', E'\xe9')"
)
_PEOPLE = (
    (1, "E'Anna@example.com'", 1, "'030 901820'"),
    (2, "E'anna@example.com'", 2, "NULL"),
    (3, r"E'\xe4nna@example.com'", 3, r"E'030\xa0901821'"),
    (4, r"E'anna@ex\xe4mple.com'", 4, "NULL"),
    (5, r"E'ben@example.com'", 5, r"E'\xfc'"),
)


_READ = [("SQL_ASCII", "C"), ("SQL_ASCII", "C.UTF-8"), ("LATIN1", "C")]


@pytest.fixture(scope="module", params=_READ, ids="-".join)
def made(request: pytest.FixtureRequest, postgres_server, tmp_path_factory) -> Iterator[tuple[str, Peer]]:
    """A database of such a character set, and its name."""
    encoding, locale = request.param
    with postgres_server.admin() as admin:
        admin.execute(f"CREATE DATABASE old ENCODING '{encoding}' LOCALE '{locale}' TEMPLATE template0")
        try:
            folder, database = tmp_path_factory.mktemp("old") / "files", PostgresDatabase(postgres_server, "old")
            folder.mkdir()
            peer = Peer(url=database.url(), folder=folder, postgres=database)
            utf8(peer).run(*_DDL)
            yield encoding, peer
        finally:
            admin.execute("DROP DATABASE IF EXISTS old WITH (FORCE)")


@pytest.fixture
def old(made: tuple[str, Peer]) -> Peer:
    people = (_ROW.format(number, email, customer, tel) for number, email, customer, tel in _PEOPLE)
    entries = (rf"INSERT INTO entries VALUES ({one}, 'a', E'g\xf6t')" for one in range(1, 6))
    utf8(made[1]).run("TRUNCATE people, entries", *people, *entries)
    return made[1]


def utf8(peer: Peer) -> Peer:
    """A session that sends UTF-8, since the driver reads nothing from a database without a character set by itself."""
    return replace(peer, url=f"{peer.url}&client_encoding=utf8")


def others(peer: Peer) -> list[Any]:
    """Everything of the others, by its bytes."""
    people = "SELECT id, md5(p::text) FROM people p WHERE id > 2 ORDER BY id"
    return utf8(peer).rows(people) + utf8(peer).rows("SELECT no, md5(e::text) FROM entries e WHERE person > 2")


def test_bytes_of_any_person_end_no_search_and_are_given_as_text(old):
    connector = old.connector([TABLE, ENTRY | {"references": [{"column": "person", "table": "people", "to": "id"}]}])
    found = [one.record for one in connector.locate(KNOWN)]
    assert [one.ref for one in found] == ["[1]", "[2]", '[1,"a"]', '[2,"a"]']
    (first, *_) = connector.extract(found[:2], KNOWN)
    assert (first.content["name"], first.content["level"], first.content["sort"].strip()) == ("Müller", "göld", "é")
    assert first.content["note"].startswith("Köln ")
    assert first.content["given"] == {"a": "ü"}


def test_an_erasure_takes_the_persons_rows_and_leaves_each_byte_of_the_others(old):
    before = others(old)
    connector = old.connector([TABLE])
    assert {one.kind for one in connector.erase(ANNAS, Method.ERASE, KNOWN)} == {OutcomeKind.ERASED}
    assert {one.state for one in connector.presence(ANNAS, KNOWN)} == {PresenceState.ABSENT}
    assert others(old) == before


def test_what_is_blanked_is_blank_and_each_byte_of_the_others_stays(old):
    before = others(old)
    connector = old.connector([BLANKED])
    assert {one.kind for one in connector.erase(ANNAS, Method.ERASE, KNOWN)} == {OutcomeKind.REDACTED}
    assert utf8(old).rows("SELECT email || name || note FROM people WHERE id < 3") == [("",), ("",)]
    assert others(old) == before
    (kept, _) = connector.blank(ANNAS, ["tags", "level"], KNOWN)
    assert not kept.refused


def test_a_correction_compares_by_bytes_and_what_finds_no_room_is_told(made, old):
    before = others(old)
    connector = old.connector([TABLE])
    (done,) = connector.rectify(ANNAS[:1], [Change("name", "Müller", "Möller")], KNOWN)
    (twice,) = connector.rectify(ANNAS[1:], [Change("name", "Müller", "Łukaszewicz")], KNOWN)
    said = (done.kind, twice.kind)
    if made[0] == "SQL_ASCII":
        assert said[0] is OutcomeKind.UNRECTIFIED
    else:
        assert said == (OutcomeKind.RECTIFIED, OutcomeKind.UNRECTIFIED)
        assert "did not take the new value" in twice.reason
    assert others(old) == before


def test_what_finds_no_room_is_known_before_anything_is_written(made, old):
    everything = "SELECT id, md5(p::text) FROM people p ORDER BY id"
    before = utf8(old).rows(everything)
    changes = [Change("name", "Müller", "Łukasz"), Change("level", "göld", "silver"), Change("phone", "1", "2")]
    told = list(old.connector([TABLE]).foresee(changes))
    assert told == ([FieldOf("person", "name")] if made[0] == "LATIN1" else [])
    assert list(old.connector([TABLE]).foresee([Change("name", "Müller", "Möller" + "x" * 40)])) != []
    for blank in ({"name": "gelöscht"}, {"name": "usunięty"}):
        connector = old.connector([BLANKED | {"blank": BLANKED["blank"] | blank}])
        if made[0] == "LATIN1" and blank["name"] == "usunięty":
            with pytest.raises(Misconfigured, match="column name of the table people does not take what blank gives"):
                list(connector.locate(KNOWN))
            assert not connector.probe().ok
        else:
            assert [one.record for one in connector.locate(KNOWN)] == ANNAS
    assert utf8(old).rows(everything) == before


@pytest.mark.parametrize("made", [("WIN1252", "C")], indirect=True, ids="-".join)
def test_bytes_that_its_character_set_has_not_are_refused_by_name_and_change_nothing(old):
    everything = "SELECT id, md5(p::text) FROM people p ORDER BY id"
    before = utf8(old).rows(everything)
    for act in (lambda one: one.locate(KNOWN), lambda one: one.erase(ANNAS, Method.ERASE, KNOWN)):
        with pytest.raises(Misconfigured, match="people of the system telephone has text that is none in"):
            list(act(old.connector([TABLE])))
    assert utf8(old).rows(everything) == before
    utf8(old).run("UPDATE people SET note = '', tags = '{}' WHERE id < 4")
    connector = old.connector([TABLE])
    assert [one.record.ref for one in connector.locate(KNOWN)] == ["[1]", "[2]"]
