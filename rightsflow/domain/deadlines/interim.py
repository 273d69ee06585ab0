"""Interim notices to a person whose answer is delayed: near the last day or after it, and for a reason. Pure.

The law knows no such letter, and moves no date by it: Art. 12(3) GDPR wants the answer. Silence is worse.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from rightsflow.domain.errors import Conflict

DAYS_BEFORE: Final = timedelta(days=7)
"""From how many days before the last day it may be written; before that the work goes on."""


def refuse_interim(
    case_id: str,
    *,
    is_settled: bool,
    identity_is_clear: bool,
    fails: bool,
    is_suspended: bool,
    waits: bool,
    due_on: date,
    today: date,
) -> None:
    """Refuse an interim answer that says nothing, says it to no one known, or comes too early.

    Args:
        case_id: The case.
        is_settled: Whether it has its answer.
        identity_is_clear: Whether it is clear who asks.
        fails: Whether something fails at a system.
        is_suspended: Whether the clock is suspended.
        waits: Whether an interim answer waits to be sent.
        due_on: The last day of the law, in the controller's zone.
        today: The present day there.

    Raises:
        Conflict: It is one of these.
    """
    if is_settled:
        raise Conflict(f"{case_id} has its answer, or ended without one; there is nothing to say in between.")
    if not identity_is_clear:
        raise Conflict("It is not clear yet who asks, so nothing is said of the data; ask for proof of identity.")
    if not fails:
        raise Conflict("Nothing fails at a system; run the case, so that it gets its answer.")
    if is_suspended:
        raise Conflict("The clock is suspended until the person answers; nothing is late.")
    if waits:
        raise Conflict("An interim answer waits to be sent; send it first.")
    if today < (first := due_on - DAYS_BEFORE):
        raise Conflict(
            f"The last day is {due_on:%a %d %b %Y}; an interim answer can be written from {first:%a %d %b %Y} on. Have "
            "the system mended first."
        )
