"""How a server of ours is served: time, connections, memory and lines of the log that a caller takes have bounds."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from deployments.callers import proxy_options
from deployments.paced_bodies import PacedBodies
from deployments.paced_connections import LOOPBACK, ConnectionBounds, Doors, paced_protocol
from deployments.repeated_lines import say_once
from deployments.tls_door import tls_door


def bounded_config(
    app: ASGIApp, *, at_once: int, proxies: Sequence[str] = (), tls: ssl.SSLContext | None = None, **options: Any
) -> uvicorn.Config:
    """Return uvicorn's configuration.

    Args:
        app: The application.
        at_once: How many connections there may be.
        proxies: The addresses and networks of reverse proxies, which are believed whom they name.
        tls: The certificate and its key; ``None`` without TLS.
        **options: What uvicorn is given besides.
    """
    say_once("uvicorn.error", "deployments.paced_connections", "deployments.tls_door")
    protocol = paced_protocol(ConnectionBounds(doors=Doors(uncounted=(*LOOPBACK, *proxies))))
    return uvicorn.Config(
        PacedBodies(app),
        http=tls_door(protocol, tls) if tls else protocol,
        limit_concurrency=at_once,
        # Addresses hold what lets people in: an invitation's token, and the code with which a provider sends back.
        access_log=False,
        **proxy_options(proxies),
        **options,
    )
