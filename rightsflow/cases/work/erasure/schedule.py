"""The schedule of an erasure's follow-up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from rightsflow.cases.app import App
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.erasure.dates import next_look_at_mark, next_look_on
from rightsflow.domain.erasure.partial_erasure import is_muted
from rightsflow.domain.erasure.plan_by_decision import is_corrected, is_lifted, is_marked
from rightsflow.domain.vocabulary.records import OutcomeKind, PresenceState
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import CaseTask

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
    """The day from which a record has to be read again that was erased, muted, marked or unmarked; ``None`` if none.

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
    """The day of the last look at a record, in the controller's zone, whatever was seen."""
    looks = [item for item in (finding.verified_at, finding.looked_at) if item]
    return app.day_of(max(looks)) if looks else None


def is_read_again(finding: Finding) -> bool:
    """Return True if a record is read after the answer: it is gone or muted, and a back-up would undo that.

    Args:
        finding: The record.
    """
    return finding.outcome in GONE or is_muted(finding)


def _look_days(system: str, app: App) -> tuple[int, ...]:
    """The days after an erasure on which a record is read again; the last one is after the system's last back-up.

    Until then a restore can bring it back, and the case has to be there to be replayed.
    """
    days, section = app.settings.follow_up.verify_days, app.systems.get(system)
    return (*days, section.backup_days + 1) if section and section.backup_days else days


def _waits_for_person(task: CaseTask) -> bool:
    """Return True if the follow-up has shown the records to erase and no one has approved the task yet."""
    if task.approved_by or not task.kind.needs_approval:
        return False
    return task.is_shown
