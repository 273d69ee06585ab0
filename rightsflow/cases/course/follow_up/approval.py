"""A person's decision at the end of a retention: the records are erased, or retained longer for a reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.follow_up.changed_rules import as_approved
from rightsflow.cases.course.follow_up.later_notices import note_new_ends, note_telling
from rightsflow.cases.course.follow_up.retention import records_of
from rightsflow.cases.facts.people import acting, refuse_entrusted_account
from rightsflow.cases.work.erasure.plan import decide_by_rules
from rightsflow.cases.work.erasure.remaining_tasks import note_next_look
from rightsflow.domain.case.findings import Planned
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.case.record_decisions import RecordAct, RecordDecision, read_provision
from rightsflow.domain.erasure.plan_by_decision import RuleChange, rule_change
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.four_eyes import refuse_opener
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.domain.wording import counted, day
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import CaseTask


def approve_task(app: App, case_id: str, number: int, *, by: str) -> str:
    """Approve that the follow-up erases the records of a task; returns that in a sentence.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        number: The task's number within the case.
        by: Who approves it; not who opened the case (four eyes).

    Raises:
        BadInput: There is no such case or task.
        Conflict: The person opened the case, or the task needs no approval, has it, or is done.
    """
    who = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        refuse_opener(who, opened_by=file.opened_by)
        refuse_entrusted_account(file, who, app)
        task = _task(file, number)
        planned = _as_planned(file, task, app)
        done = file.tasks.approve(number, by=who, plan=file.kept.digest_of(planned))
        if task.kind is TaskKind.EARLIER:
            return _end_earlier(file, app, task, planned, by=who)
        file.keeping.follow_up(app.today)
    what = f"{counted(done.records, 'record')} at {done.system}"
    does = _DOES.get(task.kind, "erases")
    return f"Task {number} of {done.case_id} is approved; the follow-up {does} {what} within the hour."


_DOES: Final = {TaskKind.BLANK: "blanks fields of", TaskKind.RETURNED: "erases again"}
"""The follow-up's action after the approval, where it is not an erasure."""


def _task(file: CaseFile, number: int) -> CaseTask:
    task = next((item for item in file.tasks.all() if item.number == number), None)
    if task is None:
        raise BadInput(f"{file.case_id} has no task {number}; `rightsflow case tasks` lists the open ones.")
    return task


def _end_earlier(file: CaseFile, app: App, task: CaseTask, planned: list[Planned], *, by: str) -> str:
    """Let records end on the earlier day of today's rules; on that day they are looked at afresh as ever."""
    file.kept.shorten(planned, task=task.number, by=by)
    file.tasks.supersede(task.number, app.today, by=by)
    note_new_ends(file, app, planned)
    note_next_look(file, app)
    last = day(task.kept_until or app.today)
    return f"{counted(len(planned), 'record')} of {task.case_id} at {task.system} can go after {last} from now on."


def _as_planned(file: CaseFile, task: CaseTask, app: App) -> list[Planned]:
    if task.kind is TaskKind.BLANK:
        return as_approved(task, records_of(file, task, app), file, app)
    if task.kind is TaskKind.EARLIER:
        return [*_ending_earlier(file, task, app)]
    return [
        Planned(ref=finding.ref, method=finding.method, expected=finding.planned or OutcomeKind.ERASED)
        for finding in records_of(file, task, app)
    ]


def _ending_earlier(file: CaseFile, task: CaseTask, app: App) -> Iterator[Planned]:
    """Yield a task's records whose retention ends earlier by today's rules than the task says, with that day."""
    records = records_of(file, task, app)
    for record, plan in zip(records, decide_by_rules(records, file, app, include_unclear=False), strict=True):
        if rule_change(record, plan) in {RuleChange.EARLIER, RuleChange.GOES} and record.outcome:
            yield Planned(
                ref=record.ref,
                method=None,
                expected=record.outcome,
                reason=record.reason,
                legal_basis=plan.legal_basis or record.legal_basis,
                until=task.kept_until,
                ends_when=plan.ends_when,
            )


def keep_longer(app: App, case_id: str, number: int, until: date, *, ground: str, provision: str, by: str) -> str:
    """Keep the records of a task for longer, on a person's ground; returns that in a sentence.

    The data subject, whose letter named another day, has to be told: that is a task of its own.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        number: The task's number within the case.
        until: The new last day, in the controller's zone.
        ground: Why, in words for the data subject; kept encrypted.
        provision: The provision, such as ``Art. 17(3)(e)``.
        by: Who decides it.

    Raises:
        BadInput: There is no such case or task, the ground is missing, the provision is not readable, or the day is
            over or not later than before.
        Conflict: The task is done, or is no end of a retention.
    """
    who = acting(app, by, case_id)
    if not ground.strip():
        raise BadInput("The ground is missing; say in words for the person why the records are kept longer.")
    decision = RecordDecision(
        act=RecordAct.KEEP, ground=" ".join(ground.split()), provision=read_provision(provision), until=until
    )
    with app.store.case_file(read_case_id(case_id)) as file:
        task = _task(file, number)
        _refuse_other(task, until, app)
        file.findings.decide({finding.ref: decision for finding in records_of(file, task, app)}, by=who)
        kept = decide_by_rules(records_of(file, task, app), file, app, include_unclear=False)
        file.kept.prolong(kept, task=number, by=who)
        file.tasks.supersede(number, app.today, by=who)
        note_new_ends(file, app, kept)
        note_telling(file, app, kept)
        note_next_look(file, app)
    return f"What task {number} of {task.case_id} is about at {task.system} is kept until {day(until)}."


def _refuse_other(task: CaseTask, until: date, app: App) -> None:
    """Refuse to prolong what is no retention, or to shorten one.

    Raises:
        BadInput: The day is over or not later than before.
        Conflict: The task is done, or is no end of a retention.
    """
    if not task.can_be_prolonged:
        raise Conflict(f"Task {task.number} of {task.case_id} is no open end of a retention; nothing can be prolonged.")
    before = max(task.kept_until or app.today, app.today)
    if until <= before:
        raise BadInput(f"The new last day has to be later than {before}; give a later one.")
