"""Gates: where a person decides, and what a decision consists of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Gate(StrEnum):
    """Where a person decides."""

    IDENTITY = "identity"
    APPROVAL = "approval"
    """The erasure plan, or the release of the access package."""


class Verdict(StrEnum):
    """What was decided."""

    CONFIRMED = "confirmed"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision at a gate.

    Args:
        gate: Where.
        verdict: What.
        by: Who.
        reason: Why; for identity the method of the check.
        code: The refusal's code (R1 to R9 of the letters' rules), where there is one.
        include_unclear: Whether records that could not be attributed are treated as the subject's.
        decided_at: When.
    """

    gate: Gate
    verdict: Verdict
    by: str
    reason: str = ""
    code: str = ""
    include_unclear: bool = False
    decided_at: datetime | None = None
