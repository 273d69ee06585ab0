"""A whole case with restricted rows, whose database is restored from a back-up of before; on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.follow_up.lifting import announce_lifting, liftable
from rightsflow.cases.course.follow_up.rounds import follow_up, replay_system
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.work.erasure.steps import erase_records, prepare_plan, settle_plan, verify_erasure
from rightsflow.cases.work.search import locate_records, resolve_identifiers
from rightsflow.domain.gates.decisions import Gate
from tests.integration.connectors.sql import tickets
from tests.integration.connectors.sql.peer import Peer
from tests.support.bench import SECTION, Bench, running_bench

pytestmark = pytest.mark.apart

_OF_MARKS = {"MarksLost", "MarkedAgain", "MarksReturned", "LiftedAgain"}
SYSTEM, APPROVER = "telephone", "Dana Decider"
RESTRICTING = [
    {**table, "restriction": {"column": "locked", "value": "restricted", "lifted": None, "case_column": "locked_by"}}
    if table["name"] == "Ticket List"
    else table
    for table in tickets.TABLES
]
COLUMNS = ("id", "customer", "opened", "subject", "agent", "locked", "locked_by")


@pytest.fixture
def bench(tmp_path: Path, peer: Peer) -> Iterator[Bench]:
    """A bench whose one system is the ticket database."""
    tickets.fill(peer)
    for column in ("locked", "locked_by"):
        peer.run(f'ALTER TABLE "Ticket List" ADD COLUMN {column} VARCHAR(20)')
    with running_bench(tmp_path) as made:
        systems = {SYSTEM: made.runtime.settings.systems["helpdesk"]}
        settings = made.runtime.settings.model_copy(update={"systems": systems})
        made.runtime = replace(
            made.runtime, settings=settings, connectors={SYSTEM: peer.connector(RESTRICTING)}, systems={SYSTEM: SECTION}
        )
        with installed(made.runtime):
            yield made


def restricted(bench: Bench) -> str:
    """A restriction on request, answered: Anna's tickets are marked."""
    app = current_app()
    case_id: str = bench.open("restriction", ground="accuracy", email="anna@example.com")
    reach_gate(app, case_id, Gate.IDENTITY)
    bench.confirm_identity(case_id)
    for _ in range(3):
        locate_records(app, case_id, SYSTEM)
        if not resolve_identifiers(app, case_id).learnt:
            break
    prepare_plan(app, case_id)
    reach_gate(app, case_id, Gate.APPROVAL)
    bench.approve(case_id)
    settle_plan(app, case_id)
    erase_records(app, case_id, SYSTEM)
    verify_erasure(app, case_id, SYSTEM)
    write_answer(app, case_id)
    record_sent(app, case_id, "L22", by="Ben")
    return case_id


def rows(peer: Peer) -> list[tuple[object, ...]]:
    return peer.rows(f'SELECT {", ".join(COLUMNS)} FROM "Ticket List" ORDER BY id')


def marked(peer: Peer) -> list[object]:
    return [row[0] for row in rows(peer) if row[-2] == "restricted"]


def restore(peer: Peer, back_up: list[tuple[object, ...]], *without: int) -> None:
    """Load the table as it was; without some rows, as from a back-up of before they were written."""
    hangs = peer.rows("SELECT * FROM ticket_comments ORDER BY ticket_id, position")
    names = ("ticket_id", "position", "author", "author_name", "body", "attachment")
    kept = [one for one in back_up if one[0] not in without]
    peer.run("DELETE FROM ticket_comments", 'DELETE FROM "Ticket List"')
    peer.insert('"Ticket List"', [dict(zip(COLUMNS, one, strict=True)) for one in kept])
    left = {one[0] for one in kept}
    peer.insert("ticket_comments", [dict(zip(names, one, strict=True)) for one in hangs if one[0] in left])


def events(bench: Bench, case_id: str) -> list[str]:
    with bench.file(case_id) as file:
        return [one.event for one in file.ledger.entries() if one.event in _OF_MARKS]


def test_a_database_restored_from_before_is_marked_again_by_a_replay_and_at_the_looks(bench: Bench, peer: Peer) -> None:
    back_up, others = rows(peer), tickets.neighbours(peer)
    case_id = restricted(bench)
    assert marked(peer) == [11, 12]
    for years in range(3):
        restore(peer, back_up)
        assert marked(peer) == []
        if years % 2:
            bench.pass_time(timedelta(days=366))
            assert follow_up(current_app()).marked == 2
        else:
            assert replay_system(current_app(), SYSTEM, by=APPROVER).marked == 2
        assert marked(peer) == [11, 12]
        assert tickets.neighbours(peer) == others
        assert rows(peer)[2] == back_up[2], "the neighbour's ticket"
    assert events(bench, case_id) == ["MarksLost", "MarkedAgain"] * 3
    restore(peer, back_up, 12)
    done = replay_system(current_app(), SYSTEM, by=APPROVER)
    assert (done.marked, marked(peer)) == (1, [11])
    with bench.file(case_id) as file:
        assert [one.what for one in file.tasks.all() if "not there any more: 1." in one.what]


def test_what_was_lifted_is_unmarked_again_after_a_restore_of_the_marked_table(bench: Bench, peer: Peer) -> None:
    case_id, app = restricted(bench), current_app()
    with_marks = rows(peer)
    on = app.today + timedelta(days=9)
    announce_lifting(app, case_id, liftable(app, case_id), on, reason="They are accurate.", by=APPROVER)
    record_sent(app, case_id, "L15", by="Ben")
    bench.pass_time(timedelta(days=9))
    follow_up(app)
    assert marked(peer) == []
    held = rows(peer)
    assert replay_system(app, SYSTEM, by=APPROVER).marked == 0
    assert (rows(peer), events(bench, case_id)) == (held, [])
    assert [one[-2] for one in with_marks] == ["restricted", "restricted", None, None, None]
    for number in range(2):
        restore(peer, with_marks)
        assert marked(peer) == [11, 12]
        if number:
            bench.pass_time(timedelta(days=1))
            assert follow_up(app).lifted == 2
        else:
            assert replay_system(app, SYSTEM, by=APPROVER).lifted == 2
        assert rows(peer) == held
    assert events(bench, case_id) == ["MarksReturned", "LiftedAgain"] * 2
    # As a colleague marks a ticket for a reason of their own.
    peer.run("UPDATE \"Ticket List\" SET locked = 'restricted' WHERE id = 11")
    assert replay_system(app, SYSTEM, by=APPROVER).lifted == 0
    assert marked(peer) == [11]
    with bench.file(case_id) as file:
        assert [one.records for one in file.tasks.all() if "bear a mark that names no case" in one.what] == [1]
