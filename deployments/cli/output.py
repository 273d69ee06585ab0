"""The output of commands: readable by people, or one JSON document with ``--json``; faults in a sentence on stderr."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any

import typer
from rich.console import Console

from deployments.cli.progress import Progress
from deployments.monitoring.logs import is_json

logger = logging.getLogger(__name__)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]

TextConsole = Console
"""The console that prints text as it is: the only place that knows its class."""

_WIDE = 160
"""Columns where no one can say how wide the reader's screen is: in a pipe or a log."""


def text_console(**options: Any) -> Console:
    """A console that prints text as it is.

    Sentences name sections such as [systems.helpdesk], and data may hold anything: text is never markup. A line that
    has a style says so with ``style`` or with pieces of rich's ``Text``.

    Args:
        options: Of rich's ``Console``.
    """
    return Console(markup=False, emoji=False, **options)


class _AnswerConsole(Console):
    """The console of stdout: the line of progress is gone before anything is printed on it."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as ``Console.print`` does."""
        progress.end()
        super().print(*objects, **options)


notes = text_console(stderr=True)
progress = Progress(notes)
console = _AnswerConsole(width=None if sys.stdout.isatty() else _WIDE, markup=False, emoji=False)


def print_fault(sentence: str) -> None:
    """Print what is wrong on stderr: one sentence, never cut or wrapped, so that scripts can read it."""
    if is_json():
        logger.error("%s", sentence)
        return
    notes.print(sentence, style="bold red", highlight=False, soft_wrap=True)


def tell(what: str) -> None:
    """Print on stderr what goes on; it stays there."""
    if is_json():
        logger.info("%s", what)
        return
    notes.print(f"… {what}", style="dim", highlight=False, soft_wrap=True)


def print_warning(sentence: str) -> None:
    """Print on stderr what a person has to fix while all else goes on."""
    if is_json():
        logger.warning("%s", sentence)
        return
    notes.print(f"Warning: {sentence}", style="yellow", highlight=False, soft_wrap=True)


def print_json(value: object) -> None:
    """Print one JSON document on stdout."""
    progress.end()
    json.dump(plain(value), sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def print_done(done: str, *, json_output: bool, **about: object) -> None:
    """Print what an act did: its sentence, or a document that holds the sentence too.

    Args:
        done: The sentence.
        json_output: Whether it is printed as JSON.
        about: What the document says besides, such as which case it was.
    """
    if json_output:
        print_json({**about, "done": done})
        return
    console.print(done, highlight=False)


def plain(value: object) -> object:
    """A value as JSON knows it: dataclasses as objects, dates as ISO text."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {str(plain(key)): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date | datetime) else value
