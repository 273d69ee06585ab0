"""Tell agents where their requests stand, at the addresses that they named; the watch does it in each round.

A callback says nothing that the status does not say. One that is not taken is tried again some times, and then left:
the agent can read the status at any time.
"""

from __future__ import annotations

import json
import logging

from rightsflow.cases.app import App
from rightsflow.cases.course.intake.standing_of_requests import read_standing
from rightsflow.cases.step.faults import one_case_of_many
from rightsflow.domain.agents.requests import AgentRequest, AgentStanding, status_object
from rightsflow.domain.errors import ConnectorError, Misconfigured
from rightsflow.domain.orders.order import OrderFault, place_of_callback

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
