"""The server's process: a port that others use, and an end that was not asked for."""

from __future__ import annotations

import re
import socket
from contextlib import closing

import pytest

from deployments.local.server import LocalServer
from rightsflow.domain.errors import BadInput, Transient


class Database:
    """A database that says what is done with it."""

    url, is_running = "sqlite+aiosqlite://", True

    def __init__(self):
        self.done = []

    def start(self):
        self.done.append("start")

    def stop(self):
        self.done.append("stop")


class Child:
    """A process of which the test says whether it lives."""

    def __init__(self, *, lives):
        self.is_running = lives

    def stop(self):
        self.is_running = False


class Launcher:
    """Starts such processes: while they live, the server serves."""

    lives = True

    def __call__(self, *_, note_file, pass_fds):
        return Child(lives=self.lives)

    def is_healthy(self, _):
        return self.lives


@pytest.fixture
def launcher():
    return Launcher()


@pytest.fixture
def database():
    return Database()


@pytest.fixture
def server(tmp_path, launcher, database):
    made = LocalServer(tmp_path, database, port=0, launch=launcher, is_healthy=launcher.is_healthy)
    yield made
    made.stop()


def test_a_busy_port_is_refused_before_anything_starts(tmp_path, database):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match=f"The port {port} is in use; stop what uses it"):
            LocalServer(tmp_path, database, port=port).start()
    assert database.done == []


def test_one_that_does_not_start_takes_its_database_along(server, database, launcher):
    launcher.lives = False
    with pytest.raises(Transient, match=r"server\.log says why"):
        server.start()
    assert database.done == ["start", "stop"]


def test_one_that_is_slow_is_not_said_to_have_a_reason_in_its_log(tmp_path, database, launcher):
    slow = LocalServer(tmp_path, database, port=0, launch=launcher, is_healthy=lambda _: False, ready_seconds=0.0)
    with pytest.raises(Transient, match="did not answer within 0 seconds; start it again once the machine has less"):
        slow.start()
    assert (slow.is_running, database.done) == (False, ["start", "stop"])


def test_one_that_ended_is_started_again_at_the_same_port_on_the_database_that_goes_on(server, database, launcher):
    """The end of the Prefect server was the end of ``up``."""
    server.start()
    port = server.port
    server._child.is_running = False
    server.restart()
    assert (server.is_running, server.port, database.done) == (True, port, ["start"])
    server._child.is_running = False
    launcher.lives = False
    with pytest.raises(Transient, match=r"server\.log says why"):
        server.restart()
    assert database.done == ["start"], "a server that does not start is tried again; its database is in order"


def test_while_it_starts_again_a_browser_is_told_so_and_comes_back_and_no_form_is_sent_twice(tmp_path, database):
    """Found: the browser was refused, and its page was gone."""
    launcher, looks = Launcher(), []

    def is_healthy(_):
        looks.append(len(looks))
        return len(looks) != 2

    server = LocalServer(tmp_path, database, port=0, launch=launcher, is_healthy=is_healthy)
    server.start()
    server._child.is_running = False
    callers = [socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(3)]
    callers[0].sendall(b"GET /desk/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
    callers[1].sendall(b"POST /desk/cases/search HTTP/1.1\r\nHost: localhost\r\n\r\nq=DSR-2026-7K3M9Q")
    callers[2].close()
    server.restart()
    looked, sent = (caller.makefile("rb").read().decode() for caller in callers[:2])
    for answer in (looked, sent):
        assert answer.startswith("HTTP/1.1 503 ")
        head, body = answer.split("\r\n\r\n", 1)
        assert re.search(r"Content-Length: (\d+)", head)[1] == str(len(body.encode()))
        assert "7K3M9Q" not in answer
    assert 'http-equiv="refresh"' in looked
    assert 'http-equiv="refresh"' not in sent
    assert "send the form again" in sent
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=5)
