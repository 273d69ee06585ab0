"""A simulated year of the watch: every rung once, in order, none missed, none after the answer, everybody told."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from sqlalchemy import select

from rightsflow.store.tables import AlertRow
from tests.integration.cases.watch_year import Year


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("cases", "seed"), [(100, 1), (2000, 2)], ids=["100 cases", "2000 cases"])
def test_a_year_with_outages(tmp_path: Path, cases: int, seed: int) -> None:
    year = Year(tmp_path, cases, seed)
    year.run()
    with year.database.transaction() as session:
        rows = session.scalars(select(AlertRow).order_by(AlertRow.id)).all()
    by_case = defaultdict(list)
    for row in rows:
        by_case[row.case_id].append(row)
    assert len(year.history) == cases
    for case_id, history in year.history.items():
        alerts = by_case[case_id]
        raised = [(row.kind, row.key) for row in alerts]
        assert len(raised) == len(set(raised)), "each once"
        assert year.expected(case_id, year.looked_at) <= set(raised), "none missed"
        assert set(raised) <= year.expected(case_id, year.tried_at), "none without cause"
        assert [row.raised_at for row in alerts] == sorted(row.raised_at for row in alerts)
        for kinds in ({"due-soon"}, {"target-missed", "overdue"}):
            line = [row for row in alerts if row.kind in kinds]
            assert [_rank(row) for row in line] == sorted(_rank(row) for row in line), "in order"
        if history[-1].closed:
            assert all(row.raised_at <= history[-1].since for row in alerts)
            assert all(row.ended_at is not None and row.ended_at <= history[-1].since for row in alerts)
    # That the year was one worth the name.
    kinds = {row.kind for row in rows}
    assert len(kinds) == 10
    assert len(rows) > 4 * cases
    assert min(year.cut_short, year.checked, year.messenger.doubled, len(year.absent)) > 3
    assert sum(row.reminders for row in rows) > cases / 2
    assert max(row.attempt - row.reminders for row in rows) > 2
    year.database.close()


def _rank(row: AlertRow) -> tuple[str, str, int]:
    """Dates one after the other; before each, fewer and fewer days."""
    days, _, _ = row.key.partition("/")
    return ("", row.about_on.isoformat(), -int(days)) if row.kind == "due-soon" else (row.key, "", 0)
