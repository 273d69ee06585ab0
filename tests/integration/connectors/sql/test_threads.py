"""Records of other people: polymorphic references, other authors in a ticket, files that two rows point at."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from connectors.sql import SqlConnector
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.vocabulary.records import Blob, Document, Fact, Method, OutcomeKind, PresenceState, RecordRef
from tests.integration.connectors.sql import threads
from tests.integration.connectors.sql.peer import Peer
from tests.integration.connectors.sql.threads import ATTACHMENTS, JOURNALS, KNOWN, by_ref, dump, file_of, ref


@pytest.fixture
def filled(peer: Peer) -> Peer:
    threads.fill(peer)
    return peer


def located(connector: SqlConnector):
    return by_ref(list(connector.locate(KNOWN)))


def erase_as_planned(connector: SqlConnector) -> dict[RecordRef, OutcomeKind]:
    """All that is located is erased, except what is shared: that is kept where it cannot be redacted."""
    found = list(connector.locate(KNOWN))
    done: dict[RecordRef, OutcomeKind] = {}
    for kind in connector.capabilities.kinds:
        for one in [one for one in found if one.record.kind == kind.name and Fact.SHARED not in one.facts]:
            for outcome in connector.erase([one.record], Method.ERASE, KNOWN):
                done[outcome.record] = outcome.kind
    return done


# -- whose a row is ------------------------------------------------------------------------------------------------


def test_what_others_wrote_in_the_subjects_ticket_is_shared_and_masked(filled: Peer):
    # Files of internal wiki pages were handed out, whose ``container_id`` is the number of the subject's issue.
    found = located(threads.connector(filled))
    assert set(found) == {
        ("account", "[1]"),
        ("issue", "[11]"),
        *(("note", f"[{number}]") for number in (21, 22, 23, 24)),
        *(("attachment-row", f"[{number}]") for number in (31, 32, 35, 36)),
        *(("attachment", f"2026/03/{name}") for name in ("hum.wav", "kettle.png", "trace.txt", "note.txt")),
    }
    # What others wrote in the subject's ticket is shared and so is what hangs on it.
    found = located(threads.connector(filled))
    assert {key for key, one in found.items() if Fact.SHARED in one.facts} == {
        ("note", "[22]"),
        ("note", "[23]"),
        ("attachment-row", "[35]"),
        ("attachment", "2026/03/trace.txt"),
        ("attachment", "2026/03/kettle.png"),
    }
    # A colleague's note in the subject's ticket was disclosed.
    connector = threads.connector(filled)
    parts = {part.record: part for part in connector.extract([one.record for one in connector.locate(KNOWN)], KNOWN)}
    mine, colleagues = parts[ref("note", 21)], parts[ref("note", 22)]
    assert isinstance(mine, Document)
    assert isinstance(colleagues, Document)
    assert mine.content["notes"] == "It hums in A flat."
    assert colleagues.content == {
        "id": 22,
        "journalized_type": "Issue",
        "journalized_id": 11,
        "user_id": "[another person's entry]",
        "notes": "[another person's entry]",
    }
    theirs = parts[ref("attachment", "2026/03/trace.txt")]
    assert isinstance(theirs, Document)
    assert "another person" in theirs.content["note"]
    assert isinstance(parts[ref("attachment", "2026/03/note.txt")], Blob)
    assert any("other people wrote" in one.what for one in connector.capabilities.kind("note").withheld)


def test_everybody_elses_rows_and_files_are_as_before_byte_for_byte(filled: Peer):
    """A colleague's note was deleted, and a neighbour's photo with it that was stored once for both."""
    before = dump(filled)
    done = erase_as_planned(threads.connector(filled))
    assert set(done.values()) == {OutcomeKind.ERASED}
    gone = {"users 1", "issues 11", "journals 21", "journals 24", "file hum.wav", "file note.txt"}
    gone |= {"attachments 31", "attachments 32", "attachments 36"}
    assert dump(filled) == {name: value for name, value in before.items() if name not in gone}


def test_the_numbers_of_other_peoples_records_are_masked_and_no_others(peer: Peer):
    """By the number of a profile another person is known to who has both; that of the entry itself stays."""
    peer.run(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(80))",
        "CREATE TABLE gifts (id INTEGER PRIMARY KEY, email VARCHAR(80), payee INTEGER)",
        "CREATE TABLE remarks (gift INTEGER, person INTEGER, about INTEGER, said VARCHAR(80))",
        "INSERT INTO people VALUES (1, 'anna@example.com'), (2, 'ben@example.com'), (3, NULL)",
        "INSERT INTO gifts VALUES (11, 'anna@example.com', 1), (12, 'anna@example.com', 2)",
        "INSERT INTO gifts VALUES (13, 'anna@example.com', 3)",
        "INSERT INTO remarks VALUES (11, 2, 2, 'from Ben'), (11, 1, 2, 'from Anna'), (11, 2, 1, 'to Anna')",
    )
    email = [{"column": "email", "kind": "email"}]
    people = {"name": "people", "key": ["id"], "identities": email}
    gifts = {"name": "gifts", "key": ["id"], "identities": email}
    gifts |= {"references": [{"column": "payee", "table": "people", "to": "id"}]}
    remarks = {"name": "remarks", "key": ["gift", "person", "about"], "author": "person"}
    remarks |= {"references": [{"column": "gift", "table": "gifts", "to": "id"}]}
    remarks["references"] += [{"column": one, "table": "people", "to": "id"} for one in ("person", "about")]
    connector = peer.connector([people, gifts, remarks])
    parts = list(connector.extract(sorted({one.record for one in connector.locate(KNOWN)}), KNOWN))
    told = [tuple(part.content.values()) for part in parts if isinstance(part, Document)]
    number, entry = "[number of another person's record]", "[another person's entry]"
    assert sorted(told, key=str) == sorted(
        [
            (1, "anna@example.com"),
            (11, "anna@example.com", 1),
            (12, "anna@example.com", number),
            (13, "anna@example.com", 3),
            (11, entry, entry, entry),
            (11, 1, number, "from Anna"),
            (11, entry, 1, entry),
        ],
        key=str,
    )


def test_replies_are_given_and_erased_where_the_configuration_says_so(filled: Peer):
    before = dump(filled)
    connector = threads.connector(
        filled,
        JOURNALS | {"disclose_others": True, "erase_others": True},
        ATTACHMENTS | {"disclose_others": True, "erase_others": True},
    )
    (document,) = connector.extract([ref("note", 22)], KNOWN)
    assert isinstance(document, Document)
    assert document.content["notes"] == "She is a difficult customer."
    (blob,) = connector.extract([ref("attachment", "2026/03/trace.txt")], KNOWN)
    assert isinstance(blob, Blob)
    erase_as_planned(connector)
    left = dump(filled)
    assert {"journals 22", "journals 23", "attachments 35", "file trace.txt"} <= before.keys() - left.keys()
    assert left == {name: value for name, value in before.items() if name in left}
    assert {"file kettle.png", "attachments 33", "journals 25", "journals 26", "attachments 34"} <= left.keys()


@pytest.mark.parametrize("method", [Method.ERASE, Method.REDACT])
def test_another_persons_note_is_kept_even_where_the_plan_asks_for_it(filled: Peer, method: Method):
    before = dump(filled)
    connector = threads.connector(filled, JOURNALS | {"to_null": ["notes"]})
    (outcome,) = connector.erase([ref("note", 22)], method, KNOWN)
    assert outcome.refused
    assert "another person's" in outcome.reason
    assert dump(filled) == before


def test_a_note_whose_ticket_went_to_another_meanwhile_is_not_touched(filled: Peer):
    """A located row that hangs on another's record by the time of the erasure was deleted all the same."""
    connector = threads.connector(filled)
    filled.run("UPDATE journals SET journalized_id = 12, user_id = 2 WHERE id = 21")
    before = dump(filled)
    assert list(connector.extract([ref("note", 21)], KNOWN)) == []
    list(connector.erase([ref("note", 21)], Method.ERASE, KNOWN))
    assert dump(filled) == before


def test_without_where_a_row_that_hangs_on_two_peoples_things_is_left_alone(filled: Peer):
    """Attachment 36 hangs on note 21; issue 21, if there is one, is another person's."""
    filled.insert("issues", [{"id": 21, "author_id": 2, "subject": "Another's"}])
    bare = ATTACHMENTS | {"references": [{**one, "where": {}} for one in ATTACHMENTS["references"]], "author": ""}
    found = located(threads.connector(filled, bare))
    assert Fact.SHARED in found["attachment-row", "[36]"].facts


# -- files ---------------------------------------------------------------------------------------------------------

SHARED = ref("attachment", "2026/03/kettle.png")


def test_a_file_that_a_neighbours_row_points_at_is_not_the_subjects(filled: Peer):
    """The file went and the neighbour's column was blanked, since their row was not among those that were found."""
    before = dump(filled)
    connector = threads.connector(filled)
    (outcome,) = connector.erase([SHARED], Method.ERASE, KNOWN)
    assert (outcome.kind, outcome.refused) == (OutcomeKind.RETAINED, True)
    assert "another person" in outcome.reason
    assert dump(filled) == before
    (part,) = connector.extract([SHARED], KNOWN)
    assert isinstance(part, Document)
    assert [one.state for one in connector.presence([SHARED], KNOWN)] == [PresenceState.PRESENT]


def test_a_row_that_appears_after_the_search_keeps_the_file(filled: Peer):
    connector = threads.connector(filled)
    hum = ref("attachment", "2026/03/hum.wav")
    assert ("attachment", hum.ref) in located(connector)
    columns = threads.COLUMNS["attachments"]
    late = (40, "Issue", 12, 2, "2026/03/", " hum.wav ", "late")
    filled.insert("attachments", [dict(zip(columns, late, strict=True))])
    before = dump(filled)
    (outcome,) = connector.erase([hum], Method.ERASE, KNOWN)
    assert outcome.kind is OutcomeKind.RETAINED
    assert dump(filled) == before


def test_a_row_that_appears_while_the_file_is_erased_keeps_the_file(filled: Peer):
    """Between the judgement and the removal: seen again in the transaction, without the subject's rows."""
    connector = threads.connector(filled)
    columns = threads.COLUMNS["attachments"]
    late = dict(zip(columns, (40, "Issue", 12, 2, "2026/03", "hum.wav", "late"), strict=True))
    names, marks = ", ".join(late), ", ".join(f":{name}" for name in late)

    @sa.event.listens_for(connector._site.database.engine, "before_cursor_execute")
    def insert_once(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE") and not connection.info.pop("late", False):
            connection.info["late"] = True
            connection.execute(sa.text(f"INSERT INTO attachments ({names}) VALUES ({marks})"), late)

    (outcome,) = connector.erase([ref("attachment", "2026/03/hum.wav")], Method.ERASE, KNOWN)
    assert outcome.kind is OutcomeKind.RETAINED
    assert file_of(filled, "hum.wav").exists()
    assert filled.rows("SELECT disk_filename FROM attachments WHERE id = 40") == [("hum.wav",)]


def test_a_row_of_a_table_that_is_no_ticket_counts_as_well(filled: Peer):
    """The neighbour's row may be one that the search never looks at, such as that of a wiki page."""
    columns = threads.COLUMNS["attachments"]
    wiki = (41, "WikiPage", 9, 3, "2026/03", "note.txt", "internal")
    filled.insert("attachments", [dict(zip(columns, wiki, strict=True))])
    found = located(threads.connector(filled))
    assert Fact.SHARED in found["attachment", "2026/03/note.txt"].facts


def test_a_row_of_another_table_and_kind_counts_as_well(filled: Peer):
    """Two tables may point into one location, under different names for what lies there."""
    filled.run("CREATE TABLE drafts (id INTEGER PRIMARY KEY, mail VARCHAR(80), path VARCHAR(80))")
    filled.insert("drafts", [{"id": 1, "mail": "ben@example.com", "path": "2026/03/hum.wav"}])
    drafts = {
        "name": "drafts",
        "key": ["id"],
        "identities": [{"column": "mail", "kind": "email"}],
        "file": {"column": "path", "kind": "draft-file", "title": "files of drafts"},
    }
    connector = threads.connector(filled, drafts)
    assert Fact.SHARED in located(connector)["attachment", "2026/03/hum.wav"].facts
    (outcome,) = connector.erase([ref("attachment", "2026/03/hum.wav")], Method.ERASE, KNOWN)
    assert outcome.kind is OutcomeKind.RETAINED
    assert file_of(filled, "hum.wav").exists()
    assert filled.rows("SELECT path FROM drafts") == [("2026/03/hum.wav",)]


def test_files_of_one_name_in_two_folders_are_two_files(filled: Peer):
    """Rows were taken to point at a file by its bare name, in whatever folder."""
    (filled.folder / "2026/04").mkdir()
    (filled.folder / "2026/04/hum.wav").write_bytes(b"Ben's")
    columns = threads.COLUMNS["attachments"]
    bens = (42, "Issue", 12, 2, "2026/04", "hum.wav", "Ben's hum")
    filled.insert("attachments", [dict(zip(columns, bens, strict=True))])
    connector = threads.connector(filled)
    assert not located(connector)["attachment", "2026/03/hum.wav"].facts
    list(connector.erase([ref("attachment", "2026/03/hum.wav")], Method.ERASE, KNOWN))
    assert filled.rows("SELECT disk_filename FROM attachments WHERE id IN (31, 42) ORDER BY id") == [
        ("",),
        ("hum.wav",),
    ]
    assert (filled.folder / "2026/04/hum.wav").read_bytes() == b"Ben's"


# -- files that cannot be reached ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("directory", "name"),
    [
        ("", "s3://bucket/2026/hum.wav"),
        ("", "https://files.example.com/hum.wav"),
        ("2026/03", "never-there.wav"),
        ("", "../secret.wav"),
        ("", "file:///etc/hostname"),
    ],
)
def test_a_file_that_cannot_be_found_is_a_finding_that_fails_and_holds_its_row(filled: Peer, directory: str, name: str):
    """Such files were passed over, and then the row that was the only trace of them was erased."""
    values = {"directory": directory, "name": name}
    with filled.engine.begin() as connection:
        statement = "UPDATE attachments SET disk_directory = :directory, disk_filename = :name WHERE id = 31"
        connection.execute(sa.text(statement), values)
    connector = threads.connector(filled)
    (lost,) = [one.record for key, one in located(connector).items() if key[0] == "attachment" and key[1][0] == "/"]
    row = ref("attachment-row", 31)
    (part,) = connector.extract([lost], KNOWN)
    assert isinstance(part, Document)
    (outcome,) = connector.erase([lost], Method.ERASE, KNOWN)
    assert (outcome.kind, outcome.refused) == (OutcomeKind.FAILED, True)
    assert "by hand" in outcome.reason or "find out" in outcome.reason
    assert name not in outcome.reason
    before = dump(filled)
    (outcome,) = connector.erase([row], Method.ERASE, KNOWN)
    assert outcome.kind is OutcomeKind.FAILED
    assert dump(filled) == before
    assert [one.state for one in connector.presence([lost], KNOWN)] == [PresenceState.UNKNOWN]
    # Once a person has settled it and emptied the column, both go.
    filled.run("UPDATE attachments SET disk_filename = '' WHERE id = 31")
    kinds = [one.kind for each in (lost, row) for one in connector.erase([each], Method.ERASE, KNOWN)]
    assert kinds == [OutcomeKind.ERASED, OutcomeKind.ERASED]
    assert [one.state for one in connector.presence([lost], KNOWN)] == [PresenceState.ABSENT]


def test_an_address_in_the_configured_location_is_a_file_of_it(filled: Peer):
    address = filled.folder.as_uri() + "/2026/03/hum.wav"
    filled.run(f"UPDATE attachments SET disk_directory = '', disk_filename = '{address}' WHERE id = 31")
    connector = threads.connector(filled)
    assert ("attachment", "2026/03/hum.wav") in located(connector)
    list(connector.erase([ref("attachment", "2026/03/hum.wav")], Method.ERASE, KNOWN))
    assert not file_of(filled, "hum.wav").exists()
    assert filled.rows("SELECT disk_filename FROM attachments WHERE id = 31") == [("",)]


# -- settings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"where": {"journalised_type": "Issue"}}, "no column journalised_type"),
        ({"where": {"journalized_type": 7}}, "a text in quotation marks"),
        ({"where": {"journalized_id": ["7"]}}, "a number"),
        ({"author": "notes"}, "author has to be"),
    ],
)
def test_a_wrong_where_or_author_is_named(filled: Peer, change: dict[str, Any], sentence: str):
    with pytest.raises(Misconfigured, match=sentence):
        list(threads.connector(filled, JOURNALS | change).locate(KNOWN))


def test_the_probe_doubts_a_reference_that_leads_to_several_tables(filled: Peer):
    assert not threads.connector(filled).probe().is_doubtful
    bare = [{**one, "where": {}} for one in ATTACHMENTS["references"]]
    health = threads.connector(filled, ATTACHMENTS | {"references": bare}, JOURNALS | {"where": {}}).probe()
    assert (health.ok, health.is_doubtful) == (True, True)
    assert "the column container_type says what container_id refers to" in health.detail
    # Of journals the sibling has another stem.
    assert "the column journalized_type says what journalized_id refers to" in health.detail


def test_values_of_where_never_become_part_of_a_statement(filled: Peer):
    odd = {"where": {"journalized_type": "x' OR '1'='1"}}
    assert not [key for key in located(threads.connector(filled, JOURNALS | odd)) if key[0] == "note"]


def test_a_table_that_is_configured_twice_is_refused(filled: Peer):
    with pytest.raises(Misconfigured, match="configured twice"):
        filled.connector([JOURNALS, JOURNALS | {"kind": "other"}, *threads.TABLES[:2]])


def test_who_wrote_a_note_is_told_by_account_or_address_in_one_column(peer: Peer):
    """Trac writes both into it; a note that the subject wrote signed in counted as another person's."""
    peer.run("CREATE TABLE accounts (sid VARCHAR(80), mail VARCHAR(80))")
    peer.run("CREATE TABLE tickets (id INTEGER PRIMARY KEY, mail VARCHAR(80))")
    peer.run("CREATE TABLE notes (id INTEGER PRIMARY KEY, ticket INTEGER, author VARCHAR(80))")
    peer.insert("accounts", [{"sid": "anna", "mail": "anna@example.com"}, {"sid": "ben", "mail": "ben@example.com"}])
    peer.insert("tickets", [{"id": 1, "mail": "anna@example.com"}])
    writers = ("anna", "Anna <anna@example.com>", "ben", "Ben <ben@example.com>")
    peer.insert("notes", [{"id": number, "ticket": 1, "author": one} for number, one in enumerate(writers, 1)])
    by_mail = [{"column": "mail", "kind": "email"}]
    notes = {
        "name": "notes",
        "key": ["id"],
        "author": "author",
        "identities": [{"column": "author", "kind": "email"}],
        "references": [
            {"column": "ticket", "table": "tickets", "to": "id"},
            {"column": "author", "table": "accounts", "to": "sid"},
        ],
    }
    accounts = {"name": "accounts", "key": ["sid"], "identities": by_mail}
    connector = peer.connector([accounts, {"name": "tickets", "key": ["id"], "identities": by_mail}, notes])
    found = {one.record.ref: Fact.SHARED in one.facts for one in connector.locate(KNOWN) if one.record.kind == "notes"}
    assert found == {"[1]": False, "[2]": False, "[3]": True, "[4]": True}
