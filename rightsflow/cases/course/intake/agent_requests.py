"""Requests of authorised agents: opened like any other case, and reported back to the agents in each watch round.

A person still checks identity and mandate. A callback contains nothing beyond the status. One that fails is tried
again some times, and then given up: the agent can read the status at any time.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from uuid import uuid4

from rightsflow.cases.app import App
from rightsflow.cases.course.intake.agents import actor_of_agent, agents_of, read_standing
from rightsflow.cases.course.intake.opening import How, Intake, open_requests
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.cases.step.faults import one_case_of_many
from rightsflow.config.sections.inbound_settings import AuthorisedAgent
from rightsflow.domain.agents.messages import (
    DrpCode,
    DrpFault,
    MessageKind,
    check_addressed,
    read_exercise,
    read_message,
    read_revocation,
)
from rightsflow.domain.agents.requests import AgentRequest, AgentStanding, AskedByAgent, NewAgentRequest, status_object
from rightsflow.domain.errors import Conflict, ConnectorError, Misconfigured
from rightsflow.domain.languages import LanguageSource, language_of
from rightsflow.domain.orders.order import OrderFault, place_of_callback
from rightsflow.domain.request import Channel, Request

_INTAKE_LETTERS = 60


@dataclass(frozen=True, slots=True)
class AgentAnswer:
    """The answer to an agent.

    Args:
        request: The request.
        standing: Where it stands.
    """

    request: AgentRequest
    standing: AgentStanding


def take_agent_request(app: App, agent: str, plain: bytes, envelope: bytes) -> AgentAnswer:
    """Open the case of an agent's request, once for each message.

    Args:
        app: What it works with.
        agent: The agent's key in the configuration; its token and the signature were checked before.
        plain: What it signed.
        envelope: The same as it came, which is kept encrypted.

    Raises:
        DrpFault: The message is not usable, or became a request before; nothing was changed.
        Transient: The case store does not answer; nothing was changed.
    """
    section = agents_of(app)
    sender, message = section.agents[agent], read_message(plain, MessageKind.EXERCISE)
    check_addressed(message, agent_id=sender.agent_id, business_id=section.business_id, now=app.now())
    asked = read_exercise(message, agent_id=sender.agent_id, plain=plain)
    _refuse_foreign_callback(sender, asked)
    new = NewAgentRequest(
        asked=asked,
        agent=agent,
        name=sender.name,
        agent_id=sender.agent_id,
        business_id=section.business_id,
        request_id=str(uuid4()),
        envelope=envelope,
    )
    # The intake's name lets the same message become one case, also of two that arrive at once.
    intake = Intake(
        request=_request(app, sender, asked),
        intake_id=f"drp/{asked.digest[:_INTAKE_LETTERS]}",
        # An agent learns nothing of a case that the person opened, and its own is about nothing else.
        despite_duplicate=True,
        agent=new,
    )
    (taken,) = open_requests([intake], app)
    with app.store.case_file(taken.case_id) as file:
        request, standing = file.agents.demanded, read_standing(file, app)
    if taken.how is How.BEFORE:
        raise DrpFault(
            DrpCode.REPLAYED,
            "The same message was taken before; read the status of its request, or sign a new message.",
            is_fatal=True,
            request_id=request.request_id,
        )
    return AgentAnswer(request, standing)


def answer_agent(app: App, case_id: str) -> AgentAnswer:
    """Return the status of an agent's request.

    Args:
        app: What it works with.
        case_id: Its case; whose it is was checked before.

    Raises:
        Transient: The case store does not answer.
    """
    with app.store.case_file(case_id) as file:
        return AgentAnswer(file.agents.demanded, read_standing(file, app))


def revoke_agent_request(app: App, agent: str, case_id: str, plain: bytes) -> AgentAnswer:
    """Withdraw an agent's request, unless it is final or its erasure was approved.

    Args:
        app: What it works with.
        agent: The agent's key in the configuration; its token, the signature and whose it is were checked before.
        case_id: The request's case.
        plain: What the agent signed.

    Raises:
        DrpFault: The message is not usable, or the request cannot be revoked any more; nothing was changed.
        Transient: The case store does not answer.
    """
    section = agents_of(app)
    sender, message = section.agents[agent], read_message(plain, MessageKind.REVOCATION)
    reason = read_revocation(message, agent_id=sender.agent_id, business_id=section.business_id, now=app.now())
    try:
        actor = actor_of_agent(sender)
        withdraw(app, case_id, by=actor, reason=reason, is_told=False)
    except Conflict:
        raise DrpFault(
            DrpCode.FINAL, "The request is final, or its erasure was approved, so that it cannot be revoked any more."
        ) from None
    return answer_agent(app, case_id)


def _request(app: App, authorised_agent: AuthorisedAgent, asked: AskedByAgent) -> Request:
    return Request(
        right=asked.right,
        identifiers=asked.identifiers,
        received_at=app.now(),
        channel=Channel.OTHER,
        opened_by=actor_of_agent(authorised_agent),
        country=asked.country,
        language=language_of("", asked.country, app.settings.controller.country),
        language_source=LanguageSource.COUNTRY,
    )


def _refuse_foreign_callback(authorised_agent: AuthorisedAgent, asked: AskedByAgent) -> None:
    allowed = {host.lower() for host in authorised_agent.callback_hosts}
    if asked.callback and place_of_callback(asked.callback) not in allowed:
        raise DrpFault(
            DrpCode.UNUSABLE, "The status_callback is at a host that is not registered for you; leave it out."
        )


logger = logging.getLogger(__name__)


def tell_agents(app: App) -> int:
    """Make the callbacks that are due; returns how many were taken.

    Args:
        app: What it works with.

    Raises:
        Transient: The case store does not answer.
    """
    if app.tell_agent is None or app.settings.inbound.drp is None:
        return 0
    taken = 0
    for case_id in app.store.work.agent_requests_to_tell():
        with one_case_of_many(case_id):
            with app.store.case_file(case_id) as file:
                request, standing = file.agents.demanded, read_standing(file, app)
            if request.told != standing.mark:
                taken += _tell(app, request, standing)
    return taken


def _tell(app: App, request: AgentRequest, standing: AgentStanding) -> int:
    is_taken = _takes(app, request, standing)
    with app.store.case_file(request.case_id) as file:
        file.agents.note_told(standing, is_taken=is_taken)
    return int(is_taken)


def _takes(app: App, request: AgentRequest, standing: AgentStanding) -> bool:
    section = app.settings.inbound.drp
    agent = section.agents.get(request.agent) if section else None
    if app.tell_agent is None or section is None or agent is None:
        return False
    try:
        # By the configuration of today: a host may have been taken out of it since.
        if place_of_callback(request.callback) not in {host.lower() for host in agent.callback_hosts}:
            return False
        app.tell_agent(section, request.callback, json.dumps(status_object(request, standing)).encode())
    except (ConnectorError, Misconfigured, OrderFault) as error:
        logger.warning("a callback for %s was not taken: %s", request.case_id, error)
        return False
    return True
