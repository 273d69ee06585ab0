"""What several packages' tests share: one real Prefect server for the session, started only when a test needs it."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext

import pytest
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker
from prefect.settings import PREFECT_API_URL, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from deployments.local.server import LocalServer

_DRAIN_SECONDS = 30.0


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory):
    """A Prefect server of our own on a free port; this process talks to it."""
    server = LocalServer(tmp_path_factory.mktemp("prefect"), port=0)
    server.start()
    try:
        with talking_to(server):
            yield server
    finally:
        server.stop()


@pytest.fixture
def unlimited(monkeypatch):
    """Steps without Prefect's concurrency limits, so that a step alone needs no server.

    On SQLite two steps that ask for their slots at the same moment cost seconds: the server answers one of them with
    503 and the client waits. ``test_limits`` and the canary tests go through the real ones.
    """
    monkeypatch.setattr("tasks.limits.concurrency", lambda *_args, **_options: nullcontext())


@contextmanager
def talking_to(server):
    """Let this process talk to a server, and have everything said before the block ends."""
    # Without heartbeats, whose thread each flow run waits a second for at its end.
    with temporary_settings({PREFECT_API_URL: server.api_url, PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield
        flush()


def flush():
    """Send what is still queued for the server; asked at exit only, it would wait long for a server that is gone."""
    for worker in (APILogWorker, EventsWorker):
        worker.drain_all(timeout=_DRAIN_SECONDS)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Keep what needs the server in one process of pytest-xdist, so that only one server starts."""
    for item in items:
        if "prefect_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.prefect)
            item.add_marker(pytest.mark.xdist_group("prefect"))
