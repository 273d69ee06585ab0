"""``due-dates``: the clock of the law as a filter, JSONL in and JSONL out."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from deployments.cli.output import JsonFlag
from rightsflow.clock import due_dates
from rightsflow.clock.jsonl import read_row, write_row
from rightsflow.errors import BadInput


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("due-dates")(compute)


def compute(
    file: Annotated[
        typer.FileText, typer.Argument(help="JSONL, one row of events per line; - for standard input.")
    ] = "-",  # type: ignore[assignment]
    json_output: JsonFlag = False,  # noqa: ARG001 - the output is JSONL either way
) -> None:
    """Compute the dates of the law: JSONL in, JSONL out."""
    for number, line in enumerate(file, start=1):
        if line.strip():
            sys.stdout.write(json.dumps(_answer(line, number), ensure_ascii=False) + "\n")


def _answer(line: str, number: int) -> dict[str, Any]:
    try:
        return dict(write_row(due_dates(read_row(_row(line)))))
    except BadInput as error:
        raise BadInput(f"Line {number}: {error}") from None


def _row(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError:
        row = None
    if not isinstance(row, dict):
        raise BadInput("it is not a JSON object; give one object per line.")
    return row
