"""Blanking, after the answer and once approved, of fields of retained records that the law no longer needs.

The reason for retaining the rest of a record may have ended: a hold was released, a review found another class, a
restriction was lifted. An exception of Art. 17(3) GDPR applies to the extent that it is necessary, on every day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from rightsflow.cases.app import App
from rightsflow.cases.work.erasure.planning import plan_rules
from rightsflow.domain.case.findings import Finding, Planned
from rightsflow.domain.case.tasks import TaskKind
from rightsflow.domain.erasure.partial_erasure import blanked, left_by_reason, unneeded
from rightsflow.domain.erasure.plan import plan_erasure
from rightsflow.domain.erasure.plan_by_decision import without_what_is_over
from rightsflow.domain.vocabulary.records import LeftToPerson, Method, OutcomeKind, RecordRef
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.wording import counted
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import CaseTask, NewTask

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
    found = {finding.ref: blanked(unneeded(finding, rules)) for finding in these}
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for item in to_blank(these, file, app):
        groups[item.ref.system, found[item.ref]].append(numbers[item.ref])
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


def to_blank(findings: Sequence[Finding], file: CaseFile, app: App) -> list[Planned]:
    """Return the retained records of which a field is to be blanked, as they are planned today.

    Args:
        findings: The records.
        file: Their case file, open.
        app: What it works with.
    """
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
    planned = to_blank(findings, file, app)
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
