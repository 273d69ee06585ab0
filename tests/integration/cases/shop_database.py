"""A shop in a real SQLite database in the place of the bench's payments: accounts, and orders that hang on them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from connectors.registry import ControllerPlace
from connectors.sql import SqlConnector, SqlSettings
from rightsflow.app import current_app
from rightsflow.cases.course.follow_up.approval import approve_task
from rightsflow.cases.course.follow_up.rounds import follow_up
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.domain.gates.decisions import Gate
from tests.support.bench import Bench
from tests.support.steps import carry_out, identified, search, send_answer

ANNA = {"email": "anna@shop.example", "phone": "+49 30 99887 100"}
_SCHEMA = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, no TEXT UNIQUE, email TEXT, phone TEXT, name TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, placed DATE, item TEXT, phone TEXT);
INSERT INTO customers VALUES (1, 'K-1', 'anna@shop.example', '+49 30 99887 100', 'Anna Quill');
INSERT INTO customers VALUES (2, 'K-2', 'boris@shop.example', '+49 30 99887 200', 'Boris Other');
INSERT INTO orders VALUES (10, 1, '2024-03-15', 'kettle', NULL), (20, 2, '2024-03-15', 'his kettle', NULL);
"""
CUSTOMERS = {
    "name": "customers",
    "key": ["id"],
    "identities": [
        {"column": "no", "kind": "customer_id"},
        {"column": "email", "kind": "email"},
        {"column": "phone", "kind": "phone"},
        {"column": "name", "kind": "name"},
    ],
    "document_class": "none",
    "erase": "blank",
    "blank": {"no": "erased-{key}", "email": "", "phone": "", "name": ""},
}
ORDERS = {
    "name": "orders",
    "key": ["id"],
    "references": [{"column": "customer", "table": "customers", "to": "id"}],
    "occurred_at": "placed",
    "document_class": "voucher",
}


@dataclass(frozen=True)
class Shop:
    """The database.

    Args:
        path: Its file.
    """

    path: Path

    def run(self, statement: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            return connection.execute(statement).fetchall()

    def orders(self) -> list[object]:
        return [one for (one,) in self.run("SELECT id FROM orders ORDER BY id")]


def with_shop(bench: Bench, folder: Path, monkeypatch, *tables: dict[str, object]) -> Shop:
    """Let the payments be a shop's own database."""
    shop = Shop(folder / "shop.sqlite")
    with closing(sqlite3.connect(shop.path)) as connection, connection:
        connection.executescript(_SCHEMA)
    monkeypatch.setenv("TEST_SHOP_URL", f"sqlite:///{shop.path}")
    section = bench.runtime.systems["payments"]
    said = {name: getattr(section, name) for name in ("purposes", "categories", "source", "recipients", "retention")}
    described = {**said, "transfers": "none", "connector": "sql", "url": "env:TEST_SHOP_URL"}
    settings = SqlSettings.model_validate({**described, "tables": list(tables or (CUSTOMERS, ORDERS))})
    place = ControllerPlace(country="DE", timezone="Europe/Berlin")
    connector = SqlConnector("payments", settings, place, lambda: bench.moment[0])
    bench.runtime = replace(
        bench.runtime,
        connectors={**bench.runtime.connectors, "payments": connector},
        systems={**bench.runtime.systems, "payments": settings},
    )
    return shop


def carried_out(bench: Bench, **given: str) -> str:
    """An erasure of Anna's that is carried out, and whose answer is written."""
    case_id = identified(bench, "erasure", **(ANNA | given))
    search(case_id)
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    bench.approve(case_id)
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    write_answer(current_app(), case_id)
    return case_id


def erased(bench: Bench, **given: str) -> str:
    """The same, and the answer was sent."""
    case_id = carried_out(bench, **given)
    send_answer(bench, case_id)
    return case_id


def work_on(bench: Bench, case_id: str, on: date) -> None:
    """What the follow-up does on a day, with an officer who approves what it shows."""
    bench.moment[0] = datetime.combine(on, time(12), UTC)
    follow_up(current_app())
    with bench.file(case_id) as file:
        shown = [one for one in file.tasks.all() if one.is_open and one.is_shown and not one.approved_by]
    for one in (one for one in shown if one.kind.needs_approval):
        approve_task(current_app(), case_id, one.number, by="Dana Decider")
    follow_up(current_app())


def letters(bench: Bench, case_id: str) -> dict[str, str]:
    with bench.file(case_id) as file:
        return {one.template_id: one.body for one in file.outbox.letters()}
