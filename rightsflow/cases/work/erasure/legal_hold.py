"""Legal holds: records that a claim needs are not erased; released, the decision on each opens again by itself."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import acting
from rightsflow.cases.facts.persons import Sought
from rightsflow.domain.case.holds import RELEASED, HoldScope, LegalHold, check_review, refuse_unconfirmed
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.errors import BadInput
from rightsflow.domain.typed_input import stated_reason
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState, read_case_id
from rightsflow.domain.wording import counted, day
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import CaseTask, NewTask

_KEPT = frozenset({OutcomeKind.RETAINED, OutcomeKind.RESTRICTED})


def place_hold(
    app: App,
    matter: str,
    review_on: date,
    *,
    by: str,
    owner: str,
    person: Sought | None = None,
    case_id: str = "",
    system: str = "",
    category: str = "",
    confirmed: int | None = None,
) -> tuple[int, str]:
    """Place a legal hold, in force at once (Art. 17(3)(e) GDPR); returns its number and a sentence.

    Args:
        app: What it works with.
        matter: Which claim; kept encrypted.
        review_on: The day by which it is reviewed, at most six months ahead, in the controller's zone.
        by: Who places it.
        owner: The key of the person or role responsible for it.
        person: Whose records it covers; kept as keyed hashes only.
        case_id: Which case's, as typed.
        system: Which system's.
        category: Which category's, in the words of the record of processing.
        confirmed: How many cases it covers, where it covers all who share a number, as who places it confirms.

    Raises:
        BadInput: Something is missing, names nothing that there is, or would cover everything.
        Conflict: It covers all who share a number, and how many cases that are was not confirmed.
    """
    who = acting(app, by)
    if not matter.strip():
        raise BadInput("The matter is missing; say which claim needs the records.")
    check_review(review_on, app.today)
    if owner not in app.settings.people_by_key:
        raise BadInput(f"There is no such owner; use one of {', '.join(app.settings.people_by_key)}.")
    known = person.read(app) if person else frozenset()
    scope = HoldScope(
        persons=app.store.legal_holds.hashes_of(known) if known else (),
        kinds=tuple(sorted({item.kind for item in known})),
        case_id=_case(app, case_id) if case_id.strip() else "",
        system=_system(app, system.strip()),
        category=" ".join(category.split()),
    )
    if scope == HoldScope():
        raise BadInput("The hold names nothing; give a person, a case, a system or a category.")
    covered = app.store.legal_holds.count_covered(scope) if scope.is_shared else None
    refuse_unconfirmed(scope, covered or 0, confirmed)
    what = " ".join(matter.split())
    number = app.store.legal_holds.place(scope, what, review_on, owner=owner, by=who, covered=covered)
    return number, (
        f"Hold {number} is in force for {scope.words}, to be reviewed by {day(review_on)}; a second person approves it "
        f"with `rightsflow hold approve {number}`."
    )


def _case(app: App, case_id: str) -> str:
    with app.store.case_file(read_case_id(case_id)) as file:
        return file.case_id


def _system(app: App, system: str) -> str:
    if system and system not in app.settings.systems:
        raise BadInput(f"There is no such system; use one of {', '.join(sorted(app.settings.systems))}.")
    return system


def approve_hold(app: App, number: int, *, by: str) -> str:
    """Approve a hold as a second person; returns that in a sentence.

    Raises:
        BadInput: There is no such hold.
        Conflict: The person placed it, or it is approved or released already.
    """
    app.store.legal_holds.approve(number, by=acting(app, by))
    return f"Hold {number} is approved."


def review_hold(app: App, number: int, review_on: date, *, by: str) -> str:
    """Keep a hold after a review; returns that in a sentence.

    Args:
        app: What it works with.
        number: The hold.
        review_on: The day of the next review, at most six months ahead, in the controller's zone.
        by: Who reviewed it.

    Raises:
        BadInput: There is no such hold, or the day is over or too far ahead.
        Conflict: It is released already.
    """
    check_review(review_on, app.today)
    who = acting(app, by)
    app.store.legal_holds.review(number, review_on, by=who)
    _end_reviews(app, number, before=review_on, by=who)
    return f"Hold {number} stays; its next review is due by {day(review_on)}."


def release_hold(app: App, number: int, *, by: str, reason: str) -> str:
    """Release a hold; the decision on what it kept opens again by itself. Returns a sentence.

    Args:
        app: What it works with.
        number: The hold.
        by: Who releases it; not who placed it (four eyes).
        reason: How the matter ended; kept encrypted.

    Raises:
        BadInput: There is no such hold, or the reason is missing.
        Conflict: The person placed it, or it is released already.
    """
    why, who = stated_reason(reason, "say how the matter ended"), acting(app, by)
    app.store.legal_holds.release(number, by=who, reason=why)
    _end_reviews(app, number, before=date.max, by=who)
    cases = open_decisions(app)
    return f"Hold {number} is released; what it kept in {cases} cases is decided anew."


def open_decisions(app: App) -> int:
    """Open the decisions again on what released holds kept; returns in how many cases. It may be done at any time.

    Args:
        app: What it works with.
    """
    released, cases = app.store.legal_holds.to_follow(), 0
    for case_id in app.store.legal_holds.cases_kept() if released else ():
        with app.store.case_file(case_id) as file:
            cases += note_released(file, app)
    for number in released:
        app.store.legal_holds.note_followed(number)
    return cases


def note_released(file: CaseFile, app: App) -> bool:
    """Note the tasks that decide anew on records of an answered case whose hold was released; returns whether any is.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    if file.state is not CaseState.ANSWERED or file.right is Right.ACCESS:
        # Its answer, which is to come, notes them; and access keeps nothing that it would erase later.
        return False
    scopes, free = file.legal_holds.scopes(), Counter[str]()
    for finding in file.findings.all():
        is_held = any(scope.covers(finding.ref.system, finding.category) for scope in scopes)
        if finding.outcome in _KEPT and RELEASED in finding.ends_when and not is_held:
            free[finding.ref.system] += 1
    noted = {task.system for task in file.tasks.all() if task.is_open and task.kind is TaskKind.RELEASED}
    tasks = [_task(system, count, app) for system, count in sorted(free.items()) if system not in noted]
    file.tasks.note(tasks, owner=file.ownership.owner)
    if tasks:
        file.keeping.follow_up(app.today)
    return bool(tasks)


def note_reviews(app: App) -> None:
    """Note a task for the owner of each hold whose review is near, in one of the cases that it covers.

    Args:
        app: What it works with.
    """
    near = [
        legal_hold for legal_hold in app.store.legal_holds.all() if legal_hold.review_on <= app.today + REMINDED_BEFORE
    ]
    for case_id in app.store.legal_holds.cases_kept() if near else ():
        with app.store.case_file(case_id) as file:
            numbers = {item.number for item in file.legal_holds.present()}
            known = {(item.what, item.due_on) for item in file.tasks.all()}
            for hold in [legal_hold for legal_hold in near if legal_hold.number in numbers]:
                near.remove(hold)
                task = _review(hold)
                if (task.what, task.due_on) not in known:
                    file.tasks.note([task], owner=hold.owner)


def _end_reviews(app: App, number: int, *, before: date, by: str) -> None:
    """End the tasks to review a hold that was due before a day: it was reviewed or released, which they ask for."""
    open_ = app.store.work.open_tasks(due_by=app.today + REMINDED_BEFORE)
    for case_id in sorted({item.case_id for item in open_ if _asks_for(item, number, before)}):
        with app.store.case_file(case_id) as file:
            for task in file.tasks.all():
                if task.is_open and _asks_for(task, number, before):
                    file.tasks.mark_done(task.number, app.today, by=by)


def _asks_for(task: CaseTask, number: int, before: date) -> bool:
    return hold_of(task) == number and task.due_on < before


def hold_of(task: CaseTask) -> int | None:
    """Return the legal hold whose review a task asks for; ``None`` for any other task.

    Args:
        task: The task.
    """
    match = _REVIEWED.match(task.what) if task.kind is TaskKind.REVIEW else None
    return int(match[1]) if match else None


_REVIEWED = re.compile(r"Review legal hold (\d+) ")
REMINDED_BEFORE = timedelta(days=14)
"""From how many days before its review on a hold has a task in one of its cases."""


def _review(hold: LegalHold) -> NewTask:
    what = (
        f"Review legal hold {hold.number} ({hold.scope.words}): keep it with `rightsflow hold review`, or "
        "release it with `rightsflow hold release`."
    )
    return NewTask(kind=TaskKind.REVIEW, system=hold.scope.system, what=what, records=0, due_on=hold.review_on)


def _task(system: str, count: int, app: App) -> NewTask:
    what = f"A legal hold on {counted(count, 'record')} was released. Approve the erasure of what nothing else keeps."
    return NewTask(kind=TaskKind.RELEASED, system=system, what=what, records=count, due_on=app.today)
