"""Copy, mask and package, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from rightsflow.app import current_app
from rightsflow.cases.work.access import package
from tasks.options import STEP


@task(name="extract", task_run_name="extract {system}", **STEP)
def extract_records(case_id: str, system: str) -> dict[str, int]:
    """Copy the subject's data of one system into the encrypted workspace; returns records by category."""
    return package.extract_records(current_app(), case_id, system)


@task(name="redact third parties", task_run_name="redact third parties {system}", **STEP)
def redact_third_parties(case_id: str, system: str) -> dict[str, int]:
    """Redact other people's data in the copies of one system (Art. 15(4)); return the counts by kind."""
    return package.redact_third_parties(current_app(), case_id, system)


@task(name="assemble package", task_run_name="assemble package", **STEP)
def assemble_package(case_id: str) -> dict[str, int]:
    """Make the encrypted archive for the person; returns its records by category."""
    return package.assemble_package(current_app(), case_id)
