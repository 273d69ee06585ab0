"""Serve the listener: on a port of its own, by TLS where a certificate is configured for that."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import uvicorn

from deployments.inbound.listener import make_listener
from rightsflow.cases.app import App
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
    with TemporaryDirectory() as folder:
        config = uvicorn.Config(
            listener,
            host=host,
            port=port,
            access_log=False,
            log_level="warning",
            lifespan="off",
            server_header=False,
            limit_concurrency=_MOST_AT_ONCE,
            timeout_keep_alive=10,
            h11_max_incomplete_event_size=16 * 1024,
            **_tls(app, Path(folder)),
        )
        try:
            config.load()
        except (OSError, ValueError):
            raise Misconfigured(
                "The certificate of the listener cannot be served; check it and its key in [inbound]."
            ) from None
    with suppress(KeyboardInterrupt):
        try:
            uvicorn.Server(config).run()
        except SystemExit:
            raise Misconfigured(f"Nothing can be served at {host}:{port}; free the port, or give --port.") from None


def _tls(app: App, folder: Path) -> dict[str, Any]:
    """The options for TLS; the key lies in a file for as long as it is being read."""
    certificate, key = _certificate(app)
    if key is None:
        return {}
    keyfile = folder / "key.pem"
    with os.fdopen(os.open(keyfile, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as opened:
        opened.write(key.reveal())
    return {"ssl_certfile": certificate, "ssl_keyfile": str(keyfile)}


def _certificate(app: App) -> tuple[str, SecretRef | None]:
    """One certificate for all that is served: that of the section about orders, where there is one."""
    inbound = app.settings.inbound
    if inbound.opendsr:
        return inbound.opendsr.certificate, inbound.opendsr.key if inbound.opendsr.serves_tls else None
    return (inbound.drp.certificate, inbound.drp.key) if inbound.drp else ("", None)
