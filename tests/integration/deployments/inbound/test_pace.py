"""The listener on a port of this machine: who sends slowly holds up no one else."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from deployments.inbound.pace import PacedProtocol
from deployments.inbound.serving_inbound import server_config

CALL = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Quick(PacedProtocol):
    head_seconds = 0.3


@pytest.fixture(scope="module")
def port():
    async def answer(_request):
        await asyncio.sleep(0.6)
        return PlainTextResponse("here")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        number = listening.getsockname()[1]
        config = server_config(Starlette(routes=[Route("/", answer)]), "127.0.0.1", number, {})
        assert config.http is PacedProtocol
        config.http = Quick
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield number
        server.should_exit = True
        thread.join(10)


def connected(port, sent=b""):
    made = socket.create_connection(("127.0.0.1", port), 5)
    made.sendall(sent)
    return made


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nX: ", b"G"])
def test_a_connection_whose_request_does_not_come_is_ended(port, sent):
    with connected(port, sent) as slow:
        assert slow.recv(100) == b""


def test_as_many_as_are_served_at_once_hold_up_the_next_one_for_a_moment_alone(port):
    held = [connected(port, b"GET / HTTP/1.1\r\n") for _ in range(64)]
    with connected(port, CALL) as turned_away:
        assert b" 503 " in turned_away.recv(100)
    for one in held:
        assert one.recv(100) == b""
        one.close()
    with connected(port, CALL) as served:
        assert b" 200 " in served.recv(100), "an answer that takes longer is waited for"


def test_a_second_request_on_a_connection_has_the_same_time(port):
    with connected(port, CALL) as kept:
        answered = b""
        while b"here" not in answered:
            answered += kept.recv(1000)
        kept.sendall(b"GET / HTTP/1.1\r\nHost")
        assert kept.recv(100) == b""
