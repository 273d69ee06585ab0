"""Statistics at the desk: counted from rows, without personal data, for every role that sees overviews."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import event, select, update

from rightsflow.app import current_app, installed
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.store.tables import CaseRow
from tests.support.bench import CANARIES
from tests.support.desk_client import DeskRig
from tests.support.many_open import put_many
from tests.support.signing_in import Team
from tests.support.steps import answered_access, send_answer


def figures(browser):
    answer = browser.get("/statistics.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = csv.DictReader(io.StringIO(answer.text))
    return {(row["figure"], row["month"], row["right"], row["stage"]): float(row["value"]) for row in rows}


def test_what_was_received_answered_and_withdrawn_is_counted_by_month_right_and_stage(bench, rig):
    axel = rig.browser("axel")
    assert "No case is open." in axel.get("/statistics").text
    send_answer(bench, answered_access(bench))
    withdrawn = bench.open("erasure", email="boris.other@example.org")
    withdraw(current_app(), withdrawn, by="Olga Officer", reason="He wrote so.")
    bench.open("access", email="another@example.net")
    found = figures(axel)
    assert found["open", "", "access", "received"] == 1
    assert found["received", "2026-03", "", ""] == 3
    assert found["answered on time", "2026-03", "", ""] == 1
    assert found["withdrawn or stopped", "2026-03", "", ""] == 1
    assert found["received", "2025-04", "", ""] == 0
    assert {stage for figure, _, right, stage in found if (figure, right) == ("cases measured", "access")} == {
        "identity confirmed",
        "systems searched",
        "decided at the gate",
        "closed",
    }
    page = axel.get("/statistics").text
    assert "<svg" in page
    assert not [one for one in CANARIES if one in page]
    assert "<script" not in page.partition("<main")[2]


def test_many_open_cases_take_as_many_queries_as_few(bench, rig):
    olga, asked = rig.browser("olga"), []
    engine = bench.runtime.store.database.engine

    def note(*_):
        asked.append(1)

    def queries():
        asked.clear()
        event.listen(engine, "before_cursor_execute", note)
        olga.get("/statistics")
        event.remove(engine, "before_cursor_execute", note)
        return len(asked)

    few = queries()
    put_many(current_app(), 300, received_at=current_app().now() - timedelta(days=40))
    assert queries() == few
    assert figures(olga)["received", "2026-01", "", ""] == 300


def test_minutes_are_counted_with_acts_capped_and_shown_of_five_cases(bench, rig):
    """Off by default; on, a page left open counts five minutes, and a look without an act nothing."""

    def extends(case_id):
        olga.get(f"/cases/{case_id}")
        bench.pass_time(timedelta(seconds=90))
        here = f"/cases/{case_id}/acts"
        olga.get(here)
        bench.pass_time(timedelta(minutes=20))
        assert olga.send(f"{here}/extend", here, extend_reason="Three systems have to be searched.").status_code == 303
        olga.get(f"/cases/{case_id}")
        bench.pass_time(timedelta(minutes=2))
        olga.get("/")

    def spent(case_id):
        query = select(CaseRow.desk_seconds).where(CaseRow.id == case_id)
        with bench.runtime.store.database.reading() as session:
            return session.scalars(query).one()

    olga, unmeasured, measured = rig.browser("olga"), bench.open("access"), bench.open("erasure")
    extends(unmeasured)
    assert "Minutes per case" not in olga.get("/statistics").text
    desk = bench.runtime.settings.desk.model_copy(update={"measure_minutes": True})
    bench.runtime = replace(bench.runtime, settings=bench.runtime.settings.model_copy(update={"desk": desk}))
    olga = DeskRig(bench, Team(bench)).browser("olga")
    with installed(bench.runtime):
        extends(measured)
        assert (spent(unmeasured), spent(measured)) == (0, 90 + 300)
        closed = {"state": "answered", "closed_at": current_app().now(), "desk_seconds": 600}
        put_many(current_app(), 4, **closed)
        assert "No month has 5 measured cases yet." in olga.get("/statistics").text
        with bench.runtime.store.database.transaction() as session:
            session.execute(update(CaseRow).where(CaseRow.id == measured).values(closed | {"desk_seconds": 390}))
        assert figures(olga)["median minutes at the desk", "2026-03", "all", ""] == 10.0
        assert "Median minutes of an answered case" in olga.get("/statistics").text
