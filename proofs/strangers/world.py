"""Real systems with everything in them; access and erasure of every subject, judged by what was planted, as a table."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from proofs.common import head, row
from proofs.strangers import mails, operator, recordings, tables, tickets
from proofs.strangers.cases import Office
from proofs.strangers.people import Person, Population, populate
from proofs.strangers.planted import Held, Mark, Marks, Snapshot, Verdict, judge_changes, judge_package
from rightsflow.domain.vocabulary.rights import Right
from tests.support.peers.helpdesk import running_helpdesk
from tests.support.peers.kamailio import running_kamailio
from tests.support.peers.postgres import PostgresServer, running_postgres
from tests.support.peers.radosgw import running_radosgw
from tests.support.peers.redmine import running_redmine
from tests.support.peers.seaweedfs import S3Peer, running_seaweedfs

Say = Callable[[str], None]


@dataclass(frozen=True)
class World:
    """Everything that the proof is held in."""

    population: Population
    marks: Marks
    systems: tuple[Held, ...]
    clients: Mapping[str, Any]
    configuration: str


@contextmanager
def whole_world(folder: Path, say: Say, neighbourhoods: int) -> Iterator[World]:
    """Start all peers and fill them by their own means."""
    population, marks = populate(neighbourhoods), Marks()
    with ExitStack() as stack:
        server = stack.enter_context(running_postgres())
        systems, sections = [], []
        accounts: dict[int, str] = {}
        clients: dict[str, Any] = {}
        for add in (_add_tickets, _add_telephone, _add_helpdesk):
            one, section, numbers = add(stack, _below(folder, add.__name__), server, population, marks)
            say(f"{one.name}: filled")
            systems.append(one)
            sections.append(section)
            accounts |= numbers
        for name, peer in _running_stores(stack, folder):
            clients[name] = client_of(peer)
            store = (name, peer, clients[name], "recordings")
            one, section = add_store(store, folder, population, accounts, marks)
            say(f"{name}: filled")
            systems.append(one)
            sections.append(section)
        yield World(population, marks, tuple(systems), clients, operator.head() + "".join(sections))


def accounts_of(users: dict[str, int]) -> dict[int, str]:
    return {int(login[1:]): str(number) for login, number in users.items() if login not in tickets.AGENTS}


def _below(folder: Path, name: str) -> Path:
    below = folder / name.removeprefix("_add_")
    below.mkdir()
    return below


Added = tuple[Held, str, dict[int, str]]


def _add_tickets(stack: ExitStack, folder: Path, server: PostgresServer, population: Population, marks: Marks) -> Added:
    redmine = stack.enter_context(running_redmine(folder, server))
    users = redmine.run("fill.rb", tickets.plan(population, marks))
    section = operator.sql_section(
        tickets.NAME, tables.TICKETS, redmine.database, folder, redmine.files, tables.PEOPLE_VIEW
    )
    return tickets.held(redmine.database, redmine.files, users, marks), section, accounts_of(users)


def _add_telephone(
    stack: ExitStack, folder: Path, server: PostgresServer, population: Population, marks: Marks
) -> Added:
    kamailio = stack.enter_context(running_kamailio(folder, server))
    kamailio.make(mails.plan_calls(population, marks))
    section = operator.sql_section(mails.TELEPHONE, tables.TELEPHONE, kamailio.database, folder)
    return mails.held_calls(kamailio.database, marks), section, {}


def _add_helpdesk(
    stack: ExitStack, folder: Path, server: PostgresServer, population: Population, marks: Marks
) -> Added:
    helpdesk = stack.enter_context(running_helpdesk(folder, server))
    helpdesk.fill(mails.plan(population, marks))
    section = operator.sql_section(mails.NAME, tables.HELPDESK, helpdesk.database, folder, helpdesk.files)
    return mails.held(helpdesk, population, marks), section, {}


def _running_stores(stack: ExitStack, folder: Path) -> Iterator[tuple[str, S3Peer]]:
    for name, running in (("archive", running_seaweedfs), ("recordings", running_radosgw)):
        below = folder / name
        below.mkdir()
        yield name, stack.enter_context(running(below))


def add_store(
    store: tuple[str, S3Peer, Any, str], folder: Path, population: Population, accounts: dict[int, str], marks: Marks
) -> tuple[Held, str]:
    name, peer, client, bucket = store
    recordings.fill(client, bucket, recordings.plan(name, population, accounts, marks))
    section = operator.store_section(name, peer, bucket, folder)
    return recordings.held(name, client, bucket, marks), section


def client_of(peer: S3Peer) -> Any:
    return boto3.client(
        "s3", endpoint_url=peer.endpoint, region_name="us-east-1", aws_access_key_id=peer.access_key,
        aws_secret_access_key=peer.secret_key,
        config=Config(s3={"addressing_style": "path"}, connect_timeout=5, read_timeout=60),
    )  # fmt: skip


Key = tuple[Right, str]
NOTHING: Mapping[str, Snapshot] = {}
"""The systems before they are read for the first time."""


@dataclass
class Proof:
    """What came of all cases."""

    world: World
    say: Callable[[str], None]
    verdicts: dict[Key, Verdict] = field(default_factory=dict)
    outcomes: dict[Key, Counter[str]] = field(default_factory=dict)
    cases: Counter[Right] = field(default_factory=Counter)
    seconds: dict[Right, float] = field(default_factory=lambda: dict.fromkeys(Right, 0.0))
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def faults(self) -> list[str]:
        found = [fault for verdict in self.verdicts.values() for fault in verdict.faults]
        for right in Right:
            verdicts = [one for (whose, _), one in self.verdicts.items() if whose is right]
            missed = sum(one.withheld + one.left for one in verdicts)
            hit = sum(one.given + one.erased for one in verdicts)
            if missed * 19 > hit:
                found.append(f"{right.value}: {missed} of {missed + hit} were missed")
        return found

    def handed_out_or_changed(self, system: str) -> tuple[int, int]:
        verdicts = [verdict for (_, name), verdict in self.verdicts.items() if name == system]
        return sum(one.disclosed for one in verdicts), sum(one.changed for one in verdicts)

    def hold(self, office: Office) -> None:
        before: Mapping[str, Snapshot] = self._read()
        for name, held in before.items():
            self.sizes[name] = (len(held), sum(len(value.encode()) for row in held.values() for value in row.values()))
        for right in (Right.ACCESS, Right.ERASURE):
            for person in self.world.population.subjects:
                before = self._answer(office, right, person, before)

    def hold_one(self, office: Office, person: Person) -> None:
        before: Mapping[str, Snapshot] = self._read()
        for right in (Right.ACCESS, Right.ERASURE):
            before = self._answer(office, right, person, before)

    def _answer(
        self, office: Office, right: Right, person: Person, before: Mapping[str, Snapshot]
    ) -> Mapping[str, Snapshot]:
        started = time.monotonic()
        case_id = office.answer(right, person)
        self.cases[right] += 1
        self.seconds[right] += time.monotonic() - started
        for (system, _, _), outcome in office.outcomes(case_id).items():
            self.outcomes.setdefault((right, system), Counter())[outcome] += 1
        after, marks = self._read(before), self.world.marks
        case, named = Verdict(), office.named(case_id)

        def is_left(system: str, place: str) -> bool:
            table, _, key = place.partition("/")
            return (system, f"{table.strip('_')}/{key}") in named

        def is_left_out(mark: Mark) -> bool:
            rows = before[mark.system].items()
            return any(is_left(mark.system, place) for place, row in rows if mark in marks.stored_in(row))

        for held in self.world.systems:
            subject = person if right is Right.ERASURE else None
            changed = judge_changes(
                held, before[held.name], after[held.name], subject, marks, partial(is_left, held.name)
            )
            self._add(case, right, held.name, changed)
        if right is Right.ACCESS:
            files = office.package(case_id)
            by_system = judge_package(files, person, self.world.population, marks, is_left_out)
            for system, verdict in by_system.items():
                self._add(case, right, system, verdict)
        self.say(f"{right.value} {person.number}: {'clean' if case.is_clean else f'{len(case.faults)} faults'}")
        for fault in case.faults:
            self.say(f"- {fault}")
        return after

    def _add(self, case: Verdict, right: Right, system: str, verdict: Verdict) -> None:
        case.add(verdict)
        self.verdicts.setdefault((right, system), Verdict()).add(verdict)

    def _read(self, before: Mapping[str, Snapshot] = NOTHING) -> dict[str, Snapshot]:
        return {one.name: _as_before(one.snapshot(), before.get(one.name, {})) for one in self.world.systems}


def _as_before(now: Snapshot, before: Snapshot) -> Snapshot:
    return {place: before[place] if before.get(place) == row else row for place, row in now.items()}


_HEAD = (
    *("system", "rows, files, versions", "given", "not given", "erased", "not erased", "of these named in the answer"),
    *("kept: shared or unclear", "others' bytes handed out", "others' bytes changed"),
)


def table(proof: Proof) -> Iterator[str]:
    yield from head(*_HEAD).splitlines()
    everything = Verdict()
    for name, (number, _) in proof.sizes.items():
        verdict = Verdict()
        for right in Right:
            verdict.add(proof.verdicts.get((right, name), Verdict()))
        everything.add(verdict)
        yield _row(name, number, verdict)
    yield _row("**all**", sum(number for number, _ in proof.sizes.values()), everything)


def summary(proof: Proof) -> Iterator[str]:
    people, subjects = len(proof.world.population.people), len(proof.world.population.subjects)
    size = sum(size for _, size in proof.sizes.values())
    yield f"{people} people, {subjects} of whom asked; {len(proof.world.marks.by_word)} marks; {size / 1e6:.1f} MB."
    for right in Right:
        if proof.cases[right]:
            seconds = proof.seconds[right] / proof.cases[right]
            yield f"{proof.cases[right]} {right.value} cases, {seconds:.1f} s each."
    yield from (f"- {fault}" for fault in proof.faults)


def _row(name: str, number: int, verdict: Verdict) -> str:
    cells = (name, number, verdict.given, verdict.withheld, verdict.erased, verdict.left, verdict.named, verdict.kept)
    return row(*cells, verdict.disclosed, verdict.changed)
