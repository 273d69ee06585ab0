"""Plan, erase and verify, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from rightsflow.app import current_app
from rightsflow.cases.work.erasure import steps, suppression
from tasks.options import STEP


@task(name="keep from advertising", task_run_name="keep from advertising", **STEP)
def keep_from_advertising(case_id: str) -> int:
    """Add the person of an objection to the suppression list; return the number of addresses."""
    return suppression.keep_from_advertising(current_app(), case_id)


@task(name="prepare plan", task_run_name="prepare plan", **STEP)
def prepare_plan(case_id: str) -> dict[str, int]:
    """Decide the planned outcome of each record; return the number of records for each outcome."""
    return steps.prepare_plan(current_app(), case_id)


@task(name="settle plan", task_run_name="settle plan", **STEP)
def settle_plan(case_id: str) -> dict[str, int]:
    """Make the plan binding as shown and approved; records that need no call at a system get their outcome now."""
    return steps.settle_plan(current_app(), case_id)


@task(name="erase", task_run_name="erase {system}", **STEP)
def erase_records(case_id: str, system: str) -> dict[str, int]:
    """Carry the approved plan out at one system, kind by kind in its safe order; returns outcomes and their number."""
    return steps.erase_records(current_app(), case_id, system)


@task(name="verify", task_run_name="verify {system}", **STEP)
def verify_erasure(case_id: str, system: str) -> dict[str, int]:
    """Verify, by a fresh read, every erased or redacted record; return the counts of results."""
    return steps.verify_erasure(current_app(), case_id, system)
