"""``python -m benchmarks.importing``: open ten thousand cases from one file, on SQLite and on PostgreSQL."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from rightsflow.app import current_app
from rightsflow.cases.course.intake.file_import import import_requests
from tests.support.bench import running_bench
from tests.support.identity import IMPORT_COLUMNS, as_cells
from tests.support.peers.postgres import running_postgres
from tests.support.request_files import request_file

ROWS = 10_000
AT_MOST_SECONDS = 120.0
"""The longest time of an import; more ends the run with status 1."""


def main() -> int:
    with running_postgres() as server, server.database() as database:
        taken = {"SQLite": _measure(""), "PostgreSQL": _measure(database.url())}
    return int(any(seconds > AT_MOST_SECONDS for seconds in taken.values()))


def _measure(url: str) -> float:
    # Stored data have to be on the disk, as outside of tests.
    with (
        tempfile.TemporaryDirectory() as folder,
        patch("tests.support.bench.without_waiting_for_the_disk", lambda database: database),
        running_bench(Path(folder), url) as bench,
    ):
        began, worked = time.perf_counter(), time.process_time()
        report = import_requests(current_app(), request_file(_file()), by="Olga Opener")
        seconds, processor = time.perf_counter() - began, time.process_time() - worked
        assert report.opened == ROWS
        name = bench.runtime.store.database.engine.dialect.name
    sys.stdout.write(
        f"{name:12}{ROWS:>8,} cases{seconds:>8.1f} s{processor:>8.1f} s of this process's processor time\n"
    )
    return seconds


def _file() -> bytes:
    rows = (
        f"{'access' if number % 3 else 'erasure'},person{number}@example.com,+4930{23125000 + number},C-{number},"
        f"Anna Quill {number},2026-03-0{1 + number % 4},web form,"
        f"{','.join(as_cells(f'2026-03-0{1 + number % 4}T10:00', by='Ida Identity'))}"
        for number in range(ROWS)
    )
    header = ",".join(("right", "email", "phone", "customer_id", "name", "received", "channel", *IMPORT_COLUMNS))
    return "\n".join([header, *rows]).encode()


if __name__ == "__main__":
    sys.exit(main())
