"""Free text in a letter beside records that are kept: a second person reads both before it goes out. Pure.

A sentence that says that everything is gone can be worded in every language; a list of words finds it in one. So no
program judges the text: two people do (Art. 5(2), 12(1) GDPR).
"""

from __future__ import annotations

from typing import Final

from rightsflow.domain.errors import Conflict
from rightsflow.domain.people import same_person
from rightsflow.domain.vocabulary.letter_ids import AFTER_THE_ANSWER, ANSWERS, LetterId

_SAYS_WHAT_STAYS: Final = ANSWERS | AFTER_THE_ANSWER | {LetterId.INTERIM_ANSWER}


def needs_second_person(letter: LetterId, *, is_worded: bool, keeps: bool) -> bool:
    """Return whether a second person has to read a letter's free text before it goes out.

    Args:
        letter: Which letter.
        is_worded: Whether a person worded a part of it.
        keeps: Whether records of the person, or perhaps of the person, are kept.
    """
    return letter in _SAYS_WHAT_STAYS and is_worded and keeps


def refuse_unconfirmed(letter: str, *, worded_by: str) -> None:
    """Refuse that a letter goes out whose free text no second person has read.

    Args:
        letter: Which letter of the case, such as ``L11``.
        worded_by: Who worded it last; empty where another person has confirmed the text.

    Raises:
        Conflict: It waits for that.
    """
    if worded_by:
        raise Conflict(
            f"A person worded a part of letter {letter}, and records are kept: someone other than {worded_by} has to "
            "read the text beside what is kept and confirm it, on the letter's page or with "
            "`rightsflow letter confirm`."
        )


def refuse_own_text(by: str, *, worded_by: str) -> None:
    """Refuse that a person confirms a text that they worded.

    Args:
        by: Who confirms.
        worded_by: Who worded it.

    Raises:
        Conflict: It is the same person.
    """
    if same_person(by, worded_by):
        raise Conflict("The person who worded the text cannot confirm it; another one has to (four eyes).")
