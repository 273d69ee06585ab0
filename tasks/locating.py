"""Search every system, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from rightsflow.app import current_app
from rightsflow.cases.work import search
from rightsflow.cases.work.search import Resolved
from tasks.options import STEP


@task(name="locate", task_run_name="locate {system}", **STEP)
def locate_records(case_id: str, system: str) -> int:
    """Search one system for everything that matches the identifiers known so far; returns how many records."""
    return search.locate_records(current_app(), case_id, system)


@task(name="resolve identifiers", task_run_name="resolve identifiers", **STEP)
def resolve_identifiers(case_id: str) -> Resolved:
    """Decide the ownership of each record, over all systems, and learn the identifiers of the subject's records."""
    return search.resolve_identifiers(current_app(), case_id)
