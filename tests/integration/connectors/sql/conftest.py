"""Both databases, each fresh per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.connectors.sql.peer import Peer
from tests.support.peers.mariadb import MariaServer, running_mariadb
from tests.support.peers.postgres import PostgresServer
from tests.support.peers.sftp import SftpPeer, running_sftp


@pytest.fixture
def sqlite_peer(tmp_path: Path) -> Peer:
    path = tmp_path / "database" / "service.db"
    path.parent.mkdir()
    path.touch()
    return Peer(f"sqlite:///{path}", _folder(tmp_path), sqlite=path)


@pytest.fixture
def postgres_peer(tmp_path: Path, postgres_server: PostgresServer) -> Iterator[Peer]:
    with postgres_server.database() as database:
        yield Peer(database.url(), _folder(tmp_path), postgres=database)


@pytest.fixture(params=["sqlite_peer", pytest.param("postgres_peer", marks=pytest.mark.apart)])
def peer(request: pytest.FixtureRequest) -> Peer:
    """SQLite; apart, the same test on PostgreSQL, which takes ten times as long to make a database."""
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["sqlite_peer", "postgres_peer"])
def each_peer(request: pytest.FixtureRequest) -> Peer:
    """The same test on both databases, where their dialects matter."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def sftp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpPeer]:
    with running_sftp(tmp_path_factory.mktemp("sftp")) as peer:
        yield peer


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "monitor"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def maria_server() -> Iterator[MariaServer]:
    with running_mariadb() as server:
        yield server


@pytest.fixture
def mariadb_peer(maria_server: MariaServer, tmp_path: Path) -> Iterator[Peer]:
    (tmp_path / "files").mkdir()
    with maria_server.database() as database:
        yield Peer(database.url(), tmp_path / "files", maria=database)
