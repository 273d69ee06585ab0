"""The listener: what others send to us, one application for all of it, and nothing else on it.

Orders of controllers and callbacks of processors come over OpenDSR 2.0, requests of authorised agents over the Data
Rights Protocol 1.0, each below a path of its own. It writes to the case store only, and knows nothing of Prefect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router

from deployments.inbound.agents_interface import agent_routes, drp_fault
from deployments.inbound.order_answers import fault
from deployments.inbound.orders_interface import order_routes
from rightsflow.cases.app import App
from rightsflow.domain.errors import Misconfigured


def make_listener(app: App, steady: Callable[[], float] = monotonic) -> Starlette:
    """The application.

    Args:
        app: What it works with.
        steady: Gives seconds that only grow, by which calls are counted.

    Raises:
        Misconfigured: Nothing is taken, or a certificate, key or token cannot be used.
    """
    inbound, below = app.settings.inbound, dict[str, _Interface]()
    if inbound.opendsr:
        below[urlsplit(inbound.opendsr.base_url).path] = _Interface(order_routes(app, steady), fault)
    if inbound.drp:
        below[urlsplit(inbound.drp.base_url).path] = _Interface(agent_routes(app, steady), drp_fault)
    if not below:
        raise Misconfigured(
            "Nothing is taken from others: fill in [inbound.opendsr] for orders of controllers, or [inbound.drp] for "
            "requests of agents, in rightsflow.toml."
        )
    # The longest path first, since one may lie below another. No address is completed by a slash: what a redirection
    # names would be its caller's choice.
    paths = sorted(below, key=len, reverse=True)
    mounts = [Mount(path or "/", app=Router(below[path].routes, redirect_slashes=False)) for path in paths]

    async def unknown_address(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        said = next((below[path].fault for path in paths if request.url.path.startswith(f"{path}/")), fault)
        return JSONResponse(said(status, "There is no such address, or it takes no such call."), status)

    listener = Starlette(routes=mounts, exception_handlers={HTTPException: unknown_address})
    listener.router.redirect_slashes = False
    return listener


@dataclass(frozen=True, slots=True)
class _Interface:
    """The interface below one path.

    Args:
        routes: Its calls.
        fault: How it says what is wrong, by the HTTP status and a sentence.
    """

    routes: list[Route]
    fault: Callable[[int, str], dict[str, Any]]
