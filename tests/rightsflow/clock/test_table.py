"""Every row of the table of worked dates, all six outputs, empty ones too."""

import csv
from pathlib import Path

import pytest

from rightsflow.clock import due_dates, explain
from rightsflow.clock.explain import words
from rightsflow.clock.jsonl import SUSPENDED, read_row, write_row

ROWS = list(csv.DictReader(Path(__file__).with_name("deadlines.csv").open(encoding="utf-8")))
COLUMNS = {
    "due_date": "expected_due_date",
    "due_at": "expected_due_at",
    "extension_notice_due_date": "extension_notice_due_date",
    "no_pause_due_date": "no_pause_due_date",
    "safe_due_date": "safe_due_date",
    "operational_target_date": "operational_target_date",
}


def test_the_table_is_whole():
    assert len(ROWS) == 132
    assert {row["regime"] for row in ROWS} == {"GDPR", "UK GDPR", "CH FADP", "CCPA/CPRA", "LGPD", "1182/71"}


@pytest.mark.parametrize("row", ROWS, ids=[row["row_id"] for row in ROWS])
def test_row(row):
    written = write_row(due_dates(read_row(row)))

    assert {name: written[name] or "" for name in COLUMNS} == {name: row[column] for name, column in COLUMNS.items()}


@pytest.mark.parametrize("row", ROWS, ids=[row["row_id"] for row in ROWS])
def test_the_explanation_names_the_dates(row):
    clock = read_row(row)
    due = due_dates(clock)
    text = explain(clock, due)

    assert "a day not recorded" not in text
    if row["expected_due_date"] == SUSPENDED:
        assert "the clock stands" in text
        assert "due date" in text
        assert words(due.no_pause_due_on) in text
    else:
        assert f"due {words(due.due_on)}, 24:00 in " in text
        assert f"work to {words(due.operational_target_on)}" in text


DECIDED_BY_FACTS = [
    row for row in ROWS if row["regime"] == "GDPR" and "without reasonable doubt" not in row["rule"]
]  # whether a doubt was reasonable only a person can judge


@pytest.mark.parametrize("row", DECIDED_BY_FACTS, ids=lambda row: row["row_id"])
def test_the_rules_reach_the_same_judgement_where_facts_decide_it(row):
    judged = due_dates(read_row(row))
    unjudged = due_dates(read_row({**row, "pause_valid": "", "extension_valid": "", "period": ""}))

    assert unjudged == judged
