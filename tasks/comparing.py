"""Compare systems with the configuration, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from rightsflow.app import current_app
from rightsflow.cases.course.follow_up import coverage_check
from rightsflow.cases.course.follow_up.coverage_check import CoverageCheck
from rightsflow.cases.step.faults import in_plain_words
from tasks.options import STEP
from tasks.prefect_io.notices import post_places


@task(name="compare systems", task_run_name="compare systems", **STEP)
def compare_systems() -> CoverageCheck:
    """Look at every system, and tell people of what is new, in one alert."""
    app = current_app()
    with in_plain_words("The check of coverage"):
        desk = app.desk_page()
        return coverage_check.check_coverage(app, lambda places: post_places(places, f"{desk}coverage" if desk else ""))
