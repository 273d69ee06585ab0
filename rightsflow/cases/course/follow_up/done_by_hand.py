"""The notices of corrections made by hand after the answer: to the person, and to other holders of the data.

The answer listed these corrections as still to be done. Recipients that got the corrections with the request already
know the right values; the other recipients of the corrected systems are notified now (Art. 19, 28(3)(a) GDPR).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.follow_up.telling import answered_on
from rightsflow.cases.course.letters.answering import put_letter
from rightsflow.cases.course.letters.letter_facts import LetterFacts, title_of
from rightsflow.cases.work.processors.instructing_them import letter_of
from rightsflow.config.sections.processor_settings import ProcessorSettings
from rightsflow.documents.instruction_letter import instruction_text
from rightsflow.documents.letters import CorrectedByHand, LetterId, render
from rightsflow.domain.case.tasks import TaskKind
from rightsflow.domain.errors import BadInput
from rightsflow.domain.processors.instructions import NOTICE_DAYS, NewInstruction, fewest_identifiers
from rightsflow.domain.wording import listed
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import CaseTask, NewTask

_NOT_FOUND_BY: Final = "nothing is known that they find the records by and that is the person's alone"


def tell_corrected(
    file: CaseFile, app: App, task: CaseTask, on: date, corrected: Collection[str], left: Collection[str]
) -> None:
    """Tell the person (L26), and those who have the data too, what was corrected by hand.

    Of an order the controller tells the person, by the certificate that is made anew.

    Args:
        file: The case file, open.
        app: What it works with.
        task: The task that is done.
        on: The day on which it was done.
        corrected: The fields that were put right, in words.
        left: Those that were not.

    Raises:
        BadInput: It would have been done before the request came in.
    """
    answer = answered_on(file, app)
    if not corrected:
        return
    if on < app.day_of(file.received_at):
        raise BadInput("The task cannot have been done before the request came in; check the day.")
    told = [*_tell_others(file, app, task, corrected)]
    if file.orders.is_one or answer is None:
        return
    facts = LetterFacts(file, app)
    variables = CorrectedByHand(
        **facts.common(),
        received_on=facts.received_on,
        answered_on=answer,
        system=title_of(task.system),
        done_on=on,
        corrected=tuple(sorted(corrected)),
        left=tuple(sorted(left)),
        told=tuple(sorted(told)),
        remedies=facts.remedies,
    )
    put_letter(file, render(LetterId.CORRECTED_BY_HAND, variables))


def _tell_others(file: CaseFile, app: App, task: CaseTask, corrected: Collection[str]) -> Iterator[str]:
    """Write what tells those who do not know it yet; gives their names. Whom no program can tell is a person's task."""
    asked, by_person = (
        {instruction.processor for instruction in file.instructions.all() if not instruction.task},
        list[str](),
    )
    for key, section in app.settings.processors.items():
        if key in asked or task.system not in section.systems:
            continue
        told = fewest_identifiers(file.identifiers.of_no_other(), section.identifiers, section.systems)
        if not told:
            by_person.append(section.name)
            continue
        new = _instruction(file, app, task, key, section)
        text = instruction_text(letter_of(file, app, new, section, fields=corrected))
        file.instructions.put(new, text)
        yield section.name
    file.tasks.note(_left_to_people(by_person, app), owner=file.ownership.owner)


def _instruction(file: CaseFile, app: App, task: CaseTask, key: str, section: ProcessorSettings) -> NewInstruction:
    action = section.role.action(file.right)
    days = section.answers_within_days if section.role.is_instructed else NOTICE_DAYS
    return NewInstruction(
        processor=key,
        name=section.name,
        role=section.role,
        channel=section.channel_for(action),
        action=action,
        identifiers=fewest_identifiers(file.identifiers.of_no_other(), section.identifiers, section.systems),
        systems=(task.system,),
        expected=task.records,
        exclusions=(),
        due_on=app.today + timedelta(days=days),
        task=task.number,
    )


def _left_to_people(names: Collection[str], app: App) -> Iterator[NewTask]:
    if names:
        law = app.settings.controller.law.name
        what = f"Tell {listed(sorted(names))} what was corrected by hand (Art. 19 {law}): {_NOT_FOUND_BY}."
        due_on = app.today + timedelta(days=NOTICE_DAYS)
        yield NewTask(kind=TaskKind.MANUAL, system="processors", what=what, records=len(names), due_on=due_on)
