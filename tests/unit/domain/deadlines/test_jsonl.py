"""Due dates as JSON lines, and the table of cases of the law."""

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from rightsflow.domain.deadlines import ClockInput, DeadlineType, Period, Regime, due_dates
from rightsflow.domain.deadlines.explain import words
from rightsflow.domain.deadlines.jsonl import SUSPENDED, read_row, write_row
from rightsflow.domain.errors import BadInput
from tests.unit.domain.deadlines.clocks import explained, german

ROW = {
    "row_id": "1",
    "regime": "GDPR",
    "country": "DE",
    "subdivision": "",
    "request_type": "access",
    "deadline_type": "response",
    "period": "P1M",
    "received_at": "2026-03-05T10:00:00+01:00",
    "controller_tz": "Europe/Berlin",
    "pause_valid": "",
    "note": "any",
}


def test_a_row_is_read_whole_and_by_the_least_it_needs():
    # A whole row.
    clock = read_row(
        {**ROW, "subdivision": "BY", "identity_requested_at": "2026-03-06T09:00:00Z", "pause_valid": "true"}
    )

    assert isinstance(clock, ClockInput)
    assert (clock.regime, clock.country, clock.subdivision) == (Regime.GDPR, "DE", "BY")
    assert clock.deadline_type is DeadlineType.RESPONSE
    assert clock.period == Period(months=1)
    assert clock.identity_requested_at.isoformat() == "2026-03-06T09:00:00+00:00"
    assert clock.pause_valid is True
    assert clock.extension_valid is None
    # The least a row needs.
    least = read_row({name: ROW[name] for name in ("received_at", "controller_tz", "country")})

    assert due_dates(least) == due_dates(read_row(ROW))
    for written, read in (("Erasure", "erasure"), ("", "access"), (None, "access")):
        assert read_row({**ROW, "request_type": written}).request_type == read
    # Empty is absent.
    for absent in (None, "", "  "):
        row = {**ROW, "identity_requested_at": absent, "regime": absent, "pause_valid": absent, "period": absent}
        assert due_dates(read_row(row)) == due_dates(read_row(ROW))
    # Names of the laws.
    for name, regime in (
        ("GDPR", Regime.GDPR),
        ("gdpr", Regime.GDPR),
        ("UK GDPR", Regime.UK_GDPR),
        ("CH FADP", Regime.CH_FADP),
        ("CCPA/CPRA", Regime.CCPA),
        ("CPRA", Regime.CCPA),
        ("LGPD", Regime.LGPD),
        ("1182/71", Regime.REGULATION_1182_71),
    ):
        assert read_row({**ROW, "regime": name}).regime is regime
    for value, judged in ((True, True), (False, False), ("TRUE", True), ("yes", True), ("no", False), ("", None)):
        assert read_row({**ROW, "extension_valid": value}).extension_valid is judged


def test_a_bad_value_is_named_and_not_quoted():
    for column, value, mend in (
        ("received_at", "", "received_at is missing; write it like 2026-03-05T10:00:00+01:00."),
        ("received_at", "5 March", "received_at is no ISO 8601 instant"),
        ("received_at", "2026-02-30T10:00:00+01:00", "received_at is no ISO 8601 instant"),
        ("received_at", "2026-03-05", "received_at has no offset from UTC"),
        ("received_at", "2026-03-05T10:00:00", "received_at has no offset from UTC"),
        ("received_at", 1772701200, "received_at is not text; put it between quotes."),
        ("received_at", "2206-03-05T10:00:00Z", "received_at lies after the year 2199"),
        ("controller_tz", "", "controller_tz is missing; write it like Europe/Berlin."),
        ("controller_tz", "Berlin", "controller_tz is no time zone"),
        ("controller_tz", "Europe", "controller_tz is no time zone"),
        ("controller_tz", "../../etc/passwd", "controller_tz is no time zone"),
        ("country", "", "country is missing; write it like DE."),
        ("regime", "DSGVO", "regime is none this clock knows; use one of 1182/71, ccpa, ch-fadp, gdpr"),
        ("deadline_type", "answer", "deadline_type is unknown; use one of response, refusal_notice"),
        ("period", "a month", "period is not a length"),
        ("pause_valid", "maybe", "pause_valid is neither true nor false"),
        ("extension_valid", 1, "extension_valid is not text"),
        ("fee_paid_at", "2026-03-05 at noon", "fee_paid_at is no ISO 8601 instant"),
        ("identity_requested_at", "2026-03-01T10:00:00+01:00", "identity_requested_at lies before received_at"),
    ):
        with pytest.raises(BadInput) as refused:
            read_row({**ROW, column: value})

        sentence = str(refused.value)
        assert sentence.startswith(mend)
        assert sentence.endswith(".")
        assert value == "" or str(value) not in sentence.replace("2026-03-05T10:00:00+01:00", "").replace(
            "Europe/Berlin", ""
        )


def test_the_output_names_what_was_found():
    # An unknown place is found with the dates.
    for place in ({"country": "ZZ"}, {"country": "DE", "subdivision": "ZZ"}):
        with pytest.raises(BadInput, match="country or subdivision is not in the holiday table"):
            due_dates(read_row({**ROW, **place}))
    # The names of the output are fixed.
    written = write_row(due_dates(german("2026-01-15", extension_notice_sent_at="2026-02-10")))

    assert written.pop("holidays_version").startswith("python-holidays ")
    assert json.loads(json.dumps(written)) == {
        "due_date": "2026-04-15",
        "due_at": "2026-04-15T23:59:59+02:00",
        "extension_notice_due_date": "2026-02-16",
        "no_pause_due_date": None,
        "safe_due_date": "2026-04-15",
        "operational_target_date": "2026-04-15",
        "rule_version": "gdpr response 2018-05-25/1",
    }
    # While the clock is suspended.
    written = write_row(due_dates(german("2026-03-05", identity_requested_at="2026-03-06")))

    assert written["due_date"] == "SUSPENDED"
    assert written["no_pause_due_date"] == "2026-04-07"
    assert written["due_at"] is written["safe_due_date"] is written["operational_target_date"] is None


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


@pytest.mark.long
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
                rf"; target date {_day(due.operational_target_on)}( {due.operational_target_on.year})?\.", text
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
