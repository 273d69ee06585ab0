"""A request that its sender takes back: the case ends, and nothing more is done on it."""

from __future__ import annotations

from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.cooling_off import waits_until
from rightsflow.cases.course.letters.withdrawn import write_withdrawal
from rightsflow.cases.course.sending.mailing import try_to_mail
from rightsflow.cases.facts.people import acting
from rightsflow.cases.work.processors.calling_off import call_off
from rightsflow.cases.work.purging.purge import drop_folder, empty_copies, note_settled
from rightsflow.domain.case.acts import refuse_withdrawal
from rightsflow.domain.vocabulary.letter_ids import STANDING, LetterId
from rightsflow.domain.vocabulary.states import read_case_id

_STAYS_LISTED: Final = (
    " The person stays on the suppression list; if they want advertising again, take them off with `rightsflow "
    "systems unsuppress`."
)


def withdraw(app: App, case_id: str, *, by: str, reason: str = "", is_told: bool = True) -> str:
    """Record that the person has withdrawn the request; returns a sentence.

    The person is told by L18, mailed at once where that can be done: it may have been another person who took the
    request back. Of an order the controller tells them, and an agent gets the answer to its call. Those who were asked
    to do something and have not answered are told that nothing more is to be done.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        by: Who records it.
        reason: What the person said; sealed.
        is_told: Whether the person is told by a letter; not where an agent took the request back over its interface.

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
        file.outbox.overtake_kinds(frozenset(LetterId) - STANDING - {LetterId.WITHDRAWAL}, "the request was withdrawn")
        is_written = is_told and not file.orders.is_one
        if is_written:
            write_withdrawal(file, app)
        call_off(file, app, by=recorder)
        note_settled(file, app)
        removed = not is_worked_on and empty_copies(file, app)
        stays = _STAYS_LISTED if file.right.keeps_from_advertising else ""
    if removed:
        drop_folder(proper, app)
    told = _told(proper, app) if is_written else ""
    return f"{proper} is withdrawn: nothing more is done on it, and its alerts have ended.{told}{stays}"


def _told(case_id: str, app: App) -> str:
    """Mail the letter if that can be done, and say what has to happen now."""
    if LetterId.WITHDRAWAL in try_to_mail(case_id, app):
        return " The person is told by mail (letter L18)."
    return " The letter to the person (L18) is in the outbox; send it, and record when it went out."
