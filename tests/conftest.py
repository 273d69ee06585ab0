"""What several packages' tests share: one real Prefect server for the session, started only when a test needs it."""

from __future__ import annotations

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from deployments.local.server import LocalServer


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory):
    """A Prefect server of our own on a free port; this process talks to it."""
    server = LocalServer(tmp_path_factory.mktemp("prefect"), port=0)
    server.start()
    try:
        with temporary_settings({PREFECT_API_URL: server.api_url}):
            yield server
    finally:
        server.stop()
