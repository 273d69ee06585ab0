"""The figures of the whole store agree with the board and the cases, on both databases."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from rightsflow.domain.alerts.ladder import RungKind
from rightsflow.domain.board import Group
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import AlertStage, CaseState
from rightsflow.domain.work_list import Present
from rightsflow.store import Database
from rightsflow.store.proofs.seals import seal
from rightsflow.store.queries.board import OpenCases
from rightsflow.store.queries.figures import read_figures
from rightsflow.store.tables import AlertRow
from tests.integration.store.board_rows import ALL, NOW, TODAY, counted, put, row


def read(database: Database) -> Any:
    return read_figures(database, Present(today=TODAY, now=NOW, has_mail=False))


def alert(number: int, kind: RungKind, stage: AlertStage) -> dict[str, Any]:
    return {
        "case_id": f"DSR-2026-{number:06d}",
        "kind": kind.value,
        "key": f"{kind}/{stage}",
        "about_on": TODAY,
        "tell": [],
        "text": "",
        "raised_at": NOW,
        "stage": stage.value,
        "recipients": [],
        "told": [],
    }


def test_open_cases_by_right_state_and_light_as_the_board_has_them(database):
    found = read(database)
    assert (found.open_cases, found.overdue, found.alerts) == ({}, {}, {})
    assert (found.watch_behind, found.sealed_at) == (timedelta(0), None)

    put(
        database,
        row(1, 9),
        row(2, 7, right="erasure", state="awaiting approval"),
        row(3, 0),
        row(4, 0, due=0),
        row(5, -1, due=3, right="erasure", state="identity pending"),
        row(6, -30),
        row(7, -40, suspended_since=NOW, state="identity pending"),
        row(8, -40, closed_at=NOW, state="answered"),
    )
    found = read(database)
    assert found.open_cases == {
        (Right.ACCESS, CaseState.IN_PROGRESS, Group.GREEN): 1,
        (Right.ERASURE, CaseState.AWAITING_APPROVAL, Group.AMBER): 1,
        (Right.ACCESS, CaseState.IN_PROGRESS, Group.AMBER): 1,
        (Right.ACCESS, CaseState.IN_PROGRESS, Group.RED): 2,
        (Right.ERASURE, CaseState.IDENTITY_PENDING, Group.RED): 1,
        (Right.ACCESS, CaseState.IDENTITY_PENDING, Group.STANDING): 1,
    }
    by_group: Counter[Group] = Counter()
    for (_, _, group), count in found.open_cases.items():
        by_group[group] += count
    assert by_group == {group: section.count for group, section in OpenCases(database, TODAY).board(ALL).items()}
    # Case 4 is due today and case 5 in three days: neither is overdue; the clock of case 7 stands.
    assert found.overdue == {Right.ACCESS: 1}


def test_alerts_that_stand_by_kind_and_whether_everybody_was_told(database):
    put(database, row(1), row(2))
    stages = [(1, RungKind.OVERDUE, stage) for stage in AlertStage] + [(2, RungKind.OVERDUE, AlertStage.TOLD)]
    with database.transaction() as session:
        session.execute(insert(AlertRow), [alert(*one) for one in stages])
    assert read(database).alerts == {(RungKind.OVERDUE, True): 2, (RungKind.OVERDUE, False): 3}


def test_how_long_the_watch_has_let_a_case_wait(database):
    put(database, row(1, watch_at=NOW + timedelta(hours=1)), row(2, watch_at=None))
    assert read(database).watch_behind == timedelta(0)
    put(database, row(3, watch_at=NOW - timedelta(minutes=20)), row(4, watch_at=NOW - timedelta(minutes=5)))
    assert read(database).watch_behind == timedelta(minutes=20)


def test_when_the_ledger_was_sealed_last(store):
    for hours in (0, 1):
        seal(store.database, store.master, NOW + timedelta(hours=hours))
    assert read(store.database).sealed_at == NOW + timedelta(hours=1)


def test_as_many_queries_however_many_cases(database):
    def queries() -> int:
        with counted(database) as sent:
            read(database)
        return len(sent)

    few = queries()
    put(database, *(row(number, number % 40 - 20) for number in range(300)))
    assert queries() == few


def test_no_table_is_read_whole(sqlite_url):
    """Every query of cases and alerts goes along an index of what is open."""
    made = Database(sqlite_url)
    made.migrate()
    with counted(made) as sent, made.engine.connect() as connection:
        read(made)
        queries = [one for one in sent if "FROM cases" in one or "FROM alerts" in one]
        assert len(queries) == 11
        for query in queries:
            numbered = query.count("?")
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", ("2026-11-24",) * numbered).all()
            assert any("USING" in line[3] and "INDEX ix_" in line[3] for line in plan), query
    made.close()
