"""A real MariaDB for the tests: a server of its own on a socket, an empty database per test."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.support.peers.waiting import wait_until

_LONGEST_SECONDS = 120
# Nothing has to outlive the tests, and little memory is enough.
_SMALL = (
    "--innodb-log-file-size=8M",
    "--innodb-buffer-pool-size=16M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--aria-pagecache-buffer-size=8M",
)


@dataclass(frozen=True, slots=True)
class MariaDatabase:
    """One database of the server.

    Args:
        server: The server it lies on.
        name: Its name.
    """

    server: MariaServer
    name: str

    def url(self, user: str = "root") -> str:
        """How a user reaches it, as an operator writes it."""
        return f"mysql://{user}@localhost/{self.name}?unix_socket={quote(str(self.server.socket), safe='')}"

    def run(self, *statements: str) -> None:
        """Carry out some statements."""
        with self.engine().begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.engine().connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def allow(self, user: str, rights: Sequence[str]) -> None:
        """Make a user with rights on this database."""
        granted = ", ".join(rights)
        self.run(f"CREATE OR REPLACE USER {user}@localhost", f"GRANT {granted} ON {self.name}.* TO {user}@localhost")

    def engine(self) -> sa.Engine:
        """Connects as root, for each use anew."""
        url = self.url().replace("mysql:", "mysql+pymysql:")
        return sa.create_engine(url, poolclass=NullPool, connect_args={"charset": "utf8mb4"})


@dataclass(frozen=True, slots=True)
class MariaServer:
    """The running server.

    Args:
        socket: Its Unix socket.
        numbers: Numbers for database names.
    """

    socket: Path
    numbers: Iterator[int]

    @contextmanager
    def database(self, charset: str = "utf8mb4", collation: str = "utf8mb4_unicode_ci") -> Iterator[MariaDatabase]:
        """An empty database.

        Args:
            charset: Its character set.
            collation: How it compares texts.
        """
        one = MariaDatabase(self, f"test_{next(self.numbers)}")
        all_of_it = MariaDatabase(self, "mysql")
        all_of_it.run(f"CREATE DATABASE {one.name} CHARACTER SET {charset} COLLATE {collation}")
        try:
            yield one
        finally:
            all_of_it.run(f"DROP DATABASE {one.name}")


@contextmanager
def running_mariadb() -> Iterator[MariaServer]:
    """Start a server and stop it at the end; skips where it, or the driver, is not installed."""
    pytest.importorskip("pymysql", reason="PyMySQL is not installed")
    programs = [shutil.which(name, path="/usr/bin:/usr/sbin") for name in ("mariadb-install-db", "mariadbd")]
    if not all(programs):
        pytest.skip("MariaDB is not installed; Debian's package is mariadb-server")
    # Short, since the path of a Unix socket may have 107 bytes only.
    folder = Path(tempfile.mkdtemp(prefix="my"))
    own = (f"--datadir={folder / 'data'}", "--user=root", *_SMALL)
    try:
        make = [programs[0], "--no-defaults", *own, "--auth-root-authentication-method=socket", "--skip-test-db"]
        subprocess.run(make, check=True, capture_output=True, timeout=_LONGEST_SECONDS)
        socket = folder / "socket"
        serve = [programs[1], "--no-defaults", *own, f"--socket={socket}", "--skip-networking"]
        with (folder / "log").open("wb") as log:
            served = subprocess.Popen(serve, stdout=log, stderr=log)
        try:
            wait_until(socket.exists, within=_LONGEST_SECONDS, what="MariaDB did not start.")
            yield MariaServer(socket, count(1))
        finally:
            served.terminate()
            served.wait(_LONGEST_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
