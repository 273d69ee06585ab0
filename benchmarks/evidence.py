"""``python -m benchmarks.evidence``: checking the evidence of a very long case, per entry, as the case grows.

The short and the long one are taken in one process and in processor time, so that the ratio holds on a busy machine.
"""

from __future__ import annotations

import argparse
import sys
import time

from rightsflow.audit.evidence.verification import check_bundle
from tests.support.long_cases import long_case

SHORT, LONG = 25_000, 250_000
AT_MOST = 1.5
"""The largest ratio of the long case's time per entry; more ends the run with status 1."""


def main() -> int:
    """Measure, print the figures, and return the exit status: 1 if they are insufficient."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.evidence", description=__doc__)
    options.add_argument("--entries", type=int, nargs=2, default=(SHORT, LONG), help="of the short and the long case")
    given = options.parse_args()
    per_entry = []
    for entries in given.entries:
        data = long_case("all", entries)
        started = time.process_time()
        assert check_bundle(data).is_whole
        seconds = time.process_time() - started
        per_entry.append(seconds / entries)
        size = len(data) / 1e6
        sys.stdout.write(f"{entries:>9,} entries ({size:5.0f} MB){seconds:8.1f} s{1e6 * per_entry[-1]:8.0f} us each\n")
    ratio = per_entry[1] / per_entry[0]
    sys.stdout.write(f"{ratio:.2f} times as long per entry, processor time, Python {sys.version.split()[0]}\n")
    return 0 if ratio <= AT_MOST else 1


if __name__ == "__main__":
    sys.exit(main())
