"""Ids of the letters in the outbox, the ledger and the evidence."""

from __future__ import annotations

from enum import StrEnum


class LetterId(StrEnum):
    """The letters that can be rendered."""

    ACKNOWLEDGEMENT = "L1"
    IDENTITY_REQUEST = "L2"
    CLARIFICATION = "L3"
    CANNOT_IDENTIFY = "L4"
    FEE = "L5"
    EXTENSION = "L6"
    REFUSAL = "L7"
    NOTHING_HELD = "L8"
    ACCESS_COVER = "L9"
    ERASURE_CONFIRMATION = "L10"
    PARTIAL_ERASURE = "L11"
    IDENTITY_REMINDER = "L14"
    RESTRICTION_LIFTED = "L15"
    RECIPIENTS = "L16"
    OBJECTION_FOLLOWED = "L17"
    WITHDRAWAL = "L18"
    PROCESSORS_ANSWERED = "L20"
    BEFORE_ERASURE = "L21"
    RESTRICTED = "L22"
    CONSENT_WITHDRAWN = "L23"
    ERASED_AGAIN = "L24"
    RECTIFIED = "L25"
    CORRECTED_BY_HAND = "L26"
    CASE_STOPPED = "L27"
    INTERIM_ANSWER = "L28"
    COMPLAINT_RECEIVED = "L29"


ANSWERS = frozenset(
    {
        LetterId.REFUSAL,
        LetterId.NOTHING_HELD,
        LetterId.ACCESS_COVER,
        LetterId.ERASURE_CONFIRMATION,
        LetterId.PARTIAL_ERASURE,
        LetterId.OBJECTION_FOLLOWED,
        LetterId.RESTRICTED,
        LetterId.CONSENT_WITHDRAWN,
        LetterId.RECTIFIED,
    }
)
"""The letters by which a request is answered or refused: the deadline is kept when they go out, not when written."""

QUESTIONS = frozenset(
    {
        LetterId.IDENTITY_REQUEST,
        LetterId.CLARIFICATION,
        LetterId.CANNOT_IDENTIFY,
        LetterId.FEE,
        LetterId.EXTENSION,
        LetterId.IDENTITY_REMINDER,
        LetterId.BEFORE_ERASURE,
        LetterId.INTERIM_ANSWER,
    }
)
"""The letters that say nothing any more once the answer is written: questions, and notices of a longer period."""

UNTIL_THE_ANSWER_IS_SENT = ANSWERS | {LetterId.ACKNOWLEDGEMENT}
"""The letters that are still to be sent once the answer is written: until it has gone out, the person knows nothing."""

AFTER_THE_ANSWER = frozenset(
    {
        LetterId.PROCESSORS_ANSWERED,
        LetterId.RESTRICTION_LIFTED,
        LetterId.ERASED_AGAIN,
        LetterId.WITHDRAWAL,
        LetterId.CORRECTED_BY_HAND,
        LetterId.CASE_STOPPED,
        LetterId.COMPLAINT_RECEIVED,
        LetterId.RECIPIENTS,
    }
)
"""The letters that go out although the case is closed: what an answer promised, what the law asks for after it, and the
word that a request is taken as withdrawn, or that its case was opened in error or twice."""

WRITTEN_ANEW = frozenset(
    {
        LetterId.RESTRICTION_LIFTED,
        LetterId.ERASED_AGAIN,
        LetterId.CORRECTED_BY_HAND,
        LetterId.PROCESSORS_ANSWERED,
        LetterId.INTERIM_ANSWER,
        LetterId.COMPLAINT_RECEIVED,
        LetterId.RECIPIENTS,
    }
)
"""The letters of which a case may need several: what they tell happens more than once."""
STANDING = frozenset({LetterId.COMPLAINT_RECEIVED})
"""The letters that are owed whatever becomes of the request."""
_MARK = "."


def numbered(letter: LetterId, number: int) -> str:
    """Return a case's id of one of several letters of a kind: the second is called ``L15.2``.

    Args:
        letter: Which letter.
        number: The how many-th of the case it is, from 1.
    """
    return letter.value if number == 1 else f"{letter.value}{_MARK}{number}"


def kind_of_letter(letter: str) -> LetterId:
    """Return the kind of a case's letter.

    Args:
        letter: As the case knows it, such as ``L15.2``.

    Raises:
        ValueError: There is no such letter.
    """
    return LetterId(letter.partition(_MARK)[0])
