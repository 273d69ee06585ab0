"""Notices to the person after the answer: records erased again, and new ends of retention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.answers import put_letter
from rightsflow.cases.course.letters.letter_facts import LetterFacts, title_of
from rightsflow.cases.facts.overview.account import account_of
from rightsflow.cases.work.erasure.remaining_tasks import erasures, reviews
from rightsflow.documents.letters import ErasedAgain, RecordsLine, render
from rightsflow.domain.case.findings import Finding, Planned
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import ANSWERS, LetterId
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.wording import counted, day, listed
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import NewTask


def answered_on(file: CaseFile, app: App) -> date | None:
    """Return the day of the answer; ``None`` while there is none.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    return next((app.day_of(line.written_at) for line in file.outbox.lines() if line.template_id in ANSWERS), None)


def tell_erased_again(file: CaseFile, app: App, system: str, erased: Sequence[Finding]) -> None:
    """Write L24: of what the answer had said that it is gone, a part was there again and is erased again.

    Of an order the controller tells the person, by the certificate that is made anew.

    Args:
        file: The case file, open.
        app: What it works with.
        system: The system in which it was.
        erased: The records that were erased again and are gone by a fresh read.
    """
    answer, seen = answered_on(file, app), _seen_on(file, app, system)
    if file.orders.is_one or not erased or answer is None or seen is None:
        return
    facts, counts = LetterFacts(file, app), Counter(finding.category for finding in erased)
    variables = ErasedAgain(
        **facts.common(),
        received_on=facts.received_on,
        answered_on=answer,
        right=file.right,
        seen_on=seen,
        # An attempt before may have erased them, and not read them afresh.
        erased_on=max(app.day_of(finding.acted_at) for finding in erased if finding.acted_at),
        lines=tuple(
            RecordsLine(system=title_of(system), category=category, count=count)
            for category, count in sorted(counts.items())
        ),
        remedies=facts.remedies,
        is_gone=all(finding.outcome is OutcomeKind.ERASED for finding in erased),
    )
    put_letter(file, render(LetterId.ERASED_AGAIN, variables))


def _seen_on(file: CaseFile, app: App, system: str) -> date | None:
    """Return the day on which the last check showed records that were back."""
    seen = [
        app.day_of(entry.at)
        for entry in file.ledger.entries(CaseEvent.ERASED_RECORDS_RETURNED)
        if entry.details.get("system") == system
    ]
    return seen[-1] if seen else None


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
