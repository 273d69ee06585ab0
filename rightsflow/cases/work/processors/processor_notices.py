"""Later notices to processors and recipients: a lifted restriction, a cancelled request, an erasure after the answer.

They store data under a restriction until they are told that it ended (Art. 18(3), 19, 28(3)(a) GDPR). Without a
cancellation they would erase, restrict, or copy a person's data for no one. Each is told once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import RecordLine, account_of
from rightsflow.cases.work.processors.instructions import (
    Asked,
    has_to_be_kept,
    instruction_for,
    letter_of,
    reference_of,
    systems_with_open_orders,
    told_systems,
)
from rightsflow.cases.work.processors.register import recipients_without_section
from rightsflow.config.sections.processor_settings import ByHandSettings, ProcessorSettings
from rightsflow.documents.instruction_letter import call_off_text, instruction_text
from rightsflow.documents.instruction_parts import EndedRestriction
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.erasure.plan_by_decision import is_stored_only
from rightsflow.domain.errors import Conflict
from rightsflow.domain.processors.answers import Instruction
from rightsflow.domain.processors.instructions import (
    CALLED_OFF,
    GONE,
    NOTICE_DAYS,
    Exclusion,
    NewInstruction,
    fewest_identifiers,
    involved,
    to_tell,
)
from rightsflow.domain.processors.terms import Action, InstructionStanding
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.wording import listed
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import CaseTask, NewTask

GONE_FROM_REGISTER: Final = "no section of rightsflow.toml says how to reach them any more"
NOT_FOUND_BY: Final = "nothing is known any more that they find the records by and that is the person's alone"
TOLD_APART: Final = "others of the same kind stay as they are there, and only a person can say which are meant"

_Asked = ProcessorSettings | ByHandSettings


def told_of_restriction(file: CaseFile, app: App, numbers: Collection[int]) -> list[Instruction]:
    """Return the sent instructions that named the restriction of some records; their recipients are told of its end.

    Args:
        file: The case file, open.
        app: What it works with.
        numbers: The numbers of the records whose restriction is lifted.

    Raises:
        Conflict: One of them was written and has not gone out.
    """
    recipients = [entry for entry, _ in _concerned(file, app, numbers)]
    for item in recipients:
        if item.standing is InstructionStanding.UNSENT and item.processor in app.settings.asked:
            raise Conflict(
                f"Instruction {item.number} to {item.name} tells of the restriction and has not gone out; send it, or "
                "record that they cannot be told, before it is lifted."
            )
    return [entry for entry in recipients if entry.sent_at]


def tell_of_lifting(file: CaseFile, app: App, task: CaseTask) -> None:
    """Write what tells others that a restriction has ended, once all is lifted that was to be on the same day.

    Args:
        file: The case file, open; the task is done in it.
        app: What it works with.
        task: The task that lifted the last of it.
    """
    that_day = [entry for entry in file.tasks.all() if entry.kind is TaskKind.LIFT and entry.due_on == task.due_on]
    if any(entry.is_open for entry in that_day):
        return
    numbers = frozenset(number for entry in that_day for number in entry.numbers)
    by_person: dict[str, list[str]] = {}
    for item, at in _concerned(file, app, numbers):
        if item.sent_at and (why := _tell(file, app, task, item, at)):
            by_person.setdefault(why, []).append(item.name)
    file.tasks.note(_left_to_people(by_person, app), owner=file.ownership.owner)


@dataclass(frozen=True, slots=True)
class _Affected:
    """The part of a lifting that concerns a recipient of the restriction's notice.

    Args:
        lifted: The records where it works that are used again.
        still: Those where it works that stay restricted, or have to be kept and used for nothing else.
    """

    lifted: Sequence[RecordLine] = field(default=())
    still: Sequence[RecordLine] = field(default=())


def _concerned(file: CaseFile, app: App, numbers: Collection[int]) -> Iterator[tuple[Instruction, _Affected]]:
    """Yield the instructions that named the restriction of some records, or all where no restriction is left."""
    lines = [
        record for record in account_of(file, app.capabilities).records if record.attribution is Attribution.SUBJECT
    ]
    is_on_request = file.right is Right.RESTRICTION
    lifted = [item for item in lines if item.number in numbers]
    still = [item for item in lines if item.number not in numbers and _stays(item, is_on_request=is_on_request)]
    for instruction in file.instructions.all():
        if instruction.task or not instruction.kinds or not _tells(instruction, is_on_request=is_on_request):
            continue
        section = app.settings.asked.get(instruction.processor)
        systems = section.systems if section else ()
        here = [line for line in lifted if line.system in systems]
        if here or section is None or (is_on_request and not still):
            yield instruction, _Affected(here, [line for line in still if line.system in systems])


def _tells(instruction: Instruction, *, is_on_request: bool) -> bool:
    """Return True if an instruction named a restriction: a request's own, or records exempt from an erasure."""
    if is_on_request:
        return instruction.action in {Action.RESTRICT, Action.TAKE_NOTE}
    return instruction.action is Action.ERASE and not instruction.role.is_colleague


def _stays(line: RecordLine, *, is_on_request: bool) -> bool:
    return is_stored_only(line) if is_on_request else has_to_be_kept(line)


def _tell(file: CaseFile, app: App, task: CaseTask, before: Instruction, at: _Affected) -> str:
    """Write what tells one of them; returns why a person has to, where no program can."""
    section = app.settings.asked.get(before.processor)
    if section is None:
        return GONE_FROM_REGISTER
    if {item.category for item in at.lifted} & {record_line.category for record_line in at.still}:
        return TOLD_APART
    kinds = [kind for kind in section.identifiers if kind.value in before.kinds]
    identifiers = fewest_identifiers(file.identifiers.of_no_other(), kinds, section.systems)
    if not identifiers:
        return NOT_FOUND_BY
    systems = involved(section.systems, Counter(item.system for item in at.lifted))
    action = Action.LIFT if section.role.is_instructed else Action.TAKE_NOTE
    days = section.answers_within_days if section.role.is_instructed else NOTICE_DAYS
    new = NewInstruction(
        processor=before.processor,
        name=section.name,
        role=section.role,
        channel=section.channel_for(action),
        action=action,
        identifiers=identifiers,
        systems=tuple(systems),
        expected=sum(systems.values()),
        exclusions=tuple(dict.fromkeys(_exclusion(file, app, record_line) for record_line in at.still)),
        due_on=app.today + timedelta(days=days),
        task=task.number,
    )
    ended = _ended(app, before, section, at)
    file.instructions.put(new, instruction_text(letter_of(file, app, new, section, ended)))
    return ""


def _ended(app: App, before: Instruction, section: _Asked, at: _Affected) -> EndedRestriction:
    by_record = tuple(sorted({item.category for item in at.lifted}))
    is_whole = not at.still and before.action is not Action.ERASE
    return EndedRestriction(
        reference=reference_of(before.case_id, before.processor),
        told_on=app.day_of(before.sent_at or before.asked_at),
        categories=section.categories if is_whole else by_record,
        is_of_all=is_whole,
    )


def _exclusion(file: CaseFile, app: App, line: RecordLine) -> Exclusion:
    """Return the record that stays unchanged; of a restriction on request without its ground, which is private."""
    if file.right is Right.RESTRICTION:
        return Exclusion(category=line.category, provision=f"Art. 18 {app.settings.controller.law.name}")
    return Exclusion(category=line.category, provision=line.legal_basis, until=line.until, ends_when=line.ends_when)


def _left_to_people(by_person: dict[str, list[str]], app: App) -> Iterator[NewTask]:
    due_on = app.today + timedelta(days=NOTICE_DAYS)
    for why, names in sorted(by_person.items()):
        what = f"Tell {listed(sorted(names))} that the restriction has ended, by hand: {why}."
        yield NewTask(kind=TaskKind.MANUAL, system="processors", what=what, records=len(names), due_on=due_on)


def call_off(file: CaseFile, app: App, *, by: str) -> None:
    """End what was asked of others, and write what tells those of it whom it had reached.

    Args:
        file: The case file, open; the request is withdrawn or the case stopped in it.
        app: What it works with.
        by: Who recorded that.
    """
    for instruction in file.instructions.all():
        if instruction.is_open and file.instructions.mail.call_off(instruction.number, by=by):
            _call_off_one(file, app, instruction)


def _call_off_one(file: CaseFile, app: App, instruction: Instruction) -> None:
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
    notified = {instruction.processor for instruction in file.instructions.all()}
    recipients = [
        section.name
        for key, section in app.settings.processors.items()
        if not section.role.is_instructed and key not in notified and gone & set(section.systems)
    ]
    unnamed = recipients_without_section(app.systems, app.settings.processors)
    return list(dict.fromkeys((*recipients, *(name for system in sorted(gone) for name in unnamed.get(system, ())))))


def _tasks(file: CaseFile, app: App, gone: Sequence[Finding]) -> Iterator[NewTask]:
    """Return the tasks to notify recipients that no section of the register notifies."""
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
    """Return the recipients not notified yet whose data is partly erased by now."""
    notified, systems = {instruction.processor for instruction in file.instructions.all()}, told_systems(file)
    for key, section in app.settings.processors.items():
        if not section.role.is_instructed and key not in notified and involved(section.systems, systems):
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
