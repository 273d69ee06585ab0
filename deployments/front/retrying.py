"""Ask Prefect's server again where its database was busy, so that a person's second click is answered.

With SQLite one writer waits for another, and Prefect answers 503 when that takes too long, or when the database was
written meanwhile. Nothing was done then: the transaction was rolled back. Prefect's own client asks again; its pages do
not, and tell the person that it failed. So what a browser sends is asked again here, a few times, before that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
