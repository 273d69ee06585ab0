"""Tell others of what is erased after the answer: recipients once, and those whom a released hold had let keep all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from rightsflow.cases.app import App
from rightsflow.cases.work.processors.instructing_them import (
    Asked,
    instruction_for,
    letter_of,
    systems_with_open_orders,
    told_systems,
)
from rightsflow.cases.work.processors.register import recipients_without_section
from rightsflow.documents.instruction_letter import instruction_text
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.case.tasks import TaskKind
from rightsflow.domain.processors.instructions import GONE, NOTICE_DAYS, NewInstruction, involved, to_tell
from rightsflow.domain.processors.terms import Action
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import CaseTask, NewTask


def tell_of_later_erasure(file: CaseFile, app: App, task: CaseTask, gone: Sequence[Finding]) -> None:
    """Write what others are told once records that were kept are erased (Art. 19, 28(3)(a) GDPR).

    Args:
        file: The case file, open.
        app: What it works with.
        task: The task by which they were erased.
        gone: What it was about.
    """
    file.tasks.note(_tasks(file, app, gone), owner=file.ownership.owner)
    for new, section in (*_notices(file, app), *_after_hold(file, app, task)):
        text = instruction_text(letter_of(file, app, new, section)) if new.identifiers else ""
        file.instructions.put(new, text)


def recipients_after_orders(file: CaseFile, app: App) -> list[str]:
    """Return the recipients that are told of an erasure only once an open order is settled, by their names.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    waiting = systems_with_open_orders(file)
    gone = {finding.ref.system for finding in file.findings.all() if finding.outcome in GONE} & waiting
    told = {instruction.processor for instruction in file.instructions.all()}
    found = [
        section.name
        for key, section in app.settings.processors.items()
        if not section.role.is_instructed and key not in told and gone & set(section.systems)
    ]
    unnamed = recipients_without_section(app.systems, app.settings.processors)
    return list(dict.fromkeys((*found, *(name for system in sorted(gone) for name in unnamed.get(system, ())))))


def _tasks(file: CaseFile, app: App, gone: Sequence[Finding]) -> Iterator[NewTask]:
    """The tasks to tell recipients that no section of the register tells."""
    waiting = systems_with_open_orders(file)
    done = (
        (finding.ref.system, finding.category)
        for finding in gone
        if finding.outcome in GONE and finding.ref.system not in waiting
    )
    for tell in to_tell(done, recipients_without_section(app.systems, app.settings.processors)):
        yield NewTask(
            kind=TaskKind.MANUAL,
            system=tell.system,
            what=tell.task(file.right, app.settings.controller.law.name),
            records=sum(tell.categories.values()),
            due_on=app.today + timedelta(days=NOTICE_DAYS),
        )


def _notices(file: CaseFile, app: App) -> Iterator[tuple[NewInstruction, Asked]]:
    """The recipients that were told nothing yet, and of whose data something is erased by now."""
    told, systems = {instruction.processor for instruction in file.instructions.all()}, told_systems(file)
    for key, section in app.settings.processors.items():
        if not section.role.is_instructed and key not in told and involved(section.systems, systems):
            due_on = app.today + timedelta(days=NOTICE_DAYS)
            yield replace(instruction_for(file, app, key, section), due_on=due_on), section


def _after_hold(file: CaseFile, app: App, task: CaseTask) -> Iterator[tuple[NewInstruction, Asked]]:
    """Yield instructions to processors that retained all under a released hold and were not told to erase since."""
    if task.kind is not TaskKind.RELEASED or file.right is not Right.ERASURE:
        return
    instructions = file.instructions.all()
    told_since = {
        instruction.processor for instruction in instructions if instruction.task and instruction.action is Action.ERASE
    }
    for before in instructions:
        section = app.settings.asked.get(before.processor)
        if section is None or before.action is not Action.RESTRICT or before.processor in told_since:
            continue
        new = instruction_for(file, app, before.processor, section)
        if new.action is Action.ERASE:
            due_on = app.today + timedelta(days=section.answers_within_days)
            yield replace(new, due_on=due_on, task=task.number), section
