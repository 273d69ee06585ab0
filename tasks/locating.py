"""Search every system, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from rightsflow.app import current_app
from rightsflow.cases.work import search
from tasks.options import STEP


@task(name="locate", task_run_name="locate {system}", **STEP)
def locate_records(case_id: str, system: str) -> int:
    """Search one system for everything that matches the identifiers known so far; returns how many records."""
    return search.locate_records(current_app(), case_id, system)
