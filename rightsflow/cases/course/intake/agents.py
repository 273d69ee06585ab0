"""The agents of the configuration, their tokens, and the status of an agent's request."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.deadlines.clock import proof_asked
from rightsflow.config.sections.inbound_settings import AuthorisedAgent, InboundDrp
from rightsflow.domain.agents.messages import MessageKind, check_addressed, read_message
from rightsflow.domain.agents.requests import AgentFacts, AgentStanding, standing_of
from rightsflow.domain.deadlines.receipt import end_of_day
from rightsflow.domain.delivery import AddressKind, DeliveryChannel
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.gates.decisions import Gate, Verdict
from rightsflow.domain.people import Actor, Proof
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import ANSWERS, LetterId
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.domain.wording import day
from rightsflow.store import CaseFile

ROLE = "authorised agent"
"""The role of an agent that makes a request for a person."""


def agents_of(app: App) -> InboundDrp:
    """Return the section about agents.

    Args:
        app: What it works with.

    Raises:
        Misconfigured: There is none: no requests of agents are taken.
    """
    section = app.settings.inbound.drp
    if section is None:
        raise Misconfigured("No requests of agents are taken: fill in [inbound.drp] in rightsflow.toml.")
    return section


def actor_of_agent(section: AuthorisedAgent) -> Actor:
    """Return an agent as the author of its requests.

    Args:
        section: Its section.
    """
    return Actor(section.name, role=ROLE, proof=Proof.SIGNED_ORDER)


def agent_of_token(app: App, token: str) -> str | None:
    """Return the configuration's key of the agent that a token belongs to; ``None`` if there is none.

    Args:
        app: What it works with.
        token: What a call shows.

    Raises:
        Transient: The case store does not answer.
    """
    section = agents_of(app)
    bindings = {key: agent.binding for key, agent in section.agents.items()}
    return app.store.agent_tokens.agent_of(token, section.business_id, bindings)


def pair_agent(app: App, agent: str, plain: bytes) -> str | None:
    """Give an agent its token; ``None`` for a message that is not newer than the one that got the last.

    Args:
        app: What it works with.
        agent: The agent's key in the configuration.
        plain: What it signed; the signature was checked before.

    Raises:
        DrpFault: The message is not of this agent, for us and of now.
        Transient: The case store does not answer.
    """
    section = agents_of(app)
    sender = section.agents[agent]
    issued_at = check_addressed(
        read_message(plain, MessageKind.PAIRING),
        agent_id=sender.agent_id,
        business_id=section.business_id,
        now=app.now(),
    )
    actor = actor_of_agent(sender)
    return app.store.agent_tokens.give(agent, section.business_id, sender.binding, issued_at, name=actor)


_WHAT: Final = {
    LetterId.ACCESS_COVER: "The answer, with the data, was sent",
    LetterId.ERASURE_CONFIRMATION: "The data were erased; the answer, which says what, was sent",
    LetterId.PARTIAL_ERASURE: "The data were erased in part; the answer, which says what is kept and why, was sent",
}
_HOW: Final = {
    DeliveryChannel.POST: "by post",
    DeliveryChannel.REGISTERED_POST: "by registered post",
    DeliveryChannel.EMAIL: "by e-mail",
    DeliveryChannel.PORTAL: "by a portal",
    DeliveryChannel.HANDED_OVER: "by hand",
}


def read_standing(file: CaseFile, app: App) -> AgentStanding:
    """Return the status of a case's request.

    Args:
        file: The case file, open.
        app: What it works with.

    Raises:
        Misconfigured: No requests of agents are taken.
    """
    controller = app.settings.controller
    kept = file.keeping.evidence_until
    return standing_of(
        AgentFacts(
            state=file.state,
            is_closed=file.is_closed,
            received_at=file.received_at,
            expected_by=end_of_day(file.due_on, controller.zone),
            refusal=_refusal(file),
            law=controller.law.name,
            asked_until=_asked_until(file, app),
            verification_url=agents_of(app).verification_url,
            is_suspended=file.suspended_since is not None,
            is_extended=file.is_extended,
            answer=_answer(file, app),
            kept_until=end_of_day(kept, controller.zone) if kept and file.is_closed else None,
            now=app.now(),
        )
    )


def _refusal(file: CaseFile) -> str:
    if file.state is not CaseState.REFUSED:
        return ""
    decided = (file.decisions.at(gate) for gate in Gate)
    return next((item.code for item in decided if item and item.verdict is Verdict.REFUSED and item.code), "")


def _asked_until(file: CaseFile, app: App) -> datetime | None:
    if file.identity_is_clear or file.state.is_settled:
        return None
    asked = proof_asked(file, app)
    return end_of_day(asked.answer_by, app.settings.controller.zone) if asked else None


def _answer(file: CaseFile, app: App) -> str:
    """Return the way in which the answer was given, as far as it was noted when the letter was sent."""
    sent = [entry for entry in file.ledger.entries(CaseEvent.LETTER_SENT) if entry.details["letter"] in ANSWERS]
    if not sent:
        return ""
    details = sent[-1].details
    letter, channel, address = LetterId(details["letter"]), details.get("channel"), details.get("address")
    parts = [
        _WHAT.get(letter, "The answer was sent"),
        _HOW[DeliveryChannel(channel)] if channel else "",
        f"to {AddressKind(address).value}" if address else "",
        f"on {day(app.day_of(datetime.fromisoformat(details['at'])))}",
    ]
    return f"{' '.join(filter(None, parts))}."
