"""The output of commands: for people or one JSON document, progress and faults on stderr, and files written whole."""

from __future__ import annotations

import json
import logging
import os
import secrets
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from threading import Lock, Timer
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Final, Protocol

import typer
from rich.console import Console

from deployments.monitoring.logs import is_json
from rightsflow.domain.errors import BadInput

if TYPE_CHECKING:
    from rich.status import Status


_OWNER_ONLY = 0o600


def refuse_no_file(path: Path) -> None:
    """Say that no file can be written at a path, before anything is done for it.

    Args:
        path: Where it is to be.

    Raises:
        BadInput: A folder, or a device, is there, or there is no folder that it could lie in.
    """
    is_taken = path.exists() and not path.is_file()
    if is_taken or not path.absolute().parent.is_dir():
        raise BadInput("The file cannot be written there; give a file in a folder that is there with -o.")


def _write(opened: BinaryIO, content: bytes) -> None:
    opened.write(content)
    opened.flush()
    os.fsync(opened.fileno())


def write_whole(path: Path, content: bytes, write: Callable[[BinaryIO, bytes], None] = _write) -> None:
    """Write a file beside its place, and put it there once it is whole: what was there before stays until then.

    Args:
        path: The file.
        content: Its bytes.
        write: Writes them, down to the disk.

    Raises:
        BadInput: It cannot be written.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "wb") as opened:
            write(opened, content)
        beside.replace(path)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "that is no file's name"
        raise BadInput(f"The file cannot be written ({why}); give another with -o.") from None
    finally:
        with suppress(OSError, ValueError):
            beside.unlink(missing_ok=True)


def refuse_existing(path: Path) -> None:
    """Say that a new file cannot be written at a path, before anything is done for it.

    Args:
        path: Where it is to be.

    Raises:
        BadInput: Something is there already, or there is no folder that it could lie in.
    """
    if path.exists():
        raise BadInput("There is a file already, which is not overwritten; give another one with -o.")
    refuse_no_file(path)


_AFTER_SECONDS: Final = 2.0
_WORKING: Final = "Working …"


class _Timer(Protocol):
    def start(self) -> None: ...

    def cancel(self) -> None: ...


class _Screen(Protocol):
    """What the line needs of a console."""

    @property
    def is_terminal(self) -> bool: ...

    def status(self, status: str) -> Status: ...


def _timer(seconds: float, act: Callable[[], None]) -> _Timer:
    """Return a timer that keeps no process from ending."""
    timer = Timer(seconds, act)
    timer.daemon = True
    return timer


class Progress:
    """The line: shown on a terminal only, and taken away before the command prints its answer.

    Args:
        screen: The console of stderr.
        timer: Returns what calls a function after some seconds, once started.
    """

    def __init__(self, screen: _Screen, timer: Callable[[float, Callable[[], None]], _Timer] = _timer) -> None:
        self._screen, self._make_timer = screen, timer
        self._lock = Lock()
        self._text = _WORKING
        self._timer: _Timer | None = None
        self._line: Status | None = None
        self.is_wanted = True
        """False for output that programs read."""

    def begin(self) -> None:
        """Show the line after two seconds, unless :meth:`end` is called before."""
        if not (self.is_wanted and self._screen.is_terminal) or self._timer is not None:
            return
        self._text = _WORKING
        self._timer = self._make_timer(_AFTER_SECONDS, self._show)
        self._timer.start()

    def say(self, text: str) -> None:
        """Change the words of the line.

        Args:
            text: What goes on, such as ``Importing … 1,200 rows``.
        """
        with self._lock:
            self._text = text
            if self._line is not None:
                self._line.update(text)

    def end(self) -> None:
        """Take the line away; it comes no more until :meth:`begin`."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
            if self._line is not None:
                self._line.stop()
            self._line = None

    def _show(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._line = self._screen.status(self._text)
                self._line.start()


logger = logging.getLogger(__name__)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]

TextConsole = Console
"""The console that prints text as it is: the only place that knows its class."""

_WIDE = 160
"""Columns where no one can say how wide the reader's screen is: in a pipe or a log."""


def text_console(**options: Any) -> Console:
    """Return a console that prints text as it is.

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
    """Return a value as JSON knows it: dataclasses as objects, dates as ISO text."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {str(plain(key)): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date | datetime) else value
