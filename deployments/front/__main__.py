"""``python -m deployments.front``: Prefect's API server and UI behind the guard, instead of ``prefect server start``.

``PREFECT_SERVER_API_AUTH_STRING`` holds the secret, ``RIGHTSFLOW_SERVER_ADDRESSES`` the addresses of the server, with
spaces between them; without the latter, it answers to those of this machine.
"""

from __future__ import annotations

import argparse
import gc
import os
import socket
import sys
from contextlib import suppress
from typing import Final

import uvicorn
from prefect.settings import get_current_settings
from starlette.types import ASGIApp

from deployments.front.guard import Guard
from deployments.front.passing import BrowserCalls, Retrying
from deployments.internals import server_application
from deployments.server_access import Access, Addresses, own_addresses
from deployments.server_bounds import bounded_config
from rightsflow.config.environment import Environment
from rightsflow.domain.errors import Misconfigured, RightsflowError

_MOST_AT_ONCE: Final = 512
_DID_NOT_START: Final = 3
"""The exit status that uvicorn uses itself, such as where another process has the port."""


def main() -> int:
    """Serve until a signal ends it; returns the exit status."""
    options = _options()
    try:
        given = os.environ.get("RIGHTSFLOW_SERVER_ADDRESSES", "").split()
        addresses = Addresses.of(given or own_addresses(options.port))
        secret = _demand_secret()
        # The server calls itself through the application, not through what is around it, which is for the network.
        prefect: ASGIApp = Retrying(server_application(webserver_only=options.no_services))
        app = _with_desk(prefect, secret, options.port, addresses) if options.desk else BrowserCalls(prefect)
    except RightsflowError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    settings = get_current_settings().server
    # What is loaded by now stays; to look through all of it cost half of the time of a page of thousands of records.
    gc.collect()
    gc.freeze()
    config = bounded_config(
        Guard(app, addresses),
        at_once=_MOST_AT_ONCE,
        proxies=Environment().proxies.split(),
        host=options.host,
        port=options.port,
        timeout_keep_alive=settings.api.keepalive_timeout,
        ws_ping_interval=settings.api.websocket_ping_interval,
        ws_ping_timeout=settings.api.websocket_ping_timeout,
        log_level=settings.logging_level.lower(),
    )
    server = uvicorn.Server(config)
    # Told by a terminal: it has ended in order by then.
    with suppress(KeyboardInterrupt):
        server.run(sockets=[socket.socket(fileno=options.listening)] if options.listening else None)
    return 0 if server.started else _DID_NOT_START


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deployments.front", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=4200, help="the port to listen on")
    parser.add_argument("--listening", type=int, help="the descriptor of a socket that listens there already")
    parser.add_argument("--no-services", action="store_true", help="API and UI only, as beside services of their own")
    parser.add_argument("--desk", action="store_true", help="serve the desk in front of Prefect's pages")
    return parser.parse_args()


def _with_desk(prefect: ASGIApp, secret: str, port: int, addresses: Addresses) -> ASGIApp:
    """Put the desk in front of Prefect; imported late, since a server without it needs neither pages nor case store."""
    from deployments.front.with_desk import Front  # noqa: PLC0415

    return Front(prefect, Access(f"http://127.0.0.1:{port}/api", secret), addresses)


def _demand_secret() -> str:
    """Start no server that asks no one for a secret."""
    secret = get_current_settings().server.api.auth_string
    if secret is None or not secret.get_secret_value():
        raise Misconfigured("The server has no secret; set PREFECT_SERVER_API_AUTH_STRING, like officer:LONGSECRET.")
    return secret.get_secret_value()


if __name__ == "__main__":
    sys.exit(main())
