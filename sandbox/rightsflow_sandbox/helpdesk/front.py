"""Layer in front of the API: the log, ordered faults, ``.json`` at the end of a path, the account's rate limit."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rightsflow_sandbox.helpdesk.errors import ApiError
from rightsflow_sandbox.helpdesk.faults import Action, OrderedFault
from rightsflow_sandbox.helpdesk.journal import JournalEntry
from rightsflow_sandbox.helpdesk.routes_admin import PREFIX
from rightsflow_sandbox.helpdesk.state import HelpdeskState

_GLANCE = 0.01
"""Seconds between two looks at whether a held call was released."""


class Front:
    """The outermost part of the application."""

    def __init__(self, app: ASGIApp, state: HelpdeskState) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        entry = self._note(scope)
        path = scope["path"].removesuffix(".json")
        scope = {**scope, "path": path, "raw_path": path.encode()}
        fault = self._state.faults.take(scope["method"], path)
        if fault is not None and fault.action is Action.HOLD:
            await _hold(fault)
        await self._answer(scope, receive, send, entry, fault)

    def _note(self, scope: Scope) -> JournalEntry:
        headers = Headers(scope=scope)
        authorization = headers.get("authorization", "")
        entry = JournalEntry(
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("ascii", "replace"),
            authenticated=self._is_valid(authorization),
            idempotency_key=headers.get("idempotency-key", ""),
            leaked_authorization=bool(authorization) and self._is_elsewhere(headers.get("host", "")),
            request_id=secrets.token_hex(8),
        )
        self._state.journal.entries.append(entry)
        return entry

    def _is_valid(self, authorization: str) -> bool:
        try:
            self._state.access.token(authorization, self._state.now())
        except ApiError:
            return False
        return True

    def _is_elsewhere(self, host: str) -> bool:
        """Return whether a request was sent to the host of the attachments rather than the account's."""
        site = self._state.site
        content, account = urlsplit(site.content_url).netloc, urlsplit(site.account_url).netloc
        return content != account and host == content

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, entry: JournalEntry, fault: OrderedFault | None
    ) -> None:
        action = fault.action if fault is not None else None
        if action is Action.CUT:
            await _cut(scope)
            return
        extra = {"X-Request-Id": entry.request_id}
        try:
            extra |= self._admit(scope["path"], fault)
        except ApiError as refusal:
            entry.status = refusal.status
            await _say(scope, send, refusal, extra)
            return
        if action is Action.CUT_AFTER:
            await self._app(scope, receive, _swallow)
            await _cut(scope)
            return
        await self._app(scope, receive, _stamping(send, entry, extra))

    def _admit(self, path: str, fault: OrderedFault | None) -> dict[str, str]:
        """Count a call of the API and return the headers of its answer.

        Raises:
            ApiError: 429, or what the fault says.
        """
        headers = self._state.limits.spend_call(self._state.now()) if path.startswith("/api/") else {}
        if fault is not None and fault.action is Action.ANSWER:
            raise ApiError(fault.status, fault.body, headers | fault.answer_headers())
        return headers


def _stamping(send: Send, entry: JournalEntry, headers: Mapping[str, str]) -> Send:
    """Return a ``send`` that notes the status and adds headers."""

    async def stamped(message: Message) -> None:
        if message["type"] == "http.response.start":
            entry.status = message["status"]
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return stamped


async def _swallow(_: Message) -> None:
    """A ``send`` from which nothing reaches the client."""


async def _hold(fault: OrderedFault) -> None:
    """Wait until a test releases the call."""
    fault.waiting.set()
    while not fault.released.is_set():  # noqa: ASYNC110 - released from another thread
        await asyncio.sleep(_GLANCE)


async def _cut(scope: Scope) -> None:
    """Close the connection without an answer, and let the server notice before it tries to send one."""
    scope["state"]["transport"].abort()
    await _let_notice()


async def _let_notice() -> None:
    """Give the server a few turns to see that a connection is gone, so that it sends nothing more."""
    for _ in range(3):
        await asyncio.sleep(0)


async def _say(scope: Scope, send: Send, refusal: ApiError, extra: Mapping[str, str]) -> None:
    """Answer without the application: JSON, text, or nothing.

    Where the headers promise more bytes than the body has, the connection is closed after those there are.
    """
    body = refusal.body
    content = b"" if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
    kind = "text/plain" if isinstance(body, str) else "application/json; charset=utf-8"
    headers = {"content-length": str(len(content))} | ({"content-type": kind} if content else {})
    headers |= {name.lower(): value for name, value in {**extra, **refusal.headers}.items()}
    is_short = int(headers["content-length"]) > len(content)
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": refusal.status, "headers": raw})
    await send({"type": "http.response.body", "body": content, "more_body": is_short})
    if is_short:
        # Unlike a cut, closing lets the bytes out first.
        scope["state"]["transport"].close()
        await _let_notice()
