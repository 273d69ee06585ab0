"""Answered cases under other rules than today's: erasure, blanking or a longer retention is put before a person.

Nothing is erased by a rule that no one approved for the record, and nothing is kept longer than a letter promised
unless a person says so. Each case is looked at once for each state of the rules, without asking any system. Fields are
blanked where the reason for keeping them has ended (a hold was released, a review found another class, a restriction
was lifted): an exception of Art. 17(3) GDPR applies to the extent that it is necessary, on every day.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence, Sized
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Final, TypeAlias

from rightsflow.cases.app import App
from rightsflow.cases.course.follow_up.later_notices import answered_on, note_new_ends
from rightsflow.cases.step.faults import one_case_of_many
from rightsflow.cases.work.erasure.plan import decide_by_rules, plan_rules
from rightsflow.cases.work.erasure.remaining_tasks import is_erased_by_software, note_next_look
from rightsflow.domain.case.findings import Finding, Planned
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.erasure.partial_erasure import blanked, left_by_reason, unneeded
from rightsflow.domain.erasure.plan import plan_erasure
from rightsflow.domain.erasure.plan_by_decision import RuleChange, is_stated, rule_change, without_what_is_over
from rightsflow.domain.erasure.retention import retain_until
from rightsflow.domain.erasure.retention_duties import FinancialYear, Sector
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.records import DocumentClass, LeftToPerson, Method, OutcomeKind, RecordRef
from rightsflow.domain.vocabulary.rights import ERASING, Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.domain.wording import counted, day, listed
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import CaseTask, NewTask
from rightsflow.store.core.case_ledger import MACHINE

_KEPT = frozenset({OutcomeKind.RETAINED, OutcomeKind.RESTRICTED})
"""The outcomes of retained records, also with the mark that they got while a hold or a claim retained them."""


def note_blankings(file: CaseFile, app: App, refs: Collection[RecordRef]) -> None:
    """Note for approval what can be blanked of records that are kept on, one task per system and fields.

    Args:
        file: The case file, open.
        app: What it works with.
        refs: The records of which something has changed.
    """
    named = {
        number for task in file.tasks.all() if task.is_open and task.kind is TaskKind.BLANK for number in task.numbers
    }
    these = [finding for finding in file.findings.all() if finding.ref in refs and finding.number not in named]
    numbers, rules = {finding.ref: finding.number for finding in these}, plan_rules(file, app)
    blankings = {finding.ref: blanked(unneeded(finding, rules)) for finding in these}
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for item in _to_blank(these, file, app):
        groups[item.ref.system, blankings[item.ref]].append(numbers[item.ref])
    new = [
        NewTask(
            kind=TaskKind.BLANK,
            system=system,
            what=f"Approve what goes of {counted(len(some), 'record')} that a law alone keeps by now. {said}",
            records=len(some),
            due_on=app.today,
            numbers=tuple(sorted(some)),
        )
        for (system, said), some in sorted(groups.items())
    ]
    file.tasks.note(new, owner=file.ownership.owner)


def _to_blank(findings: Sequence[Finding], file: CaseFile, app: App) -> list[Planned]:
    """Return the retained records of which a field is to be blanked, as they are planned today."""
    if file.right is not Right.ERASURE:
        return []
    kept = [without_what_is_over(finding) for finding in findings if finding.outcome in _KEPT or _is_begun(finding)]
    planned = plan_erasure(kept, replace(plan_rules(file, app), is_followed_up=True))
    return [item for item in planned if item.method is Method.BLANK]


def as_approved(task: CaseTask, findings: Sequence[Finding], file: CaseFile, app: App) -> list[Planned]:
    """Return the plans that a task approved, as far as the same fields are still to be blanked.

    Args:
        task: The task.
        findings: Its records.
        file: Their case file, open.
        app: What it works with.
    """
    rules, by_ref = plan_rules(file, app), {finding.ref: finding for finding in findings}
    planned = _to_blank(findings, file, app)
    return [finding for finding in planned if task.what.endswith(blanked(unneeded(by_ref[finding.ref], rules)))]


def is_of(task: CaseTask, finding: Finding) -> bool:
    """Return True if a record belongs to a task that blanks: retained, or begun and cut short.

    Args:
        task: The task.
        finding: The record.
    """
    return finding.number in task.numbers and (finding.outcome in _KEPT or _is_begun(finding))


def close_blanking(file: CaseFile, app: App, task: CaseTask, done: Collection[RecordRef], *, by: str) -> None:
    """Note that a task is done, and what is left of it to a person.

    Args:
        file: The case file, open.
        app: What it works with.
        task: The task.
        done: Its records.
        by: Who approved it.
    """
    those = [finding for finding in file.findings.all(task.system) if finding.ref in done]
    left = [finding for finding in those if LeftToPerson.NOT_BLANKED in left_by_reason(finding.reason)]
    if left:
        what = f"Blank by hand what is kept without need: {counted(len(left), 'record')}."
        new = NewTask(kind=TaskKind.MANUAL, system=task.system, what=what, records=len(left), due_on=app.today)
        file.tasks.note([new], owner=file.ownership.owner)
    file.tasks.mark_done(task.number, app.today, by=by)


def _is_begun(finding: Finding) -> bool:
    return finding.method is Method.BLANK and finding.outcome in {None, OutcomeKind.FAILED}


_IN_ONE_ROUND: Final = 1_000
_YEARS: Final = range(1990, 2060)
"""Documents of these years tell two tables of retention apart."""
_CHANGES: Final = MappingProxyType(
    {
        TaskKind.EARLIER: RuleChange.EARLIER,
        TaskKind.LATER: RuleChange.LATER,
        TaskKind.UNDATED: RuleChange.GOES,
        TaskKind.ERASE: RuleChange.GOES,
    }
)
"""The rule change that a task states; the last two kinds also arise otherwise, and then state something else."""
_NOTHING_KEEPS: Final = "By today's rules nothing keeps"
"""By these words a task is found again that the rules have made."""


_Changes: TypeAlias = defaultdict[RuleChange | None, list[tuple[Finding, Planned]]]


def rules_version(app: App) -> str:
    """Return the version of the rules of retention and blanking, settings and laws together.

    Args:
        app: What it works with.
    """
    controller = app.settings.controller
    stated = {
        "law": _law(controller.country, controller.sector, controller.bookkeeping_year),
        "oss": controller.oss,
        "classes": {name: section.document_classes for name, section in app.systems.items()},
        "needed": {name: sorted(fields) for name, fields in app.settings.retention.needed_by_class.items()},
        "kinds": {
            name: {kind.name: [kind.document or "", sorted(kind.blankable)] for kind in capability.kinds}
            for name, capability in app.capabilities.items()
        },
    }
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()[:32]


@lru_cache(maxsize=8)
def _law(country: str, sector: Sector, year: FinancialYear) -> tuple[str, ...]:
    """Return the last days of retention that the law sets for documents of each class and year."""
    return tuple(_last_days(country, sector, year))


def _last_days(country: str, sector: Sector, year: FinancialYear) -> Iterator[str]:
    for document in DocumentClass:
        for on in (date(item, month, 15) for item in _YEARS for month in (2, 8)):
            with suppress(BadInput):
                duty = retain_until(country, document, on, sector=sector, financial_year=year)
                yield f"{document} {on} {duty.until if duty else ''}"


def open_changed(app: App) -> int:
    """Look at answered cases that keep something and were not seen under today's rules; returns how many.

    Args:
        app: What it works with.

    Raises:
        Transient: The case store does not answer.
    """
    version, seen = rules_version(app), 0
    for case_id in app.store.rounds.under_other_rules(version, _IN_ONE_ROUND):
        with one_case_of_many(case_id), app.store.case_file(case_id) as file:
            look_by_todays_rules(file, app)
            file.keeping.seen_by_rules(version)
            seen += 1
    return seen


def look_by_todays_rules(file: CaseFile, app: App) -> None:
    """Note for a person what today's rules make of the kept records of an answered case.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    if file.right not in ERASING or file.state is not CaseState.ANSWERED:
        return
    changes = _changes(file, app)
    _end_overtaken(file, app, changes)
    _note_gone(file, app, [item for item, _ in changes[RuleChange.GOES]])
    _ask(file, _earlier(file, app, changes[RuleChange.EARLIER]))
    ask_longer(file, app, changes[RuleChange.LATER])
    note_blankings(file, app, [item.ref for item, _ in changes[None]])
    note_next_look(file, app)


def _changes(file: CaseFile, app: App) -> _Changes:
    """Return the effect of today's rules on the retained records; unaffected records are listed under ``None``."""
    rules = plan_rules(file, app)
    kept = [item for item in file.findings.all() if is_stated(item, rules)]
    planned = decide_by_rules(kept, file, app, include_unclear=False)
    changes: _Changes = defaultdict(list)
    for finding, plan in zip(kept, planned, strict=True):
        changes[rule_change(finding, plan)].append((finding, plan))
    return changes


def put_anew(file: CaseFile, app: App) -> None:
    """Put anew before a person what can end earlier, once some of it has gone or is kept for another reason.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    asked = _open(file, {TaskKind.EARLIER})
    new = _earlier(file, app, _changes(file, app)[RuleChange.EARLIER]) if asked else []
    for task in asked:
        if all(task.what != item.what for item in new):
            file.tasks.supersede(task.number, app.today, by=MACHINE)
    _ask(file, [item for item in new if all(item.what != task.what for task in asked)])


def _end_overtaken(file: CaseFile, app: App, found: _Changes) -> None:
    """Close what was put before a person by rules that are not today's; what it named ends as it did before."""
    for task in _open(file, _CHANGES):
        change = _CHANGES[task.kind]
        if change is RuleChange.GOES and not task.what.startswith(_NOTHING_KEEPS):
            continue
        if set(task.numbers) <= {item.number for item, _ in found[change]} and task.kind is not TaskKind.EARLIER:
            continue
        file.tasks.supersede(task.number, app.today, by=MACHINE)
        those = [finding for finding in file.findings.all(task.system) if finding.number in task.numbers]
        # Only by their refs are they looked up: until when they are kept has not changed.
        note_new_ends(
            file,
            app,
            [Planned(ref=finding.ref, method=None, expected=finding.outcome) for finding in those if finding.outcome],
        )


def _open(file: CaseFile, kinds: Iterable[TaskKind]) -> list[CaseTask]:
    return [task for task in file.tasks.all() if task.is_open and task.kind in kinds]


def _named(file: CaseFile, *kinds: TaskKind) -> set[int]:
    return {number for item in _open(file, kinds) for number in item.numbers}


def _note_gone(file: CaseFile, app: App, records: Sequence[Finding]) -> None:
    """Reopen the decision on a record that nothing retains any more, for a person to approve."""
    named = _named(file, TaskKind.UNDATED, TaskKind.CHECK, TaskKind.ERASE)
    groups: defaultdict[tuple[str, bool], list[Finding]] = defaultdict(list)
    for record in records:
        if record.number not in named:
            groups[
                record.ref.system, is_erased_by_software(record.ref.system, record.ref.kind, app.capabilities)
            ].append(record)
    for (system, is_ours), these in sorted(groups.items()):
        how = "approve what is to go" if is_ours else "erase it by hand"
        new = NewTask(
            kind=TaskKind.UNDATED if is_ours else TaskKind.ERASE,
            system=system,
            what=f"{_NOTHING_KEEPS} {_records(these)} any more; {how}.{_promise(file, app)}",
            records=len(these),
            due_on=app.today,
            numbers=tuple(sorted(item.number for item in these)),
        )
        file.tasks.note([new], owner=file.ownership.owner)


def _earlier(file: CaseFile, app: App, pairs: Sequence[tuple[Finding, Planned]]) -> list[NewTask]:
    """Return the tasks that end retentions on an earlier day by today's rules, once a person approves."""
    groups: defaultdict[tuple[str, date], list[Finding]] = defaultdict(list)
    for pair, plan in pairs:
        if plan.until:
            groups[pair.ref.system, plan.until].append(pair)
    tasks = []
    for (system, until), these in sorted(groups.items()):
        ends = sorted({day(item.until) if item.until else item.ends_when for item in these})
        new = NewTask(
            kind=TaskKind.EARLIER,
            system=system,
            what=(
                f"By today's rules {_records(these)} kept until {listed(ends)} can go after {day(until)}; "
                f"approve that they end then.{_promise(file, app)}"
            ),
            records=len(these),
            due_on=app.today,
            kept_until=until,
            numbers=tuple(sorted(item.number for item in these)),
        )
        tasks.append(new)
    return tasks


def _ask(file: CaseFile, tasks: Iterable[NewTask]) -> None:
    for new in tasks:
        file.tasks.note([new], owner=file.ownership.owner)
        file.tasks.show(file.tasks.all()[-1].number, ask=True)


def ask_longer(file: CaseFile, app: App, pairs: Sequence[tuple[Finding, Planned]]) -> None:
    """Ask a person about records that a rule keeps longer than the letter promised; until then they only stay.

    Args:
        file: The case file, open.
        app: What it works with.
        pairs: The records, each with its plan of today.
    """
    named = _named(file, TaskKind.LATER)
    groups: defaultdict[tuple[str, date | None, date | None], list[int]] = defaultdict(list)
    for pair, plan in pairs:
        if pair.number not in named:
            groups[pair.ref.system, pair.until, plan.until].append(pair.number)
    for (system, before, until), numbers in sorted(groups.items(), key=str):
        longer = f"must be kept until {day(until)}" if until else "must be kept until a person says how long"
        new = NewTask(
            kind=TaskKind.LATER,
            system=system,
            what=(
                f"By today's rules {_records(numbers)} {longer}; {_letter(file, app)} promised "
                f"{day(before) if before else 'an earlier end'}. Keep them longer with a ground, and tell the person "
                "(rightsflow case keep-longer), or correct the rule in rightsflow.toml."
            ),
            records=len(numbers),
            due_on=app.today,
            numbers=tuple(sorted(numbers)),
        )
        file.tasks.note([new], owner=file.ownership.owner)


def _records(some: Sized) -> str:
    return counted(len(some), "record")


def _letter(file: CaseFile, app: App) -> str:
    on = answered_on(file, app)
    return f"our letter of {day(on)}" if on else "our answer"


def _promise(file: CaseFile, app: App) -> str:
    letter = _letter(file, app)
    return f" {letter[0].upper()}{letter[1:]} named another end."
