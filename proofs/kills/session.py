"""A session: cases on the sandbox's systems, and ``up`` with all that belongs to it."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from prefect.settings import temporary_settings
from sqlalchemy import func, select

from proofs.kills.people import unrelated
from rightsflow.app import current_app, current_store
from rightsflow.cases.gates.gates import record_decision
from rightsflow.domain.case.states import CaseState
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.letter_ids import ANSWERS
from rightsflow.domain.request import Right
from rightsflow.store.tables import StepRow
from rightsflow_sandbox.center import SandboxCenter
from rightsflow_sandbox.world.model import Customer
from tests.support.homes import CHECKER, DECIDER, OPENER, Home, forget, living_in
from tests.support.identity import confirmed
from tests.support.peers.postgres import PostgresServer, running_postgres
from tests.support.peers.prefect_file import migrated
from tests.support.stack import COMMAND, Up, connect, environment

TODAY = date(2026, 11, 20)
CUSTOMERS = 120
UPS = 3
"""How often ``up`` is tried."""
MEMORY = Path("/dev/shm")

Kill = tuple[str, float | None]
"""What was killed, and the seconds until the next step began; ``None`` where there was nothing left to do."""


@dataclass
class Session:
    """Twenty cases, the systems, and ``up``.

    Args:
        home: The home.
        center: The systems.
        up: The process.
        people: Whose cases they are.
        right: What they ask for.
        store_server: The PostgreSQL of the case store, where it is one.
        keeper: A keeper beside that of ``up``, as a cluster has.
        kills: Each kill.
        cases: By case, whose it is.
        before: The records of the systems, by their digests, before anything was done.
    """

    home: Home
    center: SandboxCenter
    up: Up
    people: list[Customer]
    right: Right
    store_server: PostgresServer | None = None
    keeper: subprocess.Popen[bytes] | None = None
    kills: list[Kill] = field(default_factory=list)
    cases: dict[str, str] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)

    @property
    def outsider(self) -> Customer:
        """A person of whom no case is."""
        return self.center.access_subject

    def begin(self, kept_in: Path | None = None) -> None:
        """Open the cases and confirm the identities; then everything starts.

        Args:
            kept_in: Where a migrated Prefect database is kept; then ``up`` begins with a copy of it, with its own
                keeper alone.
        """
        rows = "\n".join(f"{self.right.value},{one.email},{TODAY}" for one in self.people)
        file = self.home.folder / "requests.csv"
        file.write_text(f"right,email,received\n{rows}\n")
        assert self.home.run("import", file, "--by", OPENER).status == 0
        forget()
        for one in self.people:
            (case_id,) = current_store().cases_of(frozenset({identifier(IdentifierKind.EMAIL, one.email)}))
            record_decision(current_app(), case_id, confirmed(by=CHECKER))
            self.cases[case_id] = one.customer_id
        self.before = self.center.snapshot(excluding=self.outsider)
        if kept_in:
            with migrated(self.home.state / "prefect", kept_in):
                self.start_up()
        else:
            self.start_up()
            self.start_keeper()

    def start_up(self) -> None:
        """As a person does: once more where the machine was too busy for the server to start in time."""
        for _ in range(UPS - 1):
            with suppress(AssertionError):
                self.up.start()
                return
        self.up.start()

    def start_keeper(self) -> None:
        """Start the keeper beside that of ``up``."""
        with (self.home.folder / "keep.log").open("a") as log:
            env = environment() | {"RIGHTSFLOW_HOME": str(self.home.state)}
            self.keeper = subprocess.Popen([COMMAND, "keep"], stdout=log, stderr=log, env=env)

    def end(self) -> None:
        """End all processes, however they are."""
        with suppress(Exception):
            if self.keeper:
                self.keeper.terminate()
                self.keeper.wait(30)
        with suppress(Exception):
            self.up.stop()
        for pid in self.up.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def left(self) -> set[str]:
        """The cases whose answer is not noted as sent; those that wait for a person get what they wait for."""
        try:
            states = {one.case_id: one.state for one in current_store().summaries()}
        except RightsflowError:
            return set(self.cases)
        for case_id, state in states.items():
            # A server or a store that is down just now is asked again.
            with suppress(Exception):
                if state is CaseState.AWAITING_APPROVAL:
                    self.home.run("decide", case_id, "--approve", "--by", DECIDER)
                elif state is CaseState.ANSWERED:
                    self.home.run("record-sent", case_id, "--letter", _answer_of(case_id), "--by", OPENER)
        return set(states)

    def newest(self) -> datetime | None:
        """When a step was begun last; ``None`` while the store does not answer."""
        try:
            with current_store().database.reading() as reading:
                return reading.scalar(select(func.max(StepRow.started_at)))
        except RightsflowError:
            return None

    def wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait for something, decide meanwhile; returns whether it came before nothing was left to do.

        Args:
            condition: What is waited for.
            seconds: How long at most.
        """
        deadline, look = time.monotonic() + seconds, 0.0
        while time.monotonic() < deadline:
            if condition():
                return True
            if time.monotonic() > look:
                if not self.left():
                    return False
                look = time.monotonic() + 1.0
            time.sleep(0.05)
        return False


@contextmanager
def session(right: Right, sort: str, cases: int, kept_in: Path | None = None) -> Iterator[Session]:
    """A session with everything that belongs to it, begun.

    Args:
        right: What is asked for.
        sort: The sort of databases.
        cases: How many cases.
        kept_in: Where a migrated Prefect database is kept; see :meth:`Session.begin`.
    """
    with ExitStack() as stack:
        where = MEMORY if MEMORY.is_dir() else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kills-", dir=where)))
        center = stack.enter_context(SandboxCenter(folder / "sandbox", today=TODAY, customers=CUSTOMERS))
        # Before there is a home: what has its name in its environment belongs to it, and is ended with it.
        server = stack.enter_context(running_postgres()) if sort == "postgresql" else None
        home = stack.enter_context(living_in(folder))
        variables = {"RIGHTSFLOW_UP_DATABASE": sort}
        if server:
            variables["RIGHTSFLOW_DATABASE_URL"] = stack.enter_context(server.database()).url()
        stack.enter_context(_variables(variables))
        connect(home, center)
        made = Session(home, center, Up(home), unrelated(center.world, cases), right, server)
        stack.callback(made.end)
        made.begin(kept_in)
        stack.enter_context(temporary_settings(made.up.access.settings))
        yield made
        # A database that was killed cannot be emptied while something is connected to it.
        made.end()
        forget()


@contextmanager
def _variables(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _answer_of(case_id: str) -> str:
    """The name of a case's answer."""
    with current_store().case_file(case_id) as file:
        return next(one.template_id for one in file.outbox.letters() if one.template_id in ANSWERS)
