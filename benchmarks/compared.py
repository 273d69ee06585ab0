"""``python -m benchmarks.compared``: what a case costs beside bare Prefect and, where one is installed, beside Fides.

All stand at the same time on the same three databases and are measured in turns, since the host gives its cores at
different speeds within an hour. Each is called as a person calls it: Rightsflow at its desk and by ``rightsflow
import``, Fides over the API that its pages call. Each is watched alike, by SQL in its own database. The clock of a
batch begins with its import. Bare Prefect is a stock server and Prefect's own engine. Only the ratios are for quoting.
``FIDES`` names an installation of the peer, which ``benchmarks/fides/install.sh`` makes; without it bare Prefect alone
is beside a case.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.cases.bare_runs import Bare
from benchmarks.cases.home import Homes
from benchmarks.cases.population import RELEASING, populate
from benchmarks.cases.stack import Meter, Stack
from benchmarks.cases.working import batch, carry_through, watched_memory
from benchmarks.fides.asking import Desk
from benchmarks.fides.standing import running_fides
from rightsflow.domain.vocabulary.rights import Right
from tests.support.peers.postgres import PostgresServer, running_postgres

HOST, PORT = "127.0.0.1", 5432
"""The address of the three databases for both sides; Fides knows no Unix socket."""
ONE_BY_ONE = 5
PAUSE_SECONDS = 2.0
"""The pause in which a request's remaining work is done, so that its processor time counts."""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one case."""

    seconds: float
    cpu: float
    memory: float = 0.0


@dataclass(slots=True)
class Side:
    """A side of the comparison."""

    meter: Meter
    single: Callable[[Sequence[str], Right], list[float]]
    together: Callable[[Sequence[str], Right], float]

    def one(self, people: Sequence[str], right: Right) -> Cost:
        before = sum(self.meter.read().values())
        took = self.single(people, right)
        time.sleep(PAUSE_SECONDS)
        return Cost(median(took), (sum(self.meter.read().values()) - before) / len(people))

    def many(self, people: Sequence[str], right: Right) -> Cost:
        with watched_memory(self.meter) as most:
            before = sum(self.meter.read().values())
            seconds = self.together(people, right)
            time.sleep(PAUSE_SECONDS)
            used = sum(self.meter.read().values()) - before
        return Cost(seconds / len(people), used / len(people), most[0])


def ours(stack: Stack, *, decided: bool) -> Side:
    """Ours."""
    assert stack.officer is not None

    def single(people: Sequence[str], right: Right) -> list[float]:
        took = []
        for email in people:
            began = time.monotonic()
            case_id = stack.officer.opened(email, right)
            read = carry_through(case_id, right, stack.approver)
            took.append(time.monotonic() - began - read)
            time.sleep(0.5)
        return took

    def together(people: Sequence[str], right: Right) -> float:
        return batch(people, right, stack, decided=decided).seconds * len(people)

    return Side(stack.meter, single, together)


@dataclass(frozen=True, slots=True)
class Work:
    """The work measured in one turn."""

    name: str
    right: Right
    count: int
    is_batch: bool

    def of(self, side: Side, people: Sequence[str]) -> Cost:
        return side.many(people, self.right) if self.is_batch else side.one(people, self.right)


def works(sizes: Sequence[int], *, released: bool) -> Iterator[Work]:
    for right in () if released else (Right.ACCESS, Right.ERASURE):
        yield Work(f"one {right.value}", right, ONE_BY_ONE, is_batch=False)
    for size in sizes:
        what = f"a batch of {size} access requests{' released by policy' if released else ''}, a case"
        yield Work(what, Right.ACCESS, size, is_batch=True)


@contextmanager
def sides(
    homes: Homes, server: PostgresServer, fides: Path | None, workers: int, policies: str
) -> Iterator[dict[str, Side]]:
    """Ours and, where it is installed, the peer, both standing."""
    urls = {name: f"postgresql://postgres@{HOST}:{PORT}/{name}" for name in ("helpdesk", "payments", "calls")}
    with ExitStack() as standing:
        stack = standing.enter_context(homes.stack(urls, workers=workers, policies=policies))
        found = {"ours": ours(stack, decided=not policies)}
        if fides is not None:
            peer = standing.enter_context(running_fides(fides, homes.folder))
            desk = Desk(peer, (HOST, PORT))
            # The three databases' server works for whichever is measured.
            roles = peer.roles | {"systems": server.pid}
            found["Fides"] = Side(Meter(roles), desk.one_by_one, desk.together)
        yield found


def busy_seconds() -> float:
    fields = Path("/proc/stat").read_text().splitlines()[0].split()
    return sum(map(int, (*fields[1:4], *fields[6:9]))) / TICKS


class Load:
    """The load of other processes on this machine meanwhile, in cores."""

    def __init__(self, found: dict[str, Side]) -> None:
        self._roles = {f"{name} {role}": pid for name, side in found.items() for role, pid in side.meter.roles.items()}
        self._roles = {role: pid for pid, role in {pid: role for role, pid in self._roles.items()}.items()}
        self._from = self._now()

    def _now(self) -> tuple[float, float, float]:
        return time.monotonic(), busy_seconds(), sum(Meter(self._roles).read().values())

    def cores(self) -> float:
        (at, busy, own), (began, busy_then, own_then) = self._now(), self._from
        return max(0.0, (busy - busy_then - (own - own_then)) / (at - began))


def ranged(values: Sequence[float], form: str = ".2f") -> str:
    return f"{median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def line(*cells: object) -> None:
    sys.stdout.write("| " + " | ".join(map(str, cells)) + " |\n")
    sys.stdout.flush()


def report(name: str, ours: Sequence[Cost], theirs: Sequence[Cost]) -> None:
    for what, value, form in (
        ("seconds", lambda one: one.seconds, ".2f"),
        ("CPU seconds", lambda one: one.cpu, ".2f"),
        ("MB", lambda one: one.memory, ".0f"),
    ):
        mine, other = [value(one) for one in ours], [value(one) for one in theirs]
        if not any(mine):
            continue
        ratio = ranged([own / peer for own, peer in zip(mine, other, strict=True)]) if other else ""
        line(f"{name}, {what}", ranged(mine, form), ranged(other, form) if other else "", ratio)


def measure(
    found: dict[str, Side], empty: Bare, rounds: int, planned: Sequence[Work], people: Callable[[int], Sequence[str]]
) -> None:
    """Measure in turns, and print a table."""
    costs: dict[tuple[str, str], list[Cost]] = {(side, work.name): [] for side in found for work in planned}
    bare: list[tuple[float, float]] = []
    for side in found.values():
        for right in (Right.ACCESS, Right.ERASURE):
            # The first ones fill what is kept for all that follow.
            side.single(people(2), right)
    load = Load(found)
    for number in range(rounds):
        bare.append(empty.seconds(ONE_BY_ONE))
        for work in planned:
            # Each begins as often as it follows.
            for name in list(found) if number % 2 else list(reversed(found)):
                costs[name, work.name].append(work.of(found[name], people(work.count)))
    others = load.cores()
    line("what", "ours", "Fides" if "Fides" in found else "", "ours to Fides" if "Fides" in found else "")
    line("---", "---", "---", "---")
    line("bare Prefect, 16 empty steps, seconds", ranged([one for one, _ in bare]), "", "")
    line("bare Prefect, 16 empty steps, CPU seconds", ranged([one for _, one in bare]), "", "")
    for work in planned:
        report(work.name, costs["ours", work.name], costs.get(("Fides", work.name), []))
    line("processor cores that others on this machine used meanwhile", f"{others:.2f}", "", "")


def python_of(installation: Path) -> str:
    """Return the version of a virtual environment's interpreter, and its compiler."""
    asked = "import platform; print(platform.python_version(), platform.python_compiler(), sep=', ')"
    command = [str(installation / "bin" / "python"), "-c", asked]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def main() -> int:
    """Measure and print."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.compared", description=__doc__)
    asked.add_argument("--rounds", type=int, default=3, help="how often each is measured (3 if left out)")
    asked.add_argument("--sizes", type=int, nargs="*", default=[50], help="of the batches (50 if left out)")
    asked.add_argument("--workers", type=int, default=1, help="ours (1 if left out)")
    asked.add_argument("--released", action="store_true", help="batches alone, of packages that a policy releases")
    given = asked.parse_args()
    planned = list(works(given.sizes, released=given.released))
    fides = Path(os.environ["FIDES"]).resolve() if os.environ.get("FIDES") else None
    with tempfile.TemporaryDirectory() as folder, running_postgres() as server:
        server.stop()
        server.start(host=HOST)
        homes = Homes(Path(folder), server, populate(server, Path(folder)), on_sqlite=False)
        with (
            homes.bare() as empty,
            sides(homes, server, fides, given.workers, RELEASING if given.released else "") as found,
        ):
            measure(found, empty, given.rounds, planned, homes.plain_people if given.released else homes.people)
    # An interpreter built without optimisation takes a fifth more processor time.
    line("Python", python_of(Path(sys.prefix)), python_of(fides) if fides else "", "")
    return 0


if __name__ == "__main__":
    sys.exit(main())
