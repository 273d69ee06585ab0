"""Other cases that may be of the person whose data are put right: a person finds out, and no program takes it for so.

By a shared number, or by a value that is wrong, another person's case would take this one's records for theirs.
"""

from __future__ import annotations

from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.people import acting
from rightsflow.cases.rectification.known_elsewhere import Elsewhere, known_elsewhere
from rightsflow.domain.case.states import CaseState, read_case_id
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.four_eyes import refuse_opener
from rightsflow.domain.request import Right
from rightsflow.domain.wording import listed, promised_day
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import NewTask, TaskKind
from rightsflow.store.case.identifiers import CORRECTED, SAME_PERSON

OTHER_CASES: Final = "other cases"
"""What stands in the place of a system in a task about other cases of a person."""


def note_perhaps(file: CaseFile, app: App, elsewhere: Elsewhere) -> None:
    """Note for a person which other cases may be of the same person; each is named once, and nothing is written there.

    Args:
        file: The rectification's case file, open.
        app: What it works with.
        elsewhere: What other cases are to know.
    """
    named = [one.what for one in file.tasks.all() if one.kind is TaskKind.OTHER_CASE]
    fresh = [one for one in elsewhere.perhaps if not any(one in what for what in named)]
    if not fresh:
        return
    what = (
        f"{listed(fresh)} may concern the same person: each shares a number, or what was wrong, and nothing else. Find "
        "out; where it is the same person, let that case know what is right (rightsflow same-person)."
    )
    due_on = promised_day(file.work_to_on, file.safe_due_on, on=app.today) or app.today
    new = NewTask(kind=TaskKind.OTHER_CASE, system=OTHER_CASES, what=what, records=len(fresh), due_on=due_on)
    file.tasks.note([new], owner=file.ownership.owner)


def confirm_same_person(app: App, case_id: str, other: str, *, reason: str, by: str) -> str:
    """Let another case know what was put right, since a person found out that it is of the same person.

    Args:
        app: What it works with.
        case_id: The rectification, as typed.
        other: The other case, as typed.
        reason: How that was found out; only its keyed hash is kept, since it may name them.
        by: Who found out; not who opened the other case (four eyes).

    Raises:
        BadInput: There is no such case, the reason is missing, or the other case is none that may be of the person.
        Conflict: The rectification is not approved, or the person opened the other case.
    """
    proper, their, why = read_case_id(case_id), read_case_id(other), " ".join(reason.split())
    if not why:
        raise BadInput("The reason is missing; say how you found out that it is the same person.")
    who = acting(app, by, proper)
    with app.store.case_file(proper) as file:
        if file.right is not Right.RECTIFICATION or file.state not in {CaseState.EXECUTING, CaseState.ANSWERED}:
            raise Conflict(f"{proper} is no rectification that was approved, so that nothing was put right by it.")
        right = known_elsewhere(file, app)
    if their not in right.perhaps:
        raise BadInput(f"{their} is none of the cases that may be of the same person; its task in {proper} names them.")
    with app.store.case_file(their) as file:
        refuse_opener(who, opened_by=file.opened_by)
        is_searched = file.state in {CaseState.EXECUTING, CaseState.ANSWERED}
        file.identifiers.add(right.right, learnt_from=CORRECTED if is_searched else SAME_PERSON)
        file.identifiers.note_same_person(proper, why, by=who)
    after = "" if is_searched else " It is searched by that too; where it waits for an approval, order a new search."
    return f"{their} knows by now what {proper} put right.{after}"
