"""Restriction in a database: a declared column of the subject's own rows, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.vocabulary.records import ANOTHER_CASES, MarkState, Method, OutcomeKind, RecordRef
from tests.integration.connectors.sql import tickets
from tests.integration.connectors.sql.peer import Peer
from tests.integration.connectors.sql.tickets import ANNA, TABLES

KNOWN = frozenset({ANNA})
FIRST, SECOND = "DSR-2026-7K3M9Q", "DSR-2026-8M4N2R"
RESTRICTING = [
    {**table, "restriction": {"column": "locked", "value": "restricted", "lifted": None}}
    if table["name"] in {"Ticket List", "ticket_comments"}
    else table
    for table in TABLES
]


def ref(kind: str, key: str) -> RecordRef:
    return RecordRef("telephone", kind, key)


@pytest.fixture
def marked(peer: Peer) -> Peer:
    tickets.fill(peer)
    peer.run(
        'ALTER TABLE "Ticket List" ADD COLUMN locked VARCHAR(20)',
        "ALTER TABLE ticket_comments ADD COLUMN locked VARCHAR(20)",
    )
    return peer


def locked(peer: Peer) -> list[object]:
    return [row[0] for row in peer.rows('SELECT id FROM "Ticket List" WHERE locked IS NOT NULL ORDER BY id')]


def test_the_subjects_rows_are_marked_and_the_mark_is_taken_away(marked: Peer):
    connector = marked.connector(RESTRICTING, batch_size=2)
    assert Method.RESTRICT in connector.capabilities.kind("ticket").methods
    assert Method.RESTRICT not in connector.capabilities.kind("customer").methods
    refs = [ref("ticket", "[11]"), ref("ticket", "[12]"), ref("ticket", "[13]"), ref("ticket", "[99]")]
    before = tickets.neighbours(marked)
    for _ in range(2):
        done = {one.record.ref: one for one in connector.erase(refs, Method.RESTRICT, KNOWN)}
        assert {key: one.kind for key, one in done.items()} == {
            "[11]": OutcomeKind.RESTRICTED,
            "[12]": OutcomeKind.RESTRICTED,
            "[13]": OutcomeKind.RETAINED,
            "[99]": OutcomeKind.NOT_HELD,
        }
        assert done["[13]"].refused
    assert locked(marked) == [11, 12]
    assert tickets.neighbours(marked) == before
    lifted = list(connector.erase(refs[:2], Method.LIFT, KNOWN))
    assert [one.kind for one in lifted] == [OutcomeKind.RETAINED] * 2
    assert locked(marked) == []


def test_what_another_person_wrote_in_the_subjects_ticket_is_not_marked(marked: Peer):
    connector = marked.connector(RESTRICTING)
    refs = [ref("comment", "[11,1]"), ref("comment", "[11,2]")]
    kinds = [one.kind for one in connector.erase(refs, Method.RESTRICT, KNOWN)]
    assert kinds == [OutcomeKind.RESTRICTED, OutcomeKind.RETAINED]


def test_a_column_that_is_not_there_is_told(sqlite_peer: Peer):
    tickets.fill(sqlite_peer)
    connector = sqlite_peer.connector(RESTRICTING)
    with pytest.raises(Misconfigured):
        list(connector.erase([ref("ticket", "[11]")], Method.RESTRICT, KNOWN))


def test_a_mark_that_a_restored_table_has_lost_is_seen_and_nothing_is_written(marked: Peer):
    connector = marked.connector(RESTRICTING, batch_size=2)
    refs = [ref("ticket", "[11]"), ref("ticket", "[12]"), ref("comment", "[11,1]")]
    back_up = _rows(marked)
    for kind in (refs[:2], refs[2:]):
        list(connector.erase(kind, Method.RESTRICT, KNOWN))
    assert {one.state for one in connector.marks(refs, KNOWN)} == {MarkState.MARKED}
    # As a row lies in a back-up of before, and as an import writes another value.
    marked.run(
        "UPDATE \"Ticket List\" SET locked = 'other' WHERE id = 11",
        'UPDATE "Ticket List" SET locked = NULL WHERE id = 12',
    )
    assert _rows(marked)[1:] == back_up[1:], "the table is as it was, but for the row that was imported"
    before, held = tickets.neighbours(marked), _rows(marked)
    asked = [*refs, ref("ticket", "[99]"), ref("ticket", "[13]")]
    seen = {(one.record.kind, one.record.ref): one.state for one in connector.marks(asked, KNOWN)}
    assert seen == {
        ("ticket", "[11]"): MarkState.UNMARKED,
        ("ticket", "[12]"): MarkState.UNMARKED,
        ("ticket", "[99]"): MarkState.GONE,
        ("ticket", "[13]"): MarkState.GONE,
        ("comment", "[11,1]"): MarkState.MARKED,
    }
    assert _rows(marked) == held
    assert {one.kind for one in connector.erase(refs[:2], Method.RESTRICT, KNOWN)} == {OutcomeKind.RESTRICTED}
    assert {one.state for one in connector.marks(refs, KNOWN)} == {MarkState.MARKED}
    assert tickets.neighbours(marked) == before
    assert list(connector.marks([], KNOWN)) == []


def _rows(peer: Peer) -> list[tuple[object, ...]]:
    return peer.rows('SELECT * FROM "Ticket List" ORDER BY id')


def test_a_mark_is_not_called_there_where_its_column_is_configured_no_more(sqlite_peer: Peer):
    tickets.fill(sqlite_peer)
    with pytest.raises(Misconfigured, match="put its column back"):
        list(tickets.connector(sqlite_peer).marks([ref("ticket", "[11]")], KNOWN))


def test_the_mark_names_its_case_and_another_cases_stays(marked: Peer):
    marked.run('ALTER TABLE "Ticket List" ADD COLUMN locked_by VARCHAR(20)')
    by_case = [
        {**table, "restriction": {**table["restriction"], "case_column": "locked_by"}}
        if table["name"] == "Ticket List"
        else table
        for table in RESTRICTING
    ]
    connector, refs = marked.connector(by_case, batch_size=2), [ref("ticket", "[11]"), ref("ticket", "[12]")]
    before, held = tickets.neighbours(marked), _rows(marked)
    list(connector.mark(refs, Method.RESTRICT, KNOWN, FIRST))
    list(connector.mark(refs[1:], Method.RESTRICT, KNOWN, SECOND))
    seen = [(one.state, one.case_id) for one in connector.marks(refs, KNOWN)]
    assert seen == [(MarkState.MARKED, FIRST), (MarkState.MARKED, SECOND)]
    gone, stays = connector.mark(refs, Method.LIFT, KNOWN, FIRST)
    assert (gone.kind, gone.reason) == (OutcomeKind.RETAINED, "")
    assert (stays.kind, stays.refused, stays.reason) == (OutcomeKind.RETAINED, False, ANOTHER_CASES)
    assert locked(marked) == [12]
    list(connector.mark(refs[1:], Method.LIFT, KNOWN, SECOND))
    assert (_rows(marked), tickets.neighbours(marked)) == (held, before)
    list(connector.erase(refs[:1], Method.RESTRICT, KNOWN))
    assert [one.case_id for one in connector.marks(refs[:1], KNOWN)] == [""]
    without = marked.connector(RESTRICTING)
    list(without.mark(refs[:1], Method.RESTRICT, KNOWN, FIRST))
    assert [(one.state, one.case_id) for one in without.marks(refs[:1], KNOWN)] == [(MarkState.MARKED, "")]
