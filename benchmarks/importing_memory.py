"""``python -m benchmarks.importing_memory``: the memory that it takes to check a file of requests, as the file grows.

Each file is checked in a process of its own; its last row is wrong, so that everything is checked and nothing opened.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rightsflow.app import current_app
from rightsflow.cases.course.intake.file_import import import_requests
from rightsflow.files.inbox import RequestFile
from tests.support.bench import running_bench

SMALL, LARGE = 100_000, 1_000_000
AT_MOST = 1.1
"""The largest ratio of the large file's memory; more ends the run with status 1."""


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m benchmarks.importing_memory", description=__doc__)
    options.add_argument("--rows", type=int, nargs=2, default=(SMALL, LARGE), help="of the small and the large file")
    options.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.measure:
        return _measure(given.measure)
    small, large = (peak_of(rows) for rows in given.rows)
    sys.stdout.write(f"{large / small:.2f} times as much memory, Python {sys.version.split()[0]}\n")
    return 0 if large / small <= AT_MOST else 1


def peak_of(rows: int) -> float:
    asked = [sys.executable, "-m", "benchmarks.importing_memory", "--measure", str(rows)]
    told = subprocess.run(asked, check=True, capture_output=True, text=True, cwd=Path(__file__).parent.parent).stdout
    sys.stdout.write(told)
    return float(told.split()[-2])


def _measure(rows: int) -> int:
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "requests.csv"
        with file.open("w", encoding="utf-8") as made:
            made.write("right,email,customer_id,received\n")
            made.writelines(f"access,person{number}@example.com,C-{number},2026-03-01\n" for number in range(rows - 1))
            made.write("access,,,2026-03-01\n")
        size = file.stat().st_size / 1e6
        with running_bench(Path(name)):
            started = time.process_time()
            report = import_requests(current_app(), RequestFile(lambda: file.open("rb")), by="Olga Opener")
            seconds = time.process_time() - started
        assert (report.rows, report.faulty_rows) == (rows, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{rows:>10,} rows ({size:4.0f} MB){seconds:8.1f} s{peak:8.0f} MB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
