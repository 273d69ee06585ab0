"""Status of an agent's request in the words of the protocol (sections 3.02 and 3.03). Pure.

A state is final only once the case is closed: while its answer is written and not sent, a person may still correct it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from rightsflow.domain.gates.refusals import REASONS, Reason
from rightsflow.domain.vocabulary.states import CaseState


class DrpStatus(StrEnum):
    """The states of the protocol."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    FULFILLED = "fulfilled"
    REVOKED = "revoked"
    DENIED = "denied"
    EXPIRED = "expired"


class DrpReason(StrEnum):
    """The reasons of the protocol that a case can prove."""

    NEED_USER_VERIFICATION = "need_user_verification"
    INSUFFICIENT_VERIFICATION = "insuf_verification"
    NO_MATCH = "no_match"
    CLAIM_NOT_COVERED = "claim_not_covered"
    OUTSIDE_JURISDICTION = "outside_jurisdiction"
    OTHER = "other"


_DENIED: Final[Mapping[Reason, DrpReason]] = {
    Reason.NOT_IDENTIFIED: DrpReason.INSUFFICIENT_VERIFICATION,
    Reason.CANNOT_TELL: DrpReason.INSUFFICIENT_VERIFICATION,
    Reason.NO_GROUND: DrpReason.CLAIM_NOT_COVERED,
    Reason.EXCEPTION: DrpReason.CLAIM_NOT_COVERED,
    Reason.NATIONAL_RESTRICTION: DrpReason.CLAIM_NOT_COVERED,
    Reason.LAW_NOT_APPLICABLE: DrpReason.OUTSIDE_JURISDICTION,
}
"""Reason that each refusal code proves; none of our codes proves ``too_many_requests`` or ``suspected_fraud``."""
FINAL: Final = frozenset({DrpStatus.FULFILLED, DrpStatus.REVOKED, DrpStatus.DENIED, DrpStatus.EXPIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFacts:
    """The case file's facts about the state of a case.

    Args:
        state: Where its case stands.
        is_closed: Whether its answer went out, or it was withdrawn.
        received_at: When the request arrived (aware).
        expected_by: The last instant of the law (aware).
        refusal: The code of its refusal; empty for none.
        law: The law that it is handled under, by its name.
        asked_until: The last instant for the person's proof of identity that was asked for and did not come (aware);
            ``None`` where none is awaited.
        verification_url: Where a person can prove it; empty for nowhere.
        is_suspended: Whether the clock is suspended.
        is_extended: Whether the period was extended.
        answer: How the answer is had, in words; empty while it did not go out.
        kept_until: The last instant of our record-keeping (aware); ``None`` while that is not known.
        now: The present instant (aware).
    """

    state: CaseState
    is_closed: bool
    received_at: datetime
    expected_by: datetime
    refusal: str
    law: str
    asked_until: datetime | None
    verification_url: str
    is_suspended: bool
    is_extended: bool
    answer: str
    kept_until: datetime | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStanding:
    """The status of a request.

    Args:
        status: The state.
        reason: Its reason, or ``None``.
        details: What is to be said besides, in words; may be empty.
        received_at: When it arrived (aware).
        expected_by: The last instant of the law (aware); ``None`` once it is final.
        verification_url: Where the person can prove who they are; empty unless that is awaited.
        expires_at: Until when that is awaited, or how long a final request is kept (aware); ``None`` for neither.
    """

    status: DrpStatus
    reason: DrpReason | None = None
    details: str = ""
    received_at: datetime
    expected_by: datetime | None = None
    verification_url: str = ""
    expires_at: datetime | None = None

    @property
    def is_final(self) -> bool:
        """True if no further status follows."""
        return self.status in FINAL

    @property
    def mark(self) -> str:
        """Marker of the status that an agent was notified of; a status with another marker is sent again."""
        day = f"{self.expected_by.astimezone(UTC):%Y-%m-%d}" if self.expected_by else ""
        return f"{self.status.value}/{self.reason.value if self.reason else ''}/{day}"


def standing_of(facts: AgentFacts) -> AgentStanding:
    """Return the status of a request.

    Args:
        facts: What the case file says.
    """
    if facts.is_closed:
        return _final(facts)
    if facts.state is CaseState.RECEIVED:
        return AgentStanding(status=DrpStatus.OPEN, received_at=facts.received_at, expected_by=facts.expected_by)
    is_asked = facts.asked_until is not None
    # Without an address the protocol knows no such state: then the words say what is awaited.
    has_page = is_asked and bool(facts.verification_url)
    return AgentStanding(
        status=DrpStatus.IN_PROGRESS,
        reason=DrpReason.NEED_USER_VERIFICATION if has_page else None,
        details=" ".join(_in_progress(facts)),
        received_at=facts.received_at,
        expected_by=facts.expected_by,
        verification_url=facts.verification_url if has_page else "",
        expires_at=facts.asked_until if has_page else None,
    )


def _in_progress(facts: AgentFacts) -> list[str]:
    said = [f"It is handled under the {facts.law}."]
    if facts.asked_until is not None:
        said.append("The person was asked by a letter to prove who they are.")
    if facts.is_suspended:
        said.append("The period is suspended until the person has answered; the day given is the one without that.")
    if facts.is_extended:
        said.append("The period was extended, of which the person was told.")
    if facts.state.is_settled:
        said.append("The answer is written and has not been sent yet.")
    return said


def _final(facts: AgentFacts) -> AgentStanding:
    status, reason, details = _end(facts)
    if facts.kept_until is not None and facts.now > facts.kept_until:
        status, reason, details = DrpStatus.EXPIRED, None, "The time for which it is kept is over."
    return AgentStanding(
        status=status,
        reason=reason,
        details=details,
        received_at=facts.received_at,
        expires_at=facts.kept_until,
    )


def _end(facts: AgentFacts) -> tuple[DrpStatus, DrpReason | None, str]:
    if facts.state.ends_unanswered:
        return DrpStatus.REVOKED, None, ""
    if facts.state is CaseState.NOTHING_HELD:
        return DrpStatus.DENIED, DrpReason.NO_MATCH, "Every system was searched, and nothing was found."
    if facts.state is CaseState.REFUSED:
        code = Reason(facts.refusal) if facts.refusal in set(Reason) else None
        sentence = REASONS[code][0].format(law=facts.law) if code else "the letter to the person says why"
        reason = _DENIED.get(code, DrpReason.OTHER) if code else DrpReason.OTHER
        return DrpStatus.DENIED, reason, f"It was refused: {sentence}."
    return DrpStatus.FULFILLED, None, facts.answer
