"""Real servers for a session of tests, or for a proof: Prefect's, which this process then talks to."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from pathlib import Path

import certifi
from prefect.settings import (
    PREFECT_API_SSL_CERT_FILE,
    PREFECT_CLIENT_CSRF_SUPPORT_ENABLED,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    temporary_settings,
)

from deployments.local.database import SqliteFile
from deployments.local.server import LocalServer
from deployments.local.server_contact import talking_to
from rightsflow.domain.errors import Transient
from tests.support.peers.prefect_file import migrated


@contextmanager
def running_server(folder, kept_in=None, **variables):
    """A Prefect server that this process talks to, stopped at the end; its database is a copy where one is kept."""
    # Tests that look for events wait for the next time the server writes them.
    quick = {
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "0.5",
        "PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY": "PT5S",
    } | variables
    server = LocalServer(folder, SqliteFile(folder / "prefect.db"), port=0, variables=quick, ready_seconds=220.0)
    try:
        with migrated(folder, kept_in) if kept_in else nullcontext():
            server.start()
    except Transient as error:
        error.add_note((folder / "server.log").read_text(encoding="utf-8")[-5_000:])
        raise
    try:
        with talking_to(server.access), temporary_settings(_spared(folder)):
            yield server
    finally:
        server.stop()


def _spared(folder):
    """What a Prefect client on this machine does without.

    These are the heartbeats, whose thread each flow run waits a second for at its end; all authorities but one: each
    client reads the certificates of all of them, 140, to call a server without TLS; and the tokens against requests of
    other sites, which the server does not ask for: each client would ask whether it does.
    """
    authority, end = folder / "authority.pem", "-----END CERTIFICATE-----\n"
    authority.write_text(
        "".join(Path(certifi.where()).read_text(encoding="utf-8").partition(end)[:2]), encoding="utf-8"
    )
    return {
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
        PREFECT_API_SSL_CERT_FILE: str(authority),
        PREFECT_CLIENT_CSRF_SUPPORT_ENABLED: False,
    }
