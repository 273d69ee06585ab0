"""``python -m proofs.cluster_load``: a cluster fulfils imported requests while parts of it are killed."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from proofs.cluster_load.load import Sizes, run_load
from proofs.cluster_load.report import report
from tests.support.loopback import can_run


def main() -> int:
    """Run it; the exit status is 0 if everything is as it has to be."""
    options = _arguments()
    if not can_run():
        sys.stderr.write("redis-server and nginx have to be installed.\n")
        return 2
    sizes = Sizes(
        cases=options.cases,
        customers=options.customers,
        workers=options.workers,
        plan=options.plan,
        steps_at_once=options.steps_at_once,
        away_seconds=options.away,
        longest_seconds=options.minutes * 60,
    )
    with tempfile.TemporaryDirectory(prefix="load") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        outcome = run_load(folder, sizes, _say)
    sys.stdout.write("\n".join(report(outcome)) + "\n")
    return int(bool(outcome.faults))


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m proofs.cluster_load", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="how many requests are imported")
    parser.add_argument("--customers", type=int, default=300, help="of how many of them something is held")
    parser.add_argument("--workers", type=int, default=4, help="how many workers")
    parser.add_argument("--plan", default="enterprise-plus", help="the helpdesk's plan, with its published limits")
    parser.add_argument("--steps-at-once", type=int, default=12, help="steps that may work at one system at a time")
    parser.add_argument("--away", type=float, default=20.0, help="seconds for which what was killed is away")
    parser.add_argument("--minutes", type=float, default=240.0, help="after which time it is given up")
    parser.add_argument("--folder", type=Path, help="an empty folder for state and logs, which stay there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
