"""A case waits, without a run, for the jobs by which its systems erase records."""

from __future__ import annotations

from datetime import datetime

from rightsflow.cases.app import App
from rightsflow.cases.work.erasure.execution import is_late
from rightsflow.domain.vocabulary.states import StepState


def waits_for_jobs(app: App, case_id: str) -> datetime | None:
    """Return when a case goes on that waits for nothing but jobs of its systems; ``None`` if it does not wait for any.

    Args:
        app: What it works with.
        case_id: The case.
    """
    with app.store.case_file(case_id) as file:
        failing = any(step.state is StepState.FAILED and step.failing_since for step in file.steps.all())
        return None if failing else file.system_jobs.next_look()


def start_after_jobs(app: App) -> None:
    """Let the keeper start the runs whose systems' jobs are looked at again by now.

    Args:
        app: What it works with.
    """
    for case_id in app.store.waiting.with_jobs():
        with app.store.case_file(case_id) as file:
            look_at = file.system_jobs.next_look()
            if look_at is not None and (look_at <= app.now() or is_late(file, app)):
                file.bulk.start_again()
