"""The run itself: import, let it work, make trouble, import what is more urgent, wait for the end."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import requests

from proofs.cluster_load.figures import Order, Overtaking, longest_gap, order_of, overtaking
from proofs.cluster_load.officer import AWAY, Officer
from proofs.cluster_load.place import Costs, Place, measuring, standing
from proofs.cluster_load.requests import Asking
from proofs.cluster_load.requests import requests as requests_of
from proofs.cluster_load.results import Results, closed_so_far, read_results, runs_are_over, write_down
from proofs.cluster_load.trouble import Outage, Trouble

_LOOK_SECONDS = 1.0
_SECOND_FILE_AT = 0.1
"""Which part of the cases is closed when the second file comes."""
_FIRST_MINUTE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large the run is.

    Args:
        cases: How many requests.
        customers: How many customers of whom something is held.
        workers: How many workers.
        plan: The helpdesk's plan.
        steps_at_once: How many steps may work at one system at a time.
        away_seconds: For how long a killed server or worker is away.
        longest_seconds: After which time the run is given up.
    """

    cases: int
    customers: int
    workers: int
    plan: str
    steps_at_once: int
    away_seconds: float
    longest_seconds: float


@dataclass
class Outcome:
    """The result of the run.

    Args:
        sizes: How large it was.
        seconds: From the keeper's start to the last closed case.
        results: What was read at the end.
        order: In which order cases went.
        overtaking: How the second file went.
        outages: What was away, with the longest time without a closed case since it began.
        calls: How often the helpdesk was called.
        refused: How often it said 429 after the first minute, and in it.
        cost: CPU seconds by role.
        faults: What is not as it has to be, in sentences.
    """

    sizes: Sizes
    seconds: float
    results: Results
    order: Order
    overtaking: Overtaking
    outages: list[tuple[Outage, float]]
    calls: int
    refused: tuple[int, int]
    cost: dict[str, float]
    faults: list[str] = field(default_factory=list)


def run_load(folder: Path, sizes: Sizes, say: Callable[[str], None]) -> Outcome:
    """Run it.

    Args:
        folder: An empty folder for state and logs.
        sizes: How large.
        say: Told how far it is.
    """
    with standing(
        folder,
        customers=sizes.customers,
        workers=sizes.workers,
        plan=sizes.plan,
        steps_at_once=sizes.steps_at_once,
    ) as place:
        first, second = requests_of(sizes.cases, place.center.world.people, date.today())
        say(f"importing {len(first)} requests")
        place.import_file(first, "first")
        with measuring(place) as costs, Officer():
            work = _Work(place, sizes, second, say)
            work.run()
            return work.outcome([*first, *second], costs)


class _Work:
    """The time between the keeper's start and the last closed case."""

    def __init__(self, place: Place, sizes: Sizes, second: list[Asking], say: Callable[[str], None]) -> None:
        self._place, self._sizes, self._second, self._say = place, sizes, second, say
        self._trouble = Trouble(place, sizes.away_seconds)
        self._began, self._began_at = time.monotonic(), datetime.now(UTC)
        self._second_at: datetime | None = None
        self._refused_at_first: int | None = None
        self._cost_before: dict[str, float] = {}
        self._import: threading.Thread | None = None
        self._faults: list[str] = []
        self._done = 0

    def run(self) -> None:
        self._cost_before = Costs(self._place).read()
        self._place.cluster.start("keeper")
        told = 0
        while self._done < self._sizes.cases and time.monotonic() - self._began < self._sizes.longest_seconds:
            time.sleep(_LOOK_SECONDS)
            try:
                self._done = closed_so_far()
            except AWAY:
                continue
            self._look()
            if self._done * 20 // self._sizes.cases > told:
                told = self._done * 20 // self._sizes.cases
                self._say(f"{time.monotonic() - self._began:6.0f} s: {self._done} closed")
        self._trouble.end()

    def _look(self) -> None:
        done = self._done / self._sizes.cases
        if self._refused_at_first is None and time.monotonic() - self._began >= _FIRST_MINUTE:
            self._refused_at_first = self._refused()
        if self._second_at is None and done >= _SECOND_FILE_AT:
            self._second_at = datetime.now(UTC)
            self._say(f"importing {len(self._second)} more urgent requests")
            # Beside it: on a busy machine an import takes long, and the rest is not to wait.
            self._import = threading.Thread(target=self._import_second, daemon=True)
            self._import.start()
        self._trouble.look(done)

    def _import_second(self) -> None:
        try:
            self._place.import_file(self._second, "second")
        except (RuntimeError, subprocess.SubprocessError) as error:
            self._faults.append(f"The second file was not imported: {error}")

    def outcome(self, asked: list[Asking], costs: Costs) -> Outcome:
        cost = {role: used - self._cost_before.get(role, 0.0) for role, used in costs.read().items()}
        self._settle()
        results = read_results(asked)
        write_down(results.cases, self._place.folder / "cases.csv")
        closed = [case.closed_at for case in results.cases if case.closed_at]
        seconds = (max(closed) - self._began_at).total_seconds()
        log, refused = self._calls(), self._refused()
        at_first = refused if self._refused_at_first is None else self._refused_at_first
        outcome = Outcome(
            sizes=self._sizes,
            seconds=seconds,
            results=results,
            order=order_of(results.cases),
            overtaking=overtaking(results.cases, self._second_at or self._began_at),
            outages=[(one, self._gap(results, one)) for one in self._trouble.outages],
            calls=len(log),
            refused=(refused - at_first, at_first),
            cost=cost,
            faults=[*self._faults, *results.faults],
        )
        self._check(outcome)
        return outcome

    def _settle(self) -> None:
        """A case is closed before its run has ended."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not runs_are_over():
            time.sleep(2)

    def _gap(self, results: Results, outage: Outage) -> float:
        last = max(case.closed_at for case in results.cases if case.closed_at)
        return longest_gap(results.cases, outage.began_at, min(outage.ended_at or last, last))

    def _check(self, outcome: Outcome) -> None:
        left = self._sizes.cases - self._done
        if left:
            outcome.faults.append(f"{left} cases are left open.")
        if len(outcome.outages) < len(("server", "worker", "database")):
            outcome.faults.append("Not every outage was made.")
        if outcome.refused[0]:
            outcome.faults.append(f"The helpdesk was called too often {outcome.refused[0]} times.")
        told = subprocess.run(
            [*self._place.cluster.program("rightsflow"), "ledger", "verify"],
            env=self._place.cluster.environment("deploy"),
            capture_output=True,
            timeout=900,
            check=False,
        )
        if told.returncode:
            outcome.faults.append(
                f"rightsflow ledger verify ends with {told.returncode}: {told.stdout.decode()[-300:]}"
            )

    def _calls(self) -> list[dict[str, object]]:
        answer = requests.get(f"{self._place.center.helpdesk_url}/__sandbox/requests", timeout=120)
        return list(answer.json()["requests"])

    def _refused(self) -> int:
        return sum(call["status"] == 429 for call in self._calls())
