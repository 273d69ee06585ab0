"""Cases from their opening to their answer on a running stack, and what each took."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import Self

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from sqlalchemy import select

from benchmarks.cases.deciding import Approver
from benchmarks.cases.stack import Meter, Stack
from benchmarks.cases.watching import Watch
from flows.starting import start_case
from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import record_decision
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.domain.request import RequestForm
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store.tables import CaseRow
from tests.support.identity import IMPORT_COLUMNS, as_cells, confirmed

OFFICER_LOOKS_SECONDS = 0.25
DECIDED_TOGETHER = 10


def beside(work: Callable[..., object], *arguments: object) -> Thread:
    return Thread(target=copy_context().run, args=(work, *arguments), daemon=True)


class Together:
    """Approves the cases of a batch, some together as soon as so many wait, and the last ones; as a context manager."""

    def __init__(self, approver: Approver, right: Right, cases: Collection[str]) -> None:
        self._approver, self._right = approver, right
        self._left = set(cases)
        self._over = Event()
        self._thread = beside(self._work)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        while self._left and not self._over.wait(OFFICER_LOOKS_SECONDS):
            waiting = self._left & _waiting()
            if len(waiting) >= min(DECIDED_TOGETHER, len(self._left)):
                self._approver.many(sorted(waiting), self._right)
                self._left -= waiting


def _waiting() -> set[str]:
    waiting = select(CaseRow.id).where(CaseRow.state == CaseState.AWAITING_APPROVAL.value)
    with current_app().store.database.reading() as session:
        return set(session.scalars(waiting))


def carry_through(case_id: str, right: Right, approver: Approver) -> float:
    """Wait for a case's answer, and approve it as soon as it waits for that. It looks at this case alone."""
    read: list[float] = []

    def decide(state: str) -> None:
        if state == CaseState.AWAITING_APPROVAL and not read:
            read.append(approver.one(case_id, right))

    watched().wait([case_id], decide)
    return sum(read)


def watched() -> Watch:
    return _watch(current_app().store.database.url)


@cache
def _watch(url: str) -> Watch:
    return Watch.of(url, "SELECT state FROM cases WHERE id = :id", lambda state: CaseState(state).is_settled)


@dataclass(frozen=True)
class Took:
    """The durations of one run."""

    working: float
    whole: float
    starting: float


def opened(email: str, right: Right) -> str:
    case_id = open_request_form(
        current_app(), RequestForm(right=right.value, email=email, opened_by="Olga Opener")
    ).case_id
    record_decision(current_app(), case_id, confirmed(by="Ida Identity"))
    return case_id


def one_by_one(people: Sequence[str], right: Right, stack: Stack) -> list[Took]:
    took = []
    for email in people:
        case_id = opened(email, right)
        run = start_case(case_id, right)
        carry_through(case_id, right, stack.approver)
        took.append(read_times(run))
        time.sleep(0.5)
    return took


def read_times(run: FlowRun) -> Took:
    with get_client(sync_client=True) as client:
        for _ in range(100):
            states = client.read_flow_run_states(run.id)
            if any(state.is_final() for state in states):
                break
            time.sleep(0.1)
    at: dict[str, list[datetime]] = {}
    for state in states:
        at.setdefault(state.name, []).append(state.timestamp)
    begun, end = at["Running"], max(state.timestamp for state in states if state.is_final())
    gate = (begun[1] - at["Suspended"][0]).total_seconds() if len(begun) > 1 else 0.0
    whole = (end - begun[0]).total_seconds()
    return Took(whole - gate, whole, (begun[0] - at["Scheduled"][0]).total_seconds())


@dataclass(frozen=True)
class Batch:
    """The cost of a batch per case: seconds, CPU seconds by role, and the most memory of all processes in MB."""

    seconds: float
    cpu: dict[str, float]
    memory: float

    @property
    def cpu_of_all(self) -> float:
        return sum(self.cpu.values())


def batch(people: Sequence[str], right: Right, stack: Stack, *, decided: bool = True) -> Batch:
    """Cases of people with these addresses, imported by the command as a person does it; the clock begins with that.

    Args:
        people: The addresses.
        right: What they ask for.
        stack: What runs.
        decided: Whether an officer decides on each; else a policy has to.
    """
    meter = stack.meter
    days = (f"2026-11-{1 + at % 20:02d}" for at in range(len(people)))
    rows = "\n".join(
        ",".join((right.value, email, day, *as_cells(f"{day}T10:00", by="Ida Identity")))
        for day, email in zip(days, people, strict=True)
    )
    before = {case.case_id for case in current_app().store.summaries()}
    with watched_memory(meter) as most, tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "requests.csv")
        file.write_text(f"right,email,received,{','.join(IMPORT_COLUMNS)}\n{rows}", encoding="utf-8")
        used, began = meter.read(), time.monotonic()
        with meter.acting():
            _command(stack, "case", "import", str(file), "--by", "Olga Opener")
        cases = {case.case_id for case in current_app().store.summaries()} - before
        assert len(cases) == len(people)
        with Together(stack.approver, right, cases) if decided else nullcontext():
            watched().wait(sorted(cases))
        seconds = time.monotonic() - began
        time.sleep(2)
        after = meter.read()
    count = len(people)
    return Batch(seconds / count, {role: (after[role] - used[role]) / count for role in used}, most[0])


def _command(stack: Stack, *words: str) -> None:
    command = [str(Path(sys.executable).with_name("rightsflow")), *words]
    subprocess.run(command, check=True, env=os.environ | stack.variables, stdout=subprocess.DEVNULL)


@contextmanager
def watched_memory(meter: Meter) -> Iterator[list[float]]:
    """While entered, the most memory of all processes in MB, read once a second, is the list's one item."""
    stop, most = Event(), [0.0]

    def watch() -> None:
        while not stop.wait(1.0):
            most[0] = max(most[0], sum(meter.memory().values()))

    thread = Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        stop.set()
        thread.join()


def middle(took: Sequence[Took], what: Callable[[Took], float]) -> float:
    return median(map(what, took))
