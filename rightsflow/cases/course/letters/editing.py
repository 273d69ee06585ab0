"""Word the free parts of a letter before it is sent. What the law asks for stays as it was written."""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.cases.course.sending.confirming import text_to_confirm
from rightsflow.cases.facts.people import acting
from rightsflow.documents.letters.free_parts import FreeParts, with_free_parts
from rightsflow.domain.vocabulary.letter_ids import kind_of_letter
from rightsflow.domain.vocabulary.states import read_case_id


def edit_letter(app: App, case_id: str, letter: str, parts: FreeParts, *, by: str) -> str:
    """Word a letter's free parts; returns in a sentence what was done.

    What was worded before is replaced. The new text is kept encrypted with the case, and its hash is in the ledger.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        letter: Which letter, such as ``L9``.
        parts: The salutation and the remark; empty parts are as the letter was written.
        by: Who words it.

    Raises:
        BadInput: There is no such case or letter, or a part cannot be used.
        Conflict: The letter went out already, or a part says what it must not say.
    """
    author = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        written = file.outbox.original(letter)
        body = with_free_parts(kind_of_letter(letter), written.body, parts)
        named = [name for name, item in (("salutation", parts.salutation), ("remark", parts.remark)) if item.strip()]
        file.outbox.edit(letter, body, by=author, parts=named)
        waits = bool(text_to_confirm(file, letter).worded_by)
    if waits:
        return (
            f"The text of letter {letter} was changed. Records are kept, so another person has to read it beside what "
            "is kept and confirm it before it is sent."
        )
    return f"The text of letter {letter} was changed; read it before you send it."
