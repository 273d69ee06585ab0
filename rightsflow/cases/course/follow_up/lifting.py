"""The end of a restriction before its day: the person is told first, and then the mark goes (Art. 18(3) GDPR)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.follow_up.changed_rules import note_blankings
from rightsflow.cases.course.follow_up.later_notices import answered_on
from rightsflow.cases.course.letters.answers import put_letter
from rightsflow.cases.course.letters.certificates import renew_certificate
from rightsflow.cases.course.letters.letter_facts import LetterFacts, title_of
from rightsflow.cases.course.sending.delivery import letter_of, overtake_past_notices
from rightsflow.cases.facts.people import acting
from rightsflow.cases.facts.systems import insist_on_kinds
from rightsflow.cases.step.attempt import Attempt, attempt, calling, set_marks
from rightsflow.cases.work.erasure.remaining_tasks import end_checks, note_next_look
from rightsflow.cases.work.processors.processor_notices import tell_of_lifting, told_of_restriction
from rightsflow.documents.letters import LetterId, LiftingNotice, RecordsLine, render
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.case.record_decisions import RecordAct
from rightsflow.domain.connector import SignsMarks
from rightsflow.domain.erasure.plan_by_decision import is_stored_only
from rightsflow.domain.errors import BadInput, Conflict, Transient
from rightsflow.domain.gates.four_eyes import refuse_opener
from rightsflow.domain.typed_input import stated_reason
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.records import Method, Outcome, OutcomeKind, RecordRef
from rightsflow.domain.vocabulary.rights import ERASING, Right
from rightsflow.domain.vocabulary.states import CaseState, read_case_id
from rightsflow.domain.wording import counted, day, listed
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import CaseTask, NewTask
from rightsflow.store.core.case_ledger import MACHINE

TOLD_BEFORE: Final = timedelta(days=7)
"""The time between notifying the person and lifting the restriction, so that an objection comes in time."""
LIFTED: Final = "Its restriction was lifted after you had been told."
STAYS: Final = "This restriction of it has ended, and another one that you asked for has not."


def announce_lifting(app: App, case_id: str, numbers: Collection[int], on: date, *, reason: str, by: str) -> str:
    """Write L15 for some restricted records, and note the task that lifts it on the day; returns that in a sentence.

    Nothing is lifted while the letter has not gone out a week before; one that has not gone out before the day that it
    names is overtaken by a new one for the same records. In the case of an order the controller tells the
    person and orders the lifting: then there is no letter, and the day is the controller's.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        numbers: The numbers of the records within the case.
        on: The day from which they are used again, in the controller's zone.
        reason: Why, in words for the person; it stands in the letter, encrypted. Of an order, by which word of the
            controller.
        by: Who decides it; not who opened the case (four eyes).

    Raises:
        BadInput: There is no such case or record, the reason is missing, or the day is too near.
        Conflict: The person opened the case, the case is not answered, a record is not restricted by a decision, or
            its restriction is to be lifted already.
    """
    proper = read_case_id(case_id)
    why = stated_reason(reason, "say in words for the person why the restriction is lifted")
    who = acting(app, by, proper)
    with app.store.case_file(proper) as file:
        refuse_opener(who, opened_by=file.opened_by)
        _refuse_too_near(file, app, on)
        still = overtake_past_notices(file, numbers, app.today, by=who)
        records = _restricted(file, numbers)
        _refuse_restricted_elsewhere(file, records)
        notified = told_of_restriction(file, app, numbers)
        letter = (
            ""
            if file.orders.is_one
            else _write(file, app, records, on, why, [instruction.name for instruction in notified])
        )
        file.tasks.note(_tasks(records, on, letter), owner=file.ownership.owner)
        file.kept.announce_lifting([record.ref for record in records], on, why, by=who)
        note_next_look(file, app)
        controller = file.orders.demanded.name if file.orders.is_one else ""
    what = counted(len(records), "record")
    if controller:
        return f"The restriction of {what} is lifted on {day(on)}, as {controller} has ordered."
    text = f"The letter {letter} is in the outbox; once it went out, the restriction of {what} is lifted on {day(on)}."
    if still:
        those = listed([f"record {notice}" for notice in still])
        text += f" That of {those} stays: its letter had not gone out before its day."
    return text


_RESTRICTING: Final = frozenset({Right.RESTRICTION, *ERASING})


def restricted_elsewhere(file: CaseFile, system: str = "") -> dict[RecordRef, str]:
    """Return the records that another case of the person restricts as well, with that case.

    Args:
        file: The case file, open.
        system: Those of one system; empty for all.
    """
    restricted: dict[RecordRef, str] = {}
    for other in (*file.identifiers.open_beside(_RESTRICTING), *file.identifiers.answered_beside(_RESTRICTING)):
        theirs = file.beside(other).findings.all(system)
        restricted |= {their.ref: other for their in theirs if their.outcome is OutcomeKind.RESTRICTED}
    return restricted


def _refuse_restricted_elsewhere(file: CaseFile, records: Sequence[Finding]) -> None:
    """Refuse to tell the person that records are used again which another request of theirs restricts."""
    elsewhere = restricted_elsewhere(file)
    for record in records:
        if other := elsewhere.get(record.ref):
            raise Conflict(
                f"Record {record.number} is restricted in {other} too, and stays so; leave it out until that ends."
            )


def _refuse_too_near(file: CaseFile, app: App, on: date) -> None:
    """Refuse a day less than a week ahead, since the person is notified a week before; an order names its own day."""
    if file.orders.is_one:
        if on < app.today:
            raise BadInput(f"That day is past; give {day(app.today)} or a later one.")
    elif on <= app.today + TOLD_BEFORE:
        raise BadInput(f"The person has to be told a week before; give a day after {day(app.today + TOLD_BEFORE)}.")


def liftable(app: App, case_id: str) -> list[int]:
    """Return the numbers of the records of an answered erasure that are restricted by a decision.

    Args:
        app: What it works with.
        case_id: The case.
    """
    with app.store.case_file(case_id) as file:
        if file.state is not CaseState.ANSWERED or not file.right.has_plan:
            return []
        return [finding.number for finding in file.findings.all() if _is_liftable(finding, file.right)]


def _is_liftable(finding: Finding, right: Right) -> bool:
    by_decision = finding.decided is not None and finding.decided.act is RecordAct.RESTRICT
    return is_stored_only(finding) and (by_decision or right is Right.RESTRICTION)


def _restricted(file: CaseFile, numbers: Collection[int]) -> list[Finding]:
    if file.state is not CaseState.ANSWERED:
        raise Conflict(f"{file.case_id} is not answered; what is restricted is still decided at its approval gate.")
    planned = {
        number for task in file.tasks.all() if task.is_open and task.kind is TaskKind.LIFT for number in task.numbers
    }
    if again := planned & set(numbers):
        raise Conflict(f"The restriction of record {min(again)} is to be lifted already; leave it out.")
    records = [finding for finding in file.findings.all() if finding.number in numbers]
    if not records or len(records) < len(set(numbers)):
        raise BadInput(f"A number does not occur in {file.case_id}; give those that the case sheet shows.")
    for record in records:
        if not _is_liftable(record, file.right):
            raise Conflict(
                f"Record {record.number} is restricted neither by a decision nor on request; nothing can be "
                "lifted of it."
            )
    return records


def _write(file: CaseFile, app: App, records: Sequence[Finding], on: date, reason: str, told: Sequence[str]) -> str:
    facts = LetterFacts(file, app)
    counts = Counter((record.ref.system, record.category) for record in records)
    variables = LiftingNotice(
        **facts.common(),
        received_on=facts.received_on,
        answered_on=answered_on(file, app) or app.today,
        right=file.right,
        lifted_on=on,
        reason=reason,
        lines=tuple(
            RecordsLine(system=title_of(system), category=category, count=count)
            for (system, category), count in sorted(counts.items())
        ),
        told=tuple(sorted(set(told))),
        remedies=facts.remedies,
    )
    return put_letter(file, render(LetterId.RESTRICTION_LIFTED, variables))


def _tasks(records: Sequence[Finding], on: date, letter: str) -> Iterator[NewTask]:
    how = f"Lifted by the follow-up {f'once {letter} went out' if letter else 'as the controller has ordered'}"
    for system in sorted({record.ref.system for record in records}):
        numbers = tuple(record.number for record in records if record.ref.system == system)
        what = f"{how}: the restriction of {counted(len(numbers), 'record')}."
        yield NewTask(kind=TaskKind.LIFT, system=system, what=what, records=len(numbers), due_on=on, numbers=numbers)


def lift_restriction(app: App, case_id: str, task: CaseTask) -> bool:
    """Lift the restriction of a task's records whose day has come, if the person was told a week before.

    Args:
        app: What it works with.
        case_id: The case.
        task: The task, open and due.

    Returns:
        Whether it is lifted.

    Raises:
        RightsflowError: A step failed; the failure is noted in the case file.
    """
    with app.store.case_file(case_id) as file:
        if not _is_told(file, app, task):
            return False
    with attempt(app, case_id, StepName.LIFT, task.system, scope=f"task {task.number}", calls=True) as trial:
        if trial.already_done:
            return True
        trial.makes_room = True
        with calling(app, trial):
            lifted = _lift(trial, task)
        with app.store.case_file(case_id) as file:
            file.kept.note_lifted(lifted.records, task=task.number)
            file.tasks.mark_done(task.number, app.today, by=MACHINE)
            file.tasks.note(lifted.left(task, app), owner=file.ownership.owner)
            if file.right is Right.RESTRICTION:
                end_checks(file, app)
            tell_of_lifting(file, app, task)
            note_blankings(file, app, lifted.records)
            note_next_look(file, app)
            renew_certificate(file, app)
            trial.finish(file)
    return True


def being_lifted(file: CaseFile, app: App, system: str) -> frozenset[int]:
    """Return the numbers of records whose restriction has ended and whose lifting is to be done or noted.

    Args:
        file: The case file, open.
        app: What it works with.
        system: The system.
    """
    open_ = [task for task in file.tasks.all() if task.is_open and task.kind is TaskKind.LIFT and task.system == system]
    ended = [task for task in open_ if task.due_on <= app.today and _is_told(file, app, task)]
    return frozenset(number for task in ended for number in task.numbers)


def _is_told(file: CaseFile, app: App, task: CaseTask) -> bool:
    """Return True if the person was notified of a task's records a week before; an order's controller does that."""
    if file.orders.is_one:
        return True
    letter = letter_of(file, task)
    sent = [line.sent_at for line in file.outbox.lines() if line.template_id == letter]
    return bool(sent) and sent[0] is not None and app.today >= app.day_of(sent[0]) + TOLD_BEFORE


def _lift(trial: Attempt[None], task: CaseTask) -> _Lifted:
    """Take the marks away.

    Raises:
        Transient: A system did not do it.
    """
    app, wanted = trial.app, set(task.numbers)
    with app.store.case_file(trial.case_id) as file:
        known = file.identifiers.to_act_by()
        these = [finding for finding in file.findings.all(task.system) if finding.number in wanted]
        elsewhere = restricted_elsewhere(file, task.system)
    marked = sorted(finding.ref for finding in these if finding.outcome is OutcomeKind.RESTRICTED)
    refs = [ref for ref in marked if ref not in elsewhere]
    unmarked = [
        finding.ref for finding in these if finding.outcome is not OutcomeKind.RESTRICTED and is_stored_only(finding)
    ]
    insist_on_kinds(refs, app.capabilities, trial.case_id)
    connector = app.connectors[task.system]
    done = list(set_marks(connector, refs, Method.LIFT, known, trial.case_id))
    if any(set_mark.kind is OutcomeKind.FAILED for set_mark in done):
        raise Transient("A restriction could not be lifted; it is tried again.", system=task.system, operation="lift")
    done += [Outcome(record=ref, kind=OutcomeKind.RETAINED) for ref in unmarked]
    # Asked for after the person was told: the mark is the other request's from now on, and names it.
    theirs = [ref for ref in marked if ref in elsewhere] if isinstance(connector, SignsMarks) else []
    for other in sorted({elsewhere[their] for their in theirs}):
        list(
            set_marks(
                connector, [their for their in theirs if elsewhere[their] == other], Method.RESTRICT, known, other
            )
        )
    done += [Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=STAYS) for ref in marked if ref in elsewhere]
    with app.store.case_file(trial.case_id) as file:
        file.findings.record_outcome(*(replace(set_mark, reason=set_mark.reason or LIFTED) for set_mark in done))
    left = {set_mark.record for set_mark in done if set_mark.refused} | set(unmarked)
    by_hand = Counter(finding.category for finding in these if finding.ref in left)
    return _Lifted(tuple(set_mark.record for set_mark in done if not set_mark.refused), by_hand)


@dataclass(frozen=True, slots=True)
class _Lifted:
    """The records at a system whose restriction was lifted.

    Args:
        records: The records that are used again.
        by_hand: What bears a mark that a person put there, or that the system keeps, by category.
    """

    records: tuple[RecordRef, ...]
    by_hand: Counter[str]

    def left(self, task: CaseTask, app: App) -> Iterator[NewTask]:
        """Return the task of the person who removes the other marks."""
        if self.by_hand:
            named = listed([f"{category} ({count:,})" for category, count in sorted(self.by_hand.items())])
            what = f"Take away by hand the mark that these are stored only, where it was put: {named}."
            records = self.by_hand.total()
            yield NewTask(kind=TaskKind.MANUAL, system=task.system, what=what, records=records, due_on=app.today)
