"""Let people enter in Prefect's UI what our forms ask for, and nothing besides that Prefect would keep for long.

A run's name and tags, the message of a state, a label or an idempotency key go into Prefect's events, which no call
removes. What a form does not need is taken out of a request or refused before Prefect reads it. That is for browsers,
which say where a request comes from; programs have the secret, and write what our code writes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

Rewrite = Callable[[dict[str, object]], dict[str, object] | None]
"""What of a body goes on to Prefect; ``None`` if the request is refused."""

_REFUSED: Final = "This is not entered in the UI; use the forms of the deployments, or the command rightsflow."
_TOO_LARGE: Final = "The form is larger than 1 MB; enter less."
_NOT_READ: Final = "The body is no JSON object; send one."
_LARGEST_BYTES: Final = 1024 * 1024
_STATES: Final = frozenset(
    {"Scheduled", "AwaitingRetry", "Paused", "Suspended", "Cancelling", "Cancelled", "Completed", "Failed", "Crashed"}
)
"""Names of states that may be set by hand: Prefect's own."""


def _as_it_is(body: dict[str, object]) -> dict[str, object]:
    return body


def _of_a_run(body: dict[str, object]) -> dict[str, object]:
    """The fields of the form and the time of the run; name and tags come from us, and the form is checked."""
    kept: dict[str, object] = {"parameters": _object(body.get("parameters"))}
    if body.get("state"):
        kept["state"] = _state({"type": "SCHEDULED", "state_details": _object(body["state"]).get("state_details")})
    return kept


def _of_a_state(body: dict[str, object]) -> dict[str, object]:
    return body | {"state": _state(_object(body.get("state")))}


def _state(state: dict[str, object]) -> dict[str, object]:
    """A state without a message, data and a name of one's own."""
    details = _object(state.get("state_details"))
    kept = {"type": state.get("type"), "state_details": {"scheduled_time": details.get("scheduled_time")}}
    return kept | ({"name": state["name"]} if state.get("name") in _STATES else {})


def _switches(body: dict[str, object]) -> dict[str, object] | None:
    """Switches and numbers; texts of deployments, schedules and pools come from us."""
    return body if all(value is None or isinstance(value, bool | int | float) for value in body.values()) else None


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


_ONE: Final = "[^/]+"
_READING: Final = re.compile(
    r"/api/(.+/)?(filter|paginate|count|counts|history|lateness|validate|concurrency_status|get_runs"
    rf"|count-deployments|next-runs|count-task-runs|count-by/{_ONE})/?"
)
"""The calls by POST that only read."""
_RULES: Final[tuple[tuple[str, re.Pattern[str], Rewrite], ...]] = tuple(
    (method, re.compile(f"/api/{path}/?"), rewrite)
    for method, path, rewrite in (
        ("POST", f"deployments/{_ONE}/create_flow_run", _of_a_run),
        ("POST", f"(flow_runs|task_runs)/{_ONE}/set_state", _of_a_state),
        ("POST", "flow_runs/bulk_set_state", _of_a_state),
        # The answer at a gate: read and removed by the flow.
        ("POST", f"flow_runs/{_ONE}/resume", _as_it_is),
        ("POST", f"deployments/{_ONE}/(resume|pause)_deployment", _as_it_is),
        ("POST", "(flows|flow_runs|deployments)/bulk_delete", _as_it_is),
        ("PATCH", f"deployments/{_ONE}(/schedules/{_ONE})?", _switches),
        ("PATCH", f"work_pools/{_ONE}(/queues/{_ONE})?", _switches),
        ("PATCH", f"work_queues/{_ONE}", _switches),
        ("PATCH", f"v2/concurrency_limits/{_ONE}", _switches),
        # Administration: who is notified, and secrets by reference. It is about no run.
        ("POST", "(automations|block_documents|block_types|block_schemas)(/.*)?", _as_it_is),
        ("PUT", "automations/.*", _as_it_is),
        ("PATCH", "(automations|block_documents|block_types)/.*", _as_it_is),
        ("DELETE", ".*", _as_it_is),
    )
)
_LISTENING: Final = frozenset({"/api/events/out", "/api/logs/out"})
"""The WebSockets by which a page is told of something."""


def is_reading(method: str, path: str) -> bool:
    """Whether a request changes nothing.

    Args:
        method: The HTTP method.
        path: The path, decoded.
    """
    return method in {"GET", "HEAD", "OPTIONS"} or (method == "POST" and _READING.fullmatch(path) is not None)


def rule_of(method: str, path: str) -> Rewrite | None:
    """What becomes of the body of a request from a browser; ``None`` if the request is refused.

    Args:
        method: The HTTP method.
        path: The path, decoded.
    """
    if is_reading(method, path):
        return _as_it_is
    return next((rewrite for of, pattern, rewrite in _RULES if of == method and pattern.fullmatch(path)), None)


class Typed:
    """An ASGI middleware around Prefect's whole application.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, without what is not to be entered, or refuse it."""
        if scope["type"] == "lifespan" or not is_from_a_browser(Headers(scope=scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            app = self._app if scope["path"] in _LISTENING else WebSocketClose(code=1008, reason="refused")
            await app(scope, receive, send)
        else:
            await self._pass_on(scope, receive, send)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        rewrite = rule_of(scope["method"], scope["path"])
        if rewrite is None:
            await JSONResponse({"detail": _REFUSED}, 403)(scope, receive, send)
            return
        if rewrite is _as_it_is:
            await self._app(scope, receive, send)
            return
        sent = await _body(Request(scope, receive))
        if isinstance(sent, str):
            await JSONResponse({"detail": sent}, 413 if sent is _TOO_LARGE else 422)(scope, receive, send)
            return
        kept = rewrite(sent)
        if kept is None:
            await JSONResponse({"detail": _REFUSED}, 403)(scope, receive, send)
            return
        data = json.dumps(kept).encode()
        await self._app(_with_length(scope, len(data)), _then(data, receive), send)


def is_from_a_browser(headers: Headers) -> bool:
    """Whether a request is a browser's, which says where it comes from.

    Args:
        headers: The request's.
    """
    return "origin" in headers or "sec-fetch-site" in headers


async def _body(request: Request) -> dict[str, object] | str:
    """The object that was sent, or why it cannot be read."""
    data = b""
    async for piece in request.stream():
        data += piece
        if len(data) > _LARGEST_BYTES:
            return _TOO_LARGE
    try:
        read = json.loads(data)
    except ValueError:
        return _NOT_READ
    return read if isinstance(read, dict) else _NOT_READ


def _with_length(scope: Scope, length: int) -> Scope:
    changed = {**scope, "headers": list(scope["headers"])}
    headers = MutableHeaders(scope=changed)
    del headers["transfer-encoding"]
    headers["content-length"] = str(length)
    return changed


def _then(data: bytes, receive: Receive) -> Receive:
    """Hands the body over once, and then what else comes from the connection."""
    waiting = [data]

    async def receive_once() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return receive_once
