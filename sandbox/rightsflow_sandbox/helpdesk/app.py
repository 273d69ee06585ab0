"""The HTTP surface: tokens, the API's endpoints, the attachments' other host, and in front of them log and faults."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from rightsflow_sandbox.helpdesk import (
    background,
    routes_comments,
    routes_deleted,
    routes_other,
    routes_tickets,
    routes_uploads,
    routes_users,
)
from rightsflow_sandbox.helpdesk.access import Client, Token
from rightsflow_sandbox.helpdesk.calls import Call, Endpoint, Reply
from rightsflow_sandbox.helpdesk.errors import ApiError, forbidden, invalid_endpoint
from rightsflow_sandbox.helpdesk.front import Front
from rightsflow_sandbox.helpdesk.rendering import attachment_token
from rightsflow_sandbox.helpdesk.routes_admin import admin_routes
from rightsflow_sandbox.helpdesk.state import HelpdeskState

ENDPOINTS: tuple[Endpoint, ...] = (
    *routes_users.ENDPOINTS,
    *routes_deleted.ENDPOINTS,
    *routes_tickets.ENDPOINTS,
    *routes_comments.ENDPOINTS,
    *routes_uploads.ENDPOINTS,
    *routes_other.ENDPOINTS,
)
"""All endpoints of the API; of two paths that fit the one listed first answers."""


def build_app(state: HelpdeskState, *, admin: bool = False) -> ASGIApp:
    """Return the helpdesk as an ASGI application.

    Args:
        state: What it serves.
        admin: Whether the sandbox's own switches are there.
    """
    routes = [
        Route("/oauth/tokens", _oauth(state), methods=["POST"]),
        Route("/attachments/token/{token}/{attachment_id:int}", _content(state), methods=["GET"]),
        *(_route(state, endpoint) for endpoint in ENDPOINTS),
        *(admin_routes(state) if admin else ()),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _no_route, ApiError: _refuse})
    return Front(app, state)


def answer(status: int, body: Any, headers: Mapping[str, str]) -> Response:
    """Return an HTTP answer with a body of JSON, text, or nothing."""
    if body is None:
        return Response(status_code=status, headers=dict(headers))
    if isinstance(body, str):
        return Response(body, status_code=status, headers=dict(headers), media_type="text/plain")
    return JSONResponse(body, status_code=status, headers=dict(headers))


async def _refuse(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, ApiError)  # noqa: S101 - what it is registered for
    return answer(problem.status, problem.body, problem.headers)


async def _no_route(request: Request, _: Exception) -> Response:
    return await _refuse(request, invalid_endpoint())


def _oauth(state: HelpdeskState) -> Any:
    async def endpoint(request: Request) -> Response:
        raw = await request.body()
        form = _json(raw) if "json" in request.headers.get("content-type", "") else _form(raw)
        with state.lock:
            return JSONResponse(state.access.issue(form, state.now()))

    return endpoint


def _form(raw: bytes) -> dict[str, Any]:
    return {name: values[-1] for name, values in parse_qs(raw.decode("utf-8", "replace")).items()}


def _json(raw: bytes) -> dict[str, Any]:
    """Return the JSON object of a body; an empty one for an empty body.

    Raises:
        ApiError: 400, no JSON object.
    """
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        raise ApiError(400, {"error": "Unprocessable JSON", "description": "The body is not valid JSON"}) from None
    if not isinstance(body, dict):
        raise ApiError(400, {"error": "Unprocessable JSON", "description": "The body is not an object"})
    return body


def _content(state: HelpdeskState) -> Any:
    """Return the content of an attachment, which anybody with its token may read."""

    async def endpoint(request: Request) -> Response:
        wanted, token = request.path_params["attachment_id"], request.path_params["token"]
        with state.lock:
            for one in state.files():
                if one["id"] == wanted and hmac.compare_digest(attachment_token(state, one), token):
                    content = base64.b64decode(one.get("content_base64") or "")
                    return Response(content, media_type=one["content_type"])
        raise ApiError(404, None)  # an empty body, as recorded once

    return endpoint


def _route(state: HelpdeskState, endpoint: Endpoint) -> Route:
    async def serve(request: Request) -> Response:
        raw = await request.body()
        with state.lock:
            reply, headers = _serve(state, endpoint, request, raw)
        headers |= reply.headers
        if isinstance(reply.body, bytes):
            return Response(reply.body, reply.status, headers, reply.content_type)
        return answer(reply.status, reply.body, headers)

    return Route(f"/api/v2/{endpoint.path}", serve, methods=[endpoint.method])


def _serve(state: HelpdeskState, endpoint: Endpoint, request: Request, raw: bytes) -> tuple[Reply, dict[str, str]]:
    """Check the caller and its rights, then call the handler; return its reply and the endpoint's own header."""
    background.settle(state)
    client = _client(state, endpoint, request)
    headers: dict[str, str] = {}
    for name, by in endpoint.limits.items():
        headers |= state.limits.spend(name, state.now(), key=str(request.path_params.get(by, "")))
    call = Call(
        state=state,
        client=client,
        path=request.url.path,
        params=request.path_params,
        query=request.query_params,
        body={} if endpoint.binary else _json(raw),
        raw=raw,
        headers={name.lower(): value for name, value in request.headers.items()},
    )
    return endpoint.handle(call), headers


def _client(state: HelpdeskState, endpoint: Endpoint, request: Request) -> Client | None:
    """Return the calling client.

    Raises:
        ApiError: 401 or 403.
    """
    authorization = request.headers.get("authorization", "")
    if endpoint.anonymous and not authorization:
        return None
    token: Token = state.access.token(authorization, state.now())
    right = "read" if endpoint.method == "GET" else "write"
    token.check(endpoint.scope, right)
    client = token.client
    if client.role != "admin" and (endpoint.admin or (endpoint.deletes and not client.may_delete)):
        raise forbidden()
    return client
