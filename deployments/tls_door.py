"""TLS with bounds: a handshake that does not end is counted to its address and ended, and so is a close.

asyncio gives a handshake a minute, and tells a server of a connection only after it. So the connection is taken in
clear, counted, and encrypted by ``loop.start_tls``, which takes limits of time.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Any, ClassVar, Final

from uvicorn.config import Config
from uvicorn.protocols.utils import get_remote_addr
from uvicorn.server import ServerState

from deployments.paced_connections import TOO_MANY, PacedProtocol

logger = logging.getLogger(__name__)

_HANDSHAKE_SECONDS: Final = 10.0


class TlsDoor(asyncio.Protocol):
    """Takes a connection in clear, and hands it on encrypted."""

    inner: ClassVar[type[PacedProtocol]]
    context: ClassVar[ssl.SSLContext]
    handshake_seconds: ClassVar[float] = _HANDSHAKE_SECONDS

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._loop = _loop or asyncio.get_running_loop()
        self._inner = self.inner(config, server_state, app_state, self._loop)
        self._early = bytearray()
        self._is_lost = False
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin the handshake, unless the address has too many connections."""
        client = get_remote_addr(transport)
        address = client[0] if client else ""
        doors = self._inner.bounds.doors
        if not doors.enter(address):
            logger.warning(TOO_MANY, doors.each)
            transport.abort()
            return
        self._task = self._loop.create_task(self._encrypt(transport, address))

    def data_received(self, data: bytes) -> None:
        """Keep what comes with the end of the handshake."""
        self._early += data

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        """Note that nothing is to be handed on."""
        self._is_lost = True

    async def _encrypt(self, raw: asyncio.Transport, address: str) -> None:
        encrypted: asyncio.Transport | None = None
        try:
            encrypted = await self._loop.start_tls(
                raw,
                self,
                self.context,
                server_side=True,
                ssl_handshake_timeout=self.handshake_seconds,
                ssl_shutdown_timeout=self._inner.bounds.close_seconds,
            )
        except OSError:
            # Also a handshake that failed, or did not end in time.
            raw.abort()
        finally:
            self._inner.bounds.doors.leave(address)
        if encrypted is None or self._is_lost:
            return
        # From here on the protocol itself counts the connection.
        encrypted.set_protocol(self._inner)
        self._inner.connection_made(encrypted)
        if self._early and not encrypted.is_closing():
            self._inner.data_received(bytes(self._early))


def tls_door(within: type[PacedProtocol], by: ssl.SSLContext) -> type[TlsDoor]:
    """Return the protocol that speaks TLS before another one.

    Args:
        within: The protocol of what is encrypted.
        by: The certificate and its key.
    """

    class Door(TlsDoor):
        inner = within
        context = by

    return Door
