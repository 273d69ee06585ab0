"""``python -m proofs.kills``: kill the worker at more than 200 points, and print what came of it as a table.

With ``--batches`` the case is an imported one, which batches work on. With ``--all`` at every point there is, which
takes more than an hour; with ``--minutes`` at points drawn at random
until that time is over. Each kill is a line as it comes, and the table comes at the end whatever happens. Exit status 1
means that a run did not end as it should, that the harness did not see the faults which it puts in itself, or that it
did not end.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial

from proofs.common import head, in_memory, row, say
from proofs.kills.ends import Point, differences, doubled, points_of, thinned
from proofs.kills.world import NotReached, Run, World, standing_world
from rightsflow.domain.vocabulary.rights import Right
from tests.support.servers import running_server

HEAD = (
    "kill point", "right", "kills", "same end", "doubled calls", "doubled letters", "doubled entries", "worst resume",
)  # fmt: skip
MAY_BE_UNREACHED = 50
"""Of so many points one may be left out to which no run came."""


@dataclass
class Row:
    """What came of the kills of one kind."""

    kills: int = 0
    same: int = 0
    doubled: list[int] = field(default_factory=lambda: [0, 0, 0])
    worst: float = 0.0

    def add(self, other: Row) -> None:
        self.kills, self.same = self.kills + other.kills, self.same + other.same
        self.doubled = [sum(pair) for pair in zip(self.doubled, other.doubled, strict=True)]
        self.worst = max(self.worst, other.worst)

    def cells(self) -> tuple[object, ...]:
        return (self.kills, self.same, *self.doubled, f"{self.worst:.1f} s")


@dataclass
class Matrix:
    """The rows as they grow."""

    say: Callable[[str], object]
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    is_caught: bool = False
    is_whole: bool = False
    untried: int = 0
    unreached: int = 0

    @property
    def kills(self) -> int:
        return sum(row.kills for row in self.rows.values())

    @property
    def is_green(self) -> bool:
        is_reached = MAY_BE_UNREACHED * self.unreached <= self.kills
        return self.is_caught and self.is_whole and not self.faults and is_reached

    def fill(self, world: World, choose: Callable[[list[Point]], list[Point]], until: float | None = None) -> None:
        """Look first whether faults are seen at all, then kill at the chosen points of each right."""
        self.is_caught = is_caught(world)
        plan = []
        for right in world.cases:
            expected = world.undisturbed(right)
            points = points_of(expected.notes)
            chosen = choose(points)
            self.say(f"{right.value}: {len(chosen)} of {len(points)} kill points")
            plan += [(right, point, expected) for point in chosen]
        if until is not None:
            random.Random(1).shuffle(plan)
        for number, (right, point, expected) in enumerate(plan):
            if until is not None and time.monotonic() > until:
                self.untried = len(plan) - number
                break
            self.kill(world, right, point, expected)
        self.is_whole = True

    def kill(self, world: World, right: Right, point: Point, expected: Run) -> None:
        """Kill once and return the result; one that fails does not affect the others."""
        try:
            run = world.killed(right, point)
        except NotReached:
            self.unreached += 1
            self.say(f"{right.value}, {point.kind}, {point.label}: no run came to it")
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this kill's
            found: dict[str, object] = {type(error).__name__: str(error)}
            came = Row(kills=1)
        else:
            found = differences(expected.end, run.end)
            came = Row(1, int(not found), list(doubled(expected.end, run.end)), run.resumed)
        self.rows.setdefault((point.kind, right.value), Row()).add(came)
        where = f"{right.value}, {point.kind}, {point.label}"
        self.say(f"{where}: {'another end' if found else 'same end'}, {came.worst:.1f} s")
        for part, what in found.items():
            self.faults.append(f"{where}: {part}: {what}")
            self.say(f"- {part}: {what}")

    def table(self) -> Iterator[str]:
        yield head(*HEAD)
        total = Row()
        for (kind, right), one in sorted(self.rows.items()):
            yield row(kind, right, *one.cells())
            total.add(one)
        yield row("**all**", "", *total.cells())

    def report(self, seconds: float) -> Iterator[str]:
        """Report the table and the text below it."""
        yield from self.table()
        yield ""
        seen = "seen" if self.is_caught else "NOT seen"
        yield f"{self.kills} kills in {seconds:.0f} s; faults put in on purpose were {seen}."
        if self.unreached:
            yield f"To {self.unreached} further points no run came."
        if self.untried:
            yield f"For {self.untried} further points there was no time."
        if not self.is_whole:
            yield "The run did NOT end."
        yield from (f"- {fault}" for fault in self.faults)


def main(
    *arguments: str,
    make_world: Callable[[], AbstractContextManager[World]] | None = None,
    on_signal: Callable[..., object] = signal.signal,
) -> int:
    """Kill and compare; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m proofs.kills", description=__doc__)
    parser.add_argument("--all", action="store_true", help="kill at every point there is")
    parser.add_argument("--batches", action="store_true", help="the cases are imported, and worked on by batches")
    parser.add_argument("--minutes", type=float, help="after which time no further kill begins")
    options = parser.parse_args(arguments)
    on_signal(signal.SIGTERM, lambda *_: sys.exit(1))
    started, matrix = time.monotonic(), Matrix(say)
    until = started + 60 * options.minutes if options.minutes else None
    try:
        with (make_world or partial(_world, in_batches=options.batches))() as world:
            matrix.fill(world, list if options.all else thinned, until)
    finally:
        matrix.say("")
        for line in matrix.report(time.monotonic() - started):
            matrix.say(line)
    return 0 if matrix.is_green else 1


@contextmanager
def _world(*, in_batches: bool) -> Iterator[World]:
    with in_memory("kills-") as folder:
        (folder / "prefect").mkdir()
        (folder / "world").mkdir()
        with (
            running_server(folder / "prefect") as server,
            standing_world(folder / "world", server, in_batches=in_batches) as world,
        ):
            yield world


def is_caught(world: World) -> bool:
    expected = world.undisturbed(Right.ERASURE, flaw="unguarded")
    last = next(one for one in points_of(expected.notes)[::-1] if one.family.endswith("/detach"))
    found = world.killed(Right.ERASURE, last, flaw="unguarded")
    calls, _, entries = doubled(expected.end, found.end)
    # What else was under way at that moment was begun twice as well.
    return calls >= 1 and entries >= 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
