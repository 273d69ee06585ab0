"""The open cases by status: the same groups as the light gives, counted, cut and paged."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, event, insert

from rightsflow.domain.board import SOON_DAYS, Board, Group, light
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import Database
from rightsflow.store.queries.board import OpenCases
from rightsflow.store.tables import AlertRow, CaseRow, LetterRow, StepRow
from tests.integration.store.board_rows import ALL, NOW, TODAY, counted, put, row
from tests.support.casework import opened

SOON = timedelta(days=SOON_DAYS)


def ids(board: Board) -> dict[Group, list[int]]:
    return {group: [int(case.case_id[-6:]) for case in section.cases] for group, section in board.items()}


def test_each_group_soonest_first_and_by_id_within_a_day(database):
    board = OpenCases(database, TODAY).board(ALL)
    assert list(board) == [Group.RED, Group.AMBER, Group.STANDING, Group.GREEN]
    assert {(section.count, section.cases, section.next_on) for section in board.values()} == {(0, (), None)}

    put(
        database,
        row(1, 9),
        row(2, 8),
        row(3, 7),
        row(4, 0),
        row(5, 0, due=0),
        row(6, -1),
        row(7, -30),
        row(8, 0),
        row(9, -40, suspended_since=NOW),
        row(10, 30, suspended_since=NOW),
        row(11, -40, closed_at=NOW, state="answered"),
    )
    board = OpenCases(database, TODAY).board(ALL)
    assert ids(board) == {
        Group.RED: [7, 6, 5],
        Group.AMBER: [4, 8, 3],
        Group.STANDING: [9, 10],
        Group.GREEN: [2, 1],
    }
    assert [board[group].count for group in Group] == [len(board[group].cases) for group in Group]


@pytest.fixture(scope="module")
def one_database(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("board")
    made = Database(f"sqlite:///{folder / 'cases.db'}")
    event.listen(made.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    made.migrate()
    yield made
    made.close()


CASES = st.lists(
    st.tuples(st.integers(-12, 12), st.integers(0, 4), st.sampled_from(["runs", "stands", "closed"])),
    min_size=1,
    max_size=25,
)


@pytest.mark.apart
@given(CASES)
def test_every_open_case_is_in_the_group_of_its_light(one_database, cases):
    rows = [
        row(
            number,
            work_to,
            due=work_to + gap,
            suspended_since=NOW if course == "stands" else None,
            closed_at=NOW if course == "closed" else None,
        )
        for number, (work_to, gap, course) in enumerate(cases)
    ]
    with one_database.transaction() as session:
        session.execute(delete(CaseRow))
    put(one_database, *rows)
    expected: dict[Group, list[Any]] = {group: [] for group in Group}
    for one in rows:
        if one["closed_at"] is None:
            lit = light(one["work_to_on"], one["due_on"], TODAY, closed=False)
            group = Group.STANDING if one["suspended_since"] else Group(lit.value)
            expected[group].append((one["work_to_on"], one["id"]))
    seen = OpenCases(one_database, TODAY).board(ALL)
    assert {g: [(one.work_to_on, one.case_id) for one in s.cases] for g, s in seen.items()} == {
        group: sorted(those) for group, those in expected.items()
    }


def test_one_owners_cases_only(database):
    put(database, row(1, -3), row(2, -3, owner="dpo"), row(3, 3, owner="dpo"), row(4, 30, suspended_since=NOW))
    board = OpenCases(database, TODAY, {"dpo"}).board(ALL)
    assert ids(board) == {Group.RED: [2], Group.AMBER: [3], Group.STANDING: [], Group.GREEN: []}
    assert [board[group].count for group in Group] == [1, 1, 0, 0]
    assert [section.count for section in OpenCases(database, TODAY, {"no-one"}).board(ALL).values()] == [0, 0, 0, 0]


def test_a_case_comes_with_all_that_is_said_of_it(database):
    then = NOW - timedelta(days=2)
    late_on = TODAY + timedelta(days=9)
    put(database, row(1, 4, extended=True, at_risk=True, expected_late_on=late_on), row(2, 4), row(3, 4))
    put_details(database, then)
    first, second, third = OpenCases(database, TODAY).board(ALL)[Group.AMBER].cases
    assert (first.extended, first.at_risk, first.expected_late_on) == (True, True, late_on)
    assert (first.state, first.state_since, first.received_at) == (CaseState.IN_PROGRESS, NOW, NOW)
    assert (first.alerts, first.acknowledged) == (2, True)
    assert first.failing_since == {"erase helpdesk": then, "package": NOW}
    assert (second.alerts, second.acknowledged, second.failing_since) == (0, False, {})
    assert (third.alerts, third.acknowledged, third.failing_since) == (1, False, {})


def put_details(database: Database, then: datetime) -> None:
    one, two, three = (f"DSR-2026-{number:06d}" for number in (1, 2, 3))
    alert: dict[str, Any] = {
        "kind": "due-soon",
        "about_on": TODAY,
        "tell": ["owner"],
        "text": "t",
        "raised_at": NOW,
        "stage": "told",
        "recipients": [],
        "told": [],
        "ended_at": None,
        "acknowledged_at": None,
    }
    step: dict[str, Any] = {"attempts": 2, "started_at": NOW, "counts": {}, "failing_since": None}
    letter: dict[str, Any] = {
        "template_version": "1",
        "language": "en",
        "sealed_subject": b"",
        "sealed_body": b"",
        "variables_hash": "",
        "written_at": NOW,
        "sent_at": NOW,
    }
    alerts = [
        alert | {"case_id": one, "key": "a"},
        alert | {"case_id": one, "key": "b"},
        alert | {"case_id": one, "key": "ended", "ended_at": NOW},
        alert | {"case_id": two, "key": "seen", "acknowledged_at": NOW},
        alert | {"case_id": three, "key": "a"},
    ]
    steps = [
        step | {"case_id": one, "step": "erase", "system": "helpdesk", "state": "running", "failing_since": then},
        step | {"case_id": one, "step": "package", "system": "", "state": "failed", "failing_since": NOW},
        step | {"case_id": two, "step": "locate", "system": "helpdesk", "state": "done"},
    ]
    letters = [
        letter | {"case_id": one, "template_id": "L1"},
        letter | {"case_id": two, "template_id": "L2"},
        letter | {"case_id": three, "template_id": "L1", "sent_at": None},
    ]
    with database.transaction() as session:
        session.execute(insert(AlertRow), alerts)
        session.execute(insert(StepRow), steps)
        session.execute(insert(LetterRow), letters)


def test_a_thousand_cases_are_counted_and_cut_by_as_many_queries_as_one(database):
    put(database, row(0, -1))
    with counted(database) as for_one:
        OpenCases(database, TODAY).board(dict.fromkeys(Group, 5))
    put(
        database,
        *(
            row(number, number % 40 - 10, suspended_since=NOW if number % 25 == 1 else None)
            for number in range(1, 1_000)
        ),
    )
    with counted(database) as for_all:
        board = OpenCases(database, TODAY).board(dict.fromkeys(Group, 5))
    assert len(for_all) == len(for_one)
    assert {group: section.count for group, section in board.items()} == {
        Group.RED: 240,
        Group.AMBER: 190,
        Group.STANDING: 40,
        Group.GREEN: 530,
    }
    assert all(len(section.cases) == 5 and section.more == section.count - 5 for section in board.values())
    assert board[Group.RED].next_on == TODAY - timedelta(days=10)
    assert board[Group.GREEN].next_on == TODAY + SOON + timedelta(days=1)


def test_all_of_a_group_are_read_page_by_page(database):
    put(database, *(row(number, -1 - number % 3) for number in range(12)), row(50, 5))
    for at_once in (1, 3, 4, 500):
        read = [
            (one.work_to_on, one.case_id) for one in OpenCases(database, TODAY, read_at_once=at_once).all_of(Group.RED)
        ]
        assert read == sorted(read)
        assert Counter(case_id for _, case_id in read) == Counter(f"DSR-2026-{number:06d}" for number in range(12))


def test_exactly_as_many_as_are_shown_leaves_nothing_cut_off(database):
    put(database, *(row(number, 30) for number in range(3)))
    section = OpenCases(database, TODAY).board(dict.fromkeys(Group, 3))[Group.GREEN]
    assert (section.count, len(section.cases), section.more, section.next_on) == (3, 3, 0, None)


def test_what_the_store_opens_is_on_the_board_without_a_key(store, clock, database):
    case_id = opened(store)
    with store.case_file(case_id) as file:
        file.steps.start("locate", "helpdesk")
        file.steps.fail("locate", "helpdesk", "The helpdesk does not answer.")
    (case,) = OpenCases(database, TODAY).board(ALL)[Group.GREEN].cases
    assert (case.case_id, case.failing_since) == (case_id, {"locate helpdesk": clock()})
    assert "quill" not in repr(case).lower()
