"""Tell those who were asked that nothing more is to be done, since the request was taken back or its case stopped.

Else they would go on: erase, restrict, or copy a person's data for no one. What has not gone out goes out no more.
"""

from __future__ import annotations

from datetime import timedelta

from rightsflow.cases.app import App
from rightsflow.cases.work.processors.ending_restrictions import GONE_FROM_REGISTER
from rightsflow.cases.work.processors.instructing_them import letter_of, reference_of
from rightsflow.documents.call_off_letter import call_off_text
from rightsflow.domain.case.tasks import TaskKind
from rightsflow.domain.processors.answers import Instruction
from rightsflow.domain.processors.instructions import CALLED_OFF, NOTICE_DAYS, NewInstruction
from rightsflow.domain.processors.terms import Action
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import NewTask


def call_off(file: CaseFile, app: App, *, by: str) -> None:
    """End what was asked of others, and write what tells those of it whom it had reached.

    Args:
        file: The case file, open; the request is withdrawn or the case stopped in it.
        app: What it works with.
        by: Who recorded that.
    """
    for instruction in file.instructions.all():
        if instruction.is_open and file.instructions.mail.call_off(instruction.number, by=by):
            _tell(file, app, instruction)


def _tell(file: CaseFile, app: App, instruction: Instruction) -> None:
    section = app.settings.asked.get(instruction.processor)
    if section is None:
        what = (
            f"Tell {instruction.name} by hand that nothing more is to be done in {instruction.case_id}: "
            f"{GONE_FROM_REGISTER}."
        )
        due_on = app.today + timedelta(days=NOTICE_DAYS)
        task = NewTask(kind=TaskKind.MANUAL, system="processors", what=what, records=1, due_on=due_on)
        file.tasks.note([task], owner=file.ownership.owner)
        return
    new = NewInstruction(
        processor=instruction.processor,
        name=section.name,
        role=section.role,
        channel=section.channel_for(Action.CALL_OFF),
        action=Action.CALL_OFF,
        identifiers=(),
        systems=(),
        expected=0,
        exclusions=(),
        due_on=app.today + timedelta(days=NOTICE_DAYS),
        task=CALLED_OFF,
    )
    told_on = app.day_of(instruction.sent_at or instruction.asked_at)
    before = reference_of(instruction.case_id, instruction.processor, instruction.task)
    file.instructions.put(new, call_off_text(letter_of(file, app, new, section), before, told_on))
