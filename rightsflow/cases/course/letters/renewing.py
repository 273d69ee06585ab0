"""The changes in open cases that only time causes; the watch reads the cases afterwards."""

from __future__ import annotations

from functools import partial

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.reminding import remind_of_proof
from rightsflow.cases.course.letters.written_anew import HOLIDAYS, write_anew
from rightsflow.cases.facts.deadlines.case_clock import lapse_questions, renew_dates
from rightsflow.cases.facts.deadlines.forecasting import renew_old_forecasts


def renew_cases(app: App) -> int:
    """Bring dates, questions without an answer and forecasts of open cases up to date, and write reminders.

    Args:
        app: What it works with.

    Returns:
        How many cases' dates were computed again under a new holiday table.

    Raises:
        Transient: The case store does not answer.
    """
    renewed = renew_dates(app, partial(write_anew, because=HOLIDAYS))
    lapse_questions(app)
    remind_of_proof(app)
    renew_old_forecasts(app)
    return renewed
