"""``rightsflow up`` as a process of its own, its worker and runs to be killed, and the helpdesk's switches."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.settings import temporary_settings

from deployments.ports import free_port
from deployments.server_access import Access, read_secret
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow_sandbox.center import SandboxCenter
from rightsflow_sandbox.demo.officer import PATIENCE_SECONDS, Officer
from tests.support.homes import Home
from tests.support.identity import TYPED

APPROVE = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider")
COMMAND = str(Path(sys.executable).with_name("rightsflow"))
READY_SECONDS = 300.0


def until(condition, what, seconds=90.0):
    """Wait for something that other processes do; returns the result.

    Args:
        condition: Gives the result once it is there.
        what: What is waited for.
        seconds: How long that may take on a machine that does nothing else.
    """
    begun = time.monotonic()
    while not (found := condition()):
        assert time.monotonic() - begun < stretched(seconds), f"waited in vain for {what}"
        time.sleep(0.1)
    return found


def stretched(seconds):
    """How long it may take now: the longer, the more processes wait for a core of this machine.

    A fixed time says on a busy machine that what comes late does not come.
    """
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def environment():
    """What a process of a user's has: nothing that this process's tests set."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return inherited | {"RIGHTSFLOW_RETRY_SECONDS": "[0.5, 1, 2]"}


def processes_of(folder):
    """The living processes that name a folder in their command or their environment: pid → command."""
    mark, found = str(folder).encode(), {}
    for path in Path("/proc").iterdir():
        if not path.name.isdigit() or int(path.name) == os.getpid():
            continue
        try:
            command, variables = (path / "cmdline").read_bytes(), (path / "environ").read_bytes()
        except OSError:
            continue
        # A process that ended and was not waited for has no command any more.
        if command and mark in command + variables:
            found[int(path.name)] = command.replace(b"\0", b" ").decode()
    return found


@dataclass
class Up:
    """``rightsflow up`` on a home.

    Args:
        home: The home.
        port: The port asked for.
    """

    home: Home
    port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None

    @property
    def printed(self):
        return (self.home.folder / "up.out").read_text()

    @property
    def complaints(self):
        return (self.home.folder / "up.err").read_text()

    @property
    def access(self):
        return Access(json.loads((self.home.state / "up.json").read_text())["api_url"], read_secret(self.home.state))

    def start(self):
        out, err = self.home.folder / "up.out", self.home.folder / "up.err"
        with out.open("w") as printed, err.open("w") as complaints:
            command = [COMMAND, "up", "--port", str(self.port)]
            env = environment() | {"RIGHTSFLOW_HOME": str(self.home.state)}
            self.process = subprocess.Popen(command, stdout=printed, stderr=complaints, env=env)
        until(
            lambda: "Ctrl-C stops everything." in self.printed or self.process.poll() is not None, "up", READY_SECONDS
        )
        assert self.process.poll() is None, self.complaints
        return self

    def stop(self, how=signal.SIGINT):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(stretched(60))
        return self.process.returncode

    def processes(self, what=""):
        """The living processes that belong to the home, no matter who their parent is now: pid → command."""
        return {
            pid: command
            for pid, command in processes_of(self.home.folder).items()
            if what in command and "rightsflow_sandbox" not in command
        }

    @property
    def worker(self):
        """The worker's pid, or ``None`` while there is none."""
        return next(iter(self.processes("deployments.local.keeping_worker")), None)

    @property
    def runs(self):
        """The pids of the processes that execute flow runs."""
        return set(self.processes("prefect.engine"))


@dataclass
class Helpdesk:
    """The helpdesk double's own switches."""

    url: str

    def hold(self, method, path):
        """Keep the next call of this kind waiting."""
        order = {"action": "hold", "method": method, "path": path}
        assert requests.post(f"{self.url}/__sandbox/faults", json=order, timeout=10).status_code == 201

    def release(self):
        assert requests.delete(f"{self.url}/__sandbox/faults", timeout=10).status_code == 204

    @property
    def calls(self):
        return requests.get(f"{self.url}/__sandbox/requests", timeout=10).json()["requests"]

    def held(self, method, path):
        """Whether a call of this kind has arrived and is not answered yet."""
        return any(one["method"] == method and path in one["path"] and not one["status"] for one in self.calls)

    @property
    def changes(self):
        """How often each call that changes something was made, but for signing in."""
        return Counter(
            (one["method"], one["path"], one["query"], one["idempotency_key"])
            for one in self.calls
            if one["method"] != "GET" and one["path"] != "/oauth/tokens"
        )


@dataclass
class Stack:
    """A sandbox, a home on it, and ``rightsflow up``."""

    center: SandboxCenter
    home: Home
    up: Up

    @property
    def helpdesk(self):
        return Helpdesk(self.center.helpdesk_url)

    @property
    def officer(self):
        with get_client(sync_client=True) as client:
            deployments = {one.name: str(one.id) for one in client.read_deployments()}
        return Officer(deployments, lambda _: None, patience=lambda: stretched(PATIENCE_SECONDS))

    def run_of(self, case_id):
        with get_client(sync_client=True) as client:
            (run,) = client.read_flow_runs(flow_run_filter=FlowRunFilter(name=FlowRunFilterName(any_=[case_id])))
        return run

    def message_of(self, case_id):
        """What a suspended run says."""
        return self.run_of(case_id).state.message

    def seconds_between(self, run_id, before, after):
        """How long a run took from one state to the next of a name."""
        with get_client(sync_client=True) as client:
            states = client.read_flow_run_states(run_id)
        start = next(one.timestamp for one in states if one.name == before)
        return min(
            (one.timestamp - start).total_seconds() for one in states if one.name == after and one.timestamp > start
        )

    def seconds_until_running(self, run_id, instant):
        """How long after an instant a run began again; 0 if it did not have to."""
        with get_client(sync_client=True) as client:
            starts = [one.timestamp for one in client.read_flow_run_states(run_id) if one.name == "Running"]
        return min(((one - instant).total_seconds() for one in starts if one > instant), default=0.0)

    def overview(self, case_id):
        return self.home.overview(case_id)

    def read_run(self, run_id):
        with get_client(sync_client=True) as client:
            return client.read_flow_run(run_id)

    def wait_at(self, case_id, key):
        """Wait until a case's run is suspended at a gate."""

        def is_there():
            state = self.run_of(case_id).state
            assert not state.is_final(), f"{case_id} ended {state.name}: {state.message}"
            return state.is_paused() and state.state_details.pause_key.startswith(f"{key}-")

        until(is_there, f"{case_id} at {key}")


@contextmanager
def stack_on(home, folder, *, today, customers=25):
    """A sandbox with ``rightsflow up`` on it; this process talks to that server."""
    with SandboxCenter(folder, today=today, customers=customers) as center:
        connect(home, center)
        up = Up(home)
        try:
            up.start()
            with temporary_settings(up.access.settings):
                yield Stack(center, home, up)
        finally:
            up.stop()


@contextmanager
def talking_to_same_server(stack):
    """Let this process talk to a stack's server from another home as well."""
    with temporary_settings(stack.up.access.settings):
        yield


def connect(home, center):
    """A home whose systems are a sandbox's."""
    assert home.run("init").status == 0
    head, _, _ = home.config.read_text().partition("[systems.")
    home.config.write_text(head + TYPED + center.systems_toml())
