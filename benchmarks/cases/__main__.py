"""``python -m benchmarks.cases``: prints what a case costs, as tables; each figure is of one run on this machine."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.cases import growth, install, picture, sandbox, up
from benchmarks.cases.direct import chains
from benchmarks.cases.home import Homes
from benchmarks.cases.population import populate
from benchmarks.cases.working import Batch, batch, middle, one_by_one
from rightsflow.domain.vocabulary.rights import Right
from tests.support.peers.postgres import running_postgres

PARTS = ("install", "up", "table", "sandbox", "latency", "workers", "growth")


def line(*cells: object) -> None:
    sys.stdout.write("| " + " | ".join(str(cell) for cell in cells) + " |\n")
    sys.stdout.flush()


def shown(one: Batch) -> str:
    roles = ", ".join(f"{role} {seconds:.2f}" for role, seconds in sorted(one.cpu.items()))
    return f"{one.seconds:.2f} s, CPU {one.cpu_of_all:.2f} s ({roles}), {one.memory:.0f} MB"


def table(homes: Homes, sizes: list[int]) -> None:
    """Measure single cases, batches and bare Prefect."""
    with homes.bare() as bare:
        empty, empty_cpu = bare.seconds(5)
    with homes.stack() as stack:
        one_by_one(homes.people(2), Right.ACCESS, stack)
        access = one_by_one(homes.people(7), Right.ACCESS, stack)
        erasure = one_by_one(homes.people(7), Right.ERASURE, stack)
        own = [sum(chains(subject).values()) for subject in homes.subjects(5)]
        working = middle(access, lambda one: one.working)
        line("bare Prefect, 16 empty steps", f"{empty:.2f} s, CPU {empty_cpu:.2f} s", "1")
        line("the systems' calls, one after the other", f"{median(own):.2f} s", "")
        for what, took in (("one access", access), ("one erasure", erasure)):
            seconds = middle(took, lambda one: one.working)
            line(
                f"{what}, start to answer without the gate (with it)",
                f"{seconds:.2f} s ({middle(took, lambda one: one.whole):.2f} s)",
                f"{seconds / empty:.1f} of bare Prefect",
            )
        line("scheduled to first step's run", f"{middle(access + erasure, lambda one: one.starting):.2f} s", "")
        line("one access to the systems' own calls", f"{working:.2f} s", f"{working / median(own):.1f}")
    for size in sizes:
        with homes.stack() as stack:
            batch(homes.people(5), Right.ACCESS, stack)
            one = batch(homes.people(size), Right.ACCESS, stack)
            line(
                f"batch of {size} accesses, a case", shown(one), f"CPU {one.cpu_of_all / empty_cpu:.1f} of bare Prefect"
            )
    with homes.stack() as stack:
        batch(homes.people(5), Right.ERASURE, stack)
        line("batch of 50 erasures, a case", shown(batch(homes.people(50), Right.ERASURE, stack)), "")


def latency(homes: Homes) -> None:
    with homes.far() as urls, homes.stack(urls) as stack:
        one_by_one(homes.people(1), Right.ACCESS, stack)
        took = one_by_one(homes.people(3), Right.ACCESS, stack)
        slowest = median(max(chains(subject).values()) for subject in homes.subjects(3))
        seconds = middle(took, lambda one: one.working)
        line(
            "one access, 100 ms a round trip",
            f"{seconds:.2f} s",
            f"{seconds / slowest:.2f} of the slowest system's own",
        )


def workers(homes: Homes, size: int) -> list[tuple[int, float]]:
    curve = []
    for count in (1, 2, 4):
        with homes.stack(workers=count) as stack:
            batch(homes.people(5), Right.ACCESS, stack)
            one = batch(homes.people(size), Right.ACCESS, stack)
            line(f"{count} workers, batch of {size}", f"{1 / one.seconds:.2f} cases/s", shown(one))
            curve.append((count, 1 / one.seconds))
    return curve


def measure(homes: Homes, parts: list[str], sizes: list[int], stored: list[int], drawn: Path | None) -> None:
    """Measure the requested parts, in their order."""
    by_workers, by_stored = [], []
    line("what", "measured", "ratio")
    line("---", "---", "---")
    if "install" in parts:
        install.measure(homes.folder, line)
    if "up" in parts:
        up.measure(homes, line, shown)
    if "table" in parts:
        table(homes, sizes)
    if "sandbox" in parts:
        sandbox.measure(homes, homes.folder / "sandbox", line)
    if "latency" in parts:
        latency(homes)
    if "workers" in parts:
        by_workers = workers(homes, 60)
    if "growth" in parts:
        with homes.store() as url:
            by_stored = growth.measure(url, stored, line)
    if drawn and by_workers and by_stored:
        picture.draw(drawn, by_workers, by_stored)


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.cases", description=__doc__)
    asked.add_argument("parts", nargs="*", default=PARTS, help=f"of {', '.join(PARTS)}; all by default")
    asked.add_argument("--sizes", type=int, nargs="*", default=[50, 500], help="of the batches")
    asked.add_argument("--stored", type=int, nargs="*", default=[1_000, 10_000, 100_000, 1_000_000])
    asked.add_argument("--sqlite", action="store_true", help="Prefect's database on SQLite")
    asked.add_argument("--picture", type=Path, help="draw the growth curves there; needs workers and growth")
    given = asked.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        asked.error(f"there is no part {', '.join(sorted(unknown))}; the parts are {', '.join(PARTS)}")
    with tempfile.TemporaryDirectory() as folder, running_postgres() as server:
        homes = Homes(Path(folder), server, populate(server, Path(folder)), on_sqlite=given.sqlite)
        measure(homes, given.parts, given.sizes, given.stored, given.picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
