"""A request that its sender takes back: the case ends, and nothing more is done on it."""

from __future__ import annotations

from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.erasure.cooling_off import waits_until
from rightsflow.cases.people import acting
from rightsflow.cases.retention.purge import drop_folder, empty_copies, note_settled
from rightsflow.domain.case.acts import refuse_withdrawal
from rightsflow.domain.case.states import read_case_id
from rightsflow.domain.letter_ids import LetterId

_STAYS_LISTED: Final = (
    " The person stays on the suppression list; if they want advertising again, take them off with `rightsflow "
    "unsuppress`."
)


def withdraw(app: App, case_id: str, *, by: str, reason: str = "") -> str:
    """Record that the person has withdrawn the request; returns a sentence.

    No letter goes out by itself: the law asks for none, and L14 closes a case for want of proof of identity.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        by: Who records it.
        reason: What the person said; sealed.

    Raises:
        BadInput: There is no such case, or the name of who records it is missing.
        Conflict: The case is closed, or its erasure has been approved and may have begun.
    """
    proper, recorder = read_case_id(case_id), acting(app, by, case_id)
    # A run that copies at this moment would copy on into an emptied folder: it clears up when it ends.
    is_worked_on = app.store.is_worked_on(proper)
    with app.store.case_file(proper) as file:
        has_not_begun = file.found_nothing or waits_until(file, app) is not None
        refuse_withdrawal(proper, file.right, file.state, has_not_begun=has_not_begun)
        file.withdraw(by=recorder, reason=" ".join(reason.split()))
        file.outbox.overtake(frozenset(LetterId) - {LetterId.WITHDRAWAL}, "the request was withdrawn")
        note_settled(file, app)
        removed = not is_worked_on and empty_copies(file, app)
        stays = _STAYS_LISTED if file.right.keeps_from_advertising else ""
    if removed:
        drop_folder(proper, app)
    return f"{proper} is withdrawn: nothing more is done on it, and its alerts have ended.{stays}"
