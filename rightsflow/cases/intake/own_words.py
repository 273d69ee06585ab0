"""What the person wrote or said, word for word: kept encrypted with the case, for who checks what they asked for."""

from __future__ import annotations

from typing import Final

from rightsflow.cases.app import App
from rightsflow.domain.errors import BadInput

OWN_WORDS: Final = "request/words"
"""The name under which the words are kept with a case's further secrets."""
_MOST: Final = 10_000


def read_words(text: str) -> str:
    """The words as they are kept.

    Args:
        text: As they were typed.

    Raises:
        BadInput: They are too long.
    """
    words = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if len(words) > _MOST:
        raise BadInput(f"The person's words are longer than {_MOST:,} characters; keep what they ask for.")
    return words


def keep_words(app: App, case_id: str, words: str) -> None:
    """Keep the person's words with a case that was opened; those that are there already stay.

    Args:
        app: What it works with.
        case_id: The case.
        words: The words; nothing is kept of empty ones.
    """
    if not words:
        return
    with app.store.case_file(case_id) as file:
        file.outbox.keep_secret(OWN_WORDS, words)
