"""Rectification and blanking in schemas that others made: what is refused, altered, computed or compared loosely.

The neighbours share the telephone, the key but for its case, the city and all that was noted; of them nothing changes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.sql.settings import SqlSettings
from proofs.strangers.planted import of_database
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.rectification.changes import Change
from rightsflow.domain.vocabulary.records import OutcomeKind, PresenceState, RecordRef
from tests.integration.connectors.sql.peer import Peer
from tests.support.peers.postgres import PostgresDatabase
from tests.support.peers.redmine_tables import REDMINE

ANNA = identifier(IdentifierKind.EMAIL, "anna@example.com")
PHONE = identifier(IdentifierKind.PHONE, "+49 30 901820")
KNOWN = frozenset({ANNA, PHONE})
_DDL = """
CREATE DOMAIN postcode AS varchar(10) CHECK (VALUE ~ '^[0-9]{5}$');
CREATE TYPE rank AS ENUM ('bronze', 'silver', 'gold');
CREATE TABLE cities (code varchar(5) PRIMARY KEY);
INSERT INTO cities VALUES ('BER'), ('MUC');
CREATE TABLE people (tenant integer NOT NULL, login varchar(40) NOT NULL, email varchar(120) NOT NULL,
  email_key varchar(120) GENERATED ALWAYS AS (lower(email)) STORED, tel varchar(20) NOT NULL, code char(12),
  zip postcode, level rank, city varchar(5) REFERENCES cities, born date, badge integer,
  settings json, tags text[], score numeric(6, 2), lang varchar(10), nick varchar(20), motto varchar(20),
  place varchar(20), CHECK (lang <> 'xx'), CONSTRAINT one_badge UNIQUE (badge) DEFERRABLE INITIALLY DEFERRED);
CREATE FUNCTION checks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.nick = 'admin' THEN RAISE EXCEPTION 'admin does not exist' USING ERRCODE = 'RT001'; END IF;
  IF NEW.nick = 'root' THEN RAISE EXCEPTION 'no'; END IF;
  IF NEW.nick = 'quiet' THEN RETURN NULL; END IF;
  NEW.motto := left(NEW.motto, 5); NEW.place := upper(NEW.place); RETURN NEW; END $$;
CREATE TRIGGER checks BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION checks()"""
_ROW = (
    "INSERT INTO people VALUES (%s, '%s', '%s', DEFAULT, '030 901820', 'A-1', '10115', 'silver', 'BER', '1980-05-01', "
    "%s, '{\"a\": 1}', '{x,y}', 1.50, 'de', 'anna', 'none', 'Berlin')"
)
FIELDS = ("tel", "code", "zip", "level", "city", "born", "badge", "settings", "score", "lang", "nick", "motto", "place")
TABLE: dict[str, Any] = {
    "name": "people",
    "kind": "person",
    "key": ["tenant", "login"],
    "identities": [{"column": "email", "kind": "email"}, {"column": "tel", "kind": "phone"}],
    "facts": ["accounting"],
    "rectify": {one: one for one in FIELDS} | {"mail key": "email_key", "phone": "tel", "statement": "place"},
    "fields": {one: one for one in (*FIELDS, "tags")} | {"mail key": "email_key"},
}
ANNAS = RecordRef("telephone", "person", '[1,"anna"]')


@pytest.fixture(scope="module")
def strange(postgres_server, tmp_path_factory):
    with postgres_server.database() as database:
        folder = tmp_path_factory.mktemp("strange") / "files"
        folder.mkdir()
        peer = Peer(url=database.url(), folder=folder, postgres=database)
        with peer.engine.begin() as connection:
            connection.exec_driver_sql(_DDL.replace("%", "%%"))
        yield peer


@pytest.fixture
def people(strange: Peer) -> Peer:
    rows = ((1, "anna", "anna@example.com", 1), (2, "anna", "ben@example.com", 2), (1, "carl", "carl@example.com", 3))
    strange.run("DELETE FROM people", *(_ROW % row for row in rows))
    return strange


def others(peer: Peer) -> list[tuple[Any, ...]]:
    return peer.rows("SELECT p::text FROM people p WHERE email <> 'anna@example.com' ORDER BY 1")


def held(peer: Peer, column: str) -> object:
    return peer.rows(f"SELECT {column}::text FROM people WHERE email = 'anna@example.com'")[0][0]


TAKEN = [
    ("code", "A-1", "B-22", "B-22"),
    ("zip", "10115", "80331", "80331"),
    ("level", "silver", "gold", "gold"),
    ("city", "BER", "MUC", "MUC"),
    ("born", "1980-05-01", "1981-05-01", "1981-05-01"),
    ("badge", "1", "7", "7"),
    ("nick", "Anna", "Änna", "Änna"),
    ("place", "berlin", "Bonn", "BONN"),
    ("phone", "+4930901820", "+4930901829", "+4930901829"),
]
REFUSED = [
    ("zip", "10115", "1011"),
    ("level", "silver", "iron"),
    ("city", "BER", "HAM"),
    ("born", "1980-05-01", "31.12.1980"),
    ("badge", "1", "2"),
    ("mail key", "anna@example.com", "x@example.com"),
    ("settings", "{'a': 1}", "{}"),
    ("score", "1.50", "2.50"),
    ("lang", "de", "xx"),
    ("lang", "de", "de-x-much-too-long"),
    ("nick", "anna", "admin"),
    ("nick", "anna", "root"),
    ("nick", "anna", "quiet"),
    ("motto", "none", "carpe diem"),
]


@pytest.mark.apart
def test_what_a_schema_takes_is_written_and_what_it_refuses_stays_whole_and_is_told(people: Peer):
    connector, before = people.connector([TABLE]), others(people)
    for field, old, new, text in TAKEN:
        (done,) = connector.rectify([ANNAS], [Change(field, old, new)], KNOWN)
        now = held(people, "tel" if field == "phone" else field)
        assert (done.kind, now) == (OutcomeKind.RECTIFIED, text), (field, done.reason)
    people.run("DELETE FROM people WHERE email = 'anna@example.com'", _ROW % (1, "anna", "anna@example.com", 1))
    whole = people.rows("SELECT p::text FROM people p WHERE email = 'anna@example.com'")
    for field, old, new in REFUSED:
        (done,) = connector.rectify([ANNAS], [Change(field, old, new)], KNOWN)
        assert done.kind is OutcomeKind.UNRECTIFIED, (field, new)
        assert done.reason == f"Not corrected: {field}: the system did not take the new value."
        assert people.rows("SELECT p::text FROM people p WHERE email = 'anna@example.com'") == whole, (field, new)
    assert others(people) == before


def test_a_key_that_the_database_compares_without_case_writes_no_one_elses_row(sqlite_peer: Peer):
    sqlite_peer.run(
        "CREATE TABLE people (login VARCHAR(40) COLLATE NOCASE, email VARCHAR(120), tel VARCHAR(20), born DATE)",
        "INSERT INTO people VALUES ('anna', 'anna@example.com', '030 901820', NULL)",
        "INSERT INTO people VALUES ('ANNA', 'ben@example.com', '030 901820', NULL)",
    )
    table = {"name": "people", "key": ["login"], "identities": TABLE["identities"][:1]}
    field = {"phone": "tel", "date of birth": "born"}
    connector = sqlite_peer.connector([{**table, "rectify": field, "fields": field}])
    ref, bens = RecordRef("telephone", "people", '["anna"]'), "SELECT * FROM people WHERE email = 'ben@example.com'"
    before = sqlite_peer.rows(bens)
    (done,) = connector.rectify([ref], [Change("phone", "030 901820", "+4930901829")], KNOWN)
    assert done.reason == "Corrected: telephone number."
    assert sqlite_peer.rows(bens) == before
    (blanked,) = connector.blank([ref], {"phone"}, KNOWN)
    assert blanked.reason == ""
    (day,) = connector.rectify([ref], [Change("date of birth", "", "31.12.1980")], KNOWN)
    assert "did not take the new value" in day.reason
    assert sqlite_peer.rows(bens) == before
    assert sqlite_peer.rows("SELECT tel FROM people WHERE login = 'anna' COLLATE BINARY") == [(None,)]


@pytest.mark.apart
def test_every_column_is_blanked_that_can_be_and_the_rest_is_told(people: Peer):
    connector, before = people.connector([TABLE]), others(people)
    fields = frozenset(connector.capabilities.kind("person").blankable)
    for _ in range(2):
        (done,) = connector.blank([ANNAS], fields, KNOWN)
        assert done.reason == "mail key, since the system did not take it."
    left = [column for column in (*FIELDS, "tags") if held(people, column) not in (None, "")]
    assert (left, held(people, "tel"), held(people, "settings")) == ([], "", None)
    assert others(people) == before


def test_a_row_of_one_key_that_is_anothers_keeps_all_rows_of_it_as_they_are(people: Peer):
    table = {**TABLE, "key": ["tenant"], "rectify": {"lang": "lang"}}
    ref, before = RecordRef("telephone", "person", "[1]"), others(people)
    (done,) = people.connector([table]).rectify([ref], [Change("lang", "de", "en")], KNOWN)
    assert done.reason == "Not corrected: lang: another person's data stand in the same record."
    (kept,) = people.connector([table]).blank([ref], {"lang"}, KNOWN)
    assert "another person's data stand in the same record" in kept.reason
    assert (others(people), held(people, "lang")) == (before, "de")


def test_a_trigger_that_may_keep_old_values_is_told(people: Peer):
    health = people.connector([TABLE]).probe()
    assert (health.ok, health.is_doubtful) == (True, True)
    assert "people has a trigger or a rule that runs when a row is changed or deleted" in health.detail


@pytest.fixture(params=["LATIN1", "SQL_ASCII"])
def latin(request: pytest.FixtureRequest, postgres_server, tmp_path):
    name, quoted = f"strange_{request.param.lower()}", {"encoding": request.param}
    with postgres_server.admin() as admin:
        admin.execute("CREATE DATABASE {} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0".format(name, **quoted))
        (tmp_path / "files").mkdir()
        database = PostgresDatabase(postgres_server, name)
        peer = Peer(url=database.url(), folder=tmp_path / "files", postgres=database)
        replace(peer, url=database.url() + "&client_encoding=utf8").run(
            "CREATE TABLE people (id integer, email varchar(120), name varchar(40))",
            "INSERT INTO people VALUES (1, 'anna@example.com', 'Müller'), (2, 'ben@example.com', 'Müller')",
        )
        yield peer
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_letter_that_a_database_has_no_room_for_is_told_and_all_others_are_written(latin: Peer):
    table = {"name": "people", "key": ["id"], "identities": TABLE["identities"][:1], "rectify": {"name": "name"}}
    connector, ref = latin.connector([table]), RecordRef("telephone", "people", "[1]")
    assert len(list(connector.locate(KNOWN))) >= 1
    (done,) = connector.rectify([ref], [Change("name", "müller", "Möller")], KNOWN)
    assert (done.kind, done.reason) == (OutcomeKind.RECTIFIED, "Corrected: name.")
    (done,) = connector.rectify([ref], [Change("name", "Möller", "Łukaszewicz")], KNOWN)
    held = replace(latin, url=latin.url + "&client_encoding=utf8").rows(
        "SELECT name FROM people WHERE id < 3 ORDER BY id"
    )
    if done.kind is OutcomeKind.UNRECTIFIED:
        assert "did not take the new value" in done.reason
        assert held == [("Möller",), ("Müller",)]
    else:
        assert held == [("Łukaszewicz",), ("Müller",)]


def test_a_field_in_several_columns_is_corrected_where_the_wrong_value_stands(people: Peer):
    connector = people.connector([{**TABLE, "rectify": {"word": ["nick", "motto"]}}])
    (done,) = connector.rectify([ANNAS], [Change("word", "anna", "Anja")], KNOWN)
    assert (done.kind, held(people, "nick"), held(people, "motto")) == (OutcomeKind.RECTIFIED, "Anja", "none")
    (done,) = connector.rectify([ANNAS], [Change("word", "Otto", "Ott")], KNOWN)
    assert "another value stands there" in done.reason


PERSON_FIELD = {"customized_type": "Principal", "custom_field_id": 1}
HISTORY = {"property": "cf", "prop_key": "1"}
REDMINES = [
    {
        "name": "email_addresses",
        "key": ["id"],
        "identities": [{"column": "address", "kind": "email"}],
        "rectify": {"email": "address"},
    },
    {
        "name": "custom_values",
        "key": ["id"],
        "references": [{"column": "customized_id", "table": "email_addresses", "to": "user_id"}],
        "where": {"customized_type": "Principal"},
        "rectify": {"phone": {"column": "value", "where": {"custom_field_id": 1}}},
        "fields": {"phone": {"column": "value", "where": {"custom_field_id": [1, 3]}}},
    },
    {
        "name": "journals",
        "key": ["id"],
        "references": [{"column": "journalized_id", "table": "email_addresses", "to": "user_id"}],
    },
    {
        "name": "journal_details",
        "key": ["id"],
        "references": [{"column": "journal_id", "table": "journals", "to": "id"}],
        "fields": {"phone": [{"column": "old_value", "where": HISTORY}, {"column": "value", "where": HISTORY}]},
    },
]
_REDMINES_ROWS = """
INSERT INTO email_addresses (user_id, address) VALUES (5, 'Anna@example.com'), (6, 'ben@example.com');
INSERT INTO custom_values (customized_type, customized_id, custom_field_id, value) VALUES ('Principal', 5, 1,
  '030 901820'), ('Principal', 5, 2, 'C-1'), ('Principal', 6, 1, '030 901820'), ('Issue', 5, 1, '030 901820');
INSERT INTO journals (journalized_id, created_on) VALUES (5, now()), (6, now());
INSERT INTO journal_details (journal_id, property, prop_key, old_value, value) VALUES (1, 'cf', '1', '030 9',
  '030 901820'), (1, 'attr', '1', 'low', 'high'), (2, 'cf', '1', '030 9', '030 901820')"""


@pytest.fixture(scope="module")
def redmine(postgres_server, tmp_path_factory):
    with postgres_server.database() as database:
        folder = tmp_path_factory.mktemp("redmine") / "files"
        folder.mkdir()
        peer = Peer(url=database.url(), folder=folder, postgres=database)
        peer.run(REDMINE, _REDMINES_ROWS)
        yield peer


def at(table: str, number: int) -> RecordRef:
    return RecordRef("telephone", table, f"[{number}]")


@pytest.mark.apart
def test_of_a_table_with_a_row_for_each_field_the_right_row_is_corrected_and_blanked(redmine: Peer):
    connector, before = redmine.connector(REDMINES), of_database(redmine.postgres)
    change = Change("phone", "030 901820", "+4930901829")
    refs = [at("custom_values", number) for number in range(1, 5)]
    for _ in range(2):
        done = [one.kind for one in connector.rectify(refs, [change], KNOWN)]
        assert done == [OutcomeKind.RECTIFIED, OutcomeKind.NOT_CONCERNED, OutcomeKind.UNRECTIFIED, OutcomeKind.NOT_HELD]
    assert {one.state for one in connector.still_wrong(refs, [change], KNOWN)} == {PresenceState.ABSENT}
    told = {one.record.ref: one.reason for one in connector.blank(refs[:3], {"phone"}, KNOWN)}
    assert told["[1]"] == ""
    assert told["[2]"] == "It holds nothing of what was to be blanked."
    assert "another person's" in told["[3]"]
    (history, other) = connector.blank([at("journal_details", 1), at("journal_details", 2)], {"phone"}, KNOWN)
    assert (history.reason, other.reason) == ("", "It holds nothing of what was to be blanked.")
    after = of_database(redmine.postgres)
    changed = {place: row for place, row in after.items() if row != before[place]}
    assert changed == {
        "custom_values/1": {**before["custom_values/1"], "value": "null"},
        "journal_details/1": {**before["journal_details/1"], "value": "null", "old_value": "null"},
    }


def test_columns_that_say_whose_or_which_a_row_is_are_not_written():
    for more, said in (
        ({"rectify": {"phone": "login"}}, "names a key"),
        (
            {"rectify": {"number": "email_key"}, "identities": [{"column": "email_key", "kind": "customer_id"}]},
            "of ids|ids, by",
        ),
        ({"rectify": {"statement": ["nick", "motto"]}}, "several columns"),
        ({"fields": {"born": "born"}, "occurred_at": "born"}, "says when"),
        ({"rectify": {"phone": {"column": "tel", "where": {"level": "gold"}}, "rank": "level"}}, "names a key"),
    ):
        section = {"connector": "sql", "url": "env:URL", "tables": [{**TABLE, "fields": {}, **more}]}
        with pytest.raises(ValueError, match=said):
            SqlSettings.model_validate(section)


@pytest.mark.apart
def test_a_field_that_tells_rows_apart_by_a_value_of_another_type_is_told(redmine: Peer):
    tables = [{**REDMINES[0], "rectify": {"email": {"column": "address", "where": {"is_default": "yes"}}}}]
    with pytest.raises(Misconfigured, match="write true or false"):
        list(redmine.connector(tables).rectify([at("email_addresses", 1)], [Change("email", "a", "b")], KNOWN))
