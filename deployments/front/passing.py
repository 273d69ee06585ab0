"""Pass on to Prefect what the table lists, for people, made anew of what was checked; once more where it was busy.

It judges everyone with a session at the desk, with or without ``Origin``, and browsers that come with the server's
secret where there is no desk. Programs with the secret do not come here.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from deployments.front.allowed_calls import Call, CallGroup, emptied, table, whole_answer
from deployments.front.body_checks import (
    NotListed,
    Record,
    checked,
    decided_elsewhere,
    why_not_changed,
    why_not_started,
)
from deployments.front.guard import is_from_a_browser
from rightsflow.domain.accounts import Permission

Pause = Callable[[float], Awaitable[None]]

OF_A_PERSON: Final = "rightsflow.of_a_person"
"""Set in the scope of a request that a person's page sent, and no program."""

_PAUSES: Final = (0.2, 0.5, 1.0, 2.0)
_LAST_PAUSE: Final = 4.0
"""Seconds before each further time."""
_BUSY: Final = 503
_LARGEST_BYTES: Final = 1024 * 1024
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Retrying:
    """An ASGI middleware around Prefect's application, inside of what checks the requests.

    Args:
        app: The application.
        pause: Waits for some seconds.
    """

    def __init__(self, app: ASGIApp, pause: Pause = asyncio.sleep) -> None:
        self._app = app
        self._pause = pause
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and again where the database was busy."""
        if scope["type"] != "http" or scope["method"] not in _WITH_BODY or OF_A_PERSON not in scope:
            await self._app(scope, receive, send)
            return
        came, is_whole = await _received(receive)
        if not is_whole:
            await self._app(scope, _replayed(came, receive), send)
            return
        if not await self._was_busy(scope, _replayed(came, receive), send):
            return
        # One after the other: they would only be in each other's way again.
        async with self._turn:
            for pause in _PAUSES:
                await self._pause(pause)
                if not await self._was_busy(scope, _replayed(came, receive), send):
                    return
            await self._pause(_LAST_PAUSE)
            await self._app(scope, _replayed(came, receive), send)

    async def _was_busy(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Pass a request on once; its answer goes out unless it says that the database was busy."""
        answer = _Answer(send)
        try:
            await self._app({**scope}, receive, answer)
        except Exception:
            # Prefect's application answers a fault, and raises it all the same for the server's log.
            if not answer.was_busy:
                raise
        return answer.was_busy


async def _received(receive: Receive) -> tuple[list[Message], bool]:
    """Return the messages of a request, and True if they are complete; of a large request only a part is stored."""
    came: list[Message] = []
    size = 0
    while True:
        message = await receive()
        came.append(message)
        size += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return came, message["type"] == "http.request"
        if size > _LARGEST_BYTES:
            return came, False


def _replayed(came: list[Message], receive: Receive) -> Receive:
    left = list(came)

    async def again() -> Message:
        return left.pop(0) if left else await receive()

    return again


class _Answer:
    """Passes an answer on, but for one that says that the database was busy.

    Args:
        send: Where it goes.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self.was_busy = False

    async def __call__(self, message: Message) -> None:
        """Take a part of the answer."""
        if message["type"] == "http.response.start":
            self.was_busy = message["status"] == _BUSY
        if not self.was_busy:
            await self._send(message)


NOT_LISTED: Final = "People may not call this; programs call it with the server's secret."
NOT_YOURS: Final = "Your role does not include this; look at the case at the desk."
_TOO_LARGE: Final = "The body is larger than 1 MB; send less."
_NOT_READ: Final = "The body is no JSON object; send one."
_HELD_BY_THE_SECRET: Final = frozenset({Permission.SEE_PREFECT, Permission.STEER_PREFECT})


@dataclass(frozen=True, slots=True)
class Caller:
    """A person who calls.

    Args:
        permissions: What the person may do.
        credential: The header ``Authorization`` by which Prefect lets the call in; empty for none.
        has_desk: Whether the person came by the desk.
    """

    permissions: frozenset[Permission]
    credential: str
    has_desk: bool


class _Refusal(Exception):
    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


class BrowserCalls:
    """An ASGI middleware around Prefect's application where there is no desk: it judges browsers, and no programs.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._passing = ListedCalls(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan" or not is_from_a_browser(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        credential = Headers(scope=scope).get("authorization", "")
        await self._passing(scope, receive, send, Caller(_HELD_BY_THE_SECRET, credential, has_desk=False))


class ListedCalls:
    """Passes on what the table lists.

    Args:
        app: Prefect's application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        """Pass a person's request on, or refuse it.

        Args:
            scope: The request.
            receive: Gives its body.
            send: Takes the answer.
            caller: The person.
        """
        if scope["type"] != "http":
            await WebSocketClose(code=1008, reason="refused")(scope, receive, send)
            return
        try:
            call = _listed(scope, caller)
            await self._refuse_decisions(call, scope, caller)
            body = await self._body(call, scope, receive, caller)
            passed = _anew(scope, call, caller, body)
        except _Refusal as refusal:
            await JSONResponse({"detail": refusal.detail}, refusal.status, _NO_STORE)(scope, receive, send)
            return
        if call.is_empty:
            await JSONResponse({}, headers=_NO_STORE)(scope, receive, send)
            return
        if not call.is_page or scope["path"] == UI_SETTINGS:
            send = whole_answer(send, lambda data: emptied(data, table().hidden, without_sign_in=caller.has_desk))
        await self._app(passed, _once(body, receive), send)

    async def _refuse_decisions(self, call: Call, scope: Scope, caller: Caller) -> None:
        if call.group is CallGroup.ELSEWHERE:
            ask, of = self._ask(scope, caller), _first_part(call, scope)
            raise _Refusal(403, await decided_elsewhere(ask, of, has_desk=caller.has_desk))

    async def _body(self, call: Call, scope: Scope, receive: Receive, caller: Caller) -> bytes:
        """Return the body as it is passed on; the body of a GET is not read."""
        if call.method == "GET":
            return b""
        sent = await _sent(Request(scope, receive))
        try:
            kept = checked(sent, call.body)
        except NotListed as error:
            raise _Refusal(403, str(error)) from None
        if why := await self._why_not(call, scope, kept, caller):
            raise _Refusal(403, why)
        return json.dumps(kept).encode()

    async def _why_not(self, call: Call, scope: Scope, kept: dict[str, object], caller: Caller) -> str:
        ask, of = self._ask(scope, caller), _first_part(call, scope)
        if "parameters" in call.body:
            parameters = kept.setdefault("parameters", {})
            return await why_not_started(ask, of, _record(parameters))
        if "change" in call.body.values():
            return await why_not_changed(ask, of, _record(kept.get("state")))
        return ""

    def _ask(self, scope: Scope, caller: Caller) -> _Asking:
        return _Asking(self._app, scope, caller.credential)


@dataclass(frozen=True, slots=True)
class _Asking:
    """Reads from Prefect's application in this process."""

    app: ASGIApp
    scope: Scope
    credential: str

    async def __call__(self, path: str) -> Record:
        got: list[Message] = []

        async def send(message: Message) -> None:
            got.append(message)

        host = Headers(scope=self.scope).get("host", "")
        headers = [(b"host", host.encode()), (b"authorization", self.credential.encode())]
        await self.app(_http(self.scope, "GET", path, b"", headers), _once(b"", _never), send)
        data = b"".join(message.get("body", b"") for message in got)
        if not got or got[0].get("status") != 200:
            return {}
        return _record(json.loads(data))


UI_SETTINGS: Final = "/ui-settings"
"""Prefect's own page that says how one signs in."""
_NO_STORE: Final = {"Cache-Control": "no-store"}


def _listed(scope: Scope, caller: Caller) -> Call:
    call = table().find(scope["method"], scope["path"])
    if call is None:
        raise _Refusal(403, NOT_LISTED)
    if call.group.permission not in caller.permissions:
        raise _Refusal(403, NOT_YOURS)
    return call


async def _sent(request: Request) -> dict[str, object]:
    data = b""
    async for piece in request.stream():
        data += piece
        if len(data) > _LARGEST_BYTES:
            raise _Refusal(413, _TOO_LARGE)
    try:
        # Pages that ask for everything may send no body at all.
        read = json.loads(data or b"{}")
    except (ValueError, RecursionError):
        raise _Refusal(422, _NOT_READ) from None
    if not isinstance(read, dict):
        raise _Refusal(422, _NOT_READ)
    return read


def _anew(scope: Scope, call: Call, caller: Caller, body: bytes) -> Scope:
    """Return the request as Prefect receives it."""
    given = Headers(scope=scope)
    kept = table().headers | ({"accept-encoding"} if _is_file(call, scope) else frozenset())
    headers = [(name.encode(), given[name].encode("latin-1")) for name in sorted(kept) if name in given]
    headers.append((b"content-length", str(len(body)).encode()))
    if caller.credential:
        headers.append((b"authorization", caller.credential.encode("latin-1")))
    return {**_http(scope, scope["method"], scope["path"], _query(scope, call), headers), OF_A_PERSON: True}


def _is_file(call: Call, scope: Scope) -> bool:
    return call.is_page and scope["path"] != UI_SETTINGS


def _query(scope: Scope, call: Call) -> bytes:
    """Return the query as it is passed on; a page has one for its script alone."""
    if call.is_page:
        return b""
    pairs = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    try:
        kept = checked(dict(pairs), call.query)
    except NotListed as error:
        raise _Refusal(403, str(error)) from None
    return urlencode({name: str(value) for name, value in kept.items()}).encode()


def _http(scope: Scope, method: str, path: str, query: bytes, headers: list[tuple[bytes, bytes]]) -> Scope:
    wanted = {"type": "http", "method": method, "path": path, "raw_path": quote(path).encode(), "headers": headers}
    kept = {name: scope[name] for name in _OF_THE_CONNECTION if name in scope}
    return {**kept, **wanted, "query_string": query}


_OF_THE_CONNECTION: Final = ("asgi", "http_version", "scheme", "server", "client", "root_path", "state", "extensions")


def _once(body: bytes, receive: Receive) -> Receive:
    """Hands the body over once; then nothing else comes but the end of the connection."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_once() -> Message:
        if left:
            return left.pop()
        while (message := await receive())["type"] != "http.disconnect":
            # What a call without a body has all the same.
            continue
        return message

    return receive_once


async def _never() -> Message:
    await asyncio.Event().wait()
    return {"type": "http.disconnect"}


def _first_part(call: Call, scope: Scope) -> str:
    found = call.pattern.fullmatch(scope["path"])
    return str(found[1]) if found and found.groups() else ""


def _record(value: object) -> Record:
    return value if isinstance(value, dict) else {}
