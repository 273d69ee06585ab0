"""A way to a peer that takes a while: bytes pass in both directions, each late by half of a round trip."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


@contextmanager
def slow_way(connect: Connect, seconds: float) -> Iterator[int]:
    """Listen on a port of the loopback interface and pass everything on to a peer."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True, name="slow way")
    thread.start()
    try:
        server = asyncio.run_coroutine_threadsafe(_listen(connect, seconds / 2), loop).result(10)
        yield server.sockets[0].getsockname()[1]
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


async def _listen(connect: Connect, delay: float) -> asyncio.Server:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_reader, to_writer = await connect()
        await asyncio.gather(_pass_on(reader, to_writer, delay), _pass_on(to_reader, writer, delay))

    return await asyncio.start_server(serve, "127.0.0.1", 0)


async def _end(server: asyncio.Server) -> None:
    server.close()
    ways = asyncio.all_tasks() - {asyncio.current_task()}
    for way in ways:
        way.cancel()
    await asyncio.gather(*ways, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    loop = asyncio.get_running_loop()
    while data := await reader.read(65_536):
        loop.call_later(delay, writer.write, data)
    loop.call_later(delay, writer.close)
