"""``python -m proofs.tampering``: thousands of random changes to a store and to its evidence bundle, as a table."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from proofs.tampering import bundles, stores
from proofs.tampering.bundle_bytes import Bundle
from proofs.tampering.changes import Table, markdown, merged
from proofs.tampering.ledger_rows import Original, original


def made(folder: Path) -> tuple[Original, Bundle]:
    store, content, key = original(folder)
    return store, Bundle(content, key)


_AT_ONCE = 100


def main() -> int:
    """Make the changes and print what came of them; 0 where each is caught and called by its name."""
    options = argparse.ArgumentParser(prog="python -m proofs.tampering", description=__doc__)
    options.add_argument("--count", type=int, default=2500, help="how many changes to each of the two")
    options.add_argument("--first", type=int, default=0, help="the first seed")
    options.add_argument("--processes", type=int, default=2)
    given = options.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store, bundle = made(folder)
        seeds = range(given.first, given.first + given.count)
        with ProcessPoolExecutor(given.processes) as pool:
            tables = {
                "bundle": _run(pool, partial(bundles.tamper, bundle), seeds),
                "store": _run(pool, partial(stores.tamper, store, folder), seeds),
            }
    for title, table in tables.items():
        sys.stdout.write(f"{markdown(title, table)}\n\n")
    sys.stdout.write(f"{2 * given.count} changes in {time.monotonic() - started:.0f} seconds\n")
    lines = [tally for table in tables.values() for tally in table.values()]
    return 0 if all(one.tried == one.caught == one.named for one in lines) else 1


def _run(pool: ProcessPoolExecutor, tamper: Callable[[range], Table], seeds: range) -> Table:
    parts = [seeds[first : first + _AT_ONCE] for first in range(0, len(seeds), _AT_ONCE)]
    return merged(pool.map(tamper, parts))


if __name__ == "__main__":
    sys.exit(main())
