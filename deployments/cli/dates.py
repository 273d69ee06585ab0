"""``due-dates``: the clock of the law as a filter, JSONL in and JSONL out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from deployments.cli.output import JsonFlag
from rightsflow.clock import due_dates
from rightsflow.clock.jsonl import read_row, write_row
from rightsflow.errors import BadInput


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("due-dates")(compute)


def compute(
    file: Annotated[str, typer.Argument(help="JSONL, one row of events per line; - for standard input.")] = "-",
    json_output: JsonFlag = False,  # noqa: ARG001 - the output is JSONL either way
) -> None:
    """Compute the dates of the law: JSONL in, JSONL out."""
    with _opened(file) as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                sys.stdout.write(json.dumps(_answer(line, number), ensure_ascii=False) + "\n")


@contextmanager
def _opened(file: str) -> Iterator[TextIO]:
    try:
        if file == "-":
            yield sys.stdin
            return
        with Path(file).open(encoding="utf-8") as lines:
            yield lines
    except BrokenPipeError:
        raise
    except OSError as error:
        raise BadInput(f"The file cannot be read ({error.strerror}); give one of JSON lines, or -.") from None
    except UnicodeDecodeError:
        raise BadInput("The input is not text in UTF-8; save it as UTF-8.") from None


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
