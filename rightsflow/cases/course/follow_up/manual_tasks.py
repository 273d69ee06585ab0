"""Results of manual tasks, and the notices of corrections that people made by hand after the answer.

The answer listed these corrections as still to be done. Recipients that got the corrections with the request already
know the right values; the other recipients of the corrected systems are notified now (Art. 19, 28(3)(a) GDPR).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.follow_up.later_notices import DAYS_TO_TELL, answered_on
from rightsflow.cases.course.letters.answers import put_letter
from rightsflow.cases.course.letters.certificates import renew_certificate
from rightsflow.cases.course.letters.complaints import refuse_unacknowledged
from rightsflow.cases.course.letters.letter_facts import LetterFacts, title_of
from rightsflow.cases.facts.people import acting
from rightsflow.cases.work.erasure.legal_hold import hold_of
from rightsflow.cases.work.erasure.remaining_tasks import fields_of, is_reviewed, lines_of, note_next_look, reviews
from rightsflow.cases.work.processors.instructions import letter_of
from rightsflow.cases.work.rectification.other_cases import not_found_out
from rightsflow.cases.work.search import note_nothing_there
from rightsflow.config.sections.processor_settings import ProcessorSettings
from rightsflow.documents.instruction_letter import instruction_text
from rightsflow.documents.letters import CorrectedByHand, render
from rightsflow.domain.case.acts import refuse_not_found_out, refuse_unreviewed
from rightsflow.domain.case.manual_tasks import StatedEnd, TaskEnd, TaskKind, checked_end
from rightsflow.domain.errors import BadInput
from rightsflow.domain.processors.instructions import NOTICE_DAYS, NewInstruction, fewest_identifiers
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.domain.wording import day, listed
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import CaseTask, NewTask

_NOT_FOUND_BY: Final = "nothing is known that they find the records by and that is the person's alone"


def _tell_corrected(
    file: CaseFile, app: App, task: CaseTask, on: date, corrected: Collection[str], left: Collection[str]
) -> None:
    """Tell the person (L26), and those who have the data too, what was corrected by hand.

    Of an order the controller tells the person, by the certificate that is made anew.
    """
    answer = answered_on(file, app)
    if not corrected:
        return
    if on < app.day_of(file.received_at):
        raise BadInput("The task cannot have been done before the request came in; check the day.")
    recipients = [*_tell_others(file, app, task, corrected)]
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
        told=tuple(sorted(recipients)),
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
        identifiers = fewest_identifiers(file.identifiers.of_no_other(), section.identifiers, section.systems)
        if not identifiers:
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


TELLING: Final = "Tell the person"
"""The first words of a task in which a person writes to the data subject."""
_UNSTATED: Final = StatedEnd()
_ERASED: Final = "A person erased it by hand."
_GONE: Final = "It was not there any more when a person looked."


def mark_task_done(
    app: App, case_id: str, *numbers: int, on: date | None, by: str, stated: StatedEnd = _UNSTATED
) -> str:
    """Note what a person did of tasks of a case, of all or of none; returns that in a sentence.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        *numbers: The tasks' numbers within the case; their ends are the same.
        on: The day on which they were done, in the controller's zone; today by default.
        by: Who did it.
        stated: What became of it, with the reason where the law wants one.

    Raises:
        BadInput: There is no such case or task, the day is in the future, or what became of it cannot be so.
        Conflict: It was done already, its records had to be kept on that day, the follow-up does it, or it asks for a
            decision that was not taken.
    """
    done_on = on or app.today
    if done_on > app.today:
        raise BadInput("The task cannot have been done in the future; check the day.")
    who = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        ends = [_end(file, app, number, done_on, who, stated) for number in numbers]
        renew_certificate(file, app)
        if len(ends) > 1:
            named = listed([str(number) for number in numbers])
            return f"Tasks {named} of {file.case_id} are noted as {_SAID[ends[0]]} on {day(done_on)}."
    return f"Task {numbers[0]} of {file.case_id} is noted as {_SAID[ends[0]]} on {day(done_on)}."


def _end(file: CaseFile, app: App, number: int, done_on: date, who: str, stated: StatedEnd) -> TaskEnd:
    task = next((item for item in file.tasks.all() if item.number == number), None)
    fields = fields_of(file, task) if task else []
    end = checked_end(
        stated,
        is_check=task is not None and task.kind is TaskKind.CHECK,
        may_be_left=task is not None and task.kind is TaskKind.MANUAL,
        fields=fields,
    )
    if task is not None and task.is_open:
        _refuse_without_its_act(file, task)
    left = [field for field in fields if field not in stated.corrected] if end is TaskEnd.LEFT else []
    corrected = [field for field in fields if field not in left]
    done = file.tasks.end_by_hand(
        number, done_on, by=who, end=end, reason=stated.reason, corrected=corrected, left=left
    )
    _follow(file, app, done, end, left)
    if fields:
        _tell_corrected(file, app, done, done_on, corrected, left)
    return end


def _refuse_without_its_act(file: CaseFile, task: CaseTask) -> None:
    """Refuse to note a decision as done that was not taken: it is taken elsewhere, and ends the task."""
    if (number := hold_of(task)) is not None:
        hold = next((item for item in file.legal_holds.present() if item.number == number), None)
        refuse_unreviewed(task.number, number, is_reviewed=hold is None or hold.review_on > task.due_on)
    if task.kind is TaskKind.COMPLAINT:
        refuse_unacknowledged(file, task.records)
    if task.kind is TaskKind.OTHER_CASE:
        refuse_not_found_out(task.number, not_found_out(file, task))


_SAID: Final = {
    TaskEnd.DONE: "done",
    TaskEnd.KEPT: "checked, and still needed,",
    TaskEnd.LEFT: "not done, with its reason,",
}


def _follow(file: CaseFile, app: App, done: CaseTask, end: TaskEnd, left: list[str]) -> None:
    """Note what comes of it: the next check, what a person erased, or that the person is told."""
    if done.kind is TaskKind.CHECK and end is TaskEnd.KEPT:
        # It was checked and is still there: it is not forgotten.
        again = [
            review for review in reviews(lines_of(file, done, app), file.right, app) if review.kind is TaskKind.CHECK
        ]
        file.tasks.note(again, owner=file.ownership.owner)
    elif done.kind is TaskKind.CHECK:
        _note_gone(file, app, done)
    elif done.kind is TaskKind.UNREADABLE:
        note_nothing_there(file, done)
        note_next_look(file, app)
    elif end is TaskEnd.LEFT and not done.what.startswith(TELLING):
        about = f" ({listed(left)})" if left else ""
        what = f"{TELLING} what was not done{about}, and why, and that they can complain and go to court."
        telling = NewTask(
            kind=TaskKind.MANUAL,
            system=done.system,
            what=what,
            records=done.records,
            due_on=app.today + DAYS_TO_TELL,
        )
        file.tasks.note([telling], owner=file.ownership.owner)


def _note_gone(file: CaseFile, app: App, done: CaseTask) -> None:
    """Note that nothing of what was checked is there; the follow-up reads that afresh, as it does what it erased."""
    numbers = {item.number for item in lines_of(file, done, app) if is_reviewed(item, file.right)}
    kind, reason = (OutcomeKind.NOT_HELD, _GONE) if file.right is Right.RESTRICTION else (OutcomeKind.ERASED, _ERASED)
    gone = [finding.ref for finding in file.findings.all(done.system) if finding.number in numbers]
    file.findings.record_outcome(*(Outcome(record=ref, kind=kind, reason=reason) for ref in gone))
    note_next_look(file, app)
