"""Purge what is over, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from rightsflow.app import current_app
from rightsflow.cases.work import purge as purging
from rightsflow.cases.work.purge import Purge
from tasks.options import STEP


@task(name="purge", task_run_name="purge what is over", **STEP)
def purge_what_is_over() -> Purge:
    """Purge everything that has expired."""
    return purging.purge_what_is_over(current_app())
