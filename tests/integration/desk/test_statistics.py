"""Statistics at the desk: counted from rows, without personal data, for every role that sees overviews."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from sqlalchemy import event

from rightsflow.app import current_app
from rightsflow.cases.course.withdrawal import withdraw
from tests.support.bench import CANARIES
from tests.support.many_open import put_many
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
