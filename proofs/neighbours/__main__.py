"""``python -m proofs.neighbours``: towns of 200 random people, some of whom are erased one after another.

Exit status 1 means that something of another person was changed that the case did not announce, or that something of
the person is left that the case does not say stays; 2, that the object store is missing.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from proofs.neighbours.judging import Judgement
from proofs.neighbours.proof import Street, living
from tests.support.peers.seaweedfs import running_seaweedfs


def main() -> int:
    """Hold the proof for some seeds and print a line for each."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--people", type=int, default=200, help="how many live in each town")
    arguments.add_argument("--seeds", type=int, default=5, help="how many towns")
    arguments.add_argument("--first", type=int, default=1, help="the first seed")
    arguments.add_argument("--corrected", type=int, default=2, help="how many further towns correct and restrict too")
    arguments.add_argument("--muted", type=int, default=2, help="how many further towns mute recordings that are kept")
    arguments.add_argument("--erased", type=int, default=4, help="how many of each town are erased")
    given = arguments.parse_args()
    logging.disable(logging.WARNING)
    _say("| seed | system | things | of others, untouched | of several, announced | erased | kept, as said | faults |")
    _say("|--:|---|--:|--:|--:|--:|--:|--:|")
    faults: list[str] = []
    with TemporaryDirectory(prefix="neighbours-") as name:
        folder = Path(name)
        (folder / "weed").mkdir()
        try:
            with running_seaweedfs(folder / "weed") as store:
                last = given.first + given.seeds
                for seed in range(given.first, last + given.corrected + given.muted):
                    corrects, mutes = last <= seed < last + given.corrected, seed >= last + given.corrected
                    town = (seed, given.people, folder / str(seed), store)
                    with living(*town, corrects=corrects, mutes=mutes) as street:
                        faults += [
                            f"seed {seed}: {one}"
                            for one in _live(street, seed, given.erased, corrects=corrects, mutes=mutes)
                        ]
        except pytest.skip.Exception as missing:
            _say(str(missing))
            return 2
    for one in faults:
        _say(one)
    return int(bool(faults))


def _live(street: Street, seed: int, erased: int, *, corrects: bool, mutes: bool) -> list[str]:
    """What happens in a town, with a line for each system; what is wrong then."""
    sizes = {system: len(held) for system, held in street.read().items()}
    faults = [fault for person in street.town.people[: erased * mutes] for fault in street.copy(person)]
    act = street.act_on_some if corrects else street.erase_some
    for system, judgement in act(erased + 2 * corrects).items():
        _say(_row(seed, system, sizes[system], judgement))
        faults += judgement.faults
    if mutes:
        _say(f"seed {seed}: {street.muted} recordings muted, {street.given} files given to who wrote them")
    return faults


def _row(seed: int, system: str, size: int, one: Judgement) -> str:
    figures = (size, one.untouched, one.announced, one.erased, one.kept, len(one.faults))
    return f"| {seed} | {system} | {' | '.join(f'{figure:,}' for figure in figures)} |"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
