"""How a server of ours is served: time, connections, memory, TLS handshakes and lines of the log have bounds."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from time import monotonic
from typing import Any, ClassVar, Final, cast

import h11
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.protocols.utils import get_remote_addr
from uvicorn.server import ServerState

from deployments.callers import counted_address, proxy_options
from rightsflow.domain.circuit_breaker import TimeBudget

BODY_SECONDS: Final = 20.0


class PacedBodies:
    """An ASGI middleware: a body that comes too slowly ends for the application as if its sender had gone away.

    Args:
        app: The application.
        seconds: How long a body may keep us waiting; what comes at 16 KiB a second or faster does not count.
        clock: Gives seconds that only grow.
    """

    def __init__(self, app: ASGIApp, seconds: float = BODY_SECONDS, clock: Callable[[], float] = monotonic) -> None:
        self._app, self._seconds, self._clock = app, seconds, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        await self._app(scope, self._paced(receive) if scope["type"] == "http" else receive, send)

    def _paced(self, receive: Receive) -> Receive:
        budget, is_whole = TimeBudget(self._seconds), False

        async def paced() -> Message:
            nonlocal is_whole
            if is_whole:
                # What is waited for now is that the other side goes away.
                return await receive()
            began = self._clock()
            try:
                async with asyncio.timeout(budget.left):
                    message = await receive()
            except TimeoutError:
                return {"type": "http.disconnect"}
            budget.spend(self._clock() - began, len(message.get("body", b"")))
            is_whole = not message.get("more_body", False)
            return message

        return paced


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


WINDOW_SECONDS: Final = 60.0
_MOST_LINES: Final = 1_000


class OneLineThenCount(logging.Filter):
    """Lets a message through once a minute, the next time with the number of those that it kept back.

    Args:
        clock: Gives seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._seen: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is written; one with an exception always is."""
        if record.exc_info:
            return True
        key, now = (record.name, record.levelno, str(record.msg)), self._clock()
        began, more = self._seen.get(key, (now - WINDOW_SECONDS, 0))
        if now - began < WINDOW_SECONDS:
            self._seen[key] = (began, more + 1)
            return False
        if len(self._seen) >= _MOST_LINES:
            self._seen.clear()
        self._seen[key] = (now, 0)
        if more:
            record.msg, record.args = f"{record.getMessage()} ({more} more like it since the last one.)", ()
        return True


_ONCE: Final = OneLineThenCount()


def say_once(*names: str) -> None:
    """Let loggers repeat themselves no more than once a minute.

    Args:
        names: Their names.
    """
    for name in names:
        logging.getLogger(name).addFilter(_ONCE)


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
    say_once("uvicorn.error", "deployments.server_bounds", "deployments.server_bounds")
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
