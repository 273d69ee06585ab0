"""The worked dates of the rule book for erasure (§4), from a shop's own database to the day after the last one.

Each document lies in a database that an operator described, with the controller of one country: the plan keeps it, the
letter names its last day and the day of its erasure, on the last day it is there, and on the day after the follow-up
erases it. What is over already goes with the case. That the day itself is right is held by the rules' own tests.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from connectors.registry import ControllerPlace
from connectors.sql import SqlConnector, SqlSettings
from proofs.years.life import read_promises
from rightsflow.app import current_app, installed
from rightsflow.cases.course.follow_up.approval import approve_task
from rightsflow.cases.course.follow_up.rounds import follow_up
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.domain.gates.decisions import Gate
from tests.support import looks
from tests.support.steps import carry_out, identified, search, send_answer

WORKED = [
    ("DE", "voucher", "2024-03-15", "2032-12-31"),
    ("DE", "voucher", "2016-06-01", ""),
    ("DE", "voucher", "2014-12-10", ""),
    ("DE", "trade_letter", "2020-02-02", "2026-12-31"),
    ("AT", "voucher", "2024-03-15", "2031-12-31"),
    ("CH", "voucher", "2024-03-15", "2034-12-31"),
    ("FR", "voucher", "2024-03-15", "2034-12-31"),
    ("ES", "voucher", "2024-12-31", "2030-12-31"),
    ("IT", "voucher", "2024-12-31", "2034-12-31"),
    ("NL", "voucher", "2024-03-15", "2031-12-31"),
    ("PL", "voucher", "2024-03-15", "2030-12-31"),
    ("IE", "voucher", "2024-03-15", "2030-12-31"),
    ("GB", "voucher", "2025-03-31", "2031-03-31"),
]
"""Country, class of document, its day, and its last day; without one its period was over before the request."""


def with_documents(bench, folder, monkeypatch, country, document, made_on):
    """Let the payments be a database with one document of the person and one of another, of a controller there."""
    database = folder / "books.sqlite"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE document (id INTEGER PRIMARY KEY, customer TEXT, made_on DATE, text TEXT)")
        rows = [("C-10001", made_on, "kettle"), ("C-20002", made_on, "his kettle")]
        connection.executemany("INSERT INTO document (customer, made_on, text) VALUES (?, ?, ?)", rows)
    monkeypatch.setenv("TEST_BOOKS_URL", f"sqlite:///{database}")
    section = bench.runtime.systems["payments"]
    table = {
        "name": "document",
        "key": ["id"],
        "identities": [{"column": "customer", "kind": "customer_id"}],
        "occurred_at": "made_on",
        "document_class": document,
    }
    said = {name: getattr(section, name) for name in ("purposes", "categories", "source", "recipients", "retention")}
    described = {**said, "transfers": "none", "connector": "sql", "url": "env:TEST_BOOKS_URL", "tables": [table]}
    settings = SqlSettings.model_validate(described)
    place = ControllerPlace(country=country, timezone="Europe/Berlin")
    connector = SqlConnector("payments", settings, place, lambda: bench.moment[0])
    own = {"country": country, "financial_year": "04-01" if country == "GB" else "01-01"}
    controller = bench.runtime.settings.controller.model_copy(update=own)
    bench.runtime = replace(
        bench.runtime,
        settings=bench.runtime.settings.model_copy(update={"controller": controller}),
        connectors={**bench.runtime.connectors, "payments": connector},
        systems={**bench.runtime.systems, "payments": settings},
    )
    return database


def customers(database):
    with closing(sqlite3.connect(database)) as connection:
        return [one for (one,) in connection.execute("SELECT customer FROM document ORDER BY id")]


def work_on(bench, case_id, on):
    """What the follow-up does on a day, with an officer who approves what it shows."""
    bench.moment[0] = datetime.combine(on, time(12), UTC)
    follow_up(current_app())
    shown = [one for one in looks.tasks(bench, case_id) if one.is_open and one.is_shown and not one.approved_by]
    for one in (one for one in shown if one.kind.needs_approval):
        approve_task(current_app(), case_id, one.number, by="Dana Decider")
    follow_up(current_app())


def answered(bench):
    case_id = identified(bench, "erasure", customer_id="C-10001")
    search(case_id)
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    bench.approve(case_id)
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    write_answer(current_app(), case_id)
    send_answer(bench, case_id)
    return case_id


@pytest.mark.parametrize(
    ("country", "document", "made_on", "last_day"),
    [WORKED[0], *(pytest.param(*one, marks=pytest.mark.slow) for one in WORKED[1:])],
)
def test_a_document_is_kept_to_its_worked_day_and_no_longer(
    bench, tmp_path, monkeypatch, country, document, made_on, last_day
):
    database = with_documents(bench, tmp_path, monkeypatch, country, document, made_on)
    with installed(bench.runtime):
        case_id = answered(bench)
        letters = looks.letters(bench, case_id)
        promised = read_promises(letters, current_app().today)
        assert promised.faults == []
        assert dict(promised.kept) == ({("payments", date.fromisoformat(last_day)): 1} if last_day else {})
        if last_day:
            work_on(bench, case_id, date.fromisoformat(last_day))
            assert customers(database) == ["C-10001", "C-20002"]
            work_on(bench, case_id, date.fromisoformat(last_day) + timedelta(days=1))
        assert customers(database) == ["C-20002"]
