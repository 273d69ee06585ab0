"""Schemas of others on a real MariaDB: what compares loosely, cannot be taken back, or is no value of Python's."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.registry import ControllerPlace
from connectors.settings import SecretRef
from connectors.sql import SqlConnector, SqlSettings
from connectors.sql.client import read_only_engine
from connectors.sql.propose import propose
from rightsflow.config.sections.section import validate
from rightsflow.domain.errors import Misconfigured, Transient
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.rectification.changes import Change, FieldOf
from rightsflow.domain.vocabulary.records import Document, LeftToPerson, Method, OutcomeKind, PresenceState, RecordRef
from tests.support.peers.mariadb import MariaDatabase, MariaServer, running_mariadb

pytestmark = [pytest.mark.apart, pytest.mark.xdist_group("mariadb")]

ANNA = identifier(IdentifierKind.EMAIL, "anna.müller@example.com")
PHONE = identifier(IdentifierKind.PHONE, "+49 30 901820")
KNOWN = frozenset({ANNA, PHONE, identifier(IdentifierKind.CUSTOMER_ID, str(2**63 + 1))})
PLACE = ControllerPlace(country="DE", timezone="Europe/Berlin")

# A helpdesk as several old ones are: addresses beside users, tickets with entries, a table of further fields.
_TABLES = """
CREATE TABLE user (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, name VARCHAR(80) NOT NULL, org BIGINT UNSIGNED,
  rank ENUM('bronze','silver','gold') NOT NULL DEFAULT 'bronze', flags SET('vip','staff') NOT NULL DEFAULT '',
  status INT UNSIGNED NOT NULL DEFAULT 0, created DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
  updated TIMESTAMP NOT NULL DEFAULT '2026-01-31 23:30:00', shift TIME, seen DATE, secret BIT(1)) ENGINE=InnoDB;
CREATE TABLE email (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, user_id INT UNSIGNED NOT NULL,
  address VARCHAR(120) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci NOT NULL) ENGINE=InnoDB;
CREATE TABLE account (username VARCHAR(40) NOT NULL, email VARCHAR(120), phone VARCHAR(30) CHARACTER SET latin1,
  city VARCHAR(20) CHARACTER SET latin1, locked TINYINT(1) NOT NULL DEFAULT 0) ENGINE=InnoDB;
CREATE TABLE login (id INT AUTO_INCREMENT PRIMARY KEY, username VARCHAR(40), place VARCHAR(40)) ENGINE=InnoDB;
CREATE TABLE ticket (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, email_id INT UNSIGNED NOT NULL, subject TEXT,
  FOREIGN KEY (email_id) REFERENCES email (id) ON DELETE CASCADE) ENGINE=InnoDB;
CREATE TABLE entry (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, ticket_id INT UNSIGNED NOT NULL,
  email_id INT UNSIGNED, body MEDIUMTEXT,
  FOREIGN KEY (ticket_id) REFERENCES ticket (id) ON DELETE CASCADE) ENGINE=InnoDB;
CREATE TABLE detail (object_type CHAR(1) NOT NULL, object_id VARCHAR(20) NOT NULL, field INT NOT NULL, value TEXT)
  ENGINE=InnoDB;
CREATE TABLE old (day DATETIME NOT NULL, number INT, mail VARBINARY(120), name VARCHAR(40), locked INT DEFAULT 0)
  ENGINE=MyISAM"""
_ROWS = """
INSERT INTO user (name, org, rank, flags, created, shift, seen, secret) VALUES
  ('Anna', 9223372036854775809, 'gold', 'vip', '0000-00-00 00:00:00', '-26:30:00', '0000-00-00', b'1'),
  ('Ben', 9223372036854775808, 'gold', 'vip', '0000-00-00 00:00:00', '-26:30:00', '0000-00-00', b'1');
INSERT INTO email (user_id, address) VALUES (1, 'Anna.Müller@example.com'), (2, 'anna.muller@example.com'),
  (2, 'ANNA.MÙLLER@example.com ');
INSERT INTO account VALUES ('müller', 'anna.müller@example.com', '030 901820', 'Köln', 0),
  ('muller', 'anna.muller@example.com', '030 901 821', 'Koln', 0), ('MÜLLER ', 'ben@example.com', '', 'Köln', 0);
INSERT INTO login (username, place) VALUES ('müller', 'mine'), ('muller', 'bens'), ('MÜLLER ', 'bens'),
  ('mueller', 'x');
INSERT INTO ticket (email_id, subject) VALUES (1, 'Kettle'), (2, 'Kettle');
INSERT INTO entry (ticket_id, email_id, body) VALUES (1, 1, 'It leaks'), (1, 2, 'Mine too'), (2, 2, 'Hers leaks');
INSERT INTO detail VALUES ('U', '1', 1, '030 901820'), ('U', '1b', 1, 'of another'), ('U', 'x', 1, 'of another'),
  ('U', '01', 1, 'of another'), ('T', '1', 1, 'of a ticket'), ('u', '1', 2, 'of another sort');
INSERT INTO old VALUES ('0000-00-00 00:00:00', 1, 'Anna.Müller@Example.com', 'Anna', 0),
  ('0000-00-00 00:00:00', 2, 'ben@example.com', 'Anna', 0), ('2026-01-01 00:00:00', 1, 'ben@example.com', 'Anna', 0)"""
EMAIL = {"kind": "email"}
TABLES: dict[str, dict[str, Any]] = {
    "email": {"key": ["id"], "identities": [{"column": "address"} | EMAIL], "rectify": {"email": "address"}},
    "user": {
        "key": ["id"],
        "references": [{"column": "id", "table": "email", "to": "user_id"}],
        "identities": [{"column": "org", "kind": "customer_id"}],
        "occurred_at": "updated",
        "erase": "blank",
        "blank": {"name": "", "org": 0, "rank": "bronze", "flags": ""},
        "rectify": {"rank": "rank", "name": "name"},
        "fields": {"shift": "shift"},
    },
    "account": {
        "key": ["username"],
        "identities": [{"column": "email"} | EMAIL, {"column": "phone", "kind": "phone"}],
        "restriction": {"column": "locked", "value": 1, "lifted": 0},
        "rectify": {"city": "city", "phone": "phone"},
        "fields": {"city": "city"},
    },
    "login": {"key": ["id"], "references": [{"column": "username", "table": "account", "to": "username"}]},
    "ticket": {"key": ["id"], "references": [{"column": "email_id", "table": "email", "to": "id"}]},
    "entry": {
        "key": ["id"],
        "references": [
            {"column": "ticket_id", "table": "ticket", "to": "id"},
            {"column": "email_id", "table": "email", "to": "id"},
        ],
        "author": "email_id",
    },
    "detail": {
        "key": ["object_type", "object_id", "field"],
        "references": [{"column": "object_id", "table": "user", "to": "id", "where": {"object_type": "U"}}],
    },
    "old": {
        "key": ["day", "number"],
        "identities": [{"column": "mail"} | EMAIL],
        "restriction": {"column": "locked", "value": 1, "lifted": 0},
        "rectify": {"name": "name"},
        "fields": {"name": "name"},
    },
}


@pytest.fixture(scope="module")
def server() -> Iterator[MariaServer]:
    with running_mariadb() as running:
        yield running


@pytest.fixture
def desk(server: MariaServer) -> Iterator[MariaDatabase]:
    with server.database() as database:
        database.run("SET sql_mode = ''", *_TABLES.split(";"), *_ROWS.split(";"))
        database.allow("helper", ["SELECT", "UPDATE", "DELETE"])
        yield database


@pytest.fixture
def connector(desk: MariaDatabase, tmp_path: Path) -> Iterator[SqlConnector]:
    one = connected(desk, tmp_path)
    yield one
    one.close()


def connected(desk: MariaDatabase, folder: Path, login: str = "helper", **more: dict[str, Any]) -> SqlConnector:
    secret = folder / f"url-{login}"
    secret.write_text(desk.url(login))
    tables = [{"name": name, **table, **more.get(name, {})} for name, table in TABLES.items()]
    section = {
        "connector": "sql",
        "purposes": ["handling service requests"],
        "categories": ["service tickets"],
        "source": "the data subject",
        "retention": "24 months",
        "url": f"file:{secret}",
        "timeout_seconds": 2,
        "tables": tables,
    }
    return SqlConnector("desk", validate(SqlSettings, section, "[systems.desk]"), PLACE)


def ref(kind: str, *key: object) -> RecordRef:
    return RecordRef("desk", kind, json.dumps(list(key), ensure_ascii=False, separators=(",", ":")))


MINE = [
    ref("email", 1),
    ref("user", 1),
    ref("account", "müller"),
    ref("login", 1),
    ref("ticket", 1),
    ref("entry", 1),
    ref("detail", "U", "1", 1),
    ref("old", "0000-00-00 00:00:00", 1),
]


def whole(desk: MariaDatabase) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, its texts as bytes."""
    held = {}
    for table in TABLES:
        names = [name for (name, *_) in desk.rows(f"SHOW COLUMNS FROM {table}")]
        columns = ", ".join(f"HEX(CONVERT({name} USING utf8mb4))" for name in names)
        held[table] = sorted(map(str, desk.rows(f"SELECT {columns} FROM {table}")))
    return held


def gone(desk: MariaDatabase, before: dict[str, Any]) -> dict[str, int]:
    """How many rows of each table are not as they were; none has come."""
    now = whole(desk)
    return {table: len(set(rows) - set(now[table])) for table, rows in before.items() if rows != now[table]}


def test_what_is_the_persons_is_found_and_no_spelling_that_the_database_calls_equal(connector: SqlConnector):
    found = {one.record for one in connector.locate(KNOWN)}
    assert found == {*MINE, ref("entry", 2)}
    days = {one.record.kind: one.occurred_on for one in connector.locate(KNOWN)}
    assert str(days["user"]) == "2026-02-01", "a TIMESTAMP is an instant, and is read where the controller is"


def test_a_copy_is_text_that_json_holds(connector: SqlConnector):
    parts = [one for one in connector.extract([ref("user", 1), MINE[-1]], KNOWN) if isinstance(one, Document)]
    user, old = (dict(one.content) for one in parts)
    assert (user["org"], user["shift"], user["seen"], user["flags"]) == (2**63 + 1, "-26:30:00", "0000-00-00", "vip")
    assert user["created"] == old["day"] == "0000-00-00 00:00:00"
    assert json.loads(json.dumps(user)) == user


def test_an_erasure_takes_the_persons_rows_and_no_others(desk: MariaDatabase, connector: SqlConnector):
    before = whole(desk)
    for kind in ("entry", "detail", "login", "old", "account", "user"):
        refs = [one for one in MINE if one.kind == kind]
        done = list(connector.erase(refs, Method.ERASE, KNOWN))
        assert {one.kind for one in done} <= {OutcomeKind.ERASED, OutcomeKind.REDACTED}, kind
        assert all(one.state is PresenceState.ABSENT for one in connector.presence(refs, KNOWN)), kind
    assert gone(desk, before) == {"entry": 1, "detail": 1, "login": 1, "old": 1, "account": 1, "user": 1}


def test_a_row_stays_on_which_another_persons_would_go_with_it(desk: MariaDatabase, connector: SqlConnector):
    before = whole(desk)
    list(connector.erase([ref("entry", 1)], Method.ERASE, KNOWN))
    for kept in (ref("ticket", 1), ref("email", 1)):
        (done,) = connector.erase([kept], Method.ERASE, KNOWN)
        assert (done.kind, done.refused) == (OutcomeKind.RETAINED, True)
        assert "the database does not let it go without them" in done.reason
    assert gone(desk, before) == {"entry": 1}
    desk.run("DELETE FROM entry WHERE id = 2")
    for kept in (ref("ticket", 1), ref("email", 1)):
        (done,) = connector.erase([kept], Method.ERASE, KNOWN)
        assert done.kind is OutcomeKind.ERASED
    assert gone(desk, before) == {"entry": 2, "ticket": 1, "email": 1}


def test_a_mark_stands_in_the_persons_rows_alone_and_goes_again(desk: MariaDatabase, connector: SqlConnector):
    before = whole(desk)
    for one in (MINE[2], MINE[-1]):
        (done,) = connector.erase([one], Method.RESTRICT, KNOWN)
        assert done.kind is OutcomeKind.RESTRICTED
    assert gone(desk, before) == {"account": 1, "old": 1}
    for one in (MINE[2], MINE[-1]):
        list(connector.erase([one], Method.LIFT, KNOWN))
    assert gone(desk, before) == {}


@pytest.mark.parametrize(
    ("record", "field", "old", "new", "taken"),
    [
        (ref("account", "müller"), "city", "köln", "Bonn", True),
        (ref("account", "müller"), "city", "Koln", "Bonn", False),
        (ref("account", "müller"), "city", "Köln", "Łódź", False),
        (ref("account", "müller"), "city", "Köln", "x" * 21, False),
        (ref("account", "müller"), "phone", "+4930901820", "+4930901829", True),
        (ref("user", 1), "rank", "gold", "silver", True),
        (ref("user", 1), "rank", "gold", "2", False),
        (ref("user", 1), "name", "Anna", "Änna 😀", True),
        (ref("email", 1), "email", "anna.müller@example.com", "änna.neu@example.com", True),
        (ref("email", 1), "email", "anna.müller@example.com", "anna.mueller@example.com", True),
        (ref("old", "0000-00-00 00:00:00", 1), "name", "Anna", "Änna", False),
    ],
)
def test_a_correction_is_written_whole_or_not_at_all(
    desk: MariaDatabase, connector: SqlConnector, record: RecordRef, field: str, old: str, new: str, *, taken: bool
):
    before = whole(desk)
    (done,) = connector.rectify([record], [Change(field, old, new)], KNOWN)
    assert done.kind is (OutcomeKind.RECTIFIED if taken else OutcomeKind.UNRECTIFIED), done.reason
    assert gone(desk, before) == ({record.kind: 1} if taken else {})


def test_what_finds_no_room_in_a_columns_character_set_is_known_before_anything_is_written(
    desk: MariaDatabase, connector: SqlConnector, tmp_path: Path
):
    before = whole(desk)
    city = {"city": FieldOf("account", "city")}
    for field, new, full in (
        *(("city", one, [city["city"]]) for one in ("Łódź", "x" * 21, "😀")),
        *(("city", one, []) for one in ("Köln", "10 €", "Bonn")),
        *(("name", one, []) for one in ("Łucja", "😀")),
        ("email", "😀@example.com", [FieldOf("email", "email")]),
    ):
        assert list(connector.foresee([Change(field, "", new)])) == full, new
    mark = {"restriction": {"column": "city", "value": "Łock", "lifted": ""}, "rectify": {}, "fields": {}}
    for wrong in ({"erase": "blank", "blank": {"city": "usunięty"}, "to_null": ["email", "phone"]}, mark):
        with pytest.raises(Misconfigured, match="column city of the table account does not take what"):
            list(connected(desk, tmp_path, account=wrong).locate(KNOWN))
    assert gone(desk, before) == {}


def test_what_the_law_does_not_need_is_blanked_where_a_change_can_be_taken_back(
    desk: MariaDatabase, connector: SqlConnector
):
    before = whole(desk)
    for record, fields, left in (
        (MINE[1], {"shift"}, ""),
        (MINE[2], {"city"}, ""),
        (MINE[-1], {"name"}, "name, since its table has no transactions, in which a wrong change could be taken back."),
    ):
        (done,) = connector.blank([record], fields, KNOWN)
        assert done.reason == left
    assert gone(desk, before) == {"user": 1, "account": 1}


def test_what_a_trigger_or_a_rule_refuses_ends_no_step(desk: MariaDatabase, connector: SqlConnector):
    desk.run(
        "ALTER TABLE account ADD CHECK (city <> 'Rom')",
        "CREATE TRIGGER guards BEFORE UPDATE ON account FOR EACH ROW BEGIN IF NEW.city = 'Bern' THEN "
        "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'; END IF; SET NEW.city = REPLACE(NEW.city, 'W', 'V'); END",
    )
    before = whole(desk)
    for new in ("Rom", "Bern", "Wien"):
        (done,) = connector.rectify([MINE[2]], [Change("city", "Köln", new)], KNOWN)
        assert "did not take the new value" in done.reason, new
    assert gone(desk, before) == {}
    assert "account has a trigger" in connected(desk, Path(desk.server.socket).parent, "root").probe().detail


def test_what_the_database_keeps_elsewhere_of_its_own_is_told(desk: MariaDatabase, tmp_path: Path):
    """The letter said that a record is erased, of which the same statement had made a copy."""
    writes = "FOR EACH ROW BEGIN IF OLD.id = 1 THEN INSERT INTO `past` VALUES (OLD.id, OLD.{}); END IF; END"
    desk.run(
        "CREATE TABLE past (id INT, name VARCHAR(80))",
        f"CREATE TRIGGER one AFTER UPDATE ON user {writes.format('name')}",
        f"CREATE TRIGGER other AFTER DELETE ON login {writes.format('username')}",
    )
    said = "the database itself wrote something into {}"
    (blanked,) = connected(desk, tmp_path, "root").erase([ref("user", 1)], Method.ERASE, KNOWN)
    assert (blanked.kind, said.format("past") in blanked.reason) == (OutcomeKind.REDACTED, True)
    assert blanked.left == {LeftToPerson.PERHAPS_COPIED}
    assert desk.rows("SELECT * FROM past") == [(1, "Anna")]
    (gone,) = connected(desk, tmp_path).erase([ref("login", 1)], Method.ERASE, KNOWN)
    assert (gone.kind, said.format("another table") in gone.reason) == (OutcomeKind.ERASED, True)


def test_what_is_missing_and_what_is_special_is_told(desk: MariaDatabase, tmp_path: Path):
    assert desk.rows("SELECT 1 FROM ticket LIMIT 1")
    desk.run("ALTER TABLE login ADD SYSTEM VERSIONING")
    told = connected(desk, tmp_path).probe()
    assert (told.ok, told.is_doubtful) == (True, True)
    assert "old has no transactions" in told.detail
    assert "login keeps every row that was changed or deleted" in told.detail
    desk.allow("reader", ["SELECT"])
    missing = connected(desk, tmp_path, "reader").probe()
    assert not missing.ok
    assert "UPDATE on account, DELETE on account" in missing.detail
    refused = connected(desk, tmp_path, "stranger").probe()
    assert refused.detail == "The database of the system desk refuses the login; mend the user or password in url."


def test_rows_of_a_table_that_is_not_configured_hold_their_row(desk: MariaDatabase, tmp_path: Path):
    desk.run(
        "CREATE TABLE reward (id INT PRIMARY KEY, user_id INT UNSIGNED, FOREIGN KEY (user_id) REFERENCES user (id) "
        "ON DELETE CASCADE)",
        "INSERT INTO reward VALUES (1, 1)",
    )
    connector, before = connected(desk, tmp_path, user={"erase": "delete"}), whole(desk)
    assert "The database removes rows of reward along with those of user" in connector.probe().detail
    (done,) = connector.erase([ref("user", 1)], Method.ERASE, KNOWN)
    assert (done.kind, "Entries of reward refer to it" in done.reason) == (OutcomeKind.FAILED, True)
    assert gone(desk, before) == {}
    connector.close()


def test_two_that_write_at_once_wait_for_each_other_or_are_told_to_come_again(desk: MariaDatabase, tmp_path: Path):
    connector, other = connected(desk, tmp_path), connected(desk, tmp_path, "root")
    list(connector.locate(KNOWN))
    engine = other._site.database.engine
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE account SET city = 'Bonn' WHERE email LIKE 'anna.müller@%%'")
        with pytest.raises(Transient):
            list(connector.rectify([MINE[2]], [Change("city", "Köln", "Bern")], KNOWN))
    (done,) = connector.rectify([MINE[2]], [Change("city", "Köln", "Bern")], KNOWN)
    assert "another value stands there" in done.reason
    connector.close()
    other.close()


@pytest.mark.apart
def test_a_section_is_proposed_from_its_schema_and_nothing_is_written(desk: MariaDatabase, tmp_path: Path) -> None:
    secret = tmp_path / "url-propose"
    secret.write_text(desk.url("helper"))
    text = propose("helpdesk", SecretRef(f"file:{secret}"), "DE", lambda _: None)
    section = tomllib.loads(text)["systems"]["helpdesk"]
    assert any(identity["kind"] == "email" for table in section["tables"] for identity in table.get("identities", ()))
    engine = read_only_engine(SecretRef(f"file:{secret}"), 5)
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="READ ONLY"):
        connection.exec_driver_sql(f"DELETE FROM {section['tables'][0]['name']}")
    engine.dispose()
