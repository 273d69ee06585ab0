"""A session: cases on the sandbox's systems with ``up`` and all that belongs to it, and how each process is killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from prefect.settings import temporary_settings
from sqlalchemy import func, select

from proofs.common import in_memory
from rightsflow.app import current_app, current_store
from rightsflow.cases.course.gates.gates import record_decision
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.letter_ids import ANSWERS
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store.tables import StepRow
from rightsflow_sandbox.center import SandboxCenter
from rightsflow_sandbox.inspection.ownership import text_of, words_of
from rightsflow_sandbox.world.model import Customer
from rightsflow_sandbox.world.world import World
from tests.support.homes import CHECKER, DECIDER, OPENER, Home, forget, living_in
from tests.support.identity import confirmed
from tests.support.peers.postgres import PostgresServer, running_postgres
from tests.support.peers.prefect_file import migrated
from tests.support.stack import COMMAND, Up, connect, environment


def unrelated(world: World, count: int) -> list[Customer]:
    related = {one for pair in meetings(world) for one in pair}
    cast = {world.access_subject.customer_id, world.erasure_subject.customer_id}
    alone = (one for one in world.people if len(one.customer_ids) == 1 and one.customer_id not in related | cast)
    chosen = list(islice(alone, count))
    if len(chosen) < count:
        raise ValueError(f"Only {len(chosen)} people of the sandbox have nothing to do with others; ask for fewer.")
    return chosen


def meetings(world: World) -> set[tuple[str, str]]:
    """Return the pairs of people that share a record, by customer id: as its owners, by a key or by a word."""
    marks = {one.customer_id: _marks(one, world) for one in world.people}
    # In the owner's stead where the record itself does not name them.
    owned = [*((one.owner, asdict(one)) for one in world.accounts), *((one.owner, asdict(one)) for one in world.calls)]
    written = [*(("", asdict(one)) for one in world.people), *(("", asdict(one)) for one in world.tickets)]
    met = set()
    for owner, record in owned + written:
        text = text_of(record)
        named = {who for who, words in marks.items() if any(word in text for word in words)}
        found = sorted(named | ({owner} & marks.keys()))
        met |= {(one, other) for place, one in enumerate(found) for other in found[place + 1 :]}
    return met


def _marks(person: Customer, world: World) -> tuple[str, ...]:
    return (*words_of(person, world), str(person.user_id), *person.customer_ids, *person.accounts)


TODAY = date(2026, 11, 20)
CUSTOMERS = 120
UPS = 3
"""How often ``up`` is tried."""

Kill = tuple[str, float | None]
"""What was killed, and the seconds until the next step began; ``None`` where there was nothing left to do."""


@dataclass
class Session:
    """Twenty cases, the systems, and ``up``."""

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
        return self.center.access_subject

    def begin(self, kept_in: Path | None = None) -> None:
        """Open the cases and confirm the identities; then everything starts."""
        rows = "\n".join(f"{self.right.value},{one.email},{TODAY}" for one in self.people)
        file = self.home.folder / "requests.csv"
        file.write_text(f"right,email,received\n{rows}\n")
        assert self.home.run("case", "import", file, "--by", OPENER).status == 0
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
        for _ in range(UPS - 1):
            with suppress(AssertionError):
                self.up.start()
                return
        self.up.start()

    def start_keeper(self) -> None:
        with (self.home.folder / "keep.log").open("a") as log:
            env = environment() | {"RIGHTSFLOW_HOME": str(self.home.state)}
            self.keeper = subprocess.Popen([COMMAND, "service", "keep"], stdout=log, stderr=log, env=env)

    def end(self) -> None:
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
        """Return the cases whose answer is not noted as sent; those that wait for a person get what they wait for."""
        try:
            states = {one.case_id: one.state for one in current_store().summaries()}
        except RightsflowError:
            return set(self.cases)
        for case_id, state in states.items():
            # A server or a store that is down just now is asked again.
            with suppress(Exception):
                if state is CaseState.AWAITING_APPROVAL:
                    self.home.run("letter", "read", case_id, "--letter", "package", "--by", DECIDER)
                    self.home.run("decide", case_id, "--approve", "--by", DECIDER)
                elif state is CaseState.ANSWERED:
                    self.home.run("letter", "mark-sent", case_id, "--letter", _answer_of(case_id), "--by", OPENER)
        return set(states)

    def newest(self) -> datetime | None:
        try:
            with current_store().database.reading() as reading:
                return reading.scalar(select(func.max(StepRow.started_at)))
        except RightsflowError:
            return None

    def wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
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
    """Begin a session with everything that belongs to it."""
    with ExitStack() as stack:
        folder = stack.enter_context(in_memory("kills-"))
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
    with current_store().case_file(case_id) as file:
        return next(one.template_id for one in file.outbox.letters() if one.template_id in ANSWERS)


RESUMED: Final = 120.0
"""Seconds after which it is no longer waited for the next step."""
AT_A_STEP: Final = 20.0
"""Seconds for which it is waited that a step begins, to kill just then."""
DATABASE: Final = "Prefect's PostgreSQL"
STORE: Final = "case store's PostgreSQL"

Aim = tuple[list[int], Callable[[], object]]
"""What is killed, and what waits until it is there again."""


def parts(session: Session) -> list[str]:
    found = ["worker", "server", "keeper"]
    if (session.home.state / "prefect" / "postgres").exists():
        found.append(DATABASE)
    if session.store_server:
        found.append(STORE)
    return found


def rounds(parts: Sequence[str], chance: random.Random) -> Iterator[list[str]]:
    while True:
        alone = [[part] for part in (*parts, "up", "whole tree")]
        together = [chance.sample(parts, chance.randint(2, len(parts))) for _ in parts]
        yield from chance.sample([*alone, *together], len(alone) + len(together))


def strike(session: Session, victims: Iterable[str], chance: random.Random) -> bool:
    """Kill some at the same instant, and wait until the next step begins; returns whether there was one to do."""
    newest, victims = session.newest(), list(victims)
    if chance.random() < 0.5:
        session.wait_for(lambda: session.newest() not in {None, newest}, AT_A_STEP)
    else:
        time.sleep(chance.uniform(0, 2))
    if not session.left():
        return False
    started, aims = time.monotonic(), [AIMS[victim](session) for victim in victims]
    for pids, _ in aims:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    for _, recover in aims:
        recover()
    back = datetime.now(UTC)
    begun = session.wait_for(lambda: (session.newest() or back) > back, RESUMED)
    took = time.monotonic() - started if begun else RESUMED if session.left() else None
    session.kills.extend((victim, took) for victim in victims)
    return True


def _worker(session: Session) -> Aim:
    return _part(session, lambda: session.up.worker)


def _server(session: Session) -> Aim:
    return _part(session, lambda: next(iter(session.up.processes("deployments.front")), None))


def _database(session: Session) -> Aim:
    return _part(session, lambda: _postmaster(session))


def _part(session: Session, read: Callable[[], int | None]) -> Aim:
    before = read()
    pids = [] if before is None else [before]
    return pids, lambda: session.wait_for(lambda: read() not in {None, before}, RESUMED)


def _postmaster(session: Session) -> int | None:
    try:
        lines = (session.home.state / "prefect" / "postgres" / "postmaster.pid").read_text().splitlines()
    except OSError:
        return None
    return int(lines[0]) if len(lines) == 8 and lines[7].strip() == "ready" else None


def _store(session: Session) -> Aim:
    server = session.store_server
    assert server is not None

    def start() -> bool:
        # It is none of the processes of the home, which are known by its name in their environment.
        home = os.environ.pop("RIGHTSFLOW_HOME")
        try:
            server.start()
        except subprocess.CalledProcessError:
            return False
        finally:
            os.environ["RIGHTSFLOW_HOME"] = home
        return True

    return [server.pid], lambda: session.wait_for(start, RESUMED)


def _keeper(session: Session) -> Aim:
    keeper = session.keeper
    assert keeper is not None

    def recover() -> None:
        keeper.wait()
        session.start_keeper()

    return [keeper.pid], recover


def _up(session: Session) -> Aim:
    return [_up_of(session).pid], lambda: _start_again(session)


def _tree(session: Session) -> Aim:
    beside = {session.keeper.pid} if session.keeper else set()
    pids = [_up_of(session).pid, *session.up.processes().keys() - beside]
    return pids, lambda: _start_again(session)


def _start_again(session: Session) -> None:
    _up_of(session).wait()
    session.start_up()


def _up_of(session: Session) -> subprocess.Popen[bytes]:
    process = session.up.process
    assert process is not None
    return process


AIMS: Final[Mapping[str, Callable[[Session], Aim]]] = {
    "worker": _worker, "server": _server, "keeper": _keeper, DATABASE: _database, STORE: _store, "up": _up,
    "whole tree": _tree,
}  # fmt: skip
"""How each victim is found, and how one goes on after its end."""
