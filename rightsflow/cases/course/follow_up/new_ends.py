"""The consequences of a new end of retention: the new end date, and the notice to the person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import account_of
from rightsflow.cases.work.erasure.by_hand import erasures, reviews
from rightsflow.domain.case.findings import Planned
from rightsflow.domain.case.tasks import TaskKind
from rightsflow.domain.wording import counted, day, listed
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import NewTask

DAYS_TO_TELL: Final = timedelta(days=14)
"""Within how many days that is."""


def note_telling(file: CaseFile, app: App, kept: Sequence[Planned]) -> None:
    """Note the task of telling the person that records are kept longer than their letter said (Art. 12(4) GDPR).

    Args:
        file: The case file, open.
        app: What it works with.
        kept: The records with their new ends.
    """
    for system in sorted({planned.ref.system for planned in kept}):
        these = [planned for planned in kept if planned.ref.system == system]
        ends = sorted({day(planned.until) if planned.until else planned.ends_when for planned in these})
        what = (
            f"Tell the person that we keep {counted(len(these), 'record')} of theirs longer than the letter said, "
            f"until {listed(ends)}, and why; of a legal claim without details."
        )
        due_on = app.today + DAYS_TO_TELL
        telling = NewTask(kind=TaskKind.MANUAL, system=system, what=what, records=len(these), due_on=due_on)
        file.tasks.note([telling], owner=file.ownership.owner)


def note_new_ends(file: CaseFile, app: App, kept: Iterable[Planned], *, besides: int = 0) -> None:
    """Note the tasks that end the new retentions of some records.

    Args:
        file: The case file, open.
        app: What it works with.
        kept: The records with their new ends.
        besides: The number of the task that they belonged to.
    """
    refs = {planned.ref for planned in kept}
    numbers = {finding.number for finding in file.findings.all() if finding.ref in refs}
    lines = [record for record in account_of(file, app.capabilities).records if record.number in numbers]
    # What may end earlier is no end of a retention before a person has approved it.
    open_tasks = [task for task in file.tasks.all() if task.is_open and task.kind is not TaskKind.EARLIER]
    noted = {(task.system, task.kept_until, task.kind.is_by_hand) for task in open_tasks}
    new = [
        erasure
        for erasure in erasures(lines, file.right, app)
        if (erasure.system, erasure.kept_until, erasure.kind.is_by_hand) not in noted
    ]
    reviewed = {n for task in file.tasks.all() if task.is_open and task.number != besides for n in task.numbers}
    new += reviews([line for line in lines if line.number not in reviewed], file.right, app)
    file.tasks.note(new, owner=file.ownership.owner)
