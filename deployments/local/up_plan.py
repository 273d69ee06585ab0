"""The plan of ``rightsflow up``: read and checked by the command, carried out by a process that is small.

The command has imported everything of ours to check the configuration, and would keep it for as long as ``up`` lasts.
So it becomes another program, under its own number: Ctrl-C, a service manager and what it printed stay as they are.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NoReturn, Self

from deployments.local.database import DatabaseChoice
from deployments.pool_types import PoolType


@dataclass(frozen=True, slots=True, kw_only=True)
class UpPlan:
    """The plan of the local stack.

    Args:
        home: Rightsflow's home.
        port: The server's port.
        environment: What the runs need besides this process's own variables.
        pool_type: Who executes the runs.
        database: What the server keeps its runs in.
        public_url: The address of a reverse proxy under which people reach the server; empty for none.
        has_desk: Whether the desk is served in front of Prefect's pages.
        store_figures: The port at which the case store's figures are served; 0 for none.
        listens_at: Host and port at which what others send is listened to; ``None`` where nothing is.
        in_json: Whether what is logged is lines of JSON.
        sign_in: What is printed about signing in at the desk, a line each; what is shown to a person only is in it.
    """

    home: Path
    port: int
    environment: dict[str, str]
    pool_type: PoolType
    database: DatabaseChoice
    public_url: str = ""
    has_desk: bool = False
    store_figures: int = 0
    listens_at: tuple[str, int] | None = None
    in_json: bool = False
    sign_in: list[str] = field(default_factory=list)

    @classmethod
    def received(cls, descriptor: int) -> Self:
        """Return the plan that another program handed over.

        Args:
            descriptor: Where it can be read.
        """
        with os.fdopen(descriptor, encoding="utf-8") as opened:
            given = json.load(opened)
        return cls(
            **given
            | {
                "home": Path(given["home"]),
                "pool_type": PoolType(given["pool_type"]),
                "database": DatabaseChoice(given["database"]),
                "listens_at": tuple(given["listens_at"]) if given["listens_at"] else None,
            }
        )

    def hand_over(self) -> int:
        """Put the plan where the next program of this process can read it; returns the descriptor.

        Not among its arguments, which everybody on this machine can read.
        """
        reading, writing = os.pipe()
        # It fits into a pipe whole, which holds 64 kB.
        with os.fdopen(writing, "w", encoding="utf-8") as opened:
            json.dump(asdict(self), opened, default=str)
        os.set_inheritable(reading, True)  # noqa: FBT003 - Python's
        return reading


def become_supervisor(plan: UpPlan) -> NoReturn:
    """Let this process be the one that holds the plan up; it ends with that one's exit status.

    Args:
        plan: What is to be held up.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    module = ("-m", "rightsflow.entry", "deployments.local.supervisor")
    command = [sys.executable, "-P", *module, str(plan.hand_over())]
    os.execv(sys.executable, command)  # noqa: S606 - the command is ours
