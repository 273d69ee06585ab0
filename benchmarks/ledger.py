"""``python -m benchmarks.ledger``: checking a ledger, beside hashing the same bytes with ``hashlib``.

All is taken in turn in one process and in processor time, so that the ratios hold on a machine that is slow or busy.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from statistics import median

from sqlalchemy import insert

from rightsflow.audit.ledger import START
from rightsflow.audit.ledger.chain import link
from rightsflow.audit.ledger.checking import Row, ends_of
from rightsflow.store import Database
from rightsflow.store.proofs.ledger_check import check_ledger
from rightsflow.store.tables import LedgerRow

CHAINS, ENTRIES = 2_000, 50
ROUNDS = 7
AT_MOST = 3.0
"""The largest ratio of the pure check's time to hashing; more ends the run with status 1."""


def main() -> int:
    """Measure, print the figures, and return the exit status: 1 if they are insufficient."""
    rows = list(_rows())
    with tempfile.TemporaryDirectory() as folder:
        database = _stored(rows, Path(folder))
        bodies = [body.encode() for _, _, body, _ in rows]

        def by_hashlib() -> None:
            for body in bodies:
                sha256(body).hexdigest()

        def pure() -> None:
            assert all(end for _, end in ends_of(rows))

        def from_store() -> None:
            assert not list(check_ledger(database))

        rounds = [tuple(map(_seconds, (by_hashlib, pure, from_store))) for _ in range(ROUNDS)]
        database.close()
    hashing, checking, reading = (median(column) for column in zip(*rounds, strict=True))
    ratio = median(two / one for one, two, _ in rounds)
    with_reading = median(three / one for one, _, three in rounds)
    count, size = len(rows), sum(map(len, bodies))
    sys.stdout.write(
        f"{'hashlib, entry by entry':34}{hashing * 1000:>10.0f} ms\n"
        f"{'check of the entries':34}{checking * 1000:>10.0f} ms{ratio:>8.2f} times as long\n"
        f"{'ledger verify, read from SQLite':34}{reading * 1000:>10.0f} ms{with_reading:>8.2f} times as long\n"
        f"Median of {ROUNDS} rounds of {count:,} entries in {CHAINS:,} chains ({size / 1e6:.0f} MB), processor time, "
        f"Python {sys.version.split()[0]}\n"
    )
    return 0 if ratio <= AT_MOST else 1


def _rows() -> list[Row]:
    rows: list[Row] = []
    at = datetime(2026, 1, 1, 6, 0, tzinfo=UTC)
    for number in range(CHAINS):
        chain, head = f"DSR-2026-{number:06d}", START
        for entry in range(ENTRIES):
            made = link(
                head,
                chain,
                "StepDone",
                at=at + timedelta(minutes=entry),
                actor="rightsflow",
                details={"step": "locate", "system": "helpdesk", "matches": entry, "by": {"email": 2, "phone": 1}},
                made_with={"code": "0.1.0", "rules": "gdpr/3"},
            )
            rows.append((chain, made.number, made.body, made.digest))
            head = made.head
    return rows


def _stored(rows: list[Row], folder: Path) -> Database:
    database = Database(f"sqlite:///{folder / 'cases.db'}")
    database.migrate()
    fields = ("chain", "number", "body", "digest")
    with database.transaction() as session:
        session.execute(insert(LedgerRow), [dict(zip(fields, row, strict=True)) for row in rows])
    return database


def _seconds(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    sys.exit(main())
