"""The Data Rights Protocol 1.0 for authorised agents: who calls, what is answered, and the OpenAPI document of it.

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
from deployments.callers import Allowance, Allowances, caller_of, counted_address
from deployments.inbound.calls import PRIVATE, TurnedAway, body_of, shown_token, take_from
from rightsflow.cases.app import App
from rightsflow.cases.course.intake.agent_requests import (
    AgentAnswer,
    answer_agent,
    revoke_agent_request,
    take_agent_request,
)
from rightsflow.cases.course.intake.agents import agent_of_token, agents_of, pair_agent
from rightsflow.cases.step.faults import without_content
from rightsflow.domain.agents.messages import VERSION, DrpCode, DrpFault
from rightsflow.domain.agents.requests import DrpReason, DrpStatus, status_object


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
        """Return the agent of an id, by its key in the configuration; ``None`` where none is registered.

        Args:
            agent_id: The id, as the address has it.
        """
        agents = agents_of(self._app).agents
        return next((key for key, agent in agents.items() if agent.agent_id == agent_id), None)


_TEXT: Final[dict[str, object]] = {"type": "string"}
_INSTANT: Final[dict[str, object]] = {"type": "string", "format": "date-time"}
_WHY: Final = {
    400: "The message is not usable.",
    401: "The token is missing or not known.",
    403: "The message is not signed by the agent, or the token or request is another's.",
    404: "There is no such request or address.",
    408: "The body came too slowly.",
    409: "The message was taken before, or the request is final.",
    413: "The body is too large.",
    429: "Too many calls.",
    503: "It cannot be answered now.",
}
_ALWAYS: Final = (400, 404, 408, 413, 429, 503)


def agents_document(base_url: str) -> dict[str, Any]:
    """Return the interface document.

    Args:
        base_url: The address under which agents reach the listener.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Requests of authorised agents over the Data Rights Protocol",
            "version": VERSION,
            "description": "See https://github.com/consumer-reports-innovation-lab/data-rights-protocol. Each body is "
            "base64 of an Ed25519 signature followed by the message that it signs, a JSON object.",
        },
        "servers": [{"url": base_url}],
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}, "schemas": _SCHEMAS},
    }


def _paths() -> dict[str, object]:
    agent = [{"name": "agent_id", "in": "path", "required": True, "schema": _TEXT}]
    request = [{"name": "request_id", "in": "path", "required": True, "schema": _TEXT}]
    pair = _call("Get a token.", "Token", (), is_signed=True) | {"security": []}
    # A failed set-up is answered without a body (section 2.05.1).
    pair["responses"] = {**_responses(pair), "403": {"description": "The message is not usable."}}
    return {
        "/v1/agent/{agent_id}": {
            "parameters": agent,
            "post": pair,
            "get": _call("Whether the token counts.", "Nothing", (401, 403)),
        },
        "/v1/data-rights-request": {
            "post": _call("Ask something for a person.", "Status", (401, 403, 409), is_signed=True)
        },
        "/v1/data-rights-request/{request_id}": {
            "parameters": request,
            "get": _call("Where a request stands.", "Status", (401, 403)),
            "delete": _call("Take a request back.", "Status", (401, 403, 409), is_signed=True),
        },
    }


def _responses(operation: dict[str, Any]) -> dict[str, object]:
    return dict(operation["responses"])


def _call(summary: str, answer: str, further: tuple[int, ...], *, is_signed: bool = False) -> dict[str, Any]:
    faults = {str(status): _json("Fault", _WHY[status]) for status in sorted({*_ALWAYS, *further})}
    found: dict[str, Any] = {"summary": summary, "responses": {"200": _json(answer, "It was done.")} | faults}
    if is_signed:
        found["requestBody"] = {"required": True, "content": {"text/plain": {"schema": _TEXT}}}
    return found


def _json(schema: str, description: str) -> dict[str, object]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


def _object(required: dict[str, object], **further: object) -> dict[str, object]:
    # Nothing is said that this document does not name.
    return {
        "type": "object",
        "required": list(required),
        "properties": required | further,
        "additionalProperties": False,
    }


_SCHEMAS: Final[dict[str, object]] = {
    "Token": _object({"agent-id": _TEXT, "token": _TEXT}),
    "Nothing": _object({}),
    "Status": _object(
        {
            "request_id": {"type": "string", "format": "uuid"},
            "status": {"enum": [item.value for item in DrpStatus]},
            "received_at": _INSTANT,
        },
        agent_request_id=_TEXT,
        reason={"enum": [item.value for item in DrpReason]},
        expected_by=_INSTANT,
        processing_details=_TEXT,
        user_verification_url=_TEXT,
        expires_at=_INSTANT,
    ),
    "Fault": _object({"code": _TEXT, "message": _TEXT, "fatal": {"type": "boolean"}}, request_id=_TEXT),
}


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
    """Return the routes for agents, below the path of the section's address.

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
        """Return the calling agent, and the case of the request in the address, which has to be its own."""
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
