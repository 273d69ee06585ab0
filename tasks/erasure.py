"""Plan, erase and verify, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from rightsflow.cases import suppression
from rightsflow.cases.erasure import erasing
from tasks.composition import current_app
from tasks.options import STEP


@task(name="keep from advertising", task_run_name="keep from advertising", **STEP)
def keep_from_advertising(case_id: str) -> int:
    """Put the person of an objection on the suppression list; returns how many addresses that were."""
    return suppression.keep_from_advertising(current_app(), case_id)


@task(name="prepare plan", task_run_name="prepare plan", **STEP)
def prepare_plan(case_id: str) -> dict[str, int]:
    """Decide per record what is meant to be done; returns how many records are planned for which outcome."""
    return erasing.prepare_plan(current_app(), case_id)


@task(name="settle plan", task_run_name="settle plan", **STEP)
def settle_plan(case_id: str) -> dict[str, int]:
    """Make the plan binding as it was shown and approved; what needs no call at a system has its outcome now."""
    return erasing.settle_plan(current_app(), case_id)


@task(name="erase", task_run_name="erase {system}", **STEP)
def erase_records(case_id: str, system: str) -> dict[str, int]:
    """Carry the approved plan out at one system, kind by kind in its safe order; returns outcomes and their number."""
    return erasing.erase_records(current_app(), case_id, system)


@task(name="verify", task_run_name="verify {system}", **STEP)
def verify_erasure(case_id: str, system: str) -> dict[str, int]:
    """Verify, by a fresh read, every record that was erased or redacted; returns what was seen and how often."""
    return erasing.verify_erasure(current_app(), case_id, system)
