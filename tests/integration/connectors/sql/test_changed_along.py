"""What a database does of its own beside a statement: nothing of another person goes along, and what stays is told."""

from __future__ import annotations

from typing import Any

import pytest

from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.rectification.changes import Change
from rightsflow.domain.vocabulary.records import Method, Outcome, OutcomeKind, PresenceState, RecordRef
from tests.integration.connectors.sql.peer import Peer

KNOWN = frozenset({identifier(IdentifierKind.EMAIL, "anna@example.com")})
PEOPLE: dict[str, Any] = {"name": "people", "key": ["id"], "identities": [{"column": "email", "kind": "email"}]}
ALONG, KEPT = "The database removes entries of {0} along with it", "does not remove the entry when it is told to"

_TRIGGER = """
CREATE FUNCTION own() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {0} END $$;
CREATE TRIGGER own {1} ON people FOR EACH ROW EXECUTE FUNCTION own()"""
_SOFT = "UPDATE people SET deleted = true WHERE id = OLD.id; RETURN NULL;"


@pytest.fixture
def people(postgres_peer: Peer) -> Peer:
    return _filled(postgres_peer)


@pytest.fixture
def in_sqlite(sqlite_peer: Peer) -> Peer:
    return _filled(sqlite_peer)


def _filled(peer: Peer) -> Peer:
    peer.run(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(80), house INTEGER, deleted BOOLEAN DEFAULT false)",
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, person INTEGER REFERENCES people (id) ON DELETE CASCADE)",
        "INSERT INTO people (id, email, house) VALUES (1, 'anna@example.com', 7), (2, 'ben@example.com', 7), "
        "(3, 'anna@example.com', 8)",
    )
    return peer


def ref(kind: str, key: str) -> RecordRef:
    return RecordRef("telephone", kind, key)


def erased(peer: Peer, table: dict[str, Any], *keys: str) -> list[Outcome]:
    """The outcomes of an erasure of some rows; what is told of them is what a fresh read finds."""
    connector, refs = peer.connector([table]), [ref(table["name"], one) for one in keys]
    done = list(connector.erase(refs, Method.ERASE, KNOWN))
    for one, seen in zip(done, connector.presence(refs, KNOWN), strict=True):
        assert (one.kind is OutcomeKind.ERASED) == (seen.state is PresenceState.ABSENT)
    return done


def kept(done: list[Outcome], said: str) -> None:
    assert [(one.kind, one.refused) for one in done] == [(OutcomeKind.FAILED, True)] * len(done)
    assert all(said in one.reason for one in done)


def test_a_view_hides_no_row_that_goes_along(people: Peer):
    people.run("CREATE VIEW everyone AS SELECT * FROM people", "INSERT INTO notes VALUES (1, 1)")
    kept(erased(people, PEOPLE | {"name": "everyone"}, "[1]"), ALONG.format("notes and people"))
    assert people.rows("SELECT * FROM notes") == [(1, 1)]
    people.run("DELETE FROM notes")
    assert [one.kind for one in erased(people, PEOPLE | {"name": "everyone"}, "[1]", "[3]")] == [OutcomeKind.ERASED] * 2
    assert people.rows("SELECT id FROM people") == [(2,)]


def test_a_trigger_that_removes_another_person_is_taken_back(people: Peer):
    deletes = "DELETE FROM people WHERE house = OLD.house; RETURN OLD;"
    people.run(_TRIGGER.format(deletes, "AFTER DELETE"))
    before = people.rows("SELECT * FROM people ORDER BY id")
    one, other = erased(people, PEOPLE, "[1]", "[3]")
    kept([one], ALONG.format("people"))
    assert other.kind is OutcomeKind.ERASED
    assert people.rows("SELECT * FROM people ORDER BY id") == before[:2]


def test_a_trigger_that_waits_for_the_end_is_seen_as_well(people: Peer):
    people.run(
        "CREATE TABLE seats (house INTEGER)",
        "INSERT INTO seats VALUES (7)",
        "CREATE FUNCTION own() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN DELETE FROM seats WHERE house = OLD.house; RETURN OLD; END $$",
        "CREATE CONSTRAINT TRIGGER own AFTER DELETE ON people INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION own()",
    )
    kept(erased(people, PEOPLE, "[1]"), ALONG.format("seats"))
    assert people.rows("SELECT house FROM seats") == [(7,)]


@pytest.mark.parametrize("where", [{}, {"where": {"deleted": False}}])
def test_what_a_trigger_only_marks_is_not_erased(people: Peer, where: dict[str, Any]):
    people.run(_TRIGGER.format(_SOFT, "BEFORE DELETE"))
    kept(erased(people, PEOPLE | where, "[1]"), KEPT)
    assert people.rows("SELECT count(*) FROM people WHERE deleted") == [(0,)]


def test_what_a_view_only_hides_is_not_erased(people: Peer):
    people.run(
        "CREATE VIEW present AS SELECT * FROM people WHERE NOT deleted",
        "CREATE RULE own AS ON DELETE TO present DO INSTEAD UPDATE people SET deleted = true WHERE id = OLD.id",
    )
    kept(erased(people, PEOPLE | {"name": "present"}, "[1]"), KEPT)
    assert people.rows("SELECT count(*) FROM people WHERE deleted") == [(0,)]


@pytest.mark.parametrize("how", [{}, {"erase": "blank", "blank": {"email": ""}}])
@pytest.mark.parametrize("residue", ["", "Old values for 30 days."])
def test_what_the_database_keeps_elsewhere_of_its_own_is_told(people: Peer, how: dict[str, Any], residue: str):
    """The letter said that a record is erased, of which the same statement had made a copy."""
    people.run(
        "CREATE TABLE past (id INTEGER, email TEXT)",
        _TRIGGER.format(
            "IF OLD.id = 1 THEN INSERT INTO past VALUES (OLD.id, OLD.email); END IF; RETURN COALESCE(NEW, OLD);",
            "BEFORE UPDATE OR DELETE",
        ).replace("COALESCE(NEW, OLD)", "NEW" if how else "OLD"),
    )
    one, other = people.connector([PEOPLE | how | {"residue": residue}]).erase(
        [ref("people", "[1]"), ref("people", "[3]")], Method.ERASE, KNOWN
    )
    assert {one.kind, other.kind} == {OutcomeKind.REDACTED if how else OutcomeKind.ERASED}
    assert ("the database itself wrote something into past" in one.reason, other.reason) == (not residue, "")
    assert people.rows("SELECT * FROM past") == [(1, "anna@example.com")]


@pytest.mark.apart
@pytest.mark.parametrize("named", ["people", "people_7"])
def test_what_hangs_on_a_part_of_a_table_stays(postgres_peer: Peer, named: str):
    postgres_peer.run(
        "CREATE TABLE people (house INT, id INT, email TEXT, PRIMARY KEY (house, id)) PARTITION BY LIST (house)",
        "CREATE TABLE people_7 PARTITION OF people FOR VALUES IN (7)",
        "CREATE TABLE people_8 PARTITION OF people FOR VALUES IN (8)",
        "CREATE TABLE notes (id INTEGER, house INTEGER, person INTEGER, "
        "FOREIGN KEY (house, person) REFERENCES people ON DELETE CASCADE) PARTITION BY LIST (house)",
        "CREATE TABLE notes_7 PARTITION OF notes FOR VALUES IN (7)",
        "INSERT INTO people VALUES (7, 1, 'anna@example.com'), (7, 2, 'anna@example.com'), (8, 1, 'ben@example.com')",
        "INSERT INTO notes VALUES (1, 7, 1)",
    )
    table = PEOPLE | {"name": named, "key": ["house", "id"]}
    assert "removes rows of notes along" in postgres_peer.connector([table]).probe().detail
    one, other = erased(postgres_peer, table, "[7,1]", "[7,2]")
    kept([one], "Entries of notes refer to it")
    assert other.kind is OutcomeKind.ERASED
    assert postgres_peer.rows("SELECT id FROM notes") == [(1,)]


def test_what_hangs_on_a_table_that_inherits_stays(people: Peer):
    people.run(
        "CREATE TABLE staff (PRIMARY KEY (id)) INHERITS (people)",
        "CREATE TABLE wages (id INTEGER, staff INTEGER REFERENCES staff ON DELETE CASCADE)",
        "INSERT INTO staff (id, email) VALUES (4, 'anna@example.com')",
        "INSERT INTO wages VALUES (1, 4)",
    )
    kept(erased(people, PEOPLE, "[4]"), "Entries of wages refer to it")
    assert people.rows("SELECT id FROM wages") == [(1,)]


@pytest.mark.parametrize("method", [Method.REDACT, Method.RESTRICT])
def test_a_change_that_a_trigger_spreads_is_taken_back(people: Peer, method: Method):
    spreads = "UPDATE people SET deleted = NEW.deleted WHERE house = NEW.house AND id <> NEW.id; RETURN NULL;"
    people.run(_TRIGGER.format(f"IF pg_trigger_depth() = 1 THEN {spreads} END IF; RETURN NULL;", "AFTER UPDATE"))
    before = people.rows("SELECT * FROM people ORDER BY id")
    table = PEOPLE | {"erase": "blank", "blank": {"email": ""}, "restriction": {"column": "deleted"}}
    connector, refs = people.connector([table]), [ref("people", "[1]"), ref("people", "[3]")]
    one, other = connector.erase(refs, method, KNOWN)
    assert one.refused
    assert "changes further entries of the table along with it" in one.reason
    assert other.kind in (OutcomeKind.REDACTED, OutcomeKind.RESTRICTED)
    assert people.rows("SELECT * FROM people WHERE house = 7 ORDER BY id") == before[:2]


def test_a_correction_that_a_trigger_spreads_is_taken_back(people: Peer):
    spreads = "UPDATE people SET email = NEW.email WHERE house = NEW.house AND id <> NEW.id; RETURN NULL;"
    people.run(
        _TRIGGER.format(
            f"IF pg_trigger_depth() = 1 AND NEW.house = 7 THEN {spreads} END IF; RETURN NULL;", "AFTER UPDATE"
        )
    )
    before = people.rows("SELECT * FROM people ORDER BY id")
    connector = people.connector([PEOPLE | {"rectify": {"email": "email"}}])
    change = Change("email", "anna@example.com", "anna.quill@example.com")
    one, other = connector.rectify([ref("people", "[1]"), ref("people", "[3]")], [change], KNOWN)
    assert one.kind is OutcomeKind.UNRECTIFIED
    assert "another person" in one.reason
    assert people.rows("SELECT * FROM people ORDER BY id")[:2] == before[:2]
    assert other.kind in (OutcomeKind.RECTIFIED, OutcomeKind.UNRECTIFIED)


COUNTS = "UPDATE houses SET people = people - 1 WHERE id = OLD.house"
ELSEWHERE = "The database changes entries of houses along with it"


@pytest.mark.parametrize("how", [{}, {"erase": "blank", "blank": {"email": ""}}])
@pytest.mark.parametrize("fixture", ["people", "in_sqlite"])
def test_what_a_trigger_changes_in_another_table_is_taken_back_unless_it_is_accepted(
    how: dict[str, Any], fixture: str, request: pytest.FixtureRequest
):
    """Others' rows were changed along, and nothing was said."""
    peer: Peer = request.getfixturevalue(fixture)
    peer.run("CREATE TABLE houses (id INTEGER, people INTEGER)", "INSERT INTO houses VALUES (7, 2), (8, 1)")
    event = "AFTER UPDATE" if how else "AFTER DELETE"
    if fixture == "people":
        peer.run(_TRIGGER.format(f"{COUNTS}; RETURN NULL;", event))
    else:
        peer.run(f"CREATE TRIGGER own {event} ON people BEGIN {COUNTS}; END")
    before = peer.rows("SELECT * FROM people ORDER BY id")
    done = list(peer.connector([PEOPLE | how]).erase([ref("people", "[1]")], Method.ERASE, KNOWN))
    assert done[0].refused
    assert ELSEWHERE in done[0].reason
    assert peer.rows("SELECT * FROM people ORDER BY id") == before
    assert peer.rows("SELECT people FROM houses ORDER BY id") == [(2,), (1,)]
    accepted = peer.connector([PEOPLE | how | {"triggers_change": ["houses"]}])
    assert "triggers_change" in accepted.probe().detail
    (gone,) = accepted.erase([ref("people", "[1]")], Method.ERASE, KNOWN)
    assert gone.kind is (OutcomeKind.REDACTED if how else OutcomeKind.ERASED)
    assert peer.rows("SELECT people FROM houses ORDER BY id") == [(1,), (1,)]


def test_others_whose_places_a_deletion_moves_up_stay_as_they_are(people: Peer):
    people.run(_TRIGGER.format("UPDATE people SET house = house - 1 WHERE house > 7; RETURN NULL;", "AFTER DELETE"))
    kept(erased(people, PEOPLE, "[1]"), "changes further entries of the table along with it")
    assert people.rows("SELECT house FROM people ORDER BY id") == [(7,), (7,), (8,)]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("CREATE RULE own AS ON DELETE TO people DO ALSO UPDATE houses SET people = 0 WHERE id = OLD.house", ELSEWHERE),
        (_TRIGGER.format("TRUNCATE houses; RETURN NULL;", "AFTER DELETE"), ALONG.format("houses")),
    ],
    ids=["rule", "truncate"],
)
def test_rules_and_emptied_tables_count_as_well(people: Peer, rule: str, said: str):
    people.run("CREATE TABLE houses (id INTEGER, people INTEGER)", "INSERT INTO houses VALUES (7, 2)", rule)
    kept(erased(people, PEOPLE, "[1]"), said)
    assert people.rows("SELECT people FROM houses") == [(2,)]
    assert "people has a trigger or a rule" in people.connector([PEOPLE]).probe().detail


def test_references_that_a_deletion_empties_are_no_change_of_others(people: Peer):
    people.run(
        "CREATE TABLE guests (id INTEGER, host INTEGER REFERENCES people (id) ON DELETE SET NULL)",
        "ALTER TABLE people ADD recruited_by INTEGER REFERENCES people (id) ON DELETE SET NULL",
        "INSERT INTO guests VALUES (1, 1)",
        "UPDATE people SET recruited_by = 1 WHERE id = 2",
    )
    assert [one.kind for one in erased(people, PEOPLE, "[1]", "[3]")] == [OutcomeKind.ERASED] * 2
    assert people.rows("SELECT id, recruited_by FROM people") == [(2, None)]


@pytest.mark.parametrize(
    ("change", "is_kept"),
    [("house = 9 WHERE id = NEW.id", False), ("house = 9 WHERE house = NEW.house", True)],
)
def test_a_trigger_of_sqlite_may_change_the_row_that_set_it_off(in_sqlite: Peer, change: str, is_kept: bool):
    in_sqlite.run(f"CREATE TRIGGER own AFTER UPDATE OF email ON people BEGIN UPDATE people SET {change}; END")
    connector = in_sqlite.connector([PEOPLE | {"erase": "blank", "blank": {"email": ""}}])
    (done,) = connector.erase([ref("people", "[1]")], Method.ERASE, KNOWN)
    assert done.refused is is_kept
    houses = [(7,), (7,), (8,)] if is_kept else [(9,), (7,), (8,)]
    assert in_sqlite.rows("SELECT house FROM people ORDER BY id") == houses


@pytest.mark.apart
def test_a_trigger_that_touches_the_same_row_again_is_in_no_ones_way(people: Peer):
    people.run(
        _TRIGGER.format(
            "IF pg_trigger_depth() = 1 THEN UPDATE people SET house = 9 WHERE id = NEW.id; END IF; RETURN NULL;",
            "AFTER UPDATE",
        )
    )
    table = PEOPLE | {"erase": "blank", "blank": {"email": ""}}
    connector = people.connector([table])
    (done,) = connector.erase([ref("people", "[1]")], Method.ERASE, KNOWN)
    assert done.kind is OutcomeKind.REDACTED
    assert people.rows("SELECT id, email, house FROM people WHERE id < 3 ORDER BY id") == [
        (1, "", 9),
        (2, "ben@example.com", 7),
    ]


@pytest.mark.parametrize("deletes", [True, False])
def test_a_trigger_of_sqlite_is_taken_back_where_it_deletes(in_sqlite: Peer, deletes: bool):
    in_sqlite.run("CREATE TABLE past (email TEXT)")
    own = "DELETE FROM people WHERE house = OLD.house" if deletes else "INSERT INTO past VALUES (OLD.email)"
    in_sqlite.run(f"CREATE TRIGGER own AFTER DELETE ON people BEGIN {own}; END")
    one, other = erased(in_sqlite, PEOPLE, "[1]", "[3]")
    if deletes:
        kept([one], ALONG.format("another table"))
    assert other.kind is OutcomeKind.ERASED
    # Before, no one was told of the copies.
    assert deletes or all("into past" in each.reason for each in (one, other))
    assert in_sqlite.rows("SELECT id FROM people ORDER BY id") == ([(1,), (2,)] if deletes else [(2,)])


def test_what_a_trigger_of_sqlite_only_marks_is_not_erased(in_sqlite: Peer):
    in_sqlite.run(
        "CREATE TRIGGER own BEFORE DELETE ON people BEGIN "
        "UPDATE people SET deleted = true WHERE id = OLD.id; SELECT RAISE(IGNORE); END"
    )
    kept(erased(in_sqlite, PEOPLE | {"where": {"deleted": False}}, "[1]"), KEPT)
    assert in_sqlite.rows("SELECT count(*) FROM people WHERE deleted") == [(0,)]


@pytest.mark.apart
def test_the_right_to_look_what_hangs_on_a_row_is_named(people: Peer):
    assert people.postgres
    role = f"along_{people.postgres.name}"
    people.run(f"CREATE ROLE {role} LOGIN", f"GRANT SELECT, UPDATE, DELETE ON people TO {role}")
    try:
        connector = people.connector([PEOPLE], user=role)
        health = connector.probe()
        assert (health.ok, "SELECT on notes, whose rows the database removes along" in health.detail) == (False, True)
        with pytest.raises(Misconfigured, match="The table notes of the system telephone does not allow this"):
            list(connector.erase([ref("people", "[1]")], Method.ERASE, KNOWN))
        people.run(f"GRANT SELECT (person) ON notes TO {role}")
        assert connector.probe().ok
        (done,) = connector.erase([ref("people", "[1]")], Method.ERASE, KNOWN)
        assert done.kind is OutcomeKind.ERASED
    finally:
        people.run(f"DROP OWNED BY {role}", f"DROP ROLE {role}")
