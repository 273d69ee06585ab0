"""What the database itself removes along with a row that is deleted: such a row stays while anything hangs on it."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sql import SqlConnector
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Fact, Method, OutcomeKind, RecordRef
from tests.integration.connectors.sql.peer import Peer

KNOWN = frozenset({identifier(IdentifierKind.EMAIL, "anna@example.com")})
PEOPLE: dict[str, Any] = {"name": "people", "key": ["id"], "identities": [{"column": "email", "kind": "email"}]}
NOTES: dict[str, Any] = {
    "name": "notes",
    "key": ["id"],
    "references": [
        {"column": "person", "table": "people", "to": "id"},
        {"column": "writer", "table": "people", "to": "id"},
    ],
    "author": "writer",
}


@pytest.fixture
def people(peer: Peer) -> Peer:
    peer.run(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(80))",
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, writer INTEGER REFERENCES people (id) ON DELETE SET NULL, "
        "person INTEGER REFERENCES people (id) ON DELETE CASCADE, "
        "answers INTEGER REFERENCES notes (id) ON DELETE CASCADE)",
        "INSERT INTO people VALUES (1, 'anna@example.com'), (2, 'ben@example.com')",
        "INSERT INTO notes VALUES (1, 1, 1, NULL), (2, 1, 1, 1), (3, 2, 1, NULL), (4, 2, 2, NULL), (5, 1, 2, NULL)",
    )
    return peer


def ref(kind: str, key: int) -> RecordRef:
    return RecordRef("telephone", kind, f"[{key}]")


def referred(connector: SqlConnector) -> dict[str, Fact]:
    """What the plan is told of rows to which others refer."""
    found = (
        (f"{one.record.kind}{one.record.ref}", one.facts & {Fact.REFERRED_TO, Fact.REFERRED_BY_OWN})
        for one in connector.locate(KNOWN)
    )
    return {key: next(iter(facts)) for key, facts in found if facts}


def left(peer: Peer) -> list[int]:
    return [key for (key,) in peer.rows("SELECT id FROM notes ORDER BY id")]


def test_a_row_stays_on_which_another_persons_hangs(people: Peer):
    connector = people.connector([PEOPLE, NOTES])
    told = {"people[1]": Fact.REFERRED_TO, "notes[1]": Fact.REFERRED_BY_OWN}
    assert referred(connector) == told, "the plan says erase, and is told before"
    done = list(connector.erase([ref("notes", key) for key in (1, 2, 3)], Method.ERASE, KNOWN))
    assert [one.kind for one in done] == [OutcomeKind.ERASED, OutcomeKind.ERASED, OutcomeKind.RETAINED]
    (kept,) = connector.erase([ref("people", 1)], Method.ERASE, KNOWN)
    assert (kept.kind, kept.refused) == (OutcomeKind.RETAINED, True)
    assert kept.reason == (
        "Other entries (notes) that stay refer to it, and the database does not let it go without them."
    )
    assert left(people) == [3, 4, 5]
    people.run("DELETE FROM notes WHERE id = 3")
    (gone,) = connector.erase([ref("people", 1)], Method.ERASE, KNOWN)
    assert gone.kind is OutcomeKind.ERASED
    assert people.rows("SELECT id, writer FROM notes ORDER BY id") == [(4, 2), (5, None)]


def test_an_entry_stays_that_another_one_in_its_table_answers(people: Peer):
    people.run("UPDATE notes SET answers = 1 WHERE id = 3")
    connector = people.connector([PEOPLE, NOTES])
    done = list(connector.erase([ref("notes", 1), ref("notes", 2)], Method.ERASE, KNOWN))
    assert [one.kind for one in done] == [OutcomeKind.RETAINED, OutcomeKind.ERASED]
    assert left(people) == [1, 3, 4, 5]


def test_what_has_to_stay_is_blanked_where_its_table_names_columns(people: Peer):
    """A case stayed whole, since the e-mail in it was blanked and not deleted."""
    connector = people.connector([PEOPLE | {"blank": {"email": ""}}, NOTES])
    people.run("INSERT INTO people VALUES (3, 'anna@example.com')")
    redacted, gone = connector.erase([ref("people", 1), ref("people", 3)], Method.ERASE, KNOWN)
    assert (redacted.kind, redacted.refused, gone.kind) == (OutcomeKind.REDACTED, False, OutcomeKind.ERASED)
    assert redacted.reason == (
        "Other entries (notes) that stay refer to it, and the database does not let it go without them. "
        "Your data were removed from it."
    )
    assert people.rows("SELECT * FROM people ORDER BY id") == [(1, ""), (2, "ben@example.com")]
    assert left(people) == [1, 2, 3, 4, 5]


def test_doctor_names_a_table_that_blanked_rows_keep_whole(people: Peer):
    blanked = NOTES | {"erase": "blank", "to_null": ["answers"]}
    assert "Rows of notes are blanked and stay" in people.connector([PEOPLE, blanked]).probe().detail
    known = people.connector([PEOPLE | {"blank": {"email": ""}}, blanked]).probe().detail
    assert "are blanked and stay" not in known


def test_an_entry_stays_to_which_one_refers_that_stays_itself(people: Peer):
    """Entry 1 went, and took along 2, which had to stay for 3, another person's."""
    people.run("UPDATE notes SET answers = 2 WHERE id = 3")
    done = people.connector([PEOPLE, NOTES]).erase([ref("notes", 1), ref("notes", 2)], Method.ERASE, KNOWN)
    assert [one.kind for one in done] == [OutcomeKind.RETAINED, OutcomeKind.RETAINED]
    assert left(people) == [1, 2, 3, 4, 5]


def test_doctor_names_tables_that_refer_to_the_table_below_a_view(people: Peer):
    """A view has no foreign keys, so nothing said that notes hang on people."""
    people.run("CREATE VIEW customers AS SELECT id, email FROM people")
    view = PEOPLE | {"name": "customers"}
    said = people.connector([view]).probe().detail
    assert "customers is a view, and these refer by foreign keys to the table that it reads: notes (" in said
    below = {"name": "notes", "key": ["id"], "references": [{"column": "person", "table": "customers", "to": "id"}]}
    assert "refer by foreign keys" not in people.connector([view, below]).probe().detail


def test_a_table_that_is_not_configured_is_told(people: Peer):
    health = people.connector([PEOPLE]).probe()
    assert (health.ok, health.is_doubtful) == (True, True)
    assert "The database removes rows of notes along with those of people" in health.detail
    assert "removes rows" not in people.connector([PEOPLE, NOTES]).probe().detail


@pytest.mark.parametrize("rule", ["CASCADE", "SET NULL"])
def test_a_column_stays_with_which_another_persons_row_would_be_changed(people: Peer, rule: str):
    people.run(
        "CREATE TABLE logins (id INTEGER PRIMARY KEY, login VARCHAR(20) UNIQUE, email VARCHAR(80))",
        f"CREATE TABLE seats (id INTEGER PRIMARY KEY, login VARCHAR(20) REFERENCES logins (login) ON UPDATE {rule})",
        "INSERT INTO logins VALUES (1, 'anna', 'anna@example.com'), (2, NULL, 'anna@example.com'), "
        "(3, 'ben', 'ben@example.com')",
        "INSERT INTO seats VALUES (1, 'anna'), (2, NULL), (3, 'ben')",
    )
    table = {"name": "logins", "key": ["id"], "identities": PEOPLE["identities"], "erase": "blank"}
    table |= {"blank": {"email": "", "login": "gone-{key}"}, "fields": {"login": "login"}}
    connector, before = people.connector([table]), people.rows("SELECT * FROM seats ORDER BY id")
    (kept,) = connector.blank([ref("logins", 1)], ["login"], KNOWN)
    assert kept.reason == "login, since another person's data stand in the same record."
    kept, done = connector.erase([ref("logins", 1), ref("logins", 2)], Method.ERASE, KNOWN)
    assert (kept.kind, "Entries of seats refer to it" in kept.reason) == (OutcomeKind.FAILED, True)
    assert "would change them along with it" in kept.reason
    assert done.kind is OutcomeKind.REDACTED
    assert people.rows("SELECT * FROM seats ORDER BY id") == before
    people.run("DELETE FROM seats WHERE id = 1")
    (done,) = connector.erase([ref("logins", 1)], Method.ERASE, KNOWN)
    assert done.kind is OutcomeKind.REDACTED
    assert people.rows("SELECT login FROM logins ORDER BY id") == [("gone-1",), (None,), ("ben",)]


@pytest.mark.parametrize("rule", ["RESTRICT", "NO ACTION"])
def test_what_the_database_keeps_for_entries_that_stay_is_retained(people: Peer, rule: str):
    """A customer whose vouchers a law keeps: the erasure was tried for ever, and the case was never answered."""
    people.run(
        f"CREATE TABLE vouchers (id INTEGER PRIMARY KEY, buyer INTEGER REFERENCES people (id) ON DELETE {rule}, "
        "paid INTEGER)",
        "INSERT INTO people VALUES (3, 'anna@example.com')",
        "INSERT INTO vouchers VALUES (1, 1, 5)",
        "DELETE FROM notes",
    )
    vouchers = {"name": "vouchers", "key": ["id"], "facts": ["accounting"]}
    vouchers |= {"references": [{"column": "buyer", "table": "people", "to": "id"}]}
    refs = [ref("people", 1), ref("people", 3)]
    assert referred(people.connector([PEOPLE, vouchers])) == {"people[1]": Fact.REFERRED_BY_OWN}
    blanked = vouchers | {"erase": "blank", "blank": {"paid": 0}}
    assert referred(people.connector([PEOPLE, blanked])) == {"people[1]": Fact.REFERRED_TO}
    kept, gone = people.connector([PEOPLE, vouchers]).erase(refs, Method.ERASE, KNOWN)
    assert (kept.kind, kept.refused, "(vouchers)" in kept.reason) == (OutcomeKind.RETAINED, True, True)
    assert gone.kind is OutcomeKind.ERASED
    assert people.rows("SELECT id FROM people ORDER BY id") == [(1,), (2,)]
    # What is not configured was looked at by no one: the case waits until it is.
    (left,) = people.connector([PEOPLE]).erase(refs[:1], Method.ERASE, KNOWN)
    assert (left.kind, left.refused) == (OutcomeKind.FAILED, True)


def test_what_the_database_keeps_for_rows_below_a_view_is_retained(people: Peer):
    """The view is configured, the foreign key is its table's: the erasure was tried for ever."""
    people.run(
        "CREATE TABLE vouchers (id INTEGER PRIMARY KEY, buyer INTEGER REFERENCES people (id), paid INTEGER)",
        "CREATE VIEW bought AS SELECT id, buyer, paid FROM vouchers",
        "INSERT INTO vouchers VALUES (1, 1, 5), (2, 2, 5)",
        "DELETE FROM notes",
    )
    bought = {"name": "bought", "key": ["id"], "erase": "blank", "blank": {"paid": 0}}
    bought |= {"references": [{"column": "buyer", "table": "people", "to": "id"}]}
    connector = people.connector([PEOPLE, bought])
    assert referred(connector) == {"people[1]": Fact.REFERRED_TO}
    (kept,) = connector.erase([ref("people", 1)], Method.ERASE, KNOWN)
    assert (kept.kind, kept.refused, "(bought)" in kept.reason) == (OutcomeKind.RETAINED, True, True)
