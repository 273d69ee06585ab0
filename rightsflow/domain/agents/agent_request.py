"""A request of an authorised agent: what it asks for a person, and what of it the case file holds. Pure.

Source: https://github.com/consumer-reports-innovation-lab/data-rights-protocol, ``data-rights-protocol.md`` (1.0).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.rights import Right


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
