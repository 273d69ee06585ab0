"""Write the answers, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from rightsflow.app import current_app
from rightsflow.cases.course.letters import answers
from tasks.options import STEP


@task(name="write answer", task_run_name="write answer", **STEP)
def write_answer(case_id: str) -> None:
    """L9, L10 or L11: the answer; settles the case."""
    answers.write_answer(current_app(), case_id)


@task(name="write answer", task_run_name="write nothing held", **STEP)
def write_nothing_held(case_id: str) -> None:
    """L8: a clear no; settles the case. Written only when every system was searched, and a person approved it."""
    answers.write_nothing_held(current_app(), case_id)


@task(name="write refusal", task_run_name="write refusal", **STEP)
def write_refusal(case_id: str) -> None:
    """L7: the refusal with its reason and the remedies; the decision has settled the case already."""
    answers.write_refusal(current_app(), case_id)
