"""Every row of the table of worked dates, all six outputs, empty ones too."""

import csv
import re
from dataclasses import replace
from pathlib import Path

import pytest

from rightsflow.domain.deadlines import due_dates
from rightsflow.domain.deadlines.explain import words
from rightsflow.domain.deadlines.jsonl import SUSPENDED, read_row, write_row
from tests.unit.domain.deadlines.clocks import explained

ROWS = list(csv.DictReader(Path(__file__).with_name("deadlines.csv").open(encoding="utf-8")))
EXPLANATIONS = dict(
    line.split(" ", 1) for line in Path(__file__).with_name("explanations.txt").read_text(encoding="utf-8").splitlines()
)
"""How each row is explained, as read and found fit to be signed; without the sources, which name versions."""
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


def test_row():
    for row in ROWS:
        written = write_row(due_dates(read_row(row)))

        assert {name: written[name] or "" for name in COLUMNS} == {
            name: row[column] for name, column in COLUMNS.items()
        }


def test_the_explanation_names_the_dates():
    for row in ROWS:
        clock = read_row(row)
        due = due_dates(clock)
        text = explained(clock).partition(" Sources: ")[0]

        assert text == EXPLANATIONS[row["row_id"]]
        if row["expected_due_date"] == SUSPENDED:
            assert "the clock is suspended, and there is no due date" in text
            assert _day(due.no_pause_due_on) in text
        else:
            assert re.search(rf"; due {_day(due.due_on)}( {due.due_on.year})?, 24:00 in ", text)
            assert re.search(
                rf"; work to {_day(due.operational_target_on)}( {due.operational_target_on.year})?\.", text
            )


def _day(day):
    return words(day).removesuffix(f" {day.year}")


AMBIGUOUS = [row for row in ROWS if row["ambiguous"] == "yes"]


@pytest.mark.parametrize("row", AMBIGUOUS, ids=lambda row: row["row_id"])
def test_where_the_law_is_ambiguous_the_safe_date_stands_beside_the_legal_one(row):
    due = due_dates(read_row(row))

    if due.suspended:
        assert due.no_pause_due_on.isoformat() == row["no_pause_due_date"], "the date to keep while it is suspended"
        return
    assert due.safe_due_on.isoformat() == row["safe_due_date"]
    assert due.operational_target_on <= due.safe_due_on <= due.due_on
    if alternative := row["alt_due_date"]:
        assert due.safe_due_on.isoformat() <= alternative, "the other reading is not earlier than the safe date"


def test_there_are_ambiguous_rows_of_every_law_that_has_them():
    assert len(AMBIGUOUS) == 45
    assert {row["regime"] for row in AMBIGUOUS} == {"GDPR", "UK GDPR", "CH FADP", "CCPA/CPRA", "LGPD"}


DECIDED_BY_FACTS = [
    row for row in ROWS if row["regime"] == "GDPR" and "without reasonable doubt" not in row["rule"]
]  # whether a doubt was reasonable only a person can judge


def test_the_rules_reach_the_same_judgement_where_facts_decide_it():
    for row in DECIDED_BY_FACTS:
        judged = due_dates(read_row(row))
        unjudged = due_dates(read_row({**row, "pause_valid": "", "extension_valid": "", "period": ""}))

        if row["row_id"] == "D146":
            # Without the suspension the notice was late, unless a person judged it valid.
            unjudged = replace(unjudged, no_pause_due_on=judged.no_pause_due_on)
        assert unjudged == judged
