"""New installations, each on databases of its own, and the people whose cases are measured in them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path

from benchmarks.cases.bare_runs import Bare, bare_prefect
from benchmarks.cases.latency import slow_way
from benchmarks.cases.population import PLAIN, Population, email
from benchmarks.cases.stack import Stack, at_home, running
from tests.support.peers.postgres import PostgresServer

LATENCY_SECONDS = 0.1


class Homes:
    """The installations on one PostgreSQL: the systems, the case stores and Prefect's databases."""

    def __init__(self, folder: Path, server: PostgresServer, population: Population, *, on_sqlite: bool) -> None:
        self.folder, self._server, self._population = folder, server, population
        self._on_sqlite = on_sqlite
        self._number = self._next_subject = 0
        self._plain = iter(PLAIN)

    def subjects(self, count: int) -> range:
        self._next_subject += count
        return range(self._next_subject - count, self._next_subject)

    def people(self, count: int) -> list[str]:
        return [email(one) for one in self.subjects(count)]

    def plain_people(self, count: int) -> list[str]:
        return [email(one) for one in islice(self._plain, count)]

    def _home(self, systems: str | dict[str, str] | None) -> tuple[Path, str, str]:
        self._number += 1
        folder = self.folder / f"home{self._number}"
        folder.mkdir()
        with self._server.admin() as admin:
            for kind in ("cases", "prefect"):
                admin.execute(f"CREATE DATABASE {kind}{self._number}")
        if not isinstance(systems, str):
            systems = self._population.configuration(folder, systems or self._population.urls)
        return folder, systems, f"{self._number}?host={self._server.socket}"

    @contextmanager
    def store(self, systems: str | None = None) -> Iterator[str]:
        """Create a new case store alone; yield its URL."""
        folder, systems, name = self._home(systems)
        with at_home(folder, systems, url := f"postgresql://postgres@/cases{name}"):
            yield url

    @contextmanager
    def stack(
        self, systems: str | dict[str, str] | None = None, *, workers: int = 1, policies: str = ""
    ) -> Iterator[Stack]:
        """Start a new installation on new databases."""
        folder, systems, name = self._home(systems)
        with self._server.admin() as admin:
            (file,) = admin.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
        prefect = f"postgresql+asyncpg://postgres@/prefect{name}"
        if self._on_sqlite:
            prefect = f"sqlite+aiosqlite:///{folder / 'prefect.db'}"
        with (
            at_home(folder, systems + policies, f"postgresql://postgres@/cases{name}"),
            running(folder, prefect, int(file.split()[0]), workers) as stack,
        ):
            yield stack

    @contextmanager
    def bare(self) -> Iterator[Bare]:
        self._number += 1
        name = f"bare{self._number}"
        with self._server.admin() as admin:
            admin.execute(f"CREATE DATABASE {name}")
        at = f"postgresql+asyncpg://postgres@/{name}?host={self._server.socket}"
        with bare_prefect(self.folder / name, at, self._server.pid) as prefect:
            yield prefect

    @contextmanager
    def alone(self) -> Iterator[Path]:
        folder, systems, _ = self._home(None)
        with at_home(folder, systems):
            yield folder

    @contextmanager
    def far(self) -> Iterator[dict[str, str]]:
        with ExitStack() as ways:
            yield {
                name: f"postgresql://postgres@127.0.0.1:{port}/{name}"
                for name in self._population.databases
                for port in [ways.enter_context(slow_way(partial(self._connect), LATENCY_SECONDS))]
            }

    def _connect(self):
        return asyncio.open_unix_connection(f"{self._server.socket}/.s.PGSQL.5432")
