"""What processes hold in memory, as Linux counts it: what several share counts for each in proportion (PSS)."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def processes_below(pid: int) -> list[int]:
    """A process and everything it started."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        # It, or a thread of it, may end meanwhile.
        with suppress(OSError):
            for children in list(Path(f"/proc/{one}/task").glob("*/children")):
                with suppress(OSError):
                    waiting.extend(int(child) for child in children.read_text().split())
    return found


def memory_of(pid: int) -> float:
    """Proportional memory of a process in MB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
