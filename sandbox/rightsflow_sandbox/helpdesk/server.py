"""Running the helpdesk: in a thread of a test, or as a process of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from rightsflow_sandbox.helpdesk.access import Client
from rightsflow_sandbox.helpdesk.app import build_app
from rightsflow_sandbox.helpdesk.state import HelpdeskState
from rightsflow_sandbox.helpdesk.values import Site

STARTS_WITHIN: Final = 20.0
"""Seconds after which a start has failed."""
_TWINS: Final = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}
"""Two names of this machine; to a client they are different hosts."""


class _Protocol(H11Protocol):
    """The protocol, with the connection in each request's state so that a fault can cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    """A server that reports when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def site_at(host: str, port: int) -> Site:
    """Return the helpdesk's addresses: attachments are under this machine's other name, if it has one."""
    return Site(account_url=f"http://{host}:{port}", content_url=f"http://{_TWINS.get(host, host)}:{port}")


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Args:
        host: A name or IPv4 address of this machine.
        port: The port, or 0 for a free one.

    Raises:
        OSError: The address is taken or not this machine's.
    """
    # The protocol is named because asyncio switches off the delay of small packets only where it is.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def server(state: HelpdeskState, *, admin: bool) -> _Server:
    """Return a server for one helpdesk; run it on a socket of :func:`listen`."""
    config = uvicorn.Config(
        build_app(state, admin=admin),
        http=_Protocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    return _Server(config)


@contextmanager
def running_helpdesk(
    state: HelpdeskState,
    *,
    client_id: str = "rightsflow",
    client_secret: str,
    client: Client | None = None,
    admin: bool = False,
) -> Iterator[str]:
    """Serve a helpdesk from a thread for as long as the block lasts.

    Args:
        state: The helpdesk; hold its ``lock`` to change it meanwhile.
        client_id: The OAuth client that may ask for tokens.
        client_secret: Its secret.
        client: A client with other rights than an administrator's, in place of these two.
        admin: Whether the sandbox's own switches are there.

    Yields:
        The base URL, ``http://127.0.0.1:<port>``, ready to be called.
    """
    state.access.register(client or Client(client_id=client_id, secret=client_secret))
    with listen("127.0.0.1", 0) as listener:
        state.site = site_at("127.0.0.1", cast("int", listener.getsockname()[1]))
        running = server(state, admin=admin)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            if not running.ready.wait(STARTS_WITHIN):
                raise TimeoutError("The helpdesk double did not start.")
            yield state.site.account_url
        finally:
            state.faults.clear()
            running.should_exit = True
            thread.join(STARTS_WITHIN)
