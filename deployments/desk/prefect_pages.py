"""Prefect's pages and API behind the desk's sign-in: who is signed in needs no other secret, no one else gets in.

A person's browser has the desk's session; what it asks of Prefect is passed on with the server's secret, which no page
ever sees. Programs have that secret themselves, and go on as before: Prefect checks it. A browser that has only the
secret is not let in, since no one would know who sits there.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.desk.application import SIGN_IN
from deployments.desk.protection import SESSION
from deployments.front.form_inputs import is_from_a_browser, is_reading
from deployments.front.guard import PROBES
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.roles import Permission
from rightsflow.signin.session_door import SignedIn

_UI_SETTINGS: Final = "/ui-settings"
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
        self._known = known
        self._credential = b"Basic " + base64.b64encode(secret.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        # Prefect asks those who open a WebSocket for the secret itself; its pages open none.
        if scope["type"] != "http" or _is_a_programs(scope):
            await self._app(scope, receive, send)
            return
        try:
            signed_in = await run_in_threadpool(self._known, _session(scope))
        except RightsflowError as error:
            await PlainTextResponse(str(error), 503)(scope, receive, send)
            return
        refused = _refusal(scope, signed_in)
        if refused is not None:
            refused.headers["Cache-Control"] = "no-store"
            await refused(scope, receive, send)
            return
        passed = {**scope, "headers": list(scope["headers"])}
        MutableHeaders(scope=passed)["authorization"] = self._credential.decode()
        if scope["path"] == _UI_SETTINGS:
            del MutableHeaders(scope=passed)["accept-encoding"]
            send = _without_sign_in(send)
        await self._app(passed, receive, send)


def _is_a_programs(scope: Scope) -> bool:
    """Whether it is a health check, or comes with the secret from something that is no browser."""
    headers = Headers(scope=scope)
    if scope["path"] in PROBES and scope["method"] in {"GET", "HEAD"}:
        return True
    return not is_from_a_browser(headers) and "authorization" in headers


def _session(scope: Scope) -> str:
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load("; ".join(Headers(scope=scope).getlist("cookie")))
    except CookieError:
        return ""
    return cookies[SESSION].value if SESSION in cookies else ""


def _refusal(scope: Scope, signed_in: SignedIn | None) -> Response | None:
    method, path = scope["method"], scope["path"]
    if signed_in is None:
        is_page = (
            method == "GET" and not path.startswith(_API) and "text/html" in Headers(scope=scope).get("accept", "")
        )
        if is_page:
            return RedirectResponse(f"{SIGN_IN}?next={quote(path)}", 303)
        return JSONResponse({"detail": "Sign in at the desk first; programs send the server's secret."}, 401)
    needs = Permission.SEE_PREFECT if is_reading(method, path) else Permission.STEER_PREFECT
    if needs in signed_in.member.permissions:
        return None
    return JSONResponse({"detail": "Your role does not include this; look at the case at the desk."}, 403)


def _without_sign_in(send: Send) -> Send:
    """Let Prefect's pages know that no one has to sign in a second time."""
    body: list[bytes] = []
    start: list[Message] = []

    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.append(message)
            return
        body.append(message.get("body", b""))
        if message.get("more_body"):
            return
        data = _open(b"".join(body))
        MutableHeaders(scope=start[0])["content-length"] = str(len(data))
        await send(start[0])
        await send({"type": "http.response.body", "body": data})

    return wrapped


def _open(data: bytes) -> bytes:
    try:
        settings = json.loads(data)
    except ValueError:
        return data
    return json.dumps(settings | {"auth": None}).encode() if isinstance(settings, dict) else data
