"""The notices before restrictions are lifted (L15), and the tasks that lift them on the days that these name."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, tzinfo

from rightsflow.domain.case.tasks import TaskKind
from rightsflow.domain.errors import Conflict
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import LetterId, kind_of_letter
from rightsflow.domain.wording import day
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import CaseTask


def letter_of(file: CaseFile, task: CaseTask) -> str:
    """The letter that was written with a task: the last L15 before it.

    Args:
        file: The case file, open.
        task: The task that lifts.
    """
    letter = ""
    for entry in file.ledger.entries(CaseEvent.TASK_NOTED, CaseEvent.LETTER_WRITTEN):
        if entry.event == CaseEvent.TASK_NOTED and entry.details["number"] == task.number:
            break
        if entry.event == CaseEvent.LETTER_WRITTEN:
            named = str(entry.details["letter"])
            letter = named if kind_of_letter(named) is LetterId.RESTRICTION_LIFTED else letter
    return letter


def refuse_past_notice(file: CaseFile, letter: str, sent_at: datetime, zone: tzinfo) -> None:
    """Refuse a notice on or after the day that it names: it tells of what is to come, a week before (Art. 18(3) GDPR).

    Args:
        file: The case file, open.
        letter: Which letter, of whatever kind.
        sent_at: When it went or goes out (aware).
        zone: The controller's, in which the day begins.

    Raises:
        Conflict: It is such a notice.
    """
    if not letter.startswith(LetterId.RESTRICTION_LIFTED.value):
        return
    tasks = (task for task in file.tasks.all() if task.kind is TaskKind.LIFT)
    named = [task.due_on for task in tasks if letter_of(file, task) == letter]
    if named and sent_at >= datetime.combine(min(named), time.min, zone):
        raise Conflict(
            f"{letter} says that the records are used again from {day(min(named))}, of which the person has to be told "
            "before (Art. 18(3) GDPR); nothing is lifted on a letter of that day or later. Decide on the lifting again "
            "with a later day: that writes a new letter, which takes the place of this one."
        )


def overtake_past_notices(file: CaseFile, numbers: Collection[int], today: date, *, by: str) -> list[int]:
    """End the tasks of notices that did not go out before their day, where some of their records are decided on again.

    Args:
        file: The case file, open.
        numbers: The numbers of those records.
        today: The present day in the controller's zone.
        by: Who decides.

    Returns:
        The numbers of the other records of these notices, whose restriction stays.
    """
    sent = {line.template_id for line in file.outbox.lines() if line.sent_at}
    notices = {task: letter for task in _open_tasks(file) if (letter := letter_of(file, task)) and letter not in sent}
    past = {letter for item, letter in notices.items() if item.due_on <= today and set(item.numbers) & set(numbers)}
    ended = [item for item, letter in notices.items() if letter in past]
    for notice in ended:
        file.tasks.supersede(notice.number, today, by=by)
    file.outbox.overtake(past, "its day came before it was sent")
    return sorted({number for item in ended for number in item.numbers} - set(numbers))


def _open_tasks(file: CaseFile) -> list[CaseTask]:
    return [task for task in file.tasks.all() if task.is_open and task.kind is TaskKind.LIFT]
