"""``python -m proofs.strangers``: access and erasure of some people among many, and what these do to all the others.

``systems`` (the default): 20 people among 200 in five real systems; ``strange``: 40 among 240 in five systems that were
not tried while the connector was written; ``towns``: random people in four systems, erased, corrected, muted, copied.

Exit status 1 means that something of another person was handed out or changed without being announced, that something
of the person was not given or not erased, or that the judge did not see a violation that was put in on purpose; 2, that
a system is missing.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest

from connectors.s3 import S3Connector
from deployments.local.server_contact import quiet_console
from proofs.common import say
from proofs.strangers.cases import Office, TakesTheKey, by_flows, by_steps, mutated, office
from proofs.strangers.households import HOUSEHOLDS
from proofs.strangers.people import NEIGHBOURHOODS, Neighbour
from proofs.strangers.strange import strange_world
from proofs.strangers.towns import live_in_towns
from proofs.strangers.world import Proof, World, summary, table, whole_world
from rightsflow.app import current_app
from tests.support.servers import running_server


def main(arguments: Sequence[str]) -> int:
    """Hold the proof; returns the exit status."""
    asked = argparse.ArgumentParser(prog="python -m proofs.strangers", description=__doc__)
    asked.add_argument("where", nargs="?", choices=("systems", "strange", "towns"), default="systems")
    asked.add_argument("count", nargs="?", type=int, default=0, help="neighbourhoods instead of 20 (strange: 40)")
    asked.add_argument("--only", nargs="*", default=(), help="of the strange systems these alone")
    asked.add_argument("--asking", type=int, default=0, help="in how many of the households one asks instead of in all")
    asked.add_argument("--server", default="", help="the database of the strange systems: sqlite, postgres or mariadb")
    asked.add_argument("--steps", action="store_true", help="the steps of the flows, without a Prefect server")
    asked.add_argument("--people", type=int, default=200, help="how many live in each town")
    asked.add_argument("--seeds", type=int, default=5, help="how many towns")
    asked.add_argument("--first", type=int, default=1, help="the first town's seed")
    asked.add_argument("--corrected", type=int, default=2, help="how many further towns correct and restrict too")
    asked.add_argument("--muted", type=int, default=2, help="how many further towns mute recordings that are kept")
    asked.add_argument("--erased", type=int, default=4, help="how many of each town are erased")
    given, started = asked.parse_args(arguments), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="strangers-") as name:
        try:
            is_right = (_towns if given.where == "towns" else _subjects)(Path(name), given)
        except pytest.skip.Exception as missing:
            say(missing)
            return 2
    say(f"{time.monotonic() - started:.0f} s in all.")
    return int(not is_right)


def _towns(folder: Path, given: argparse.Namespace) -> bool:
    logging.disable(logging.WARNING)
    last = given.first + given.seeds
    acts = [(seed, "erase") for seed in range(given.first, last)]
    acts += [(seed, "correct") for seed in range(last, last + given.corrected)]
    acts += [(seed, "mute") for seed in range(last + given.corrected, last + given.corrected + given.muted)]
    return live_in_towns(folder, acts, given.people, given.erased)


def _subjects(folder: Path, given: argparse.Namespace) -> bool:
    for below in ("prefect", "systems", "home"):
        (folder / below).mkdir()
    with _world(folder / "systems", given) as world, _desk(folder, world, with_server=not given.steps) as desk:
        say("All systems are filled.", desk.doctor())
        proof = Proof(world, say)
        proof.hold(desk)
        say(*table(proof), "", *summary(proof))
        return (not world.clients or _sees_a_violation(world, desk)) and not proof.faults


def _world(folder: Path, given: argparse.Namespace) -> AbstractContextManager[World]:
    if given.where == "strange":
        return strange_world(
            folder, say, given.count or HOUSEHOLDS, given.only, server=given.server, asking=given.asking
        )
    return whole_world(folder, say, given.count or NEIGHBOURHOODS)


@contextmanager
def _desk(folder: Path, world: World, *, with_server: bool) -> Iterator[Office]:
    with (
        office(folder / "home", world.configuration, by_flows if with_server else by_steps) as desk,
        running_server(folder / "prefect") if with_server else nullcontext(),
        quiet_console(),
    ):
        yield desk


def _sees_a_violation(world: World, desk: Office) -> bool:
    name, client = next(iter(world.clients.items()))
    proof, connector = Proof(world, say), current_app().connectors[name]
    assert isinstance(connector, S3Connector)
    with mutated(name, TakesTheKey(connector, client)):
        proof.hold_one(desk, world.population.people[Neighbour.SUCCESSOR])
    seen = all(proof.handed_out_or_changed(name))
    say(f"A connector that takes neighbours' versions is {'seen' if seen else 'NOT seen'}.")
    return seen


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
