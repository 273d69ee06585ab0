"""``python -m proofs.quarter``: a quarter with twenty processors of ten manners, judged by the manners alone."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from proofs.quarter.judging import judge
from proofs.quarter.life import Quarter, people
from proofs.quarter.world import world


def main() -> int:
    """Play the quarter and print the result; returns 1 if something was not as the manners say."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=12, help="requests")
    arguments.add_argument("--days", type=int, default=92, help="how long the quarter lasts")
    arguments.add_argument("--of-each", type=int, default=2, help="processors of each manner")
    given = arguments.parse_args()
    logging.disable(logging.WARNING)
    with TemporaryDirectory() as folder, world(Path(folder), given.of_each) as made:
        quarter = Quarter(made, list(people(given.cases, given.days)), given.days)
        quarter.live()
        findings = judge(quarter)
        _say("| processors | cases | days | instructions | answers | mails | alerts | letters | findings |")
        _say("|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
        figures = (
            *(len(made.manners), given.cases, given.days, len(quarter.asked)),
            *(sum(len(one.done) for one in quarter.asked.values()), len(made.post.taken)),
            *(len(made.carrier.posted), len(quarter.letters), len(findings)),
        )
        _say(f"| {' | '.join(map(str, figures))} |")
    for one in findings:
        _say(one)
    return int(bool(findings))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
