"""``python -m proofs.strangers``: access and erasure of 20 people among 200, in five real systems, printed as a table.

With ``--strange``: of 40 people among 240 in five systems that were not tried while the connector was written.

Exit status 1 means that something of another person was handed out or changed, that something of the person was not
given or not erased, or that the judge did not see a violation that was put in on purpose; 2, that a system is missing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest

from connectors.s3 import S3Connector
from deployments.local.server_contact import quiet_console
from proofs.strangers.cases import Office, office
from proofs.strangers.households import HOUSEHOLDS
from proofs.strangers.mutants import TakesTheKey, mutated
from proofs.strangers.people import NEIGHBOURHOODS, Neighbour
from proofs.strangers.proof import Proof
from proofs.strangers.report import summary, table
from proofs.strangers.strange import strange_world
from proofs.strangers.working import by_flows, by_steps
from proofs.strangers.world import World, whole_world
from rightsflow.app import current_app
from tests.support.servers import running_server


def main(arguments: Sequence[str]) -> int:
    """Hold the proof, then show that the judge sees a violation.

    Args:
        arguments: The command line without the program's name.
    """
    asked = argparse.ArgumentParser(prog="python -m proofs.strangers", description=__doc__)
    asked.add_argument(
        "neighbourhoods", nargs="?", type=int, default=0, help="how many neighbourhoods instead of 20 (strange: of 40)"
    )
    asked.add_argument("--strange", action="store_true", help="in the strange systems")
    asked.add_argument("--only", nargs="*", default=(), help="of the strange systems these alone")
    asked.add_argument("--server", default="", help="the database of the strange systems: sqlite, postgres or mariadb")
    asked.add_argument("--steps", action="store_true", help="the steps of the flows, without a Prefect server")
    given = asked.parse_args(arguments)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="strangers-") as name:
        folder = Path(name)
        for below in ("prefect", "systems", "home"):
            (folder / below).mkdir()
        try:
            with (
                _world(folder / "systems", given) as world,
                _desk(folder, world, with_server=not given.steps) as desk,
            ):
                _say(f"All systems are filled, {time.monotonic() - started:.0f} s.")
                _say(desk.doctor())
                proof = Proof(world, _say)
                proof.hold(desk)
                for line in (*table(proof), "", *summary(proof)):
                    _say(line)
                is_seen = not world.clients or _sees_a_violation(world, desk)
        except pytest.skip.Exception as missing:
            _say(str(missing))
            return 2
    _say(f"{time.monotonic() - started:.0f} s in all.")
    return 0 if is_seen and not proof.faults else 1


def _world(folder: Path, given: argparse.Namespace) -> AbstractContextManager[World]:
    if given.strange:
        return strange_world(folder, _say, given.neighbourhoods or HOUSEHOLDS, given.only, server=given.server)
    return whole_world(folder, _say, given.neighbourhoods or NEIGHBOURHOODS)


@contextmanager
def _desk(folder: Path, world: World, *, with_server: bool) -> Iterator[Office]:
    with (
        office(folder / "home", world.configuration, by_flows if with_server else by_steps) as desk,
        running_server(folder / "prefect") if with_server else nullcontext(),
        quiet_console(),
    ):
        yield desk


def _sees_a_violation(world: World, desk: Office) -> bool:
    """Whether the judge sees a connector that takes all versions of a key for one person's."""
    name, client = next(iter(world.clients.items()))
    proof, connector = Proof(world, _say), current_app().connectors[name]
    assert isinstance(connector, S3Connector)
    with mutated(name, TakesTheKey(connector, client)):
        proof.hold_one(desk, world.population.people[Neighbour.SUCCESSOR])
    seen = all(proof.handed_out_or_changed(name))
    _say(f"A connector that takes neighbours' versions is {'seen' if seen else 'NOT seen'}.")
    return seen


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
