"""Other cases that may be of the person whose data are put right: a person finds out, and no program takes it for so.

By a shared number, or by a value that is wrong, another person's case would take this one's records for theirs.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.persons.bonds import other_cases
from rightsflow.cases.work.rectification.known_elsewhere import Elsewhere
from rightsflow.domain.case.tasks import TaskKind
from rightsflow.domain.vocabulary.states import case_ids_in
from rightsflow.domain.wording import listed, promised_day
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import CaseTask, NewTask

OTHER_CASES: Final = "other cases"
"""The value of the system field in a task about other cases of a person."""


def not_found_out(file: CaseFile, task: CaseTask) -> list[str]:
    """The cases that a task names and of which no one has found out whose they are.

    Args:
        file: The case file, open.
        task: The task.
    """
    perhaps = other_cases(file).perhaps
    return [text for text in case_ids_in(task.what) if text in perhaps]


def end_found_out(file: CaseFile, today: date, *, by: str) -> None:
    """End the tasks to find out whose other cases are, once that is said of each that they name.

    Args:
        file: The case file, open.
        today: The present day in the controller's zone.
        by: Who said it of the last.
    """
    for task in file.tasks.all():
        if task.is_open and task.kind is TaskKind.OTHER_CASE and not not_found_out(file, task):
            file.tasks.mark_done(task.number, today, by=by)


def note_perhaps(file: CaseFile, app: App, elsewhere: Elsewhere) -> None:
    """Note for a person which other cases may be of the same person; each is named once, and nothing is written there.

    Args:
        file: The rectification's case file, open.
        app: What it works with.
        elsewhere: What other cases are to know.
    """
    named = [task.what for task in file.tasks.all() if task.kind is TaskKind.OTHER_CASE]
    fresh = [perhap for perhap in elsewhere.perhaps if not any(perhap in what for what in named)]
    if not fresh:
        return
    what = (
        f"{listed(fresh)} may concern the same person: each shares a number, or what was wrong, and nothing else. Find "
        "out, and say of each whether it is the same person (rightsflow case same-person), who is then known by what "
        "is right there too, or not (rightsflow case other-person)."
    )
    due_on = promised_day(file.work_to_on, file.safe_due_on, on=app.today) or app.today
    new = NewTask(kind=TaskKind.OTHER_CASE, system=OTHER_CASES, what=what, records=len(fresh), due_on=due_on)
    file.tasks.note([new], owner=file.ownership.owner)
