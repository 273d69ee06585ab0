"""``rightsflow up`` as people start it: until it takes requests, from a request to the first step, memory, a batch."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from prefect.client.orchestration import get_client
from prefect.settings import temporary_settings

from benchmarks.cases.deciding import Here
from benchmarks.cases.home import Homes
from benchmarks.cases.stack import Meter, Stack, cpu_of
from benchmarks.cases.working import Batch, batch
from deployments.server_access import Access, read_secret
from flows.starting import start_case
from rightsflow.app import current_app
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.domain.request import RequestForm
from rightsflow.domain.vocabulary.rights import Right
from tests.support.process_memory import memory_of, processes_below

REQUESTS, PAUSE_SECONDS = 20, 1.5
IDLE_SECONDS = 60.0
"""After this time what a start needs for itself has been done."""
WATCHED_SECONDS = 120.0
"""For how long it is watched what an idle one does."""
_PARTS = {"deployments.front": "server and desk", "keeping_worker": "worker and keeper", "supervisor": "supervisor"}
STARTING_SECONDS, STOPPING_SECONDS = 180.0, 60.0


def measure(homes: Homes, line: Callable[..., None], shown: Callable[[Batch], str]) -> None:
    """Print the cost of ``up``."""
    with homes.alone() as folder:
        with _up(folder) as (_, seconds):
            line("up on a new home, until it takes requests", f"{seconds:.1f} s", "")
        with _up(folder) as (pid, seconds):
            line("up again", f"{seconds:.1f} s", "")
            stack = Stack(Meter({"up": pid}), Here())
            time.sleep(IDLE_SECONDS)
            _idle(pid, line)
            took = sorted(_to_first_step(email) for email in homes.people(REQUESTS))
            line("request opened to first step", f"{median(took):.2f} s", f"at most {took[-1]:.2f} s of {REQUESTS}")
            batch(homes.people(5), Right.ACCESS, stack)
            line("up: batch of 50 accesses, a case", shown(batch(homes.people(50), Right.ACCESS, stack)), "")


@contextmanager
def _up(folder: Path) -> Iterator[tuple[int, float]]:
    """Run ``up`` with this process as its client; yield its process and the seconds until it accepted requests."""
    began, address = time.monotonic(), folder / ".rightsflow" / "up.json"
    with (folder / "up.log").open("wb") as log:
        command = [Path(sys.executable).with_name("rightsflow"), "up", "--port", "0"]
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        while not address.exists():
            if process.poll() is not None or time.monotonic() > began + STARTING_SECONDS:
                raise RuntimeError(f"up did not start: {(folder / 'up.log').read_text()[-600:]}")
            time.sleep(0.05)
        seconds = time.monotonic() - began
        access = Access(json.loads(address.read_text())["api_url"], read_secret(address.parent))
        with temporary_settings(access.settings):
            yield process.pid, seconds
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOPPING_SECONDS)


def _idle(pid: int, line: Callable[..., None]) -> None:
    parts = {one: _part(one) for one in processes_below(pid)}
    before = {one: cpu_of(one) for one in parts}
    time.sleep(WATCHED_SECONDS)
    memory, cpu = Counter[str](), Counter[str]()
    for one, part in parts.items():
        memory[part] += memory_of(one)
        cpu[part] += (cpu_of(one) - before[one]) / WATCHED_SECONDS
    shown = ", ".join(f"{part} {memory[part]:.0f} MB {cpu[part]:.2%}" for part in sorted(memory))
    line("up, idle: all processes", f"{memory.total():.0f} MB, {cpu.total():.2%} of a core", shown)


def _part(pid: int) -> str:
    command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    return next((part for mark, part in _PARTS.items() if mark in command), "PostgreSQL")


def _to_first_step(email: str) -> float:
    began = time.time()
    form = RequestForm(right="access", email=email, opened_by="Olga Opener")
    opened = open_request_form(current_app(), form)
    started = start_case(opened.case_id, opened.right)
    with get_client(sync_client=True) as client:
        while not (states := [one for one in client.read_flow_run_states(started.id) if one.name == "Running"]):
            time.sleep(0.1)
    time.sleep(PAUSE_SECONDS)
    return states[0].timestamp.timestamp() - began
