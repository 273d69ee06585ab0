"""Texts that people have opened: letters of the outbox and the letter in a package, each as it was, by the ledger."""

from __future__ import annotations

from rightsflow.domain.people import same_person
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store import CaseFile


def note_opened(file: CaseFile, letter: str, text: str, *, by: str) -> None:
    """Note in the ledger that a person opened a text; once for each person and text.

    Args:
        file: The case file, open.
        letter: Which letter, such as ``L11``, or that of the package.
        text: The keyed hash of its text, or the hash of the package that it is in.
        by: Who opened it.
    """
    if not any(same_person(name, by) for name in openers(file, letter, text)):
        file.ledger.append(CaseEvent.LETTER_OPENED, actor=by, letter=letter, text=text)


def openers(file: CaseFile, letter: str, text: str) -> list[str]:
    """Return the people who have opened a text as it is now.

    Args:
        file: The case file, open.
        letter: Which letter, such as ``L11``, or that of the package.
        text: The keyed hash of its text, or the hash of the package that it is in.
    """
    return [
        entry.actor
        for entry in file.ledger.entries(CaseEvent.LETTER_OPENED)
        if (entry.details["letter"], entry.details["text"]) == (letter, text)
    ]
