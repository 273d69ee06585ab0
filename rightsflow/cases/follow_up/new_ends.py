"""The consequences of a new end of retention: the new end date, and the notice to the person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.erasure.by_hand import erasures, reviews
from rightsflow.cases.overview.account import account_of
from rightsflow.domain.case.findings import Planned
from rightsflow.domain.case.task_kinds import TaskKind
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
    for system in sorted({one.ref.system for one in kept}):
        these = [one for one in kept if one.ref.system == system]
        ends = sorted({day(one.until) if one.until else one.ends_when for one in these})
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
    refs = {one.ref for one in kept}
    numbers = {one.number for one in file.findings.all() if one.ref in refs}
    lines = [one for one in account_of(file, app.capabilities).records if one.number in numbers]
    # What may end earlier is no end of a retention before a person has approved it.
    open_tasks = [one for one in file.tasks.all() if one.is_open and one.kind is not TaskKind.EARLIER]
    noted = {(one.system, one.kept_until, one.kind.is_by_hand) for one in open_tasks}
    new = [
        one
        for one in erasures(lines, file.right, app)
        if (one.system, one.kept_until, one.kind.is_by_hand) not in noted
    ]
    reviewed = {n for one in file.tasks.all() if one.is_open and one.number != besides for n in one.numbers}
    new += reviews([one for one in lines if one.number not in reviewed], file.right, app)
    file.tasks.note(new, owner=file.ownership.owner)
