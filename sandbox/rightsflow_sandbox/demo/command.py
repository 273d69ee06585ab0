"""The command ``rightsflow demo``, which the product finds by its entry point."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deployments.cli.commands.setup import DatabaseOption
from deployments.cli.output import JsonFlag
from deployments.local.database import DatabaseChoice


def demo(
    folder: Annotated[Path, typer.Option(help="The folder of the demo; an earlier demo there is replaced.")] = Path(
        "demo"
    ),
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port of the server and its UI; 0 for a free one.")
    ] = 0,
    seed: Annotated[int, typer.Option(help="The seed of the invented customers.")] = 20261124,
    stay: Annotated[bool, typer.Option("--stay", help="Stay up afterwards, to look around, until Ctrl-C.")] = False,
    database: DatabaseOption = DatabaseChoice.AUTO,
    json_output: JsonFlag = False,
) -> int:
    """Run a demonstration with an invented call centre.

    It answers one access and one erasure request, from the ticket to the answer.
    """
    # Late: help of this command needs none of it.
    from rightsflow_sandbox.demo.demonstration import run_demo  # noqa: PLC0415

    return run_demo(folder, port=port, seed=seed, stay=stay, database=database, json_output=json_output)
