"""The harness: a place in which a case can be answered many times over, each time from the same beginning."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final

from deployments.cli.commands.setup import set_up
from deployments.local.server import LocalServer
from proofs.kills.ends import NOW, SECRET, End, Note, Point, read_end, read_notes
from proofs.kills.forking import LONGEST, READY_SECONDS, Template
from proofs.kills.peers import BORN, BORN_FIELD, BUCKET, MARKER
from proofs.kills.worker import runtime_of
from rightsflow.app import current_app, installed
from rightsflow.cases.course.gates.gates import record_decision
from rightsflow.cases.course.intake.file_import import import_requests
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.config.environment import Environment
from rightsflow.domain.request import RequestForm
from rightsflow.domain.vocabulary.rights import Right
from rightsflow_sandbox.configuration import systems_toml
from tests.support.identity import IMPORT_COLUMNS, TYPED, as_cells, confirmed
from tests.support.request_files import request_file

ARCHIVE = """
[systems.archive]
connector         = "s3"
bucket            = "{bucket}"
match             = {{ by = "metadata", keys = {{ customer-id = "customer_id" }} }}
endpoint_url      = "{url}"
region            = "us-east-1"
access_key_id     = "file:{secret}"
secret_access_key = "file:{secret}"
purposes          = ["proof of what was agreed"]
categories        = ["call recordings"]
source            = "the data subject"
retention         = "24 months"
recipients        = "none"
transfers         = "none"
backup_days = 0
document_classes  = {{ recording = "none", transcript = "none", screen-recording = "none" }}
"""

OTHERS = """
[processors.carrier]
name        = "Example Carrier"
role        = "controller"
contact     = "privacy@carrier.example"
systems     = ["helpdesk"]
categories  = ["addresses"]
identifiers = ["email"]

[processors.archivist]
name              = "Example Archivist"
contact           = "privacy@archivist.example"
systems           = ["archive"]
categories        = ["copies of call recordings"]
identifiers       = ["account_id"]
holds_own_records = true
"""
"""Who is told of an erasure, and who cannot be asked, since nothing is known by which it finds records: a case does not
wait for either, so that each run comes to its answer."""


ONE_EACH = "\n[imports]\nbatch_size = 1\n"
"""A batch that has had its case waits for no other."""


class Stuck(Exception):
    """A run that did not go as far as it had to; the text says what is wrong."""


class NotReached(Stuck):
    """A run did not come to the point at which it was to be killed."""


_TRIES: Final = 4
"""How often a point is tried: how many commits a run has depends on how fast its steps are, since they share some."""


@dataclass(frozen=True)
class Run:
    """The result of a run."""

    end: End
    resumed: float
    notes: Sequence[Note] = field(repr=False)


@dataclass
class World:
    """Templates, a Prefect server, and a prepared home for each right."""

    folder: Path
    peers: Template
    worker: Template
    cases: dict[Right, str] = field(default_factory=dict)

    @property
    def live(self) -> Path:
        return self.folder / "live"

    @property
    def _state(self) -> Path:
        return self.live / ".rightsflow"

    def undisturbed(self, right: Right, flaw: str = "") -> Run:
        with self._begun(right, None):
            return self._finish(right, time.monotonic(), self._work(right, None, flaw))

    def killed(self, right: Right, point: Point | None, flaw: str = "") -> Run:
        for _ in range(_TRIES - 1):
            try:
                return self._killed(right, point, flaw)
            except NotReached:
                continue
        return self._killed(right, point, flaw)

    def _killed(self, right: Right, point: Point | None, flaw: str) -> Run:
        with self._begun(right, point):
            status = self._work(right, point, flaw)
            if status == 0:
                raise NotReached("The worker was not killed: it answered the case without coming to that point.")
            if status != -signal.SIGKILL:
                raise Stuck(f"The worker was not killed: it ended with status {status}.")
            started = time.monotonic()
            return self._finish(right, started, self._work(right, None, flaw))

    @contextmanager
    def _begun(self, right: Right, point: Point | None) -> Iterator[None]:
        shutil.rmtree(self.live, ignore_errors=True)
        shutil.copytree(self.folder / right.value, self.live, symlinks=True)
        held = point.place if point and point.is_held else {}
        self.peers.order(notes=str(self.live / "notes"), dump=str(self.live / "peers.json"), point=held)
        try:
            yield
        except BaseException:
            self.worker.end_child()
            self.peers.end_child()
            raise

    def _work(self, right: Right, point: Point | None, flaw: str) -> int:
        """Let a worker answer the case; kill it if a peer says that it holds its call."""
        self.worker.order(
            home=str(self._state), case=self.cases[right], notes=str(self.live / "notes"),
            point=point.place if point and not point.is_held else {}, flaw=flaw,
        )  # fmt: skip
        ready, _, _ = select.select([self.worker, self.peers], [], [], LONGEST)
        if self.peers in ready:
            if "held" not in (self.peers.read(READY_SECONDS) or {}):
                raise Stuck("The peers ended before the worker did.")
            self.worker.signal(signal.SIGKILL)
        return self.worker.ended()

    def _finish(self, right: Right, started: float, status: int) -> Run:
        took = time.monotonic() - started
        self.peers.signal(signal.SIGUSR1)
        if self.peers.ended() != 0:
            raise Stuck("The peers did not say what they hold.")
        runtime = runtime_of(self._state)
        if status != 0:
            with runtime.store.case_file(self.cases[right]) as file:
                errors = [f"{one.step} {one.system}: {one.error}" for one in file.steps.all() if one.error]
            raise Stuck(f"The case was not answered: the worker ended with status {status}. {' '.join(errors)}")
        held = json.loads((self.live / "peers.json").read_text())
        notes = read_notes(self.live / "notes")
        end = read_end(runtime, self.cases[right], self.live, held, notes)
        runtime.store.database.close()
        return Run(end, took, notes)


@contextmanager
def standing_world(folder: Path, server: LocalServer, *, in_batches: bool = False) -> Iterator[World]:
    """Start both templates and open a case of each right, identities confirmed."""
    live = folder / "live"
    live.mkdir()
    environment = server.access.environment | {"RIGHTSFLOW_RETRY_SECONDS": "[0.05, 0.2]"}
    environment |= {"PREFECT_LOGGING_LEVEL": "CRITICAL", "PREFECT_LOGGING_TO_API_ENABLED": "false"}
    with ExitStack() as stack:
        peers = Template("proofs.kills.peers", live, log=folder / "peers.log", environment={})
        stack.callback(peers.stop)
        worker = Template("proofs.kills.worker", log=folder / "worker.log", environment=environment)
        stack.callback(worker.stop)
        where = peers.wait_ready()
        world = World(folder, peers, worker)
        with _restored_environment():
            for right in Right:
                if right.value in where:
                    world.cases[right] = _open(live, right, where, in_batches=in_batches)
                    shutil.copytree(live, folder / right.value)
            worker.wait_ready()
            yield world


@contextmanager
def _restored_environment() -> Iterator[None]:
    before = os.environ.get("RIGHTSFLOW_HOME")
    try:
        yield
    finally:
        os.environ.pop("RIGHTSFLOW_HOME", None)
        if before is not None:
            os.environ["RIGHTSFLOW_HOME"] = before


def _open(live: Path, right: Right, where: Mapping[str, str], *, in_batches: bool) -> str:
    state = live / ".rightsflow"
    shutil.rmtree(state, ignore_errors=True)
    os.environ["RIGHTSFLOW_HOME"] = str(state)
    _configure(live, where)
    set_up(Environment())
    runtime = runtime_of(state)
    with installed(runtime):
        case_id = (_imported if in_batches else _opened)(right, where[right.value])
    runtime.store.database.close()
    return case_id


def _opened(right: Right, email: str) -> str:
    form = RequestForm(right=right.value, email=email, birth_date=BORN, opened_by="Olga Opener")
    case_id = open_request_form(current_app(), form).case_id
    record_decision(current_app(), case_id, confirmed(by="Ida Identity"))
    return case_id


def _imported(right: Right, email: str) -> str:
    day = f"{NOW:%Y-%m-%d}"
    row = (right.value, email, day, "e-mail", *as_cells(f"{day}T09:30", by="Ida Identity"))
    header = ",".join(("right", "email", "received", "channel", *IMPORT_COLUMNS))
    import_requests(current_app(), request_file(f"{header}\n{','.join(row)}"), by="Olga Opener")
    (case,) = current_app().store.summaries()
    return case.case_id


def _configure(live: Path, where: Mapping[str, str]) -> None:
    secret, url = live / "secret", live / "cdr-url"
    secret.write_text(SECRET)
    url.write_text(f"sqlite:///{live / 'cdr.sqlite'}")
    systems = systems_toml(
        helpdesk_url=where["helpdesk"],
        client_id="rightsflow",
        client_secret=secret,
        payments_url=where["payments"],
        payments_key=secret,
        database_url=url,
        recordings=live / "monitor",
        marker=MARKER,
    ).replace("job_poll_seconds  = 0.2", f'job_poll_seconds  = 0.01\nbirth_date_field  = "{BORN_FIELD}"')
    archive = ARCHIVE.format(bucket=BUCKET, url=where["archive"], secret=secret)
    template = files("deployments.cli").joinpath("rightsflow.toml.template").read_text(encoding="utf-8")
    head, _, _ = template.partition("[systems.")
    (live / "rightsflow.toml").write_text(head + TYPED + ONE_EACH + systems + archive + OTHERS)
