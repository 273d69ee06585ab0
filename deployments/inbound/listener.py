"""The listener: what others send to us, one application for all of it, served on a port of its own.

Orders of controllers and callbacks of processors come over OpenDSR 2.0, requests of authorised agents over the Data
Rights Protocol 1.0, each below a path of its own. It writes to the case store only, and knows nothing of Prefect.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp

from deployments.inbound.agents_interface import agent_routes, drp_fault
from deployments.inbound.orders_interface import fault, order_routes
from deployments.renewal import note_part
from deployments.server_bounds import bounded_config
from rightsflow.cases.app import App
from rightsflow.config.environment import Environment
from rightsflow.config.secret_references import SecretRef
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.running_parts import LISTENER


def make_listener(app: App, steady: Callable[[], float] = monotonic) -> Starlette:
    """Return the application.

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


_MOST_AT_ONCE: Final = 64


def serve_inbound(app: App, host: str, port: int) -> None:
    """Answer until the process is stopped.

    Args:
        app: What it works with.
        host: The address of this machine.
        port: The port.

    Raises:
        Misconfigured: Nothing is taken, something of a section cannot be used, or the port is taken.
    """
    listener = make_listener(app)
    try:
        config = server_config(listener, host, port, _tls(app))
    except (OSError, ValueError):
        raise Misconfigured(
            "The certificate of the listener cannot be served; check it and its key in [inbound]."
        ) from None
    with suppress(KeyboardInterrupt):
        try:
            bound = config.bind_socket()
            # Noted once it holds its port: one that cannot listen has changed nothing.
            note_part(app, LISTENER)
            uvicorn.Server(config).run(sockets=[bound])
        except SystemExit:
            raise Misconfigured(f"Nothing can be served at {host}:{port}; free the port, or give --port.") from None


def server_config(listener: ASGIApp, host: str, port: int, tls: ssl.SSLContext | None) -> uvicorn.Config:
    """Return the server's configuration, which limits the time, connections and memory that a sender can use.

    Args:
        listener: The application.
        host: The address of this machine.
        port: The port.
        tls: The certificate and its key; ``None`` without TLS.
    """
    return bounded_config(
        listener,
        at_once=_MOST_AT_ONCE,
        proxies=Environment().proxies.split(),
        tls=tls,
        host=host,
        port=port,
        ws="none",
        log_level="warning",
        lifespan="off",
        server_header=False,
        timeout_keep_alive=10,
        h11_max_incomplete_event_size=16 * 1024,
    )


def _tls(app: App) -> ssl.SSLContext | None:
    """Load the certificate and its key, which is in a file only while it is read."""
    certificate, key = _certificate(app)
    if key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        keyfile = Path(folder) / "key.pem"
        with os.fdopen(os.open(keyfile, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as opened:
            opened.write(key.reveal())
        context.load_cert_chain(certificate, keyfile)
    return context


def _certificate(app: App) -> tuple[str, SecretRef | None]:
    """Return the certificate for the whole listener: that of the section about orders, if there is one."""
    inbound = app.settings.inbound
    if inbound.opendsr:
        return inbound.opendsr.certificate, inbound.opendsr.key if inbound.opendsr.serves_tls else None
    return (inbound.drp.certificate, inbound.drp.key) if inbound.drp else ("", None)
