"""Serve the listener: on a port of its own, by TLS where a certificate is configured for that."""

from __future__ import annotations

import os
import ssl
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from deployments.inbound.listener import make_listener
from deployments.server_bounds import bounded_config
from rightsflow.cases.app import App
from rightsflow.config.environment import Environment
from rightsflow.config.secret_references import SecretRef
from rightsflow.domain.errors import Misconfigured

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
            uvicorn.Server(config).run()
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
