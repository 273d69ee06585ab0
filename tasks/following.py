"""The follow-up of answered erasures, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from rightsflow.app import current_app
from rightsflow.cases.course.follow_up import rounds
from rightsflow.cases.course.follow_up.rounds import Followed
from tasks.options import STEP


@task(name="follow up", task_run_name="follow up erasures", **STEP)
def follow_up_erasures() -> Followed:
    """Follow up every answered erasure that is due."""
    return rounds.follow_up(current_app())
