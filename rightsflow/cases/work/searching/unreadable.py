"""A record that a case keeps, is still there, and can no longer be read as the person's: a person finds out why.

It is no absence: with a value that another program wrote, or a column that no longer leads to the person, "no longer
there" would be untrue, and the record would stay for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from rightsflow.cases.app import App
from rightsflow.domain.case.tasks import TaskKind
from rightsflow.domain.errors import Refused
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, Presence, PresenceState, RecordRef
from rightsflow.domain.wording import counted
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import CaseTask, NewTask
from rightsflow.store.core.case_ledger import MACHINE

_FOUND_NOTHING: Final = "A person looked, and nothing of yours is there any more."


def unreadable(seen: Iterable[Presence]) -> list[RecordRef]:
    """Return the records that are there although a fresh read does not show them as the person's.

    Args:
        seen: What a fresh read showed of records that a case keeps.
    """
    return [presence.record for presence in seen if presence.state is PresenceState.ABSENT and presence.remains]


def note_unreadable(file: CaseFile, app: App, system: str, refs: Collection[RecordRef]) -> None:
    """Note the task of finding out why records cannot be read, and end those tasks of which all can be read again.

    Args:
        file: The case file that keeps the records, open.
        app: What it works with.
        system: Where they are.
        refs: All that cannot be read there now.
    """
    numbers = {finding.number for finding in file.findings.all(system) if finding.ref in refs}
    told: set[int] = set()
    for task in _open_tasks(file, system):
        told.update(task.numbers)
        if not numbers.intersection(task.numbers):
            file.tasks.mark_done(task.number, app.today, by=MACHINE)
    if new := tuple(sorted(numbers - told)):
        what = (
            "Find out why these records, which the case keeps, can no longer be read as the person's; correct the "
            "configuration, or do by hand what is due. Note it as done only once nothing of the person is there."
        )
        looking = NewTask(
            kind=TaskKind.UNREADABLE, system=system, what=what, records=len(new), due_on=app.today, numbers=new
        )
        file.tasks.note([looking], owner=file.ownership.owner)


def unread_numbers(file: CaseFile, system: str = "") -> frozenset[int]:
    """Return the numbers of the records of a case that cannot be read as the person's, at one system or at all.

    Args:
        file: The case file, open.
        system: The system; all by default.
    """
    return frozenset(number for task in _open_tasks(file, system) for number in task.numbers)


def refusal_of(system: str, records: int, case_id: str) -> Refused:
    """Return the error of a step that cannot go on before a person has found out why records cannot be read.

    Args:
        system: Where they are.
        records: How many.
        case_id: The case that keeps them.
    """
    return Refused(
        f"{counted(records, 'record')} that {case_id} keeps cannot be read as the person's any more, but "
        f"{'is' if records == 1 else 'are'} still there; do the task of {case_id} that names them.",
        system=system,
    )


def note_nothing_there(file: CaseFile, done: CaseTask) -> None:
    """Note that a person found nothing of the data subject at the records of a task.

    Args:
        file: The case file, open.
        done: The task, which a person noted as done.
    """
    refs = [finding.ref for finding in file.findings.all(done.system) if finding.number in done.numbers]
    file.findings.record_outcome(
        *(Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=_FOUND_NOTHING) for ref in refs)
    )


def _open_tasks(file: CaseFile, system: str) -> list[CaseTask]:
    return [
        task
        for task in file.tasks.all()
        if task.is_open and task.kind is TaskKind.UNREADABLE and system in {"", task.system}
    ]
