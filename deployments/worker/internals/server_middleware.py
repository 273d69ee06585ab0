"""What stands around each call of Prefect's server, without a task and two queues for each of it.

Prefect checks the secret, and fills in a missing content type, by functions that Starlette runs around the next
application in a task of its own, with the answer in a queue. They look at a request's headers alone and hand back the
answer as it is, so here they are called as they are, and what follows them answers by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

if TYPE_CHECKING:
    from fastapi import FastAPI

Dispatch = Callable[[Request, Callable[[Request], Awaitable[Response]]], Awaitable[Response]]

_PASSING: Final = frozenset({"default_content_type", "token_validation"})
"""Prefect's functions that look at the headers of a request and pass its answer on untouched."""


class _Answered(Response):
    """Stands for an answer that has gone out already."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Nothing more is sent."""


_ANSWERED: Final = _Answered()


class Passing:
    """An ASGI middleware that calls such a function and then what follows, each with the connection itself.

    Args:
        app: What follows.
        dispatch: The function; what it answers by itself goes out instead.
    """

    def __init__(self, app: ASGIApp, dispatch: Dispatch) -> None:
        self._app = app
        self._dispatch = dispatch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it as the function says."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def call_next(request: Request) -> Response:
            await self._app(request.scope, receive, send)
            return _ANSWERED

        answer = await self._dispatch(Request(scope, receive), call_next)
        await answer(scope, receive, send)


def pass_straight(application: FastAPI) -> bool:
    """Let Prefect's server call what is around its calls straight; returns whether all of it was as expected.

    Args:
        application: Prefect's API server with its UI, not yet called.
    """
    around = getattr(getattr(application, "api_app", None), "user_middleware", [])
    found = [at for at, one in enumerate(around) if one.cls is BaseHTTPMiddleware and _name(one) in _PASSING]
    for at in found:
        around[at] = Middleware(Passing, dispatch=around[at].kwargs["dispatch"])
    return {_name(around[at]) for at in found} == _PASSING


def _name(one: Middleware) -> str:
    return getattr(one.kwargs.get("dispatch"), "__name__", "")
