"""The cost of a case as the store grows.

The stored cases are copies of a case that was just opened, with ids, keyed hashes and days of their own, made by the
database itself; the cases that are measured are opened, searched, packed and answered step by step in this process,
without Prefect, which does not grow with them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import psycopg
from psycopg import sql

from benchmarks.cases.population import email
from benchmarks.cases.working import opened
from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.work.access.package import assemble_package, extract_records, redact_third_parties
from rightsflow.cases.work.search import locate_records, resolve_identifiers
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store import tables
from tests.support.case_systems import systems_with_records
from tests.support.reading import read_then_decide

MEASURED = 20
_KEYS = {
    "cases": "id",
    "chains": "chain",
    "identifiers": "case_id",
    "letters": "case_id",
    "ledger": "chain",
    "clock_events": "case_id",
}
"""The tables in which a case that was just opened has rows, and the column that names it there."""


def fill(connection: psycopg.Connection, template: str, first: int, last: int) -> None:
    """Add copies of a case, with the numbers from one to another."""
    # The ledger refuses to be written but by its own rules; a copy does not follow them.
    connection.execute("SET session_replication_role = replica")
    for name, key in _KEYS.items():
        chosen = [one.name for one in tables.Base.metadata.tables[name].columns if one.name == key or one.name != "id"]
        statement = sql.SQL(
            "INSERT INTO {0} ({1}) SELECT {2} FROM {0}, generate_series(%s::int, %s::int) AS n WHERE {3} = %s"
        )
        table, columns = sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, chosen))
        values = sql.SQL(", ").join(_copied(column, key) for column in chosen)
        connection.execute(statement.format(table, columns, values, sql.Identifier(key)), [first, last - 1, template])
    connection.execute("SET session_replication_role = origin")
    connection.execute("ANALYZE")


def _copied(column: str, key: str) -> sql.Composable:
    name = sql.Identifier(column)
    if column == key:
        return sql.SQL("'DSR-2026-' || lpad(n::text, 7, '0')")
    if column == "intake_id":
        return sql.SQL("NULL")
    if column == "index_hash":
        return sql.SQL("md5({} || n::text)").format(name)
    if column in {"work_to_on", "due_on", "safe_due_on"}:
        return sql.SQL("{} + (n %% 90)::int").format(name)
    return name


def measure(store: str, stored: Sequence[int], line: Callable[..., None]) -> list[tuple[int, float]]:
    """Print the cost of a case for each number of stored ones; return numbers and seconds."""
    curve = []
    template, there, subject = opened(email(9_999), Right.ACCESS), 1, 100
    for number in stored:
        with psycopg.connect(store, autocommit=True) as connection:
            fill(connection, template, there, number)
        there = number
        cases = [opened(email(subject + one), Right.ACCESS) for one in range(MEASURED + 1)]
        subject += MEASURED + 1
        answer(cases[0])
        used, began = time.process_time(), time.perf_counter()
        for case_id in cases[1:]:
            answer(case_id)
        seconds, cpu = time.perf_counter() - began, time.process_time() - used
        line(f"{number:,} stored cases", f"{seconds / MEASURED:.3f} s", f"CPU {cpu / MEASURED:.3f} s")
        curve.append((number, seconds / MEASURED))
    return curve


def answer(case_id: str) -> None:
    """Run all steps of an access case, one after the other."""
    systems = list(current_app().connectors)
    for _ in range(2):
        for system in systems:
            locate_records(current_app(), case_id, system)
        resolve_identifiers(current_app(), case_id)
    for system in systems_with_records(current_app(), case_id):
        extract_records(current_app(), case_id, system)
        redact_third_parties(current_app(), case_id, system)
    assemble_package(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    read_then_decide(current_app(), case_id, Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider"))
    write_answer(current_app(), case_id)
