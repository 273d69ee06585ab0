"""The person's own words, verbatim, and their postal address: stored encrypted with the case."""

from __future__ import annotations

import json
from typing import Final

from rightsflow.cases.app import App
from rightsflow.domain.errors import BadInput
from rightsflow.domain.request import Narrowing, read_narrowing
from rightsflow.store import CaseFile

OWN_WORDS: Final = "request/words"
"""The name under which the words are kept with a case's further secrets."""
CLARIFIED_WORDS: Final = "request/clarified"
"""The same of their answer to the question which data they mean."""
POSTAL_ADDRESS: Final = "request/postal address"
"""The same of the postal address, for letters that go by post; no one is searched for by it."""
_MOST: Final = 10_000
_MOST_OF_ADDRESS: Final = 400


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


def read_postal_address(text: str) -> str:
    """A postal address as it is kept, line by line.

    Args:
        text: As it was typed.

    Raises:
        BadInput: It is too long.
    """
    address = "\n".join(" ".join(line.split()) for line in text.strip().splitlines() if line.strip())
    if len(address) > _MOST_OF_ADDRESS:
        raise BadInput(f"The postal address is longer than {_MOST_OF_ADDRESS} characters; give the address alone.")
    return address


def keep_postal_address(app: App, case_id: str, address: str) -> None:
    """Keep the person's postal address with a case that was opened; one that is there already stays.

    Args:
        app: What it works with.
        case_id: The case.
        address: The address; nothing is kept of an empty one.
    """
    if not address:
        return
    with app.store.case_file(case_id) as file:
        file.outbox.keep_secret(POSTAL_ADDRESS, address)


NARROWED: Final = "request/narrowing"


def narrowing_of(file: CaseFile) -> Narrowing | None:
    """Return what a request is about; ``None`` where it is about everything.

    Args:
        file: The case file, open.
    """
    kept = file.outbox.secret(NARROWED)
    if not kept:
        return None
    categories, since, until = json.loads(kept)
    return read_narrowing(categories, since, until, categories)


def scope_lines(file: CaseFile) -> tuple[str, ...]:
    """Return what the approver has to know of what the request is about, without the person's words.

    Args:
        file: The case file, open.
    """
    narrowed = narrowing_of(file)
    about = f"The request is about {narrowed.words} alone." if narrowed else ""
    is_answered = file.outbox.secret(CLARIFIED_WORDS) is not None
    answered = (
        "The person has written which data they mean: reveal and read it before you decide." if is_answered else ""
    )
    return tuple(filter(None, (about, answered)))
