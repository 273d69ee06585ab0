"""``python -m tests.kills``: kill the worker at more than 200 points, and print what came of it as a table.

With ``--all`` at every point there is, which takes an hour. Exit status 1 means that a run did not end as it should,
or that the harness did not see the faults which it puts in itself.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from rightsflow.request import Right
from tests.conftest import running_server
from tests.kills.comparing import differences, doubled
from tests.kills.points import points_of, thinned
from tests.kills.world import Stuck, standing_world

HEAD = (
    "kill point",
    "right",
    "kills",
    "same end",
    "other words",
    "doubled calls",
    "doubled letters",
    "doubled entries",
    "worst resume",
)
# Nothing here has to survive the power going off, and a disk in memory spares the waits for one.
MEMORY = Path("/dev/shm")


@dataclass
class Row:
    """What came of the kills of one kind.

    Args:
        kills: How many there were.
        same: After how many the end was that of an undisturbed run.
        reworded: After how many of them a letter or a remark on a record has other words.
        doubled: Calls, letters and entries that there were too many of.
        worst: The longest second run in seconds.
    """

    kills: int = 0
    same: int = 0
    reworded: int = 0
    doubled: list = field(default_factory=lambda: [0, 0, 0])
    worst: float = 0.0

    def add(self, expected, run):
        self.kills += 1
        self.same += not differences(expected.end, run.end)
        self.reworded += expected.end.wording != run.end.wording
        self.doubled = [sum(pair) for pair in zip(self.doubled, doubled(expected.end, run.end), strict=True)]
        self.worst = max(self.worst, run.resumed)

    def cells(self):
        return (self.kills, self.same, self.reworded, *self.doubled, f"{self.worst:.1f} s")


def main(*options):
    started = time.monotonic()
    where = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="kills-", dir=where) as name:
        folder = Path(name)
        (folder / "prefect").mkdir()
        (folder / "world").mkdir()
        with running_server(folder / "prefect") as server, standing_world(folder / "world", server) as world:
            rows, faults = {}, []
            for right in world.cases:
                _kill_all(world, right, "--all" in options, rows, faults)
            caught = is_caught(world)
    kills = sum(row.kills for row in rows.values())
    sys.stdout.write("\n".join(table(rows)) + "\n\n")
    sys.stdout.write(f"{kills} kills in {time.monotonic() - started:.0f} s; ")
    sys.stdout.write(f"faults put in on purpose were {'seen' if caught else 'NOT seen'}.\n")
    sys.stdout.write("".join(f"- {fault}\n" for fault in faults))
    return 0 if caught and not faults else 1


def _kill_all(world, right, everywhere, rows, faults):
    expected = world.undisturbed(right)
    points = points_of(expected.notes)
    chosen = points if everywhere else thinned(points)
    sys.stderr.write(f"{right.value}: {len(chosen)} of {len(points)} kill points\n")
    for point in chosen:
        row = rows.setdefault((point.kind, right.value), Row())
        try:
            run = world.killed(right, point)
        except (Stuck, TimeoutError) as error:
            row.kills += 1
            sys.stderr.write(f"{point.label}: {error}\n")
            faults.append(f"{right.value}, {point.kind}, {point.label}: {error}")
            continue
        row.add(expected, run)
        for part, what in differences(expected.end, run.end).items():
            faults.append(f"{right.value}, {point.kind}, {point.label}: {part}: {what}")


def is_caught(world):
    """Whether the harness sees two faults that are put in on purpose: entries and calls that come twice."""
    expected = world.undisturbed(Right.ERASURE, flaw="unguarded")
    last = next(one for one in points_of(expected.notes)[::-1] if one.family.endswith("/detach"))
    found = world.killed(Right.ERASURE, last, flaw="unguarded")
    calls, _, entries = doubled(expected.end, found.end)
    # What else was under way at that moment was begun twice as well.
    return calls >= 1 and entries >= 1


def table(rows):
    yield f"| {' | '.join(HEAD)} |"
    yield f"|{'---|' * len(HEAD)}"
    for (kind, right), row in sorted(rows.items()):
        yield f"| {kind} | {right} | {' | '.join(map(str, row.cells()))} |"
    total = Row()
    for row in rows.values():
        total.kills, total.same = total.kills + row.kills, total.same + row.same
        total.reworded += row.reworded
        total.doubled = [sum(pair) for pair in zip(total.doubled, row.doubled, strict=True)]
        total.worst = max(total.worst, row.worst)
    yield f"| **all** | | {' | '.join(map(str, total.cells()))} |"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
