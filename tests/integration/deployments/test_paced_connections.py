"""A server on a port of this machine: slow senders and readers, and those with many connections, hold up no others."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from websockets.sync.client import connect

from deployments.callers import caller_of, counted_address
from deployments.inbound.listener import server_config
from deployments.server_bounds import (
    WINDOW_SECONDS,
    ConnectionBounds,
    Doors,
    OneLineThenCount,
    PacedBodies,
    PacedProtocol,
    bounded_config,
    paced_protocol,
    tls_door,
)
from tests.integration.connectors.wire import self_signed

CALL = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
ENDED = threading.Event()
BOUNDS = {"head_seconds": 0.3, "write_seconds": 0.3, "close_seconds": 0.3}


async def answer(_request):
    await asyncio.sleep(0.6)
    return PlainTextResponse("here")


async def read_body(request):
    try:
        return PlainTextResponse(str(len(await request.body())))
    except ClientDisconnect:
        return PlainTextResponse("too slow", 408)


async def much(_request):
    async def pieces():
        try:
            for _ in range(10_000):
                yield bytes(64 * 1024)
        finally:
            ENDED.set()

    return StreamingResponse(pieces())


async def socket_later(websocket):
    await websocket.accept()
    await asyncio.sleep(1.5)
    await websocket.send_text("still here")
    await websocket.close()


ROUTES = [
    Route("/", answer),
    Route("/body", read_body, methods=["POST"]),
    Route("/much", much),
    WebSocketRoute("/socket", socket_later),
]


@contextmanager
def running(config):
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def port():
    config = server_config(PacedBodies(Starlette(routes=ROUTES), seconds=0.3), "127.0.0.1", 0, None)
    assert issubclass(config.http, PacedProtocol)
    config.http = paced_protocol(ConnectionBounds(**BOUNDS))
    with running(config) as number:
        yield number


def connected(port, sent=b"", source="127.0.0.1"):
    made = socket.create_connection(("127.0.0.1", port), 20, (source, 0))
    made.sendall(sent)
    return made


def received(made):
    """What comes until the other side ends the connection."""
    found = b""
    try:
        while piece := made.recv(1000):
            found += piece
    except ConnectionResetError:
        pass
    return found


@pytest.mark.apart
def test_a_connection_whose_request_does_not_come_is_ended(port):
    for sent in (b"", b"GET / HTTP/1.1\r\nX: ", b"G"):
        with connected(port, sent) as slow:
            assert slow.recv(100) == b""

    # At the desk it was waited for without end.
    for framing in (b"Content-Length: 1000\r\n\r\nab", b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"):
        with connected(port, b"POST /body HTTP/1.1\r\nHost: localhost\r\n" + framing) as slow:
            assert b" 408 " in received(slow)

    with connected(port, CALL) as kept:
        answered = b""
        while b"here" not in answered:
            answered += kept.recv(1000)
        kept.sendall(b"GET / HTTP/1.1\r\nHost")
        assert kept.recv(100) == b""


def test_the_next_one_of_as_many_as_are_served_at_once_is_turned_away():
    # The heads have a minute here: on a slow machine the first of 64 ended before the last was opened.
    config = server_config(Starlette(routes=ROUTES), "127.0.0.1", 0, None)
    config.http = paced_protocol(ConnectionBounds(**BOUNDS | {"head_seconds": 60}))
    with running(config) as number:
        held = [connected(number, b"GET / HTTP/1.1\r\n") for _ in range(64)]
        with connected(number, CALL) as turned_away:
            assert b" 503 " in turned_away.recv(100)
        for one in held:
            one.close()
        ended = time.monotonic() + 20
        while time.monotonic() < ended:
            with connected(number, CALL) as again:
                if b" 200 " in again.recv(100):
                    return
        pytest.fail("the connections that have ended still count")


def test_an_answer_that_is_not_read_is_not_held(port):
    ENDED.clear()
    with connected(port, b"GET /much HTTP/1.1\r\nHost: localhost\r\n\r\n"):
        assert ENDED.wait(20)


@pytest.mark.apart
def test_a_websocket_is_not_taken_for_a_head_that_does_not_come():
    config = bounded_config(Starlette(routes=ROUTES), at_once=64, log_level="warning")
    config.http = paced_protocol(ConnectionBounds(**BOUNDS | {"head_seconds": 1}))
    with running(config) as number, connect(f"ws://127.0.0.1:{number}/socket") as opened:
        assert opened.recv(20) == "still here"


@pytest.mark.apart
def test_an_address_has_so_many_connections_and_takes_none_from_another():
    config = bounded_config(Starlette(routes=ROUTES), at_once=64, log_level="warning")
    config.http = paced_protocol(ConnectionBounds(doors=Doors(each=3, uncounted=())))
    with running(config) as number:
        held = [connected(number, b"GET", "127.0.0.2") for _ in range(3)]
        with connected(number, CALL, "127.0.0.2") as refused:
            assert received(refused) == b""
        with connected(number, CALL, "127.0.0.3") as served:
            assert b" 200 " in served.recv(100)
        for one in held:
            one.close()
        while True:
            with connected(number, CALL, "127.0.0.2") as again:
                if b" 200 " in again.recv(100):
                    break


@pytest.fixture
def behind_tls(tmp_path):
    """The port of a server by TLS, and the connections that it counts."""
    doors = Doors(each=3, uncounted=())
    config = bounded_config(Starlette(routes=ROUTES), at_once=64, log_level="warning")
    config.http = tls_door(paced_protocol(ConnectionBounds(**BOUNDS, doors=doors)), self_signed(tmp_path))
    config.http.handshake_seconds = 2
    with running(config) as number:
        yield number, doors


def encrypted(made):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(made, server_hostname="localhost", suppress_ragged_eofs=True)


@pytest.mark.apart
def test_a_handshake_that_does_not_end_is_counted_and_ended(behind_tls):
    """It had a minute, and was counted to no one."""
    number, doors = behind_tls
    held = [connected(number, b"\x16\x03\x01") for _ in range(3)]
    with connected(number) as refused:
        assert received(refused) == b""
    for one in held:
        assert received(one) == b""
        one.close()
    while doors.open:
        time.sleep(0.01)
    with encrypted(connected(number, b"")) as served:
        served.sendall(CALL)
        assert b" 200 " in served.recv(100)


@pytest.mark.apart
def test_the_end_of_tls_is_not_waited_for(behind_tls):
    """The other side keeps its connection open, and answers no close."""
    number, doors = behind_tls
    with encrypted(connected(number)) as served:
        served.sendall(CALL.replace(b"localhost", b"localhost\r\nConnection: close"))
        assert b" 200 " in served.recv(100)
        while doors.open:
            time.sleep(0.01)


def test_proxies_and_this_machine_have_any_number():
    doors = Doors(each=1, uncounted=("10.0.0.0/8", "::1/128"))
    for _ in range(3):
        assert doors.enter("10.1.2.3")
        assert doors.enter("::1")
    assert [doors.enter("2001:db8::1"), doors.enter("2001:db8::2")] == [True, False], "one network is one caller"
    doors.leave("2001:db8::1")
    assert doors.enter("2001:db8::2")
    assert counted_address("::ffff:192.0.2.1") == "192.0.2.1"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "caller"),
    [
        ((), "198.51.100.9", "10.0.0.5"),
        (("10.0.0.5",), "198.51.100.9", "198.51.100.9"),
        (("10.0.0.5",), "192.0.2.66, 198.51.100.9", "198.51.100.9"),
        (("10.0.0.0/24",), "192.0.2.66, 198.51.100.9, 10.0.0.7", "198.51.100.9"),
        (("10.9.9.9",), "198.51.100.9", "10.0.0.5"),
    ],
)
def test_whom_a_proxy_names_is_believed_of_configured_ones_alone(proxies, forwarded, caller):
    # The right-most address that is no proxy of ours: what is left of it the caller itself may have written.
    async def tell(request):
        return PlainTextResponse(caller_of(request))

    config = bounded_config(Starlette(routes=[Route("/", tell)]), at_once=64, proxies=proxies, log_level="warning")
    config.load()
    client = TestClient(config.loaded_app, client=("10.0.0.5", 1))
    assert client.get("/", headers={"X-Forwarded-For": forwarded}).text == caller


def test_the_log_says_a_thing_once_and_then_how_often():
    now = [0.0]
    once, lines = OneLineThenCount(lambda: now[0]), []

    def said(text, *args):
        record = logging.LogRecord("uvicorn.error", logging.WARNING, "", 0, text, args, None)
        if once.filter(record):
            lines.append(record.getMessage())

    for _ in range(50):
        said("Invalid HTTP request received.")
        said("A connection was refused: its address has %d open.", 32)
    assert lines == ["Invalid HTTP request received.", "A connection was refused: its address has 32 open."]
    now[0] += WINDOW_SECONDS
    said("Invalid HTTP request received.")
    assert lines[-1] == "Invalid HTTP request received. (49 more like it since the last one.)"
