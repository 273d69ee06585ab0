"""The end of a retention: records kept until a day are read afresh, planned anew, erased and verified.

The letter's promise relies on it. Nothing is taken from the day of the answer: owner, holds and law are checked again,
and what must stay longer stays (Art. 17(3) GDPR).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from rightsflow.cases.app import App
from rightsflow.cases.course.follow_up.changed_rules import (
    as_approved,
    ask_longer,
    close_blanking,
    is_of,
    note_blankings,
    put_anew,
)
from rightsflow.cases.course.follow_up.later_notices import note_new_ends, note_telling, tell_erased_again
from rightsflow.cases.course.letters.certificates import renew_certificate
from rightsflow.cases.facts.systems import insist_on_kinds
from rightsflow.cases.step.attempt import Attempt, attempt, calling
from rightsflow.cases.work.erasure.execution import carry_out, note_outcomes, to_erase
from rightsflow.cases.work.erasure.plan import decide_by_rules
from rightsflow.cases.work.erasure.remaining_tasks import GONE, is_erased_by_software, note_next_look
from rightsflow.cases.work.erasure.steps import note_looks, read_again, to_read_again, why_not_absent
from rightsflow.cases.work.processors.processor_notices import tell_of_later_erasure
from rightsflow.cases.work.search import note_unreadable, refusal_of, unread_numbers, unreadable
from rightsflow.domain.case.findings import Finding, Planned
from rightsflow.domain.case.holds import RELEASED
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.case.record_decisions import RecordAct
from rightsflow.domain.erasure.partial_erasure import left_to_person
from rightsflow.domain.erasure.plan_by_decision import is_longer_by_rule
from rightsflow.domain.errors import Refused, Transient
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.records import Located, Outcome, OutcomeKind, PresenceState, RecordRef
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import CaseTask
from rightsflow.store.core.case_ledger import MACHINE

_KEPT = frozenset({OutcomeKind.RETAINED, OutcomeKind.RESTRICTED})
_GONE_BEFORE = "It was no longer there when its retention ended."


def end_retention(app: App, case_id: str, task: CaseTask) -> bool:
    """Erase the records of a task whose day has come, or show a person what is to be erased.

    Args:
        app: What it works with.
        case_id: The case.
        task: The task, open and not done by hand.

    Returns:
        Whether the records are gone, or kept for longer.

    Raises:
        RightsflowError: A step failed; the failure is noted in the case file.
    """
    if not task.is_shown:
        task = _plan(app, case_id, task)
    if task.is_open:
        if not _is_approved(task, app):
            return False
        _erase(app, case_id, task)
    with app.store.case_file(case_id) as file:
        put_anew(file, app)
    return True


def _is_approved(task: CaseTask, app: App) -> bool:
    by_policy = task.kind is TaskKind.AUTOMATIC and app.settings.follow_up.is_automatic
    return bool(task.approved_by) or by_policy


def _plan(app: App, case_id: str, task: CaseTask) -> CaseTask:
    """Look at the records afresh and plan them anew; what must stay is kept on, and the rest is shown to a person.

    Returns:
        The task as it is then.
    """
    read = partial(_to_look_at, task=task, app=app)
    with attempt(app, case_id, StepName.PLAN_KEPT, task.system, scope=_scope(task), calls=True, read=read) as trial:
        if trial.already_done:
            with app.store.case_file(case_id) as file:
                return _as_it_is(file, task)
        trial.makes_room = True
        with calling(app, trial):
            fresh = _fresh(trial, trial.read)
        with app.store.case_file(case_id) as file:
            planned = _replan(file, app, task, fresh)
            asks = not _is_approved(task, app) or any(_asks(item, app) for item in planned)
            trial.counts["records"] = len(planned)
            trial.details["plan"] = file.kept.digest_of(planned)
            doubt = None if planned else _why_unread(file, app, task)
            if planned:
                file.tasks.show(task.number, ask=asks)
            elif doubt is None:
                file.tasks.supersede(task.number, app.today, by=MACHINE)
            trial.finish_unless(doubt, file)
            return _as_it_is(file, task)


def _as_it_is(file: CaseFile, task: CaseTask) -> CaseTask:
    return next(item for item in file.tasks.all() if item.number == task.number)


def _asks(planned: Planned, app: App) -> bool:
    """Return True if a person has to check a condition before a period is relied on."""
    return bool(planned.note) and not app.settings.follow_up.covers_conditions


def _erase(app: App, case_id: str, task: CaseTask) -> None:
    with attempt(app, case_id, StepName.ERASE_KEPT, task.system, scope=_scope(task), calls=True) as trial:
        if trial.already_done:
            return
        trial.makes_room = True
        with calling(app, trial):
            with app.store.case_file(case_id) as file:
                _reopen_returned(file, task)
                todo = _to_look_at(file, task, app)
            # Weeks may lie between what was shown and the approval.
            fresh = _fresh(trial, todo)
            with app.store.case_file(case_id) as file:
                planned = [item for item in _replan(file, app, task, fresh) if item.method is not None]
                begin = file.kept.begin_blanking if task.kind is TaskKind.BLANK else file.kept.end_retention
                begin(planned, task=task.number, approval=_approval(task, app))
                to_do = to_erase(file, app, task.system)
            outcomes = carry_out(trial, to_do, is_fresh=True)
            with app.store.case_file(case_id) as file:
                note_outcomes(file, outcomes)
                gone = to_read_again(file, task.system)
            seen, looks = read_again(trial, gone)
        trial.counts.update(seen)
        with app.store.case_file(case_id) as file:
            note_looks(file, trial, looks)
            doubt = why_not_absent(seen, task.system) or _why_unread(file, app, task)
            if doubt is None and task.kind is TaskKind.BLANK:
                close_blanking(file, app, task, [item.ref for item in planned], by=task.approved_by or MACHINE)
            elif doubt is None:
                _close(file, app, task)
            trial.finish_unless(doubt, file)


def _reopen_returned(file: CaseFile, task: CaseTask) -> None:
    if task.kind is not TaskKind.RETURNED:
        return
    for finding in file.findings.all(task.system):
        if finding.outcome is not None and finding.outcome not in _KEPT and finding.verified is PresenceState.PRESENT:
            file.findings.reopen(finding.ref)


def _why_unread(file: CaseFile, app: App, task: CaseTask) -> Refused | None:
    """Return the refusal that leaves a task open while some of its records exist but cannot be read as the person's."""
    unread = unread_numbers(file, task.system)
    left = [finding for finding in _all_of(file, task, app) if finding.number in unread] if unread else []
    return refusal_of(task.system, len(left), file.case_id) if left else None


def records_of(file: CaseFile, task: CaseTask, app: App) -> list[Finding]:
    """Return the records of a task, except those that cannot be read as the person's.

    Args:
        file: The case file, open.
        task: The task.
        app: What it works with.
    """
    unread = unread_numbers(file, task.system)
    return [finding for finding in _all_of(file, task, app) if finding.number not in unread]


def _all_of(file: CaseFile, task: CaseTask, app: App) -> list[Finding]:
    if task.kind is TaskKind.BLANK:
        return [finding for finding in file.findings.all(task.system) if is_of(task, finding)]
    if task.kind in {TaskKind.EARLIER, TaskKind.LATER}:
        return [
            finding
            for finding in file.findings.all(task.system)
            if finding.number in task.numbers and finding.outcome in _KEPT
        ]
    asked = {n for item in file.tasks.all() if item.is_open and item.kind is TaskKind.LATER for n in item.numbers}
    later = {
        number
        for item in file.tasks.all()
        if item.is_open and item.kind is TaskKind.UNDATED and item.number > task.number
        for number in item.numbers
    }
    findings = file.findings.all(task.system)
    refused = _refused(file, task, findings, app)
    return [
        finding
        for finding in findings
        if is_erased_by_software(finding.ref.system, finding.ref.kind, app.capabilities)
        and (_belongs(finding, task) or finding.ref in refused)
        and finding.number not in asked
        and not (task.kind is TaskKind.UNDATED and finding.number in later)
    ]


def _refused(file: CaseFile, task: CaseTask, findings: Sequence[Finding], app: App) -> set[RecordRef]:
    """Return the records that their system retained instead of erasing, without a future date: they are retried."""
    kept = [
        finding
        for finding in findings
        if finding.outcome in _KEPT
        and finding.method is not None
        and finding.method.removes
        and not finding.ends_when
        and (finding.until is None or finding.until < app.today)
    ]
    return {finding.ref for finding in file.kept.ended_by(task.number, kept)} if kept else set()


def _belongs(finding: Finding, task: CaseTask) -> bool:
    if task.kind is TaskKind.RETURNED:
        return finding.outcome is None
    if task.kind is TaskKind.RELEASED:
        is_held = finding.outcome in _KEPT and RELEASED in finding.ends_when
        return is_held or (finding.method is not None and finding.outcome in {None, OutcomeKind.FAILED})
    is_kept = finding.outcome in _KEPT or (finding.method is not None and finding.outcome in {None, OutcomeKind.FAILED})
    if task.kind is TaskKind.UNDATED:
        return is_kept and finding.number in task.numbers
    return is_kept and finding.until == task.kept_until


@dataclass(frozen=True, slots=True)
class _ToLookAt:
    """The records of a task, and by what the person is known."""

    known: Identifiers
    refs: frozenset[RecordRef]


def _to_look_at(file: CaseFile, task: CaseTask, app: App) -> _ToLookAt:
    return _ToLookAt(file.identifiers.to_act_by(), frozenset(finding.ref for finding in _all_of(file, task, app)))


def _fresh(trial: Attempt[Any], todo: _ToLookAt) -> list[Located]:
    """Search for the records of a task, and read afresh those that the search does not show.

    Raises:
        Transient: The system gives no clear answer about one of them.
    """
    insist_on_kinds(todo.refs, trial.app.capabilities, trial.case_id)
    connector = trial.app.connectors[trial.system]
    located = [item for item in connector.locate(todo.known) if item.record in todo.refs and not item.is_context]
    # The profile by which it was found may be gone by now.
    unseen = sorted(todo.refs - {item.record for item in located})
    seen = list(connector.presence(unseen, todo.known)) if unseen else []
    unread = unreadable(seen)
    gone = [presence.record for presence in seen if presence.state is PresenceState.ABSENT and not presence.remains]
    with trial.app.store.case_file(trial.case_id) as file:
        note_unreadable(file, trial.app, trial.system, [*unread, *_unread_besides(file, trial, todo)])
        if gone:
            file.findings.record_outcome(
                *(Outcome(record=record, kind=OutcomeKind.NOT_HELD, reason=_GONE_BEFORE) for record in gone)
            )
    if any(presence.state is PresenceState.UNKNOWN for presence in seen):
        raise Transient(
            "A record whose retention is over could not be read; it is tried again.",
            system=trial.system,
            operation="presence",
        )
    return located


def _unread_besides(file: CaseFile, trial: Attempt[Any], todo: _ToLookAt) -> list[RecordRef]:
    """Return the unreadable records that belong to other tasks and not to this one."""
    unread = unread_numbers(file, trial.system)
    return [
        finding.ref
        for finding in file.findings.all(trial.system)
        if finding.number in unread and finding.ref not in todo.refs
    ]


def _replan(file: CaseFile, app: App, task: CaseTask, fresh: Sequence[Located]) -> list[Planned]:
    """Plan the records of a task by what is so today; returns those that are to be erased.

    A record that another rule keeps now, or that is another person's by now, is kept on with its new reason and day.
    """
    file.kept.refresh(fresh, app.profiles)
    before = records_of(file, task, app)
    if task.kind is TaskKind.BLANK:
        return as_approved(task, before, file, app)
    asked = [_decided_anew(finding) for finding in before] if task.kind is TaskKind.UNDATED else before
    planned = [left_to_person(rule) for rule in decide_by_rules(asked, file, app, include_unclear=False)]
    kept = [rule for rule in planned if rule.method is None]
    longer = [(item, plan) for item, plan in zip(asked, planned, strict=True) if is_longer_by_rule(item, plan)]
    if longer and task.kind is not TaskKind.UNDATED:
        ask_longer(file, app, longer)
        kept = [rule for rule in kept if rule.ref not in {each.ref for each, _ in longer}]
    if kept:
        said = {(finding.ref, finding.until, finding.ends_when) for finding in before}
        file.kept.prolong(kept, task=task.number, by=MACHINE)
        note_new_ends(file, app, kept, besides=task.number)
        note_telling(file, app, [rule for rule in kept if (rule.ref, rule.until, rule.ends_when) not in said])
        note_blankings(file, app, [rule.ref for rule in kept])
    return [rule for rule in planned if rule.method is not None]


def _decided_anew(finding: Finding) -> Finding:
    """Return a record without a decision that named no day: after a year at most it is decided again."""
    decided = finding.decided
    is_open = decided is not None and decided.act in {RecordAct.KEEP, RecordAct.RESTRICT} and decided.until is None
    return replace(finding, decided=None) if is_open else finding


def _close(file: CaseFile, app: App, task: CaseTask) -> None:
    """Note that a task is done; what its system refused to erase is kept on until the day that it named.

    It is about every record whose retention ended for it: an attempt before may have erased some, and not read them.

    Raises:
        Refused: The system named no day.
    """
    ended = file.kept.ended_by(task.number, file.findings.all(task.system))
    these = [finding for finding in ended if finding.method is not None and finding.method.removes]
    left = [finding for finding in these if finding.outcome in _KEPT]
    if any(finding.until is None or finding.until < app.today for finding in left):
        raise Refused("The system does not let a record go whose retention is over.", system=task.system)
    if task.kind is TaskKind.RETURNED:
        tell_erased_again(file, app, task.system, [finding for finding in these if finding.outcome in GONE])
    if left:
        # Only by their refs are they looked up: until when they are kept stands in their outcome.
        note_new_ends(
            file, app, [Planned(ref=finding.ref, method=None, expected=OutcomeKind.RETAINED) for finding in left]
        )
    file.tasks.mark_done(task.number, app.today, by=task.approved_by or MACHINE)
    tell_of_later_erasure(file, app, task, these)
    note_next_look(file, app)
    renew_certificate(file, app)


def _approval(task: CaseTask, app: App) -> dict[str, str]:
    """Return the approver of an erasure, a person or a policy, for the ledger."""
    if task.approved_by:
        return {"by": task.approved_by, "approval": "person"}
    return {"approval": "policy", "policy": app.settings.follow_up.policy}


def _scope(task: CaseTask) -> str:
    return f"task {task.number}"
