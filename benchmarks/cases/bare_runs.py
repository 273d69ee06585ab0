"""Bare Prefect, beside which a case is measured: what a stock server and its engine take for steps that do nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.cases import bare
from benchmarks.cases.stack import Meter
from deployments.local.server import serves
from deployments.ports import free_port

_READY_SECONDS = 180.0
_PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Bare:
    """A stock ``prefect server start`` on PostgreSQL, and a process that calls the flow again and again."""

    runner: subprocess.Popen[str]
    meter: Meter

    def seconds(self, runs: int) -> tuple[float, float]:
        took, used = [], 0.0
        for number in range(runs + 1):
            before = sum(self.meter.read().values())
            seconds = self._run()
            time.sleep(_PAUSE_SECONDS)
            if number:
                used += sum(self.meter.read().values()) - before
                took.append(seconds)
        return median(took), used / runs

    def _run(self) -> float:
        assert self.runner.stdin is not None
        assert self.runner.stdout is not None
        self.runner.stdin.write("\n")
        self.runner.stdin.flush()
        return float(self.runner.stdout.readline())


@contextmanager
def bare_prefect(folder: Path, database: str, postgres: int) -> Iterator[Bare]:
    """Start both, with no setting but the database's address, and nothing sent outside."""
    folder.mkdir()
    port, stock = free_port(), {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    stock |= {
        "PREFECT_HOME": str(folder),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "ERROR",
    }
    api_url = f"http://127.0.0.1:{port}/api"
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "server.log").open("wb") as log:
        its = stock | {"PREFECT_SERVER_DATABASE_CONNECTION_URL": database}
        server = subprocess.Popen(command, env=its, stdout=log, stderr=log)
    try:
        _wait(server, api_url, folder / "server.log")
        with subprocess.Popen(
            [sys.executable, "-m", bare.__name__],
            env=stock | {"PREFECT_API_URL": api_url},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as runner:
            # Its input ends with the block, and it with its input.
            yield Bare(runner, Meter({"bare server": server.pid, "bare runner": runner.pid, "databases": postgres}))
    finally:
        server.terminate()
        server.wait(60)


def _wait(server: subprocess.Popen[bytes], api_url: str, log: Path) -> None:
    end = time.monotonic() + _READY_SECONDS
    while not serves(api_url):
        if server.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"Prefect's server did not start: {log.read_text(errors='replace')[-600:]}")
        time.sleep(0.25)
