"""Bounds of each connection to a server of ours: time for a request's head, for what is sent and for the end; number.

Without them a few connections that say nothing, or read nothing, hold up all others. Desk and listener have the same.
The body of a request has a budget of its own (:mod:`deployments.paced_bodies`), and a connection that is idle after an
answer has uvicorn's. Handed to uvicorn as its ``http`` class.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import ClassVar, Final, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from deployments.callers import counted_address

logger = logging.getLogger(__name__)

LOOPBACK: Final = ("127.0.0.0/8", "::1/128")
TOO_MANY: Final = "A connection was refused: its address has %d open; name a proxy of yours in RIGHTSFLOW_PROXIES."


class Doors:
    """How many connections each address has open.

    Args:
        each: The most that one may have.
        uncounted: The addresses and networks that may have any number, as proxies do.
    """

    def __init__(self, each: int = 32, uncounted: Sequence[str] = LOOPBACK) -> None:
        self.each = each
        self._uncounted = [ip_network(text, strict=False) for text in uncounted]
        self._open: Counter[str] = Counter()

    def enter(self, address: str) -> bool:
        """Count a connection; returns whether it is within what is allowed, and only then has it to leave.

        Args:
            address: Where it comes from.
        """
        if self._is_counted(address):
            key = counted_address(address)
            if self._open[key] >= self.each:
                return False
            self._open[key] += 1
        return True

    def leave(self, address: str) -> None:
        """Count a connection no more.

        Args:
            address: Where it came from.
        """
        if self._is_counted(address):
            key = counted_address(address)
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]

    @property
    def open(self) -> int:
        """How many connections are counted now."""
        return self._open.total()

    def _is_counted(self, address: str) -> bool:
        try:
            found = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return not any(found in item for item in self._uncounted)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionBounds:
    """The bounds.

    Args:
        head_seconds: How long the head of a request may take.
        write_seconds: How long the other side may leave unread what fills the buffer.
        close_seconds: How long a connection that is being closed waits for the other side.
        doors: How many each address may have open.
    """

    head_seconds: float = 10.0
    write_seconds: float = 30.0
    close_seconds: float = 5.0
    doors: Doors = field(default_factory=Doors)


class PacedProtocol(H11Protocol):
    """HTTP/1.1 within bounds; a connection beyond them is ended at once."""

    bounds: ClassVar[ConnectionBounds] = ConnectionBounds()
    _address: str | None = None
    _is_handed_on = False
    _head_timer: asyncio.TimerHandle | None = None
    _write_timer: asyncio.TimerHandle | None = None
    _close_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request, unless the address has too many connections."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if not self.bounds.doors.enter(address):
            logger.warning(TOO_MANY, self.bounds.doors.each)
            transport.abort()
            return
        self._address = address
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Wait on, or no longer."""
        super().data_received(data)
        if self._is_asked or self._is_handed_on:
            self._head_timer = _stopped(self._head_timer)
        elif self._head_timer is None:
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._release()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection on to what speaks WebSocket, which has its own limits."""
        super().handle_websocket_upgrade(event)
        self._is_handed_on = True
        self._release()

    def pause_writing(self) -> None:
        """Wait for the other side to read."""
        super().pause_writing()
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(self.bounds.write_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Wait no longer for it."""
        super().resume_writing()
        self._write_timer = _stopped(self._write_timer)

    def on_response_complete(self) -> None:
        """Go on with the next request, or end."""
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY and self._head_timer is None:
            # Answered before its body came, which is not waited for any longer than for a head.
            self._wait_for_head()
        self._end_soon()

    def timeout_keep_alive_handler(self) -> None:
        """End what is idle."""
        super().timeout_keep_alive_handler()
        self._end_soon()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, and end."""
        super().send_400_response(msg)
        self._end_soon()

    def shutdown(self) -> None:
        """End with the server."""
        super().shutdown()
        self._end_soon()

    @property
    def _is_asked(self) -> bool:
        """Whether a request's head has come, and it is not answered yet."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return cycle is not None and not cycle.response_complete

    def _wait_for_head(self) -> None:
        self._head_timer = self.loop.call_later(self.bounds.head_seconds, self._end)

    def _end(self) -> None:
        self._head_timer = None
        if not self._is_asked:
            # Not closed: the end of TLS, and what is left to write, would wait for the other side again.
            self.transport.abort()

    def _end_soon(self) -> None:
        if self.transport.is_closing() and self._close_timer is None:
            self._close_timer = self.loop.call_later(self.bounds.close_seconds, self.transport.abort)

    def _release(self) -> None:
        for timer in (self._head_timer, self._write_timer, self._close_timer):
            _stopped(timer)
        self._head_timer = self._write_timer = self._close_timer = None
        if self._address is not None:
            self.bounds.doors.leave(self._address)
            self._address = None


def paced_protocol(within: ConnectionBounds) -> type[PacedProtocol]:
    """Return the protocol with some bounds.

    Args:
        within: The bounds.
    """

    class Bounded(PacedProtocol):
        bounds = within

    return Bounded


def _stopped(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    if timer is not None:
        timer.cancel()
    return None
