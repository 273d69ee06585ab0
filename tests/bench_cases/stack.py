"""Server, workers and case store as processes of their own, and what they cost together."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from prefect.settings import PREFECT_API_URL, temporary_settings

from deployments.catalogue import apply_deployments
from deployments.local.database import SqliteFile
from deployments.local.server import LocalServer
from deployments.local.worker import LocalWorker
from tasks.runtime import forget, runtime

_TICKS = os.sysconf("SC_CLK_TCK")
_HEAD = """
[controller]
name = "Example Devices GmbH"
country = "DE"
timezone = "Europe/Berlin"
regime = "gdpr"
authority = { name = "BayLDA", url = "https://www.lda.bayern.de" }
[owners]
case_owner = { name = "Subject rights desk", email = "rights@example.com" }
dpo = { name = "Data protection officer", email = "dpo@example.com" }
management = { name = "Head of customer care", email = "care@example.com" }
"""


@dataclass
class Cost:
    """What processes used: CPU seconds by role, and memory in the end."""

    cpu: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        return sum(self.cpu.values())


def processes_below(pid: int) -> list[int]:
    """A process and everything it started."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                waiting.extend(int(child) for child in children.read_text().split())
            except OSError:
                continue
    return found


def cpu_of(pid: int) -> float:
    """CPU seconds of a process, its ended children included."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS


def memory_of(pid: int) -> float:
    """Proportional memory of a process in MB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


@dataclass
class Meter:
    """Reads what processes cost between two moments.

    Args:
        roles: The roots of process trees by role.
    """

    roles: Mapping[str, int]

    def read(self) -> dict[str, float]:
        return {role: sum(map(cpu_of, processes_below(pid))) for role, pid in self.roles.items()}

    def memory(self) -> dict[str, float]:
        return {role: sum(map(memory_of, processes_below(pid))) for role, pid in self.roles.items()}


@dataclass
class Stack:
    """What runs."""

    folder: Path
    server: LocalServer
    workers: Sequence[LocalWorker]
    meter: Meter


@contextmanager
def at_home(folder: Path, systems: str, store_url: str = "") -> Iterator[None]:
    """A configured Rightsflow in this process, whose children inherit where it lies."""
    from deployments.cli import main as cli

    home = folder / ".rightsflow"
    variables = {"RIGHTSFLOW_HOME": str(home), "RIGHTSFLOW_DATABASE_URL": store_url, "PREFECT_LOGGING_LEVEL": "ERROR"}
    with patch.dict(os.environ, variables):
        forget()
        assert cli.run(["init"]) == 0
        (folder / "rightsflow.toml").write_text(_HEAD + systems)
        forget()
        yield
        forget()


@contextmanager
def running(folder: Path, workers: int = 1, extra: Mapping[str, int] | None = None) -> Iterator[Stack]:
    """The server and the workers, with this process talking to them."""
    place = folder / ".rightsflow" / "prefect"
    server = LocalServer(place, SqliteFile(place / "prefect.db"), port=0)
    server.start()
    started: list[LocalWorker] = []
    try:
        with temporary_settings({PREFECT_API_URL: server.api_url}):
            settings = runtime().settings
            apply_deployments(dict.fromkeys(settings.systems, 4), settings.controller.timezone)
            from deployments.catalogue import DEFAULT_POOL_TYPE

            for number in range(workers):
                worker = LocalWorker(server.api_url, DEFAULT_POOL_TYPE, folder / f"worker{number}.log", {})
                worker.start()
                started.append(worker)
            assert all(worker.wait_until_ready() for worker in started)
            time.sleep(1)
            roles = {"server": server._child.pid, "bench": os.getpid()} | dict(extra or {})
            roles |= {f"worker{number}": worker.pid for number, worker in enumerate(started)}
            yield Stack(folder, server, started, Meter(roles))
    finally:
        for worker in started:
            worker.stop()
        server.stop()


if __name__ == "__main__":
    sys.exit("run python -m tests.bench_cases")
