"""``python -m proofs.kills.proof``: all kill tests at once, and their tables.

It takes as many minutes as it is given, 24 by default, and one or two more until the last cases are answered.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

MINUTES = "24"
RUNS = (("proofs.kills",), ("proofs.kills", "--batches"), ("proofs.kills.stack",))


def main(minutes: str = MINUTES) -> int:
    """Run all the proofs of kills side by side; returns the exit status."""
    started = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kills-")))
        printed = {" ".join(run): folder / f"{number}.out" for number, run in enumerate(RUNS)}
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", *run, "--minutes", minutes], stdout=stack.enter_context(path.open("w"))
            )
            for run, path in zip(RUNS, printed.values(), strict=True)
        ]
        try:
            failed = [process.wait() != 0 for process in processes]
        except BaseException:
            for process in processes:
                process.terminate()
                process.wait()
            raise
        for run, path in printed.items():
            sys.stdout.write(f"\n{run}\n\n{tables(path.read_text())}\n")
    sys.stdout.write(f"\n{time.monotonic() - started:.0f} s\n")
    return int(any(failed))


def tables(printed: str) -> str:
    """What was printed from the first line of a table on."""
    lines = printed.splitlines()
    first = next((number for number, line in enumerate(lines) if line.startswith("| ")), 0)
    return "\n".join(lines[first:])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
