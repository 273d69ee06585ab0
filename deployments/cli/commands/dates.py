"""``due-dates``: the clock of the law as a filter, JSONL in and JSONL out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import Annotated, TextIO

import typer

from deployments.cli.output import JsonFlag, progress
from rightsflow.domain.deadlines import due_dates
from rightsflow.domain.deadlines.jsonl import read_row, write_row
from rightsflow.domain.errors import BadInput

HELD_IN_MEMORY = 16 * 2**20
"""Answers beyond this many bytes wait in a temporary file until the last line has been read."""


def compute(
    file: Annotated[str, typer.Argument(help="JSONL, one row of events per line; - for standard input.")] = "-",
    json_output: JsonFlag = False,  # noqa: ARG001 - the output is JSONL either way
) -> None:
    """Compute statutory due dates from JSON lines.

    A faulty line leaves the output empty.
    """
    if file == "-":
        progress.end()
    with _opened(file) as lines:
        write_answers(lines, sys.stdout)


def write_answers(lines: Iterable[str], to: TextIO, held_in_memory: int = HELD_IN_MEMORY) -> None:
    """Write an answer for each line once all have been read, or nothing.

    Args:
        lines: The rows of events, as JSON.
        to: Where the answers go.
        held_in_memory: Answers beyond this many bytes wait in a temporary file.

    Raises:
        BadInput: A line is wrong; the sentence names its number.
    """
    with SpooledTemporaryFile(max_size=held_in_memory, mode="w+", encoding="utf-8") as answers:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                answers.write(json.dumps(_answer(line, number), ensure_ascii=False) + "\n")
        answers.seek(0)
        progress.end()
        copyfileobj(answers, to)


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


def _answer(line: str, number: int) -> dict[str, object]:
    try:
        return dict(write_row(due_dates(read_row(_row(line)))))
    except BadInput as error:
        raise BadInput(f"Line {number}: {error}") from None


def _row(line: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError:
        row = None
    if not isinstance(row, dict):
        raise BadInput("it is not a JSON object; give one object per line.")
    return row
