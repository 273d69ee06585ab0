"""Find requests in the texts of the systems, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from rightsflow.app import current_app
from rightsflow.cases.course.intake import finding
from rightsflow.cases.course.intake.finding import FindingRound
from rightsflow.cases.step.faults import in_plain_words
from tasks.options import STEP
from tasks.prefect_io.notices import post_unopened


@task(name="read new texts", task_run_name="read new texts", **STEP)
def read_new_texts() -> FindingRound:
    """Read what arrived in every system, and tell people of requests that are no case yet."""
    app = current_app()
    with in_plain_words("The search for requests"):
        desk = app.desk_page()
        return finding.find_unopened(app, lambda found: post_unopened(found, f"{desk}unopened" if desk else ""))
