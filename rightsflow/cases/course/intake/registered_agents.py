"""The agents of the configuration, and the tokens that they are known by."""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.config.sections.drp_settings import AuthorisedAgent, InboundDrp
from rightsflow.domain.agents.messages import MessageKind, check_addressed, read_message
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.people import Actor, Proof

ROLE = "authorised agent"
"""The role of an agent that makes a request for a person."""


def agents_of(app: App) -> InboundDrp:
    """The section about agents.

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
    """An agent as the author of what it asks.

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
    found = section.agents[agent]
    issued_at = check_addressed(
        read_message(plain, MessageKind.PAIRING),
        agent_id=found.agent_id,
        business_id=section.business_id,
        now=app.now(),
    )
    actor = actor_of_agent(found)
    return app.store.agent_tokens.give(agent, section.business_id, found.binding, issued_at, name=actor)
