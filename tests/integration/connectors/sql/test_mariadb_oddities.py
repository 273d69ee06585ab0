"""MariaDB's own ways where rows are blanked: the right result, or a refusal by name before anything is erased.

The server's own mode is not strict, so that a value which does not fit would be cut without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.registry import ControllerPlace
from connectors.sql import SqlConnector, SqlSettings
from rightsflow.config.sections.section import validate
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Method, Outcome, OutcomeKind, PresenceState, RecordRef
from tests.support.peers.mariadb import MariaDatabase, MariaServer, running_mariadb

pytestmark = [pytest.mark.apart, pytest.mark.xdist_group("mariadb")]

ANNA = frozenset(
    {
        identifier(IdentifierKind.EMAIL, "anna@example.com"),
        identifier(IdentifierKind.CUSTOMER_ID, "K-𠮷"),
        identifier(IdentifierKind.PHONE, "+49 30 901820"),
    }
)
BEN = frozenset({identifier(IdentifierKind.EMAIL, "ben@example.com")})
PLACE = ControllerPlace(country="DE", timezone="Europe/Berlin")
_EMAIL = {"column": "email", "kind": "email"}
_TABLES = """
CREATE TABLE person (tenant INT NOT NULL, id INT NOT NULL, email VARCHAR(60) CHARACTER SET utf8mb3 NOT NULL,
  number VARCHAR(20) CHARACTER SET utf8mb3, tel VARCHAR(20) CHARACTER SET latin1,
  first VARCHAR(20) CHARACTER SET latin1,
  full VARCHAR(80) GENERATED ALWAYS AS (CONCAT(first, ' <', email, '>')) VIRTUAL,
  low VARCHAR(60) GENERATED ALWAYS AS (LOWER(email)) STORED, rank ENUM('silver', 'gold') NOT NULL,
  born DATE NOT NULL DEFAULT '0000-00-00', short CHAR(4), UNIQUE (low), PRIMARY KEY (tenant, id)) ENGINE=InnoDB;
CREATE TABLE calls (id INT NOT NULL, year INT NOT NULL, email VARCHAR(60), note VARCHAR(20), PRIMARY KEY (id, year))
  ENGINE=InnoDB PARTITION BY RANGE (year) (PARTITION old VALUES LESS THAN (2026),
  PARTITION new VALUES LESS THAN MAXVALUE);
CREATE TABLE account (id INT PRIMARY KEY, login VARCHAR(40) UNIQUE, email VARCHAR(60)) ENGINE=InnoDB;
CREATE TABLE visit (id INT PRIMARY KEY, login VARCHAR(40), place VARCHAR(20),
  FOREIGN KEY (login) REFERENCES account (login) ON UPDATE CASCADE ON DELETE CASCADE) ENGINE=InnoDB;
CREATE TABLE copied (id INT, email VARCHAR(60)) ENGINE=InnoDB;
CREATE VIEW persons AS SELECT tenant, id, email, first FROM person WHERE tenant = 1;
CREATE VIEW joined AS SELECT a.id, a.email, v.place FROM account a JOIN visit v ON v.login = a.login"""
_ROWS = """
INSERT INTO person (tenant, id, email, number, tel, first, rank, short) VALUES
  (1, 1, 'Anna@Example.com', 'K-', '030 901820', 'Änna', 'gold', 'abcd'),
  (1, 2, 'ben@example.com', 'K-?', '030 901 8200', 'Ben', 'gold', 'abcd'),
  (2, 1, 'carl@example.com', NULL, '030 901820', 'Änna', 'gold', 'abcd');
INSERT INTO calls VALUES (1, 2025, 'anna@example.com', 'mine'), (1, 2026, 'ben@example.com', 'bens'),
  (2, 2026, 'ANNA@example.com', 'mine'), (3, 2025, NULL, 'of no one');
INSERT INTO account VALUES (1, 'anna', 'anna@example.com'), (2, 'ben', 'ben@example.com');
INSERT INTO visit VALUES (1, 'anna', 'guest'), (2, 'ben', 'home')"""
PERSON: dict[str, Any] = {
    "name": "person",
    "key": ["tenant", "id"],
    "identities": [
        {"column": "low", "kind": "email"},
        {"column": "tel", "kind": "phone"},
        {"column": "number", "kind": "customer_id"},
    ],
    "erase": "blank",
    "blank": {"low": "", "email": "gone-{key}", "tel": "", "first": "", "rank": "silver", "short": "", "number": ""},
}
CALLS = {"name": "calls", "key": ["id", "year"], "identities": [_EMAIL]}
ACCOUNT: dict[str, Any] = {
    "name": "account",
    "key": ["id"],
    "identities": [_EMAIL],
    "erase": "blank",
    "blank": {"email": "", "login": "gone-{key}"},
}
NAMES = ("person", "calls", "account", "visit", "copied")


@pytest.fixture(scope="module")
def server() -> Iterator[MariaServer]:
    with running_mariadb() as running:
        MariaDatabase(running, "mysql").run("SET GLOBAL sql_mode = ''")
        yield running


@pytest.fixture
def desk(server: MariaServer) -> Iterator[MariaDatabase]:
    with server.database() as database:
        database.run(*_TABLES.split(";"), *_ROWS.split(";"))
        yield database


def connected(desk: MariaDatabase, folder: Path, *tables: dict[str, Any], login: str = "root") -> SqlConnector:
    (folder / "url").write_text(desk.url(login))
    section = {
        "connector": "sql",
        "purposes": ["handling service requests"],
        "categories": ["service tickets"],
        "source": "the data subject",
        "retention": "24 months",
        "url": f"file:{folder / 'url'}",
        "tables": list(tables),
    }
    return SqlConnector("desk", validate(SqlSettings, section, "[systems.desk]"), PLACE)


def whole(desk: MariaDatabase) -> dict[str, set[str]]:
    """Every row of every table, its texts as bytes."""
    held = {}
    for table in NAMES:
        names = [name for (name, *_) in desk.rows(f"SHOW COLUMNS FROM {table}")]
        columns = ", ".join(f"HEX(CONVERT({name} USING utf8mb4))" for name in names)
        held[table] = set(map(str, desk.rows(f"SELECT {columns} FROM {table}")))
    return held


def gone(desk: MariaDatabase, before: dict[str, set[str]]) -> dict[str, int]:
    now = whole(desk)
    return {table: len(rows - now[table]) for table, rows in before.items() if rows - now[table]}


def erase(connector: SqlConnector, kind: str, ref: str, known: Any = ANNA) -> Outcome:
    (done,) = connector.erase([RecordRef("desk", kind, ref)], Method.ERASE, known)
    return done


def test_what_the_database_computes_follows_and_two_people_are_blanked(desk: MariaDatabase, tmp_path: Path):
    connector, before = connected(desk, tmp_path, PERSON), whole(desk)
    assert "takes each value once" not in connector.probe().detail
    assert [one.record.ref for one in connector.locate(ANNA)] == ["[1,1]", "[2,1]"]
    assert erase(connector, "person", "[1,1]").kind is OutcomeKind.REDACTED
    assert gone(desk, before) == {"person": 1}
    assert erase(connector, "person", "[1,2]", BEN).kind is OutcomeKind.REDACTED
    rows = desk.rows("SELECT email, full, low, rank FROM person WHERE tenant = 1 ORDER BY id")
    assert rows == [(f"gone-1-{one}", f" <gone-1-{one}>", f"gone-1-{one}", "silver") for one in (1, 2)]
    connector.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rank": ""}, "certain words only"),
        ({"rank": "iron"}, "certain words only"),
        ({"short": "gone!"}, "room for 4 characters"),
        ({"born": ""}, "holds no text"),
    ],
)
def test_what_a_column_would_cut_or_replace_is_told_before(
    desk: MariaDatabase, tmp_path: Path, change: dict[str, str], said: str
):
    connector, before = connected(desk, tmp_path, PERSON | {"blank": PERSON["blank"] | change}), whole(desk)
    assert said in connector.probe().detail
    with pytest.raises(Misconfigured, match=said):
        list(connector.locate(ANNA))
    assert gone(desk, before) == {}
    connector.close()


def test_a_letter_for_which_a_column_has_no_room_is_told_before_anything_is_searched(
    desk: MariaDatabase, tmp_path: Path
):
    connector = connected(desk, tmp_path, PERSON | {"blank": PERSON["blank"] | {"first": "gelöscht ✓"}})
    before = whole(desk)
    with pytest.raises(Misconfigured, match="The column first of the table person does not take what blank gives it"):
        list(connector.locate(ANNA))
    assert gone(desk, before) == {}
    connector.close()


def test_rows_in_partitions_go_and_stay_by_their_whole_key(desk: MariaDatabase, tmp_path: Path):
    connector, before = connected(desk, tmp_path, CALLS), whole(desk)
    found = [one.record for one in connector.locate(ANNA)]
    assert [one.ref for one in found] == ["[1,2025]", "[2,2026]"]
    assert {one.kind for one in connector.erase(found, Method.ERASE, ANNA)} == {OutcomeKind.ERASED}
    assert {one.state for one in connector.presence(found, ANNA)} == {PresenceState.ABSENT}
    assert gone(desk, before) == {"calls": 2}
    connector.close()


def test_what_a_blanked_column_would_change_along_stays_as_it_is(desk: MariaDatabase, tmp_path: Path):
    connector, before = connected(desk, tmp_path, ACCOUNT), whole(desk)
    done = erase(connector, "account", "[1]")
    assert (done.kind, done.refused) == (OutcomeKind.FAILED, True)
    assert "Entries of visit refer to it" in done.reason
    assert gone(desk, before) == {}
    desk.run("DELETE FROM visit WHERE id = 1")
    assert erase(connector, "account", "[1]").kind is OutcomeKind.REDACTED
    assert gone(desk, before) == {"account": 1, "visit": 1}
    connector.close()


def test_a_trigger_that_copies_is_told(desk: MariaDatabase, tmp_path: Path):
    desk.run("CREATE TRIGGER keeps AFTER DELETE ON calls FOR EACH ROW INSERT INTO copied VALUES (OLD.id, OLD.email)")
    desk.allow("helper", ["SELECT", "UPDATE", "DELETE"])
    connector = connected(desk, tmp_path, CALLS, login="helper")
    assert "calls has a trigger or a rule that runs when a row is changed or deleted" in connector.probe().detail
    connector.close()


def test_of_views_one_that_can_be_written_through_is_and_another_is_refused(desk: MariaDatabase, tmp_path: Path):
    view = {"name": "persons", "key": ["tenant", "id"], "identities": [_EMAIL], "erase": "blank"}
    connector, before = connected(desk, tmp_path, view | {"blank": {"email": "gone", "first": ""}}), whole(desk)
    assert erase(connector, "persons", "[1,1]").kind is OutcomeKind.REDACTED
    assert gone(desk, before) == {"person": 1}
    connector.close()
    joined = connected(desk, tmp_path, {"name": "joined", "key": ["id"], "identities": [_EMAIL]})
    told = joined.probe()
    assert not told.ok
    assert "is a view that cannot be changed" in told.detail
    before = whole(desk)
    with pytest.raises(Misconfigured, match="view that cannot be changed"):
        erase(joined, "joined", "[1]")
    assert gone(desk, before) == {}
    joined.close()
