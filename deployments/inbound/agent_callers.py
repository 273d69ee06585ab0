"""Identification of the calling agent: by its token, or only by its signature if it asks for a token."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request

from deployments.allowance import Allowance, Allowances
from deployments.callers import caller_of, counted_address
from deployments.inbound.calls import TurnedAway, shown_token, take_from
from rightsflow.cases.app import App
from rightsflow.cases.course.intake.agents import agent_of_token, agents_of


class AgentCallers:
    """The agents that are served, and how much each may call.

    Args:
        app: What it works with.
        steady: Gives seconds that only grow, by which calls are counted.

    Raises:
        Misconfigured: No requests of agents are taken.
    """

    def __init__(self, app: App, steady: Callable[[], float]) -> None:
        self._app = app
        section = agents_of(app)
        self._unknown = Allowances(section.per_minute, steady)
        self._allowances = {key: Allowance(agent.per_minute, steady) for key, agent in section.agents.items()}

    def take_unknown(self, request: Request) -> None:
        """Count a call of an unknown caller, by its address.

        Args:
            request: The call.

        Raises:
            TurnedAway: There were too many.
        """
        take_from(self._unknown.of(counted_address(caller_of(request))))

    def take(self, agent: str) -> None:
        """Count a call that an agent signed.

        Args:
            agent: Its key in the configuration.

        Raises:
            TurnedAway: There were too many.
        """
        take_from(self._allowances[agent])

    def agent_of(self, request: Request) -> str:
        """Return the agent whose token a call has, by its key in the configuration.

        Args:
            request: The call.

        Raises:
            TurnedAway: It shows none, or there were too many calls.
            Transient: The case store does not answer.
        """
        token = shown_token(request.headers)
        found = agent_of_token(self._app, token) if token else None
        if found is None:
            self.take_unknown(request)
            raise TurnedAway(401, "The token is missing or not known.")
        take_from(self._allowances[found])
        return found

    def named(self, agent_id: str) -> str | None:
        """The agent of an id, by its key in the configuration; ``None`` where none is registered.

        Args:
            agent_id: The id, as the address has it.
        """
        agents = agents_of(self._app).agents
        return next((key for key, agent in agents.items() if agent.agent_id == agent_id), None)
