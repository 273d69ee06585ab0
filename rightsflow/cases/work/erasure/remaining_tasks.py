"""Tasks and checks that remain after an erasure is answered, which its letter relies on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import CaseAccount, RecordLine, account_of
from rightsflow.cases.work.processors.instructions import systems_with_open_orders
from rightsflow.cases.work.processors.register import recipients_without_section
from rightsflow.cases.work.rectification.other_cases import known_elsewhere, note_perhaps
from rightsflow.domain.case.findings import Fate, Finding
from rightsflow.domain.case.holds import RELEASED
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.connector import Capabilities
from rightsflow.domain.deadlines.periods import add_months
from rightsflow.domain.erasure.dates import next_look_at_mark, next_look_on
from rightsflow.domain.erasure.linked_records import ERASED_BY_HAND
from rightsflow.domain.erasure.partial_erasure import is_muted, left_by_reason
from rightsflow.domain.erasure.plan_by_decision import is_corrected, is_lifted, is_marked, is_stored_only
from rightsflow.domain.erasure.plan_by_request import HELD_UNALTERED
from rightsflow.domain.processors.instructions import NOTICE_DAYS, is_told_of, to_tell
from rightsflow.domain.rectification.corrections import wanted
from rightsflow.domain.vocabulary.records import LeftToPerson, Method, OutcomeKind, PresenceState
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.domain.wording import day, listed, promised_day
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import CaseTask, NewTask
from rightsflow.store.core.case_ledger import MACHINE

_KEPT = frozenset({Fate.RETAINED, Fate.RESTRICTED})
_ERASES_NOTHING = frozenset({Right.RESTRICTION, Right.RECTIFICATION})
"""Nothing goes: what connectors ask of a person is about what stays behind an erasure."""


def note_tasks(file: CaseFile, account: CaseAccount, app: App) -> None:
    """Note what is left to do: a task per system and end of retention, and one per manual step of a connector.

    Args:
        file: The case file, open.
        account: The account of the case.
        app: What it works with.
    """
    # The person is told the day: the one that the acknowledgement promised, and none that has passed.
    by_on = promised_day(file.work_to_on, file.safe_due_on, on=app.today) or app.today
    tasks = [
        *erasures(account.records, file.right, app),
        *(() if file.right in _ERASES_NOTHING else _manual_steps(account, app, by_on)),
        *_left_to_people(account, by_on),
        *_corrections(file, account, by_on),
        *_corrections_elsewhere(file, account, app, by_on),
        *reviews(account.records, file.right, app),
        *_recipients(file, account, app),
    ]
    file.tasks.note(tasks, owner=file.ownership.owner)
    note_perhaps(file, app, known_elsewhere(file, app))


def _recipients(file: CaseFile, account: CaseAccount, app: App) -> Iterator[NewTask]:
    """Yield a task per recipient that no section of the register notifies (Art. 19 GDPR)."""
    waiting = systems_with_open_orders(file)
    done = (
        (record.system, record.category)
        for record in account.records
        if record.system not in waiting
        and is_told_of(file.right, record.outcome, is_stored_only=is_stored_only(record))
    )
    due_on = app.today + timedelta(days=NOTICE_DAYS)
    for tell in to_tell(done, recipients_without_section(app.systems, app.settings.processors)):
        yield NewTask(
            kind=TaskKind.MANUAL,
            system=tell.system,
            what=tell.task(file.right, app.settings.controller.law.name),
            records=sum(tell.categories.values()),
            due_on=due_on,
        )


def erasures(records: Iterable[RecordLine], right: Right, app: App) -> Iterator[NewTask]:
    """Yield the tasks that end the retention of some records: one per system, last day, and person or program.

    Args:
        records: The records; those that are not kept until a day are passed over.
        right: What was asked for: with a restriction or a correction nothing is erased, also not later.
        app: What it works with.
    """
    groups: dict[tuple[date, str, bool], list[RecordLine]] = {}
    for line in () if right in _ERASES_NOTHING else records:
        if line.fate in _KEPT and line.until is not None:
            by_hand = not is_erased_by_software(line.system, line.kind, app.capabilities)
            groups.setdefault((line.until, line.system, by_hand), []).append(line)
    for (until, system, by_hand), lines in sorted(groups.items()):
        named = _counted(line.category for line in lines)
        check_first = any(line.ends_when for line in lines)
        kind = TaskKind.ERASE if by_hand else _kind(app, check_first=check_first)
        what = f"{_VERBS[kind]}: {named}; kept until {day(until)}."
        yield NewTask(
            kind=kind,
            system=system,
            what=f"{what} Check first whether they have to be kept longer." if check_first and kind.asks else what,
            records=len(lines),
            # The last day may have passed while the answer was prepared; none that is over is promised.
            due_on=max(until + timedelta(days=1), app.today),
            kept_until=until,
            check_first=check_first and kind.asks,
        )


def reviews(records: Iterable[RecordLine], right: Right, app: App) -> Iterator[NewTask]:
    """Yield the tasks that review what is retained until an event without a date: one per system and way.

    What is under a legal hold has the hold's own review, and what no one can attribute or a person erases has another.

    Args:
        records: The records.
        right: What was asked for: a restriction on request is lifted by a person, and nothing is erased with it.
        app: What it works with.
    """
    due_on = add_months(app.today, app.settings.follow_up.review_months)
    groups: dict[tuple[str, TaskKind], list[RecordLine]] = {}
    for line in records:
        if is_reviewed(line, right):
            is_ours = right is not Right.RESTRICTION and is_erased_by_software(line.system, line.kind, app.capabilities)
            groups.setdefault((line.system, TaskKind.UNDATED if is_ours else TaskKind.CHECK), []).append(line)
    for (system, kind), lines in sorted(groups.items()):
        named = _counted(line.category for line in lines)
        yield NewTask(
            kind=kind,
            system=system,
            what=f"{_REVIEWS[right is Right.RESTRICTION, kind]}: {named}.",
            records=len(lines),
            due_on=due_on,
            numbers=tuple(sorted(line.number for line in lines)),
        )


def is_reviewed(line: RecordLine, right: Right) -> bool:
    """Return True if a record is reviewed later, since it is retained without an end date.

    Args:
        line: The record.
        right: What was asked for.
    """
    if right is Right.RESTRICTION:
        # What was lifted has no ground any more that could be checked.
        return is_stored_only(line)
    return line.fate in _KEPT and line.until is None and line.ends_when not in _ENDED_OTHERWISE


def lines_of(file: CaseFile, task: CaseTask, app: App) -> list[RecordLine]:
    """Return the records that a task names.

    Args:
        file: The case file, open.
        task: The task.
        app: What it works with.
    """
    return [record for record in account_of(file, app.capabilities).records if record.number in task.numbers]


def end_checks(file: CaseFile, app: App) -> None:
    """Close the tasks to check a restriction's ground of which nothing is restricted any more.

    Args:
        file: The case file of a restriction on request, open.
        app: What it works with.
    """
    for task in file.tasks.all():
        if task.is_open and task.kind is TaskKind.CHECK and not [*reviews(lines_of(file, task, app), file.right, app)]:
            file.tasks.mark_done(task.number, app.today, by=MACHINE)


_ENDED_OTHERWISE = frozenset({ERASED_BY_HAND, RELEASED})
_REVIEWS = {
    (
        False,
        TaskKind.UNDATED,
    ): "Look again at what is kept without a date; what nothing keeps any more is to be approved",
    (False, TaskKind.CHECK): "Check what is kept without a date, and erase by hand what nothing keeps any more",
    (True, TaskKind.CHECK): "Check whether the ground of the restriction still holds; lift it where it does not",
}


def _counted(categories: Iterable[str]) -> str:
    return ", ".join(f"{category} ({count:,})" for category, count in sorted(Counter(categories).items()))


_VERBS = {
    TaskKind.ERASE: "Erase by hand",
    TaskKind.APPROVE: "Approve the erasure",
    TaskKind.AUTOMATIC: "Erased by the follow-up",
}


def _kind(app: App, *, check_first: bool) -> TaskKind:
    rule = app.settings.follow_up
    is_automatic = rule.is_automatic and (rule.covers_conditions or not check_first)
    return TaskKind.AUTOMATIC if is_automatic else TaskKind.APPROVE


def is_erased_by_software(system: str, kind: str, systems: Mapping[str, Capabilities]) -> bool:
    """Return True if a system's connector can erase or redact records of a kind.

    Args:
        system: The system's name in the configuration.
        kind: The connector's word for it.
        systems: What each configured system's connector declares.
    """
    known = systems.get(system)
    if known is None:
        return False
    return any(item.name == kind and bool(item.methods & {Method.ERASE, Method.REDACT}) for item in known.kinds)


def _manual_steps(account: CaseAccount, app: App, due_on: date) -> Iterator[NewTask]:
    """Yield a task per system and step, due with the answer or at the end of the first record's retention.

    Beside a record that stays unchanged, for want of attribution or on a ground without end, nothing is done by hand.
    """
    steps = {
        (system, kind.name): kind.manual_step
        for system, capability in app.capabilities.items()
        for kind in capability.kinds
        if kind.manual_step
    }
    days: dict[tuple[str, str], list[date]] = {}
    for line in account.records:
        step, due = steps.get((line.system, line.kind)), _due_by_hand(line, app.today, due_on)
        if step and due:
            days.setdefault((line.system, step), []).append(due)
    for (system, what), due_days in days.items():
        yield NewTask(kind=TaskKind.MANUAL, system=system, what=what, records=len(due_days), due_on=min(due_days))


def _left_to_people(account: CaseAccount, due_on: date) -> Iterator[NewTask]:
    """Yield a task per system and manual step that a connector leaves there or, for retained records, the plan."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for line in account.records:
        for left in line.left | (left_by_reason(line.reason) if line.fate in _KEPT else frozenset()):
            counts.setdefault((line.system, _LEFT_TO_PEOPLE[left]), Counter())[line.category] += 1
    for (system, what), found in sorted(counts.items()):
        named = ", ".join(f"{category} ({count:,})" for category, count in sorted(found.items()))
        yield NewTask(
            kind=TaskKind.MANUAL, system=system, what=f"{what}: {named}.", records=found.total(), due_on=due_on
        )


_LEFT_TO_PEOPLE: Final = {
    LeftToPerson.SHARED_FIELD: "Take the person's part by hand out of fields that name several people",
    LeftToPerson.PERHAPS_COPIED: "Look whether the database itself has kept copies elsewhere, and erase these by hand",
    LeftToPerson.NO_MARK: "Mark by hand that these are stored and used for nothing else",
    LeftToPerson.CARD_CODE: "Mute by hand the part in which a card's security number was recorded, and erase what was "
    "not muted",
    LeftToPerson.CARD_CODE_HELD: "Decide with the compliance officer what comes of the card's security number that was "
    "recorded in",
    LeftToPerson.NOT_BLANKED: "Blank by hand what is kept without need",
}


def _corrections(file: CaseFile, account: CaseAccount, due_on: date) -> Iterator[NewTask]:
    """Yield a task per system with a correction that the software could not make."""
    lines = [
        record for record in account.records if record.fate is Fate.UNRECTIFIED and HELD_UNALTERED not in record.reason
    ]
    named = _to_correct(file) if lines else []
    for system in sorted({line.system for line in lines}):
        these = [line for line in lines if line.system == system]
        what = f"{CORRECT} ({listed(named)}), and correct it by hand: {_counted(line.category for line in these)}."
        yield NewTask(kind=TaskKind.MANUAL, system=system, what=what, records=len(these), due_on=due_on)


def _corrections_elsewhere(file: CaseFile, account: CaseAccount, app: App, due_on: date) -> Iterator[NewTask]:
    """Yield a task per system that has fields to correct, except where the value was accepted as well.

    Without it an item that no program can correct there would be accepted, and done by no one.
    """
    if file.right is not Right.RECTIFICATION:
        return
    counts = Counter(record.system for record in account.records if record.fate in _LOOKED_AT)
    for system, records in sorted(counts.items()):
        own = frozenset[str]().union(*(kind.fields for kind in app.capabilities[system].kinds))
        if own and (missing := _to_correct(file, besides=own)):
            what = f"{CORRECT_ELSEWHERE}, and correct it: {listed(missing)}."
            yield NewTask(kind=TaskKind.MANUAL, system=system, what=what, records=records, due_on=due_on)


def _to_correct(file: CaseFile, *, besides: frozenset[str] = frozenset()) -> list[str]:
    """Return the fields to correct or complete, in words, apart from some fields."""
    return sorted({item.named for item in wanted(file.corrections.all()) if item.field not in besides})


def fields_of(file: CaseFile, task: CaseTask) -> list[str]:
    """Return the fields that a task asks a person to correct, in words; none for another task.

    Args:
        file: The case file, open.
        task: The task.
    """
    if file.right is not Right.RECTIFICATION or (said := _FIELDS_SAID.match(task.what)) is None:
        return []
    left, found = said[1] or said[2], set[str]()
    # The longest first: a statement names the field that it is about, which need not be one of the task.
    for text in sorted(_to_correct(file), key=len, reverse=True):
        if text in left:
            found.add(text)
            left = left.replace(text, "")
    return sorted(found)


CORRECT: Final = "Look at what is to be corrected"
CORRECT_ELSEWHERE: Final = "Look where this stands, which no program of ours corrects"
"""The first words of a task in which a person corrects a field that no program could correct."""
_FIELDS_SAID: Final = re.compile(rf"{CORRECT} \((.+?)\), and correct it|{CORRECT_ELSEWHERE}, and correct it: (.+)\.$")
"""The pattern that finds the fields in such a task; their names have no bracket."""
_LOOKED_AT: Final = frozenset({Fate.RECTIFIED, Fate.UNRECTIFIED, Fate.NOT_CONCERNED})
"""The fates of the person's records at a system that a rectification leaves there."""


def _due_by_hand(line: RecordLine, today: date, due_on: date) -> date | None:
    """Return the day by which a person completes a record by hand; ``None`` where it stays unchanged."""
    if line.fate in {Fate.UNCLEAR, Fate.NOT_CONCERNED, Fate.RECTIFIED, Fate.UNRECTIFIED}:
        return None
    if line.fate not in _KEPT or line.ends_when == ERASED_BY_HAND:
        return due_on
    if line.until is None:
        return None
    # None that has passed by when the person is told.
    after = line.until + timedelta(days=1)
    return after if after >= today else due_on


GONE = frozenset({OutcomeKind.ERASED, OutcomeKind.REDACTED, OutcomeKind.PSEUDONYMISED, OutcomeKind.NOT_HELD})
"""Outcomes after which nothing that names the person is there; what had gone by itself, a back-up brings back too."""


def note_next_look(file: CaseFile, app: App) -> None:
    """Note the day from which the follow-up has to look at a case; of one that is no answered erasure there is none.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    if not file.right.has_plan or file.state is not CaseState.ANSWERED:
        return
    file.keeping.follow_up(min(_days(file, app), default=None))


def _days(file: CaseFile, app: App) -> Iterator[date]:
    for finding in file.findings.all():
        if on := next_look(finding, app):
            yield on
    for task in file.tasks.all():
        if task.is_open and task.kind.is_followed_up and not _waits_for_person(task):
            yield task.due_on


def next_look(finding: Finding, app: App) -> date | None:
    """Return the day from which an erased, muted or marked record has to be read again; ``None`` if none.

    Args:
        finding: The record.
        app: What it works with.
    """
    if finding.acted_at is None:
        return None
    looked_on = _looked_on(finding, app)
    if is_marked(finding):
        return next_look_at_mark(app.day_of(finding.acted_at), looked_on, _look_days(finding.ref.system, app))
    if finding.lifted_at is not None and is_lifted(finding):
        return next_look_on(app.day_of(finding.lifted_at), looked_on, _look_days(finding.ref.system, app))
    if is_corrected(finding):
        return next_look_on(app.day_of(finding.acted_at), looked_on, _look_days(finding.ref.system, app))
    if not is_read_again(finding) or finding.verified is PresenceState.PRESENT:
        return None
    absent_on = looked_on if finding.verified is PresenceState.ABSENT or is_muted(finding) else None
    return next_look_on(app.day_of(finding.acted_at), absent_on, _look_days(finding.ref.system, app))


def _looked_on(finding: Finding, app: App) -> date | None:
    """Return the day of the last check of a record, in the controller's zone, whatever it showed."""
    looks = [item for item in (finding.verified_at, finding.looked_at) if item]
    return app.day_of(max(looks)) if looks else None


def is_read_again(finding: Finding) -> bool:
    """Return True if a record is read after the answer: it is gone or muted, and a back-up would undo that.

    Args:
        finding: The record.
    """
    return finding.outcome in GONE or is_muted(finding)


def _look_days(system: str, app: App) -> tuple[int, ...]:
    """Return the days after an erasure to read a record again; the last one is after the system's last back-up.

    Until then a restore can bring it back, and the case has to be there to be replayed.
    """
    days, section = app.settings.follow_up.verify_days, app.systems.get(system)
    return (*days, section.backup_days + 1) if section and section.backup_days else days


def _waits_for_person(task: CaseTask) -> bool:
    """Return True if the follow-up has shown the records to erase and no one has approved the task yet."""
    if task.approved_by or not task.kind.needs_approval:
        return False
    return task.is_shown
