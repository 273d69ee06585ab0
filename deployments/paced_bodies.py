"""The time that the body of a request may take: a slow sender has a budget, and a fast one sends any size."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rightsflow.domain.circuit_breaker import TimeBudget

BODY_SECONDS: Final = 20.0


class PacedBodies:
    """An ASGI middleware: a body that comes too slowly ends for the application as if its sender had gone away.

    Args:
        app: The application.
        seconds: How long a body may keep us waiting; what comes at 16 KiB a second or faster does not count.
        clock: Gives seconds that only grow.
    """

    def __init__(self, app: ASGIApp, seconds: float = BODY_SECONDS, clock: Callable[[], float] = monotonic) -> None:
        self._app, self._seconds, self._clock = app, seconds, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        await self._app(scope, self._paced(receive) if scope["type"] == "http" else receive, send)

    def _paced(self, receive: Receive) -> Receive:
        budget, is_whole = TimeBudget(self._seconds), False

        async def paced() -> Message:
            nonlocal is_whole
            if is_whole:
                # What is waited for now is that the other side goes away.
                return await receive()
            began = self._clock()
            try:
                async with asyncio.timeout(budget.left):
                    message = await receive()
            except TimeoutError:
                return {"type": "http.disconnect"}
            budget.spend(self._clock() - began, len(message.get("body", b"")))
            is_whole = not message.get("more_body", False)
            return message

        return paced
