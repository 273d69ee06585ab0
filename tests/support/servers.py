"""Real servers for a session of tests, or for a proof: Prefect's, which this process then talks to."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from unittest.mock import patch

from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from deployments.local import server as server_module
from deployments.local.database import SqliteFile
from deployments.local.server import LocalServer
from deployments.local.talking import talking_to
from rightsflow.domain.errors import Transient
from tests.support.peers.prefect_file import migrated


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
