"""Prefect's server on its two databases, at DEBUG, and our case store on its two."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from deployments.local.database import SqliteFile
from deployments.local.server import LocalServer
from tests.support.peers.postgres import PostgresDatabase, running_postgres
from tests.support.servers import running_server


@dataclass(frozen=True)
class Databases:
    """Where things are kept."""

    server: LocalServer
    prefect: PostgresDatabase | None
    store: PostgresDatabase | None

    @property
    def file(self) -> Path:
        database = self.server.database
        assert isinstance(database, SqliteFile)
        return database.file


@contextmanager
def running_servers(folder: Path, *, on_postgres: bool) -> Iterator[Databases]:
    """A Prefect server that this process talks to, its log at DEBUG; all on SQLite, or all on PostgreSQL."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name in ("PREFECT_LOGGING_SERVER_LEVEL", "PREFECT_SERVER_LOGGING_LEVEL"):
            patch.setenv(name, "DEBUG")
        prefect = store = None
        variables: dict[str, str] = {}
        if on_postgres:
            peer = stack.enter_context(running_postgres())
            prefect, store = (stack.enter_context(peer.database()) for _ in range(2))
            url = prefect.url().replace("postgresql:", "postgresql+asyncpg:")
            variables["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = url
        yield Databases(stack.enter_context(running_server(folder, **variables)), prefect, store)
