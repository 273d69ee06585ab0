"""The hold on a case's evidence: while a complaint or a claim is pending, no purge takes it away. Pure.

Evidence that is needed for the establishment, exercise or defence of legal claims is kept beyond its period
(Art. 17(3)(e) GDPR), and only stored meanwhile (Art. 18(2) GDPR).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rightsflow.domain.errors import BadInput, Conflict


@dataclass(frozen=True, slots=True)
class EvidenceHold:
    """A hold that was placed and not lifted.

    Args:
        until: The last day of it; ``None``: until it is lifted.
    """

    until: date | None

    def is_in_force(self, today: date) -> bool:
        """Return whether the hold is in force on a day in the controller's zone."""
        return self.until is None or self.until >= today


def refuse_hold(until: date | None, *, today: date) -> None:
    """Refuse a hold that would be over.

    Args:
        until: Its last day; ``None``: until it is lifted.
        today: The present day in the controller's zone.

    Raises:
        BadInput: That day is over.
    """
    if until is not None and until < today:
        raise BadInput("The last day of the hold is over already; give a later day, or none to hold it until lifted.")


def refuse_release(hold: EvidenceHold | None, case_id: str) -> None:
    """Refuse to lift a hold that does not exist.

    Args:
        hold: The hold, in force or over.
        case_id: The case.

    Raises:
        Conflict: There is none.
    """
    if hold is None:
        raise Conflict(f"The evidence of {case_id} is not held; there is nothing to lift.")


def hold_reason(typed: str) -> str:
    """Return the reason for holding evidence, or for ending the hold.

    Raises:
        BadInput: It is missing.
    """
    if not typed.strip():
        raise BadInput("The reason is missing; name the complaint or the claim, or how it ended.")
    return typed
