"""Requests of an authorised agent: what it asks for a person, the request's status, and the protocol's status object.

Source: https://github.com/consumer-reports-innovation-lab/data-rights-protocol, ``data-rights-protocol.md`` (1.0),
sections 3.02 and 3.03. A state is final only once the case is closed: while its answer is written and not sent, a
person may still correct it. Instants have an offset of ``+00:00`` and three digits of a second, which the protocol's
own tester can read. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from rightsflow.domain.gates.refusals import REASONS, Reason
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState


class Exercise(StrEnum):
    """The actions of the protocol (section 3.01)."""

    SALE_OPT_OUT = "sale:opt-out"
    SALE_OPT_IN = "sale:opt-in"
    DELETION = "deletion"
    ACCESS = "access"
    ACCESS_CATEGORIES = "access:categories"
    ACCESS_SPECIFIC = "access:specific"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentClaims:
    """An agent's statements about the person's identity and its own authority; a person checks both.

    Args:
        verified: Which of the person's contact data it says that it verified, such as ``email``.
        has_attorney: Whether it sent a power of attorney.
    """

    verified: tuple[str, ...]
    has_attorney: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedByAgent:
    """An agent's request, as read from its signed message.

    Args:
        exercise: The action.
        right: The right that it is here.
        regime: ``ccpa``, or empty for a voluntary basis.
        identifiers: What the person is found by.
        agent_request_id: What the agent calls it; may be empty.
        relationships: What the person is to us, in the agent's words.
        callback: Where the agent wants to be told of changes; empty for nowhere.
        claims: What it states of identity and authority.
        postal_address: The person's address, line by line; may be empty.
        country: The person's country (ISO 3166-1 alpha-2), where the address names one.
        digest: By which the message is known again.
    """

    exercise: Exercise
    right: Right
    regime: str
    identifiers: Identifiers = field(repr=False)
    agent_request_id: str = field(repr=False)
    relationships: tuple[str, ...] = field(repr=False)
    callback: str = field(repr=False)
    claims: AgentClaims
    postal_address: str = field(repr=False)
    country: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAgentRequest:
    """An agent's request that is to be stored with its case.

    Args:
        asked: What is asked.
        agent: The agent's key in the configuration.
        name: Its name.
        agent_id: What the protocol calls it.
        business_id: What agents call us.
        request_id: By which both sides know it, a UUID of ours.
        envelope: The signed message as it came, kept encrypted as evidence.
    """

    asked: AskedByAgent
    agent: str
    name: str
    agent_id: str
    business_id: str
    request_id: str
    envelope: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRequest:
    """An agent's request that the case file holds, without what it says of the person.

    Args:
        case_id: Its case.
        agent: The agent's key in the configuration.
        name: Its name.
        request_id: By which both sides know it.
        agent_request_id: What the agent calls it; may be empty.
        exercise: The action.
        regime: ``ccpa``, or empty for a voluntary basis.
        claims: What the agent states of identity and authority.
        received_at: When it arrived (aware).
        callback: Where the agent wants to be told of changes; empty for nowhere.
        told: What the agent was told last (:attr:`AgentStanding.mark`).
    """

    case_id: str
    agent: str
    name: str
    request_id: str
    agent_request_id: str = field(repr=False)
    exercise: Exercise
    regime: str
    claims: AgentClaims
    received_at: datetime
    callback: str = field(repr=False)
    told: str


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
    lines = [f"It is handled under the {facts.law}."]
    if facts.asked_until is not None:
        lines.append("The person was asked by a letter to prove who they are.")
    if facts.is_suspended:
        lines.append("The period is suspended until the person has answered; the day given is the one without that.")
    if facts.is_extended:
        lines.append("The period was extended, of which the person was told.")
    if facts.state.is_settled:
        lines.append("The answer is written and has not been sent yet.")
    return lines


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


def status_object(request: AgentRequest, standing: AgentStanding) -> dict[str, object]:
    """Return the status object of a request; parts that do not apply are left out.

    Args:
        request: The request.
        standing: Where it stands.
    """
    url = f"{standing.verification_url}?request_id={request.request_id}" if standing.verification_url else ""
    fields: dict[str, object] = {
        "request_id": request.request_id,
        "agent_request_id": request.agent_request_id,
        "status": standing.status.value,
        "reason": standing.reason.value if standing.reason else "",
        "received_at": drp_instant(standing.received_at),
        "expected_by": drp_instant(standing.expected_by) if standing.expected_by else "",
        "processing_details": standing.details,
        "user_verification_url": url,
        "expires_at": drp_instant(standing.expires_at) if standing.expires_at else "",
    }
    return {name: value for name, value in fields.items() if value}


def drp_instant(at: datetime) -> str:
    """Return an instant as agents can read it.

    Args:
        at: The instant (aware).
    """
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
