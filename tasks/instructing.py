"""Instruct processors, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from rightsflow.app import current_app
from rightsflow.cases.work.processors import instructions
from tasks.options import STEP


@task(name="instruct", task_run_name="instruct {processor}", **STEP)
def instruct_processor(case_id: str, processor: str) -> dict[str, int]:
    """Write the instructions to a processor; return their number."""
    return instructions.instruct_processor(current_app(), case_id, processor)
