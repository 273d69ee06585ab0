"""A request that its sender takes back: the case ends, and nothing more is done on it."""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.cases.people import said
from rightsflow.cases.retention.keeping import drop_folder, empty_copies, note_settled
from rightsflow.domain.case.states import CaseState, read_case_id
from rightsflow.domain.errors import Conflict
from rightsflow.domain.request import Right
from rightsflow.store import CaseFile


def withdraw(app: App, case_id: str, *, by: str, reason: str = "") -> str:
    """Record that the person has withdrawn the request; returns a sentence.

    No letter goes out by itself: the law asks for none, and L14 closes a case for want of proof of identity.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        by: Who records it.
        reason: What the person said; sealed.

    Raises:
        BadInput: There is no such case, or it is not said who records it.
        Conflict: The case is closed, or its erasure has been approved and may have begun.
    """
    proper, recorder = read_case_id(case_id), said(by)
    # Whoever copies at this moment would copy on into a folder that was emptied: that run clears up when it ends.
    is_worked_on = app.store.is_worked_on(proper)
    with app.store.case_file(proper) as file:
        _refuse_too_late(file)
        file.withdraw(by=recorder, reason=" ".join(reason.split()))
        note_settled(file, app)
        removed = not is_worked_on and empty_copies(file, app)
    if removed:
        drop_folder(proper, app)
    return f"{proper} is withdrawn: nothing more is done on it, and its alerts have ended."


def end_withdrawn(case_id: str, app: App) -> bool:
    """Clear up at the end of a run what it copied of a case that was withdrawn meanwhile; returns whether it was.

    Args:
        case_id: The case, on which nobody else works.
        app: What it works with.
    """
    with app.store.case_file(case_id) as file:
        if file.state is not CaseState.WITHDRAWN:
            return False
        removed = empty_copies(file, app)
    if removed:
        drop_folder(case_id, app)
    return True


def _refuse_too_late(file: CaseFile) -> None:
    if file.state.is_settled:
        raise Conflict(f"{file.case_id} is {file.state.value} already; it cannot be withdrawn any more.")
    if file.right is Right.ERASURE and file.state is CaseState.EXECUTING and not file.found_nothing:
        raise Conflict(
            f"The erasure of {file.case_id} was approved and may have begun, and what is erased cannot be brought "
            "back; it is carried out to its end."
        )
