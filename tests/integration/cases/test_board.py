"""The board in Prefect's UI: one artifact, cut, with links and names, and nothing of the persons."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from rightsflow.cases.facts.overview.board import AT_MOST, headline, render_board, render_work, work_lists
from rightsflow.cases.facts.people import Duty
from rightsflow.domain.board import Group, Wording
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.people import Absence
from rightsflow.store.case.case_tasks import NewTask
from rightsflow.store.queries.board import OpenCases
from tasks.prefect_io.deadline_artifact import update_board
from tasks.prefect_io.notices import BOARD_KEY
from tests.support.bench import CANARIES
from tests.support.canary import Scanner
from tests.support.many_open import put_many
from tests.support.steps import identified

SCANNER = Scanner({value: value for value in (*CANARIES, "23125", "quill")})


def rendered(bench, links=None):
    current = bench.runtime
    zone = current.settings.controller.zone
    return render_board(
        OpenCases(current.store.database, current.today).board(AT_MOST),
        now=current.now().astimezone(zone),
        wording=Wording(current.today, zone, Duty.of(current).name),
        links=links or {},
    )


def artifacts():
    with get_client(sync_client=True) as client:
        return client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[BOARD_KEY])))


def test_a_board_without_cases_says_so(bench):
    assert rendered(bench) == ("# Deadline board\n\nAs of Thu 05 Mar 2026, 10:00 (Europe/Berlin): no case is open.\n")


def test_a_case_stands_in_its_group_with_all_that_is_known_of_it(bench):
    case_id = identified(bench, "access")
    bench.pass_time(timedelta(days=1))
    text = rendered(bench, {case_id: "http://127.0.0.1/runs/flow-run/1"})
    assert "1 open · 🔴 0 urgent · 🟡 0 due soon · ⏸️ 0 clock suspended · 🟢 1 in time" in text
    (line,) = [line for line in text.splitlines() if case_id in line]
    first, left, stage, owner = (cell.strip() for cell in line.strip("|").split("|"))
    assert first == f"[{case_id}](http://127.0.0.1/runs/flow-run/1)<br>access"
    assert re.match(r"\*\*\d\d days left\*\*<br>", left)
    assert stage == "**in progress**<br>the search"
    assert owner == "**Subject rights desk**<br>acknowledgement not sent"
    assert "## 🟢 In time: 1" in text
    assert "## 🔴" not in text, "a group without a case is left out"


def test_a_case_without_a_run_has_no_link(bench):
    case_id = identified(bench, "access")
    assert f"| **{case_id}**<br>access |" in rendered(bench)


def test_who_stands_in_today_is_named(bench):
    identified(bench, "access")
    today = bench.runtime.today
    away = Absence(person="case_owner", deputy="dpo", first_on=today, last_on=today)
    bench.runtime.store.record_absence(away, "Olga Opener")
    assert "for whom DPO stands in" in rendered(bench).replace("<br>", " ")
    bench.pass_time(timedelta(days=1))
    assert "stands in" not in rendered(bench)


def test_nothing_of_the_person_is_shown(bench):
    case_id = identified(bench, "erasure")
    assert not SCANNER.scan(rendered(bench).encode(), "board")
    assert SCANNER.scan(f"{rendered(bench)}{case_id} {CANARIES[0]}".encode(), "the control")


def test_lines_of_cells_are_short_and_days_stay_whole(bench):
    put_many(bench.runtime, 40)
    rows = [line for line in rendered(bench).splitlines() if line.startswith("| **DSR")]
    lines = [part for row in rows for cell in row.strip("| ").split(" | ") for part in cell.split("<br>")]
    assert max(len(line.replace("*", "")) for line in lines) <= 26
    assert (
        "<br>approval by another person<br>than the opener, since<br>Thu\N{NO-BREAK SPACE}05\N{NO-BREAK SPACE}Mar"
        in rows[0]
    )


def test_a_name_cannot_break_the_table(bench):
    put_many(bench.runtime, 1)
    today = bench.runtime.today
    text = render_board(
        OpenCases(bench.runtime.store.database, today).board(AT_MOST),
        now=datetime(2026, 3, 5, 10, tzinfo=bench.runtime.settings.controller.zone),
        wording=Wording(today, bench.runtime.settings.controller.zone, lambda _: "Desk | Berlin"),
        links={},
    )
    (line,) = [line for line in text.splitlines() if "DSR-" in line]
    assert line.count("|") == 5
    assert "Desk / Berlin" in line


def test_letters_to_send_and_tasks_that_are_due_stand_below_the_cases(bench):
    """Before, an answer that waited in the outbox and work by hand of a closed case stood on no board."""
    case_id = identified(bench, "erasure")
    today = bench.runtime.today
    due = NewTask(kind=TaskKind.MANUAL, system="calls", what="Ask.", records=1, due_on=today - timedelta(days=1))
    with bench.file(case_id) as file:
        file.tasks.note([due], owner="case_owner")
    wording = Wording(today, bench.runtime.settings.controller.zone, Duty.of(bench.runtime).name)
    text = render_work(work_lists(bench.runtime), wording)
    assert "## Letters to send: 1" in text
    assert f"| {case_id} | Send letter L1" in text
    assert "## Tasks: 1" in text
    assert re.search(rf"\| {case_id} \| Ask\. \| .+, overdue \|", text)
    assert "… and 1 more; *To do* at the desk lists all." in render_work(work_lists(bench.runtime, shown=0), wording)
    assert render_work({}, wording) == ""


@pytest.mark.apart
def test_five_thousand_cases_are_cut_with_their_count(bench):
    put_many(bench.runtime, 5_000)
    text = rendered(bench)
    assert "5,000 open · 🔴 1,200 urgent · 🟡 950 due soon · ⏸️ 200 clock suspended · 🟢 2,650 in time" in text
    assert text.count("DSR-2026-") == sum(AT_MOST.values()) == 150
    assert "… and 1,150 more, next target date Mon 23 Feb" in text
    assert "… and 2,625 more, next target date Fri 13 Mar" in text
    assert len(text) < 40_000


def test_the_headline_counts_each_group(bench):
    put_many(bench.runtime, 41)
    board = OpenCases(bench.runtime.store.database, date(2026, 3, 5)).board(dict.fromkeys(Group, 1))
    assert headline(board).startswith("41 open · 🔴 10 urgent")


@pytest.mark.apart
def test_one_artifact_is_kept_current_in_and_outside_runs(bench, prefect_server):
    before = {one.id for one in artifacts()}
    put_many(bench.runtime, 2)
    assert update_board() == 2
    (first,) = artifacts()
    identified(bench, "access")

    @flow(name="board-test", persist_result=False)
    def in_a_run():
        return update_board()

    assert in_a_run() == 3
    (kept,) = artifacts()
    assert kept.id == first.id
    assert not before or before == {kept.id}
    assert (kept.type, kept.flow_run_id) == ("markdown", None)
    assert "2 open" in first.data
    assert "3 open" in kept.data
    assert kept.data.startswith(rendered(bench))
    assert "## Letters to send: 1" in kept.data
