"""The server's process: a port that others use, and an end that was not asked for."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from deployments.local import server as module
from deployments.local.server import LocalServer
from rightsflow.domain.errors import BadInput, Transient


class Database:
    """A database that says what is done with it."""

    url, is_running, clearing_seconds = "sqlite+aiosqlite://", True, (60.0, 60.0)

    def __init__(self):
        self.done = []

    def start(self):
        self.done.append("start")

    def clear(self):
        return True

    def stop(self):
        self.done.append("stop")


class Child:
    """A process of which the test says whether it lives."""

    lives = True

    def __init__(self, *_given, note_file):
        self.is_running, self.note_file = self.lives, note_file

    def stop(self):
        self.is_running = False


@pytest.fixture
def children(monkeypatch):
    monkeypatch.setattr(module, "Child", Child)
    monkeypatch.setattr(LocalServer, "_is_healthy", lambda server: server.is_running)


@pytest.fixture
def database():
    return Database()


@pytest.fixture
def server(tmp_path, children, database):
    made = LocalServer(tmp_path, database, port=0, note_file=tmp_path / "server.json")
    yield made
    made.stop()


def test_a_busy_port_is_refused_before_anything_starts(tmp_path, database):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match=f"The port {port} is in use; stop what uses it"):
            LocalServer(tmp_path, database, port=port).start()
    assert database.done == []


def test_one_that_does_not_start_takes_its_database_along(server, database, monkeypatch):
    monkeypatch.setattr(Child, "lives", False)
    with pytest.raises(Transient, match=r"server\.log says why"):
        server.start()
    assert database.done == ["start", "stop"]


def test_one_that_ended_is_started_again_at_the_same_port_on_the_database_that_goes_on(server, database, monkeypatch):
    """The end of the Prefect server was the end of ``up``."""
    server.start()
    port = server.port
    server._child.is_running = False
    server.restart()
    assert (server.is_running, server.port, database.done) == (True, port, ["start"])
    server._child.is_running = False
    monkeypatch.setattr(Child, "lives", False)
    with pytest.raises(Transient, match=r"server\.log says why"):
        server.restart()
    assert database.done == ["start"], "a server that does not start is tried again; its database is in order"
