"""``python -m deployments.front``: Prefect's API server and UI behind the guard, instead of ``prefect server start``.

``PREFECT_SERVER_API_AUTH_STRING`` holds the secret, ``RIGHTSFLOW_SERVER_ADDRESSES`` the addresses of the server, with
spaces between them; without the latter, it answers to those of this machine.
"""

from __future__ import annotations

import argparse
import os
import sys

import uvicorn
from prefect.settings import get_current_settings

from deployments.front.addresses import Addresses, own_addresses
from deployments.front.guard import Guard
from deployments.front.typed import Typed
from deployments.worker.internals.around import server_application
from rightsflow.domain.errors import Misconfigured, RightsflowError


def main() -> int:
    """Serve until a signal ends it; returns the exit status."""
    options = _options()
    try:
        given = os.environ.get("RIGHTSFLOW_SERVER_ADDRESSES", "").split()
        addresses = Addresses.of(given or own_addresses(options.port))
        _demand_secret()
    except RightsflowError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    settings = get_current_settings().server
    # The server calls itself through the application, not through the guard, which is for what comes over the network.
    uvicorn.run(
        Guard(Typed(server_application(webserver_only=options.no_services)), addresses),
        host=options.host,
        port=options.port,
        timeout_keep_alive=settings.api.keepalive_timeout,
        ws_ping_interval=settings.api.websocket_ping_interval,
        ws_ping_timeout=settings.api.websocket_ping_timeout,
        log_level=settings.logging_level.lower(),
    )
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deployments.front", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=4200, help="the port to listen on")
    parser.add_argument("--no-services", action="store_true", help="API and UI only, as beside services of their own")
    return parser.parse_args()


def _demand_secret() -> None:
    """Start no server that asks no one for a secret."""
    secret = get_current_settings().server.api.auth_string
    if secret is None or not secret.get_secret_value():
        raise Misconfigured("The server has no secret; set PREFECT_SERVER_API_AUTH_STRING, like officer:LONGSECRET.")


if __name__ == "__main__":
    sys.exit(main())
