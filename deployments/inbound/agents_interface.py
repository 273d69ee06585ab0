"""The Data Rights Protocol 1.0 as the one serves it that does what authorised agents ask for persons.

Each call goes the same way: how much its sender calls, who that is, how much it sends, whether it is signed; then what
it says. Nothing of a call is logged but that it could not be answered, and nothing of it goes through Prefect.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.drp import open_envelope
from deployments.inbound.agent_callers import AgentCallers
from deployments.inbound.agents_document import agents_document
from deployments.inbound.calls import PRIVATE, TurnedAway, body_of
from rightsflow.cases.app import App
from rightsflow.cases.course.intake.agent_requests import (
    AgentAnswer,
    answer_agent,
    revoke_agent_request,
    take_agent_request,
)
from rightsflow.cases.course.intake.agents import agents_of, pair_agent
from rightsflow.cases.step.faults import without_content
from rightsflow.domain.agents.messages import DrpCode, DrpFault
from rightsflow.domain.agents.requests import status_object

logger = logging.getLogger(__name__)

_STATUS: Final[Mapping[DrpCode, int]] = {
    DrpCode.NOT_SIGNED: 403,
    DrpCode.WRONG_AGENT: 403,
    DrpCode.REPLAYED: 409,
    DrpCode.FINAL: 409,
}
"""The HTTP status of a refusal, where it is not 400."""
_CODES: Final[Mapping[int, str]] = {
    400: "unusable_message",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    408: "too_slow",
    413: "too_large",
    429: "too_many_calls",
    503: "unavailable",
}
Answer = Callable[[Request, bytes], Response]


def agent_routes(app: App, steady: Callable[[], float]) -> list[Route]:
    """The calls of agents, below the path of the section's address.

    Args:
        app: What it works with.
        steady: Gives seconds that only grow, by which calls are counted.

    Raises:
        Misconfigured: No requests of agents are taken.
    """
    api = AgentsInterface(app, AgentCallers(app, steady))
    return [Route(path, partial(api.answer, act), methods=[method]) for method, path, act in api.table]


class AgentsInterface:
    """Answers calls of agents.

    Args:
        app: What it works with.
        callers: Who may call.
    """

    def __init__(self, app: App, callers: AgentCallers) -> None:
        self._app = app
        self._callers = callers

    @property
    def table(self) -> list[tuple[str, str, Answer]]:
        """Return the calls: method, path and handler. The final slash is deprecated, and accepted (section 2.01)."""
        requests = "/v1/data-rights-request"
        return [
            ("GET", "/openapi.json", self._document),
            ("POST", "/v1/agent/{agent_id}", self._pair),
            ("GET", "/v1/agent/{agent_id}", self._agent),
            ("POST", requests, self._take),
            ("POST", f"{requests}/", self._take),
            ("GET", f"{requests}/{{request_id}}", self._status),
            ("DELETE", f"{requests}/{{request_id}}", self._revoke),
        ]

    async def answer(self, act: Answer, request: Request) -> Response:
        """Answer a call."""
        try:
            body = await body_of(request)
            return await run_in_threadpool(self._answered, act, request, body)
        except TurnedAway as error:
            return _turned_away(error)

    def _answered(self, act: Answer, request: Request, body: bytes) -> Response:
        try:
            return act(request, body)
        except TurnedAway as error:
            return _turned_away(error)
        except DrpFault as error:
            return _fault(error)
        except Exception as error:  # noqa: BLE001 - a traceback may quote what a log must not hold
            logger.warning("a call could not be answered: %s", without_content(error, "The call"))
            return _turned_away(TurnedAway(503, "This cannot be answered now; try again."))

    def _document(self, request: Request, _body: bytes) -> Response:
        self._callers.take_unknown(request)
        return JSONResponse(agents_document(agents_of(self._app).base_url))

    def _pair(self, request: Request, body: bytes) -> Response:
        agent = self._callers.named(request.path_params["agent_id"])
        if agent is None:
            self._callers.take_unknown(request)
            return Response(status_code=403)
        found = agents_of(self._app).agents[agent]
        # A refusal says nothing (section 2.05.1); who runs the listener has to know why.
        try:
            token = pair_agent(self._app, agent, self._signed_without_token(request, agent, body))
        except DrpFault as error:
            logger.warning("no token was given to the agent %s: %s", agent, error.code.value)
            return Response(status_code=403)
        if token is None:
            logger.warning("no token was given to the agent %s: issued no later than the message before", agent)
            return Response(status_code=403)
        return JSONResponse({"agent-id": found.agent_id, "token": token}, headers=PRIVATE)

    def _signed_without_token(self, request: Request, agent: str, body: bytes) -> bytes:
        """Return a signed body without a token; an unsigned body counts as a stranger's call, not as the agent's."""
        try:
            plain = open_envelope(body, agents_of(self._app).agents[agent].verify_key)
        except DrpFault:
            self._callers.take_unknown(request)
            raise
        self._callers.take(agent)
        return plain

    def _agent(self, request: Request, _body: bytes) -> Response:
        agent = self._callers.agent_of(request)
        if self._callers.named(request.path_params["agent_id"]) != agent:
            raise TurnedAway(403, "The token is another agent's.")
        return JSONResponse({}, headers=PRIVATE)

    def _take(self, request: Request, body: bytes) -> Response:
        agent = self._callers.agent_of(request)
        return _said(take_agent_request(self._app, agent, self._signed(agent, body), body))

    def _status(self, request: Request, _body: bytes) -> Response:
        _, case_id = self._case(request)
        return _said(answer_agent(self._app, case_id))

    def _revoke(self, request: Request, body: bytes) -> Response:
        agent, case_id = self._case(request)
        return _said(revoke_agent_request(self._app, agent, case_id, self._signed(agent, body)))

    def _signed(self, agent: str, body: bytes) -> bytes:
        return open_envelope(body, agents_of(self._app).agents[agent].verify_key)

    def _case(self, request: Request) -> tuple[str, str]:
        """The agent that calls, and the case of the request that the address names, which has to be its own."""
        agent = self._callers.agent_of(request)
        found = self._app.store.work.case_of_agent_request(request.path_params["request_id"])
        if found is None:
            raise TurnedAway(404, "There is no such request here.")
        case_id, owner = found
        if owner != agent:
            raise TurnedAway(403, "The request is another agent's.")
        return agent, case_id


def _said(answer: AgentAnswer) -> Response:
    return JSONResponse(status_object(answer.request, answer.standing), headers=PRIVATE)


def _fault(error: DrpFault) -> Response:
    said: dict[str, object] = {"code": error.code.value, "message": str(error), "fatal": error.is_fatal}
    if error.request_id:
        said["request_id"] = error.request_id
    return JSONResponse(said, _STATUS.get(error.code, 400), PRIVATE)


def _turned_away(error: TurnedAway) -> Response:
    return JSONResponse(drp_fault(error.status, str(error)), error.status, {**PRIVATE, **error.headers})


def drp_fault(status: int, text: str) -> dict[str, Any]:
    """Return a fault in the form of the protocol (section 3.06).

    Args:
        status: The HTTP status.
        text: Why, in words for the caller.
    """
    return {"code": _CODES.get(status, "refused"), "message": text, "fatal": False}
