"""Seal the ledger and publish the seals, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from rightsflow.app import current_app
from rightsflow.cases.course.evidence import ledger
from tasks.options import STEP


@task(name="seal ledger", task_run_name="seal ledger", **STEP)
def seal_heads() -> str:
    """Seal the heads of all chains, unless that was done today; return the result in a sentence."""
    return ledger.seal_heads(current_app())


@task(name="publish seals", task_run_name="publish seals", **STEP)
def publish_seals() -> list[str]:
    """Publish the unpublished seals; return a sentence with the reason for each place that is behind."""
    return ledger.publish_seals(current_app())
