"""What several packages' tests share: one real Prefect server for the session, started only when a test needs it."""

from __future__ import annotations

import gc
import os
from contextlib import contextmanager, nullcontext
from unittest.mock import patch

import pytest
from hypothesis import settings
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from deployments.local import server as server_module
from deployments.local.database import SqliteFile
from deployments.local.server import LocalServer
from deployments.local.talking import talking_to
from rightsflow.domain.errors import Transient
from tests.peers.postgres import running_postgres
from tests.peers.prefect_file import migrated

# Which of the tests that need a Prefect server share one: three groups of about as long, for three processes.
_GROUPS = {"flows": "prefect-flows", "resident": "prefect-staying", "keeping": "prefect-staying"}

# How long an example takes says how busy the machine is, and nothing of the rule that it tries.
settings.register_profile("rightsflow", deadline=None, max_examples=40)
# Of `make test-properties`.
settings.register_profile("thorough", deadline=None, max_examples=500)
settings.load_profile("rightsflow")


@pytest.fixture(scope="session")
def migrated_prefect(tmp_path_factory):
    """The folder of the migrated Prefect database that all processes of the tests copy; see ``migrated``."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory, migrated_prefect):
    """A Prefect server of our own on a free port; this process talks to it."""
    with running_server(tmp_path_factory.mktemp("prefect"), migrated_prefect) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server():
    """A PostgreSQL of our own, one for each process of the tests."""
    with running_postgres() as server:
        yield server


@contextmanager
def running_server(folder, kept_in=None):
    """A Prefect server that this process talks to, stopped at the end; its database is a copy where one is kept."""
    server = LocalServer(folder, SqliteFile(folder / "prefect.db"), port=0)
    # Tests that look for events wait for the next time the server writes them.
    with patch.dict(server_module._SETTINGS, PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL="0.5"):
        try:
            with migrated(folder, kept_in) if kept_in else nullcontext():
                server.start()
        except Transient as error:
            error.add_note((folder / "server.log").read_text(encoding="utf-8")[-5_000:])
            raise
    try:
        # Without heartbeats, whose thread each flow run waits a second for at its end.
        with talking_to(server.access), temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            yield server
    finally:
        server.stop()


@pytest.hookimpl(tryfirst=True)
def pytest_collection():
    """Make the tests, which are kept to the end, without looking again and again for some that nothing refers to."""
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    """Nor is later looked for them among all modules and tests, which takes a second each time."""
    gc.enable()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Keep what needs the server together in pytest-xdist, so that a few servers start and not one in each process."""
    for item in items:
        if "stack" in item.path.parts:
            # A whole stack takes minutes on two cores: see `make test-slow`.
            item.add_marker(pytest.mark.slow)
        if "s3" in item.path.parts and "peer" in getattr(item, "fixturenames", ()):
            # One SeaweedFS, which takes seconds to start.
            item.add_marker(pytest.mark.xdist_group("s3"))
        if "prefect_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.prefect)
            item.add_marker(pytest.mark.xdist_group(_group(item.path.parts)))


def _group(folders):
    return next((_GROUPS[folder] for folder in folders if folder in _GROUPS), "prefect")
