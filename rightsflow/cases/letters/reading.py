"""Read one letter of a case as it was written: a recorded act."""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.cases.people import acting
from rightsflow.domain.case.states import read_case_id
from rightsflow.domain.errors import BadInput
from rightsflow.store.case.letter_texts import StoredLetter


def read_letter(app: App, case_id: str, letter: str, *, by: str, reason: str) -> StoredLetter:
    """Read a letter of the outbox and note in the ledger who did so.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        letter: Which letter, such as ``L9``.
        by: Who reads it.
        reason: Why; kept sealed.

    Raises:
        BadInput: There is no such case or letter.
    """
    reader = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        found = next((one for one in file.outbox.letters() if one.template_id == letter), None)
        if found is None:
            raise BadInput("There is no such letter in this case; choose one of those that its page lists.")
        file.note_reveal(by=reader, reason=" ".join(reason.split()))
        return found
