"""``python -m tests.strangers``: access and erasure of 20 people among 200, in five real systems, printed as a table.

Exit status 1 means that something of somebody else was handed out or changed, that something of the person was not
given or not erased, or that the judge did not see a violation that was put in on purpose; 2, that a system is missing.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.conftest import running_server
from tests.strangers.cases import office
from tests.strangers.people import NEIGHBOURHOODS
from tests.strangers.proof import Proof
from tests.strangers.report import summary, table
from tests.strangers.working import by_flows
from tests.strangers.world import whole_world

_DEFAULT = NEIGHBOURHOODS


def main(neighbourhoods: str = str(_DEFAULT)) -> int:
    """Hold the proof.

    Args:
        neighbourhoods: How many times ten people.
    """
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="strangers-") as name:
        folder = Path(name)
        for below in ("prefect", "systems", "home"):
            (folder / below).mkdir()
        try:
            with whole_world(folder / "systems", _say, int(neighbourhoods)) as world:
                _say(f"All systems are filled, {time.monotonic() - started:.0f} s.")
                with (
                    running_server(folder / "prefect"),
                    office(folder / "home", world.configuration, by_flows) as desk,
                ):
                    _say(desk.doctor())
                    proof = Proof(world, _say)
                    proof.hold(desk)
        except pytest.skip.Exception as missing:
            _say(str(missing))
            return 2
    for line in (*table(proof), "", *summary(proof), f"{time.monotonic() - started:.0f} s in all."):
        _say(line)
    return 1 if proof.faults else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
