"""Prefect's pages and API behind the desk's sign-in: who is signed in needs no other secret, no one else gets in.

A person's browser has the desk's session; what it asks of Prefect is judged by the table of calls
(:mod:`deployments.front.passing`), whatever headers it has, and passed on with the server's secret, which no page ever
sees. Programs have that secret themselves, and go on as before: Prefect checks it. A browser that has only the secret
is not let in, since no one would know who sits there.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from deployments.desk.application import SIGN_IN
from deployments.desk.protection import SESSION
from deployments.front.guard import PROBES, is_from_a_browser
from deployments.front.passing import Caller, ListedCalls
from rightsflow.domain.errors import RightsflowError
from rightsflow.signin.sessions import SignedIn

_API: Final = "/api/"


class PrefectPages:
    """An ASGI middleware around Prefect's whole application.

    Args:
        app: The application.
        known: Says who is signed in by a session's token.
        secret: The server's own secret, ``NAME:PASSWORD``.
    """

    def __init__(self, app: ASGIApp, known: Callable[[str], SignedIn | None], secret: str) -> None:
        self._app = app
        self._passing = ListedCalls(app)
        self._known = known
        self._credential = f"Basic {base64.b64encode(secret.encode()).decode()}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan" or _is_a_programs(scope):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            # Prefect's pages need none.
            await WebSocketClose(code=1008, reason="refused")(scope, receive, send)
            return
        try:
            signed_in = await run_in_threadpool(self._known, _session(scope))
        except RightsflowError as error:
            await PlainTextResponse(str(error), 503)(scope, receive, send)
            return
        if signed_in is None:
            await _sign_in_first(scope)(scope, receive, send)
            return
        caller = Caller(signed_in.member.permissions, self._credential, has_desk=True)
        await self._passing(scope, receive, send, caller)


def _is_a_programs(scope: Scope) -> bool:
    """Return whether a request is a health check, or comes from a program that sends the secret.

    Prefect checks the secret: in the header, or in the first message of a WebSocket.
    """
    headers = Headers(scope=scope)
    if is_from_a_browser(headers):
        return scope["type"] == "http" and _is_probe(scope)
    if scope["type"] == "websocket":
        return not _session(scope)
    return _is_probe(scope) or "authorization" in headers


def _is_probe(scope: Scope) -> bool:
    return scope["path"] in PROBES and scope["method"] in {"GET", "HEAD"}


def _session(scope: Scope) -> str:
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load("; ".join(Headers(scope=scope).getlist("cookie")))
    except CookieError:
        return ""
    return cookies[SESSION].value if SESSION in cookies else ""


def _sign_in_first(scope: Scope) -> Response:
    path, accepts = scope["path"], Headers(scope=scope).get("accept", "")
    never_kept = {"Cache-Control": "no-store"}
    if scope["method"] == "GET" and not path.startswith(_API) and "text/html" in accepts:
        return RedirectResponse(f"{SIGN_IN}?next={quote(path)}", 303, never_kept)
    return JSONResponse({"detail": "Sign in at the desk first; programs send the server's secret."}, 401, never_kept)
