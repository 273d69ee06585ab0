"""``python -m tests.bench_cases``: prints what a case costs, as tables; each figure is of one run on this machine."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median

from prefect.client.orchestration import get_client
from prefect.deployments.runner import RunnerDeployment
from prefect.types.entrypoint import EntrypointType

from deployments.catalogue import DEFAULT_POOL_TYPE
from rightsflow.request import Right
from tests.bench_cases import bare, growth
from tests.bench_cases.direct import chains
from tests.bench_cases.latency import slow_way
from tests.bench_cases.population import Population, populate
from tests.bench_cases.stack import Meter, at_home, running
from tests.bench_cases.working import Batch, batch, middle, one_by_one
from tests.peers.postgres import PostgresServer, running_postgres

LATENCY_SECONDS = 0.1


class Bench:
    """One PostgreSQL with the systems, the case store and Prefect's database on it.

    Args:
        folder: For everything.
        server: The database server.
        population: The systems.
        on_sqlite: Whether Prefect's database is a file instead.
    """

    def __init__(self, folder: Path, server: PostgresServer, population: Population, *, on_sqlite: bool) -> None:
        self._folder, self._server, self._population = folder, server, population
        self._on_sqlite = on_sqlite
        self._number = 0
        self.next_subject = 0

    def subjects(self, count: int) -> range:
        """The next ones whom nobody has asked for."""
        self.next_subject += count
        return range(self.next_subject - count, self.next_subject)

    def _home(self, urls: dict[str, str] | None = None) -> tuple[Path, str, str]:
        """A new folder, the systems' part of its configuration, and what new databases are called by."""
        self._number += 1
        folder = self._folder / f"home{self._number}"
        folder.mkdir()
        with self._server.admin() as admin:
            for kind in ("cases", "prefect"):
                admin.execute(f"CREATE DATABASE {kind}{self._number}")
        systems = self._population.configuration(folder, urls or self._population.urls)
        return folder, systems, f"{self._number}?host={self._server.socket}"

    @contextmanager
    def store(self) -> Iterator[str]:
        """A new case store alone; gives its URL."""
        folder, systems, name = self._home()
        with at_home(folder, systems, url := f"postgresql://postgres@/cases{name}"):
            yield url

    @contextmanager
    def stack(self, workers: int = 1, urls: dict[str, str] | None = None) -> Iterator[Meter]:
        """A new installation on new databases."""
        folder, systems, name = self._home(urls)
        with self._server.admin() as admin:
            (file,) = admin.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
        prefect = f"postgresql+asyncpg://postgres@/prefect{name}"
        if self._on_sqlite:
            prefect = f"sqlite+aiosqlite:///{folder / 'prefect.db'}"
        with (
            at_home(folder, systems, f"postgresql://postgres@/cases{name}"),
            running(folder, prefect, int(file.split()[0]), workers) as meter,
        ):
            yield meter

    @contextmanager
    def far(self) -> Iterator[dict[str, str]]:
        """Ways to the systems on which each round trip takes longer."""
        with ExitStack() as ways:
            yield {
                name: f"postgresql://postgres@127.0.0.1:{port}/{name}"
                for name in self._population.databases
                for port in [ways.enter_context(slow_way(partial(self._connect), LATENCY_SECONDS))]
            }

    def _connect(self):
        return asyncio.open_unix_connection(f"{self._server.socket}/.s.PGSQL.5432")


def bare_seconds(meter: Meter, runs: int) -> tuple[float, float]:
    """Seconds and CPU seconds of a run of bare Prefect with as many empty steps, one after the other."""
    made = RunnerDeployment.from_flow(
        bare.bare, name="bare", work_pool_name=DEFAULT_POOL_TYPE.pool, entrypoint_type=EntrypointType.MODULE_PATH
    )
    made.entrypoint = "tests.bench_cases.bare.bare"
    deployment, took = made.apply(), []
    used = 0.0
    with get_client(sync_client=True) as client:
        for number in range(runs + 1):
            before = sum(meter.read().values())
            run = client.create_flow_run_from_deployment(deployment)
            while not (run := client.read_flow_run(run.id)).state.is_final():
                time.sleep(0.05)
            time.sleep(2)
            if number:
                used += sum(meter.read().values()) - before
                took.append(run.total_run_time.total_seconds())
    return median(took), used / runs


def line(*cells: object) -> None:
    sys.stdout.write("| " + " | ".join(str(cell) for cell in cells) + " |\n")
    sys.stdout.flush()


def shown(one: Batch) -> str:
    roles = ", ".join(f"{role} {seconds:.2f}" for role, seconds in sorted(one.cpu.items()))
    return f"{one.seconds:.2f} s, CPU {one.cpu_of_all:.2f} s ({roles}), {one.memory:.0f} MB"


def table(bench: Bench, sizes: list[int]) -> None:
    """One case, batches, bare Prefect."""
    line("what", "measured", "ratio")
    line("---", "---", "---")
    with bench.stack() as meter:
        one_by_one(bench.subjects(2), Right.ACCESS)
        access = one_by_one(bench.subjects(7), Right.ACCESS)
        erasure = one_by_one(bench.subjects(7), Right.ERASURE)
        empty, empty_cpu = bare_seconds(meter, 5)
        own = [sum(chains(subject).values()) for subject in bench.subjects(5)]
        working = middle(access, lambda one: one.working)
        line("bare Prefect, 16 empty steps", f"{empty:.2f} s, CPU {empty_cpu:.2f} s", "1")
        line("the systems' calls, one after the other", f"{median(own):.2f} s", "")
        for what, took in (("one access", access), ("one erasure", erasure)):
            seconds = middle(took, lambda one: one.working)
            line(
                f"{what}, start to answer without the gate (with it)",
                f"{seconds:.2f} s ({middle(took, lambda one: one.whole):.2f} s)",
                f"{seconds / empty:.1f} of bare Prefect",
            )
        line("scheduled to first step's run", f"{middle(access + erasure, lambda one: one.starting):.2f} s", "")
        line("one access to the systems' own calls", f"{working:.2f} s", f"{working / median(own):.1f}")
    for size in sizes:
        with bench.stack() as meter:
            batch(bench.subjects(5), Right.ACCESS, meter)
            one = batch(bench.subjects(size), Right.ACCESS, meter)
            line(
                f"batch of {size} accesses, a case", shown(one), f"CPU {one.cpu_of_all / empty_cpu:.1f} of bare Prefect"
            )
    with bench.stack() as meter:
        batch(bench.subjects(5), Right.ERASURE, meter)
        line("batch of 50 erasures, a case", shown(batch(bench.subjects(50), Right.ERASURE, meter)), "")


def latency(bench: Bench) -> None:
    """One access with every round trip to a system taking 100 ms longer, to the slowest system's own chain."""
    with bench.far() as urls, bench.stack(urls=urls):
        one_by_one(bench.subjects(1), Right.ACCESS)
        took = one_by_one(bench.subjects(3), Right.ACCESS)
        slowest = median(max(chains(subject).values()) for subject in bench.subjects(3))
        seconds = middle(took, lambda one: one.working)
        line(
            "one access, 100 ms a round trip",
            f"{seconds:.2f} s",
            f"{seconds / slowest:.2f} of the slowest system's own",
        )


def workers(bench: Bench, size: int) -> None:
    """How many cases a second with several workers."""
    for count in (1, 2, 4):
        with bench.stack(count) as meter:
            batch(bench.subjects(5), Right.ACCESS, meter)
            one = batch(bench.subjects(size), Right.ACCESS, meter)
            line(f"{count} workers, batch of {size}", f"{1 / one.seconds:.2f} cases/s", shown(one))


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.bench_cases", description=__doc__)
    asked.add_argument("parts", nargs="*", default=["table", "latency", "workers", "growth"])
    asked.add_argument("--sizes", type=int, nargs="*", default=[50, 500])
    asked.add_argument("--stored", type=int, nargs="*", default=[1_000, 10_000, 100_000, 1_000_000])
    asked.add_argument("--sqlite", action="store_true", help="Prefect's database on SQLite")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_postgres() as server:
        bench = Bench(Path(folder), server, populate(server, Path(folder)), on_sqlite=given.sqlite)
        if "table" in given.parts:
            table(bench, given.sizes)
        if "latency" in given.parts:
            latency(bench)
        if "workers" in given.parts:
            workers(bench, 60)
        if "growth" in given.parts:
            with bench.store() as url:
                growth.measure(url, given.stored, line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
