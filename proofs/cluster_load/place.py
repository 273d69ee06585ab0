"""What runs and what it costs, the person who releases packages, and what goes wrong meanwhile."""

from __future__ import annotations

import contextvars
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Self
from unittest.mock import patch
from urllib.parse import quote

import boto3
import httpx
from prefect.exceptions import PrefectException
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings
from sqlalchemy import select

from benchmarks.cases.stack import cpu_of
from flows.suspended import resume_all
from proofs.cluster_load.results import Asking, as_file
from rightsflow.app import current_app, current_store, forget
from rightsflow.domain.errors import Conflict, RightsflowError
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store.tables import CaseRow
from rightsflow.vault import create_key_file
from rightsflow_sandbox.center import SandboxCenter
from tests.support.cluster_files import required
from tests.support.identity import TYPED
from tests.support.loopback import Loopback, running_cluster
from tests.support.peers.postgres import PostgresServer, running_postgres
from tests.support.peers.seaweedfs import S3Peer, running_seaweedfs
from tests.support.process_memory import processes_below
from tests.support.reading import read_then_decide

_AUTH = "admin:loopback"
_BUCKET = "rightsflow-work"
_SAMPLE_SECONDS = 2.0
_CALLS = "calls"
_IMPORT_SECONDS = 900.0


@dataclass
class Costs:
    """CPU seconds of process trees by role; a tree that ended keeps what was last read of it."""

    place: Place
    seconds: dict[tuple[str, int], float] = field(default_factory=dict)

    def read(self) -> dict[str, float]:
        for role, pid in self.place.processes():
            self.seconds[role, pid] = max(self.seconds.get((role, pid), 0.0), sum(map(cpu_of, processes_below(pid))))
        total: dict[str, float] = {}
        for (role, _), seconds in self.seconds.items():
            total[role] = total.get(role, 0.0) + seconds
        return total


@dataclass
class Place:
    """The parts."""

    cluster: Loopback
    center: SandboxCenter
    postgres: PostgresServer
    folder: Path
    workers: list[str] = field(default_factory=list)

    def processes(self) -> list[tuple[str, int]]:
        roles = {"api-1": "API servers", "api-2": "API servers", "services": "services", "gateway": "gateway"}
        found = [(roles.get(name, name.partition("-")[0]), pid) for name, pid in self.cluster.pids.items()]
        found += [(f"sandbox {name}", pid) for name, pid in self.center.processes.items()]
        return [*found, ("postgres", self.postgres.pid), ("object store", _weed_below(os.getpid()))]

    def start_worker(self) -> None:
        name = f"worker-{len(self.workers) + 1}"
        self.workers.append(name)
        self.cluster.start_worker(name)

    def import_file(self, asking: Sequence[Asking], name: str) -> None:
        """Import requests with the command, as a container of a client would."""
        file = self.folder / f"{name}.csv"
        file.write_text(as_file(asking), encoding="utf-8")
        told = subprocess.run(
            [*self.cluster.program("rightsflow"), "case", "import", str(file), "--by", "Olga Opener", "--json"],
            env=self.cluster.environment("deploy"), capture_output=True, timeout=_IMPORT_SECONDS, check=False,
        )  # fmt: skip
        if told.returncode:
            raise RuntimeError(f"the import failed: {told.stdout.decode()[-600:]} {told.stderr.decode()[-600:]}")


@contextmanager
def standing(folder: Path, *, customers: int, workers: int, plan: str, steps_at_once: int) -> Iterator[Place]:
    """Start everything but the keeper, with this process as a client of it."""
    with ExitStack() as stack:
        postgres = stack.enter_context(running_postgres())
        _as_on_a_server(postgres)
        s3 = stack.enter_context(running_seaweedfs(_folder(folder / "s3")))
        _make_bucket(s3)
        center = stack.enter_context(SandboxCenter(
            folder / "sandbox", today=date.today(), customers=customers,
            database_url=f"postgresql+psycopg://postgres@/{_CALLS}?host={quote(postgres.socket, safe='')}",
            plan=plan,
        ))  # fmt: skip
        _configure(folder, center, s3, steps_at_once)
        cluster = stack.enter_context(running_cluster(folder, _variables(s3), postgres))
        cluster.run("deploy")
        place = Place(cluster, center, postgres, folder)
        for _ in range(workers):
            place.start_worker()
        stack.enter_context(_as_client(cluster))
        yield place


@contextmanager
def measuring(place: Place) -> Iterator[Costs]:
    """Read what it costs again and again, since a process that is killed takes its figures along."""
    costs, stop = Costs(place), threading.Event()

    def sample() -> None:
        while not stop.wait(_SAMPLE_SECONDS):
            costs.read()

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield costs
    finally:
        stop.set()
        thread.join()


def _as_on_a_server(postgres: PostgresServer) -> None:
    with postgres.admin() as admin:
        admin.execute("ALTER SYSTEM SET max_connections = 200")
        admin.execute("ALTER SYSTEM RESET fsync")
        admin.execute(f"CREATE DATABASE {_CALLS}")
    postgres.stop()
    postgres.start()


def _make_bucket(s3: S3Peer) -> None:
    client = boto3.client(
        "s3", endpoint_url=s3.endpoint, region_name="us-east-1", aws_access_key_id=s3.access_key,
        aws_secret_access_key=s3.secret_key,
    )  # fmt: skip
    client.create_bucket(Bucket=_BUCKET)


_BRAKES = "[brakes]\nday_floor = 1000000\n"
"""What is usual on the day of an import of ten thousand requests."""

_POLICIES = "".join(
    f'[[policies]]\nname = "strangers-{right}"\nversion = 1\nright = "{right}"\n'
    'identity = ["logged in to the account"]\n'
    "every_nth_to_a_person = 0\n"
    for right in ("access", "erasure")
)
"""What proved that its mappings find things goes without a person: of ten thousand requests most are by strangers."""


def _configure(folder: Path, center: SandboxCenter, s3: S3Peer, steps_at_once: int) -> None:
    _folder(folder / "home")
    create_key_file(folder / "master.key")
    (folder / "aws_credentials").write_text(
        f"[default]\naws_access_key_id = {s3.access_key}\naws_secret_access_key = {s3.secret_key}\n", encoding="utf-8"
    )
    template = files("deployments.cli").joinpath("rightsflow.toml.template").read_text(encoding="utf-8")
    systems = center.systems_toml().replace("connector         = ", f"steps_at_once = {steps_at_once}\nconnector = ")
    (folder / "rightsflow.toml").write_text(
        template.partition("[systems.")[0] + TYPED + _BRAKES + _POLICIES + systems, encoding="utf-8"
    )


def _variables(s3: S3Peer) -> dict[str, str]:
    return dict.fromkeys(required(), "loopback") | {
        "PREFECT_AUTH_STRING": _AUTH,
        "RIGHTSFLOW_WORK_URL": f"s3://{_BUCKET}/copies",
        "AWS_ENDPOINT_URL_S3": s3.endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
    }


@contextmanager
def _as_client(cluster: Loopback) -> Iterator[None]:
    ours: dict[str, Any] = {
        name: value for name, value in cluster.environment("deploy").items() if name.startswith(("RIGHTSFLOW_", "AWS_"))
    }
    server = {PREFECT_API_URL: cluster.api_url, PREFECT_API_AUTH_STRING: _AUTH}
    with patch.dict(os.environ, ours), temporary_settings(server):
        forget()
        try:
            yield
        finally:
            forget()


def _weed_below(pid: int) -> int:
    for one in processes_below(pid):
        try:
            if Path(f"/proc/{one}/comm").read_text().strip() == "weed":
                return one
        except OSError:
            continue
    return 0


def _folder(path: Path) -> Path:
    path.mkdir(mode=0o700)
    return path


AWAY: Final = (RightsflowError, httpx.HTTPError, PrefectException, OSError)
"""What a database or a server that is away looks like."""
_LOOK_SECONDS: Final = 1.0
_RESUME_SECONDS: Final = 30.0
"""For how long it is tried to resume a run after its decision; afterwards the keeper does."""


class Officer:
    """Approves each case once; a context manager."""

    def __init__(self) -> None:
        self.decided = 0
        self.faults = 0
        self._to_resume: dict[str, float] = {}
        self._stop = threading.Event()
        # With the context goes which server is talked to.
        working = contextvars.copy_context()
        self._thread = threading.Thread(target=working.run, args=(self._work,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *fault: object) -> None:
        self._stop.set()
        self._thread.join(30)

    def _work(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            try:
                self._look()
            except AWAY:
                self.faults += 1

    def _look(self) -> None:
        for case_id in _awaiting():
            # Decided already by a call whose answer was lost.
            with suppress(Conflict):
                decision = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider")
                read_then_decide(current_app(), case_id, decision)
                self.decided += 1
            self._to_resume[case_id] = time.monotonic() + _RESUME_SECONDS
        for case_id, until in list(self._to_resume.items()):
            # Its run may reach the gate, and be suspended, a moment after the case file shows it.
            if resume_all(case_id, Gate.APPROVAL) or time.monotonic() > until:
                del self._to_resume[case_id]


def _awaiting() -> list[str]:
    with current_store().database.reading() as session:
        return list(session.scalars(select(CaseRow.id).where(CaseRow.state == CaseState.AWAITING_APPROVAL.value)))


DATABASE_SECONDS = 3.0


@dataclass
class Outage:
    """One outage."""

    what: str
    began_at: datetime
    ended_at: datetime | None = None


@dataclass
class Trouble:
    """Makes each outage once."""

    place: Place
    away_seconds: float
    outages: list[Outage] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def look(self, done: float) -> None:
        """Make those that are due."""
        plan: tuple[tuple[float, str, Callable[[], None]], ...] = (
            (0.25, "API server, SIGKILL", self._server),
            (0.45, "worker, SIGKILL", self._worker),
            (0.65, "PostgreSQL, restart", self._database),
        )
        for share, what, make in plan[len(self.outages) :][:1]:
            if done >= share and not any(thread.is_alive() for thread in self._threads):
                self.outages.append(Outage(what, datetime.now(UTC)))
                thread = threading.Thread(target=self._make, args=(self.outages[-1], make), daemon=True)
                self._threads.append(thread)
                thread.start()

    def end(self) -> None:
        for thread in self._threads:
            thread.join(180)
        if self.faults:
            raise RuntimeError(f"an outage did not end as it should: {self.faults[0]}") from self.faults[0]

    def _make(self, outage: Outage, make: Callable[[], None]) -> None:
        try:
            make()
        except BaseException as error:  # noqa: BLE001 - told at the end, in the thread that measures
            self.faults.append(error)
        outage.ended_at = datetime.now(UTC)

    def _server(self) -> None:
        self.place.cluster.kill("api-1")
        time.sleep(self.away_seconds)
        self.place.cluster.start_api("api-1")

    def _worker(self) -> None:
        self.place.cluster.kill(self.place.workers[0])
        time.sleep(self.away_seconds)
        self.place.start_worker()

    def _database(self) -> None:
        self.place.postgres.stop()
        time.sleep(DATABASE_SECONDS)
        self.place.postgres.start()
