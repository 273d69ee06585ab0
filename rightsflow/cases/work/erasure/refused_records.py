"""Records that their system refused to erase, and the two ways on: another attempt, or another decision on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import acting, refuse_entrusted_account
from rightsflow.cases.work.erasure.execution import is_to_do
from rightsflow.cases.work.erasure.plan import decide_by_rules, plan_rules
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.case.record_decisions import RecordAct, RecordDecision, read_record_decisions
from rightsflow.domain.erasure.linked_records import linked_with
from rightsflow.domain.erasure.plan import erased_by_hand
from rightsflow.domain.erasure.plan_by_decision import without_mark
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.four_eyes import refuse_opener
from rightsflow.domain.gates.record_decision_rules import refuse_names
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.states import StepState
from rightsflow.domain.wording import counted
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import NewTask
from rightsflow.store.case.steps import Step

BY_HAND = "by hand"
"""The decision that a person erases the records at their system."""
_DUE = timedelta(days=14)
"""By when a person erases by hand what was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRecord:
    """A record that its system refused to erase; no personal data.

    Args:
        number: Its number within the case.
        system: The system's name in the configuration.
        category: In the words of the record of processing.
        reason: The system's reason, in the connector's words.
    """

    number: int
    system: str
    category: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalView:
    """The refusals of a case as its page shows them.

    Args:
        steps: The steps that failed and need a person.
        records: The records that were refused.
        opened_by: Who opened the case, and cannot decide on them.
    """

    steps: tuple[Step, ...]
    records: tuple[RefusedRecord, ...]
    opened_by: str


def read_refusals(app: App, case_id: str) -> RefusalView:
    """Return the refusals and faults of a case.

    Args:
        app: What it works with.
        case_id: The case.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(case_id) as file:
        records = tuple(
            RefusedRecord(
                number=finding.number, system=finding.ref.system, category=finding.category, reason=finding.reason
            )
            for finding in _refused(file)
        )
        return RefusalView(steps=_failed(file), records=records, opened_by=file.opened_by)


def try_again(app: App, case_id: str, *, by: str) -> str:
    """Let a case's run go on where a refusal or a fault ended it; returns that in a sentence.

    Args:
        app: What it works with.
        case_id: The case.
        by: Who wants it.

    Raises:
        BadInput: There is no such case.
        Conflict: Nothing was refused, and no step is at fault.
    """
    who = acting(app, by, case_id)
    with app.store.case_file(case_id) as file:
        if not _failed(file):
            raise Conflict("No step of the case was refused or is at fault; look at the case again.")
        _go_on(file, who)
    return "The run is started again within seconds; load the page again to see what came of it."


def decide_refused(app: App, case_id: str, numbers: Collection[int], what: str, *, by: str) -> str:
    """Decide otherwise on records whose erasure was refused, and let the run go on; returns that in a sentence.

    Args:
        app: What it works with.
        case_id: The case.
        numbers: The records' numbers within the case.
        what: ``keep | ground | provision | until …``, or :data:`BY_HAND`.
        by: Who decides; not who opened the case (four eyes).

    Raises:
        BadInput: A number is none of a refused record, or the decision is not readable or fits none.
        Conflict: The person may not decide.
    """
    who = acting(app, by, case_id)
    with app.store.case_file(case_id) as file:
        refuse_opener(who, opened_by=file.opened_by)
        refuse_entrusted_account(file, who, app)
        chosen = [finding for finding in _refused(file) if finding.number in numbers]
        if not chosen or len(chosen) != len(set(numbers)):
            raise BadInput("Choose records of this page; another one was not refused, or is decided on already.")
        if what == BY_HAND:
            _leave_to_people(file, app, chosen)
        else:
            _keep(file, app, chosen, what, by=who)
        _go_on(file, who)
    return f"The decision on {counted(len(chosen), 'record')} is recorded, and the run goes on."


def _keep(file: CaseFile, app: App, chosen: list[Finding], what: str, *, by: str) -> None:
    decision = _read(what)
    refuse_names([decision], file.identifiers.known())
    if decision.until is not None and decision.until < app.today:
        raise BadInput("A record is kept until a day that is over; give one to come.")
    file.findings.decide({finding.ref: decision for finding in chosen}, by=by)
    keys, findings = {finding.key for finding in chosen}, file.findings.all()
    again = [finding for finding in findings if finding.key in keys]
    # The entry through which alone such a record is found stays with it.
    again += [finding for finding in linked_with(again, findings) if finding.outcome is None]
    planned = decide_by_rules(again, file, app, include_unclear=True)
    file.kept.keep([without_mark(item) for item in planned if not (item.method and item.method.removes)])


def _read(what: str) -> RecordDecision:
    decision = next(iter(read_record_decisions([f"1: {what}"]).values()))
    if decision.act is not RecordAct.KEEP:
        raise BadInput("Choose to keep the record, or to erase it by hand.")
    return decision


def _leave_to_people(file: CaseFile, app: App, chosen: list[Finding]) -> None:
    rules = plan_rules(file, app)
    file.kept.keep([erased_by_hand(finding, rules) for finding in chosen])
    by_system: dict[str, Counter[str]] = {}
    for finding in chosen:
        by_system.setdefault(finding.ref.system, Counter())[finding.category] += 1
    tasks = [
        NewTask(
            kind=TaskKind.MANUAL,
            system=system,
            what=f"Erase by hand what the system refused: {', '.join(f'{item} ({n:,})' for item, n in kinds.items())}.",
            records=kinds.total(),
            due_on=min(app.today + _DUE, max(app.today, file.work_to_on)),
        )
        for system, kinds in sorted(by_system.items())
    ]
    file.tasks.note(tasks, owner=file.ownership.owner)


def _refused(file: CaseFile) -> list[Finding]:
    """Return the records that are still to be erased and were refused last time."""
    refs = {
        record.ref
        for system in {step.system for step in _failed(file)}
        for record in file.findings.worked_on(system)
        if is_to_do(record)
    }
    return [finding for finding in file.findings.all() if finding.ref in refs and finding.refused] if refs else []


def _failed(file: CaseFile) -> tuple[Step, ...]:
    return tuple(
        step for step in file.steps.all() if step.state is StepState.FAILED and step.fault and step.fault.needs_person
    )


def _go_on(file: CaseFile, by: str) -> None:
    file.ledger.append(CaseEvent.RUN_STARTED_AGAIN, actor=by, because="refused by a system or at fault")
    file.bulk.start_again()
