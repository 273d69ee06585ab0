"""Which letters there are, by the ids that the outbox, the ledger and the evidence know them by."""

from __future__ import annotations

from enum import StrEnum


class LetterId(StrEnum):
    """The letters that can be rendered."""

    ACKNOWLEDGEMENT = "L1"
    IDENTITY_REQUEST = "L2"
    CLARIFICATION = "L3"
    EXTENSION = "L6"
    REFUSAL = "L7"
    NOTHING_HELD = "L8"
    ACCESS_COVER = "L9"
    ERASURE_CONFIRMATION = "L10"
    PARTIAL_ERASURE = "L11"
    IDENTITY_REMINDER = "L14"
    WITHDRAWAL = "L18"
    PROCESSORS_ANSWERED = "L20"


ANSWERS = frozenset(
    {
        LetterId.REFUSAL,
        LetterId.NOTHING_HELD,
        LetterId.ACCESS_COVER,
        LetterId.ERASURE_CONFIRMATION,
        LetterId.PARTIAL_ERASURE,
    }
)
"""The letters by which a request is answered or refused: the deadline is kept when they go out, not when written."""

AFTER_THE_ANSWER = frozenset({LetterId.PROCESSORS_ANSWERED})
"""The letters that an answer promised: they have to go out although the case is closed."""
