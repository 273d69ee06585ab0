"""``python -m proofs.cluster_load``: a cluster fulfils imported requests while parts of it are killed."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import requests

from proofs.cluster_load.place import AWAY, Costs, Officer, Outage, Place, Trouble, measuring, standing
from proofs.cluster_load.results import (
    Asking,
    Overtaking,
    Results,
    closed_so_far,
    longest_gap,
    overtaking,
    read_results,
    runs_are_over,
)
from proofs.cluster_load.results import requests as requests_of
from proofs.common import head, row, tell
from tests.support.loopback import can_run

_LOOK_SECONDS = 1.0
_SECOND_FILE_AT = 0.1
"""Which part of the cases is closed when the second file comes."""
_FIRST_MINUTE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large the run is."""

    cases: int
    customers: int
    workers: int
    plan: str
    steps_at_once: int
    away_seconds: float
    longest_seconds: float


@dataclass
class Outcome:
    """The result of the run."""

    sizes: Sizes
    seconds: float
    results: Results
    overtaking: Overtaking
    outages: list[tuple[Outage, float]]
    calls: int
    refused: tuple[int, int]
    cost: dict[str, float]
    faults: list[str] = field(default_factory=list)


def run_load(folder: Path, sizes: Sizes, say: Callable[[str], None]) -> Outcome:
    with standing(
        folder, customers=sizes.customers, workers=sizes.workers, plan=sizes.plan, steps_at_once=sizes.steps_at_once
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
        closed = [case.closed_at for case in results.cases if case.closed_at]
        seconds = (max(closed) - self._began_at).total_seconds()
        log, refused = self._calls(), self._refused()
        at_first = refused if self._refused_at_first is None else self._refused_at_first
        outcome = Outcome(
            sizes=self._sizes, seconds=seconds, results=results,
            overtaking=overtaking(results.cases, self._second_at or self._began_at),
            outages=[(one, self._gap(results, one)) for one in self._trouble.outages], calls=len(log),
            refused=(refused - at_first, at_first), cost=cost, faults=[*self._faults, *results.faults],
        )  # fmt: skip
        self._check(outcome)
        return outcome

    def _settle(self) -> None:
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
            env=self._place.cluster.environment("deploy"), capture_output=True, timeout=900, check=False,
        )  # fmt: skip
        if told.returncode:
            outcome.faults.append(
                f"rightsflow ledger verify ends with {told.returncode}: {told.stdout.decode()[-300:]}"
            )

    def _calls(self) -> list[dict[str, object]]:
        answer = requests.get(f"{self._place.center.helpdesk_url}/__sandbox/requests", timeout=120)
        return list(answer.json()["requests"])

    def _refused(self) -> int:
        return sum(call["status"] == 429 for call in self._calls())


def report(outcome: Outcome) -> list[str]:
    end = [f"FAULT: {fault}" for fault in outcome.faults] or ["Everything is as it has to be."]
    return [head("", ""), *(row(name, value) for name, value in _rows(outcome)), "", *end]


def _rows(outcome: Outcome) -> Iterator[tuple[str, str]]:
    sizes, results = outcome.sizes, outcome.results
    ends = Counter(case.state for case in results.cases)
    yield "imported requests", f"{sizes.cases:,} in two files, {sizes.workers} workers"
    yield "answered, nothing held, anything else", _ends(ends)
    yield "cases with another number of answer letters than one, steps done twice", _none(outcome, "letter", "Steps")
    yield "cases without a task run, left failed at last", f"{_none(outcome, 'no task run')}, {results.runs['Failed']}"
    yield "time", f"{outcome.seconds:,.0f} s, {sizes.cases / outcome.seconds:.2f} cases a second"
    total = sum(outcome.cost.values())
    yield "CPU seconds a case, all processes", f"{total / sizes.cases:.2f} ({_parts(outcome)})"
    for outage, gap in outcome.outages:
        yield f"{outage.what}: longest time without a closed case", f"{gap:.1f} s"
    yield "cases worked on again, attempts at steps made good", f"{results.again:,}, {results.failed_on_the_way:,}"
    over = outcome.overtaking
    yield (
        "more urgent second file",
        (
            f"{over.cases} cases, the last began {over.seconds:.0f} s after the import; {over.others} others began "
            f"meanwhile, {over.others_handed} of which had not been taken already"
        ),
    )
    yield "calls of the helpdesk, 429 after the first minute", f"{outcome.calls:,}, {outcome.refused[0]}"


def _ends(ends: Counter[str]) -> str:
    known = ends["answered"], ends["nothing held"]
    return f"{known[0]:,}, {known[1]:,}, {ends.total() - sum(known):,}"


def _none(outcome: Outcome, *words: str) -> str:
    return " ".join(fault for fault in outcome.faults if any(word in fault for word in words)) or "none"


def _parts(outcome: Outcome) -> str:
    parts = sorted(outcome.cost.items(), key=lambda one: -one[1])
    return ", ".join(
        f"{role} {used / outcome.sizes.cases:.2f}" for role, used in parts if used >= 0.005 * sum(outcome.cost.values())
    )


def main() -> int:
    """Run it; the exit status is 0 if everything is as it has to be."""
    options = _arguments()
    if not can_run():
        tell("redis-server and nginx have to be installed.")
        return 2
    sizes = Sizes(
        cases=options.cases, customers=options.customers, workers=options.workers, plan=options.plan,
        steps_at_once=options.steps_at_once, away_seconds=options.away, longest_seconds=options.minutes * 60,
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="load") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        outcome = run_load(folder, sizes, tell)
    sys.stdout.write("\n".join(report(outcome)) + "\n")
    return int(bool(outcome.faults))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m proofs.cluster_load", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="how many requests are imported")
    parser.add_argument("--customers", type=int, default=300, help="of how many of them something is held")
    parser.add_argument("--workers", type=int, default=4, help="how many workers")
    parser.add_argument("--plan", default="enterprise-plus", help="the helpdesk's plan, with its published limits")
    parser.add_argument("--steps-at-once", type=int, default=12, help="steps that may work at one system at a time")
    parser.add_argument("--away", type=float, default=20.0, help="seconds for which what was killed is away")
    parser.add_argument("--minutes", type=float, default=240.0, help="after which time it is given up")
    parser.add_argument("--folder", type=Path, help="an empty folder for state and logs, which stay there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
