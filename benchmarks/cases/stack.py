"""Server, workers and case store as processes of their own, and what they cost together."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from prefect.settings import temporary_settings

from benchmarks.cases.deciding import Approver, AtDesk, Officer
from deployments.applying import apply_deployments
from deployments.cli import main as cli
from deployments.local.server import LocalServer
from deployments.local.worker_process import LocalWorker
from deployments.pool_types import DEFAULT_POOL_TYPE
from rightsflow.app import current_app, forget
from tests.support.process_memory import memory_of, processes_below

_TICKS = os.sysconf("SC_CLK_TCK")
_HEAD = """
[controller]
name = "Example Devices GmbH"
country = "DE"
timezone = "Europe/Berlin"
regime = "gdpr"
authority = { name = "BayLDA", url = "https://www.lda.bayern.de" }
automated_decisions = "No decision about you is made by automated means alone."
[owners]
case_owner = { name = "Subject rights desk", email = "rights@example.com" }
dpo = { name = "Data protection officer", email = "dpo@example.com" }
management = { name = "Head of customer care", email = "care@example.com" }
[brakes]
day_floor = 1000000
[people.dana]
name = "Dana Decider"
email = "dana@example.com"
roles = ["approver"]
[people.olga]
name = "Olga Opener"
email = "olga@example.com"
roles = ["officer"]
[desk]
typed_names = "allowed"
"""


def cpu_of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS


@dataclass
class Meter:
    """The processor time of processes."""

    roles: Mapping[str, int]
    acted: float = 0.0
    """CPU seconds of what this process and its ended commands did as a person who imports or starts; what it measures
    is no one's."""

    @contextmanager
    def acting(self) -> Iterator[None]:
        began = _of_people()
        yield
        self.acted += _of_people() - began

    def read(self) -> dict[str, float]:
        trees = {role: sum(map(cpu_of, processes_below(pid))) for role, pid in self.roles.items()}
        return trees | {"people": self.acted}

    def memory(self) -> dict[str, float]:
        return {role: sum(map(memory_of, processes_below(pid))) for role, pid in self.roles.items()}


def _of_people() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@contextmanager
def at_home(folder: Path, systems: str, store_url: str = "") -> Iterator[None]:
    """Configure Rightsflow in this process, whose children inherit its places."""
    variables = {
        "RIGHTSFLOW_HOME": str(folder / ".rightsflow"),
        "RIGHTSFLOW_DATABASE_URL": store_url,
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
    }
    with patch.dict(os.environ, variables), redirect_stdout(io.StringIO()):
        forget()
        assert cli.run(["init"]) == 0
        (folder / "rightsflow.toml").write_text(_HEAD + systems)
        forget()
    with patch.dict(os.environ, variables):
        yield
    forget()


@dataclass(frozen=True)
class Elsewhere:
    """A database that others look after."""

    url: str
    is_running: bool = True

    def start(self) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Stack:
    """The running processes."""

    meter: Meter
    approver: Approver
    officer: Officer | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def running(folder: Path, prefect_url: str, postgres: int, workers: int = 1) -> Iterator[Stack]:
    """Prefect's server with the desk, and the workers, with this process talking to them."""
    home = folder / ".rightsflow"
    server = LocalServer(folder / "prefect", Elsewhere(prefect_url), port=0, desk_home=home)
    started: list[LocalWorker] = []
    try:
        server.start()
        with temporary_settings(server.access.settings):
            current = current_app().settings
            apply_deployments(current.controller.timezone)
            roles = {"server": server._child.pid, "databases": postgres}
            for number in range(workers):
                worker = LocalWorker(server.access, DEFAULT_POOL_TYPE, folder / f"worker{number}.log", {})
                worker.start()
                started.append(worker)
                roles[f"worker {number + 1}"] = worker.pid or 0
            assert all(worker.wait_until_ready() for worker in started)
            desk = server.ui_url
            yield Stack(Meter(roles), AtDesk(desk), Officer(desk), server.access.environment)
    finally:
        for worker in started:
            worker.stop()
        server.stop()
