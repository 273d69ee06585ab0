"""The entry of the command line, and how faults end it: 2 for bad input, 1 for a failure, one sentence without data."""

from __future__ import annotations

import errno
import logging
import os
import re
import sys
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version as installed_version
from io import TextIOWrapper
from typing import Annotated, Any, Final, TypeAlias

import typer

from deployments.cli.added import added_entries
from deployments.cli.lazy import Commands, LazyGroup
from deployments.cli.output import print_fault, progress
from deployments.cli.parts import CommandParts
from deployments.cli.table import TABLE
from deployments.monitoring.logs import is_json, log_as_json
from rightsflow.cases.step.faults import without_content
from rightsflow.domain.errors import BadInput, Conflict, RightsflowError

# Newer versions of typer bring their own click, so its errors are reached through typer alone.
USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]

ClickError: TypeAlias = Any
"""An error of click's, or what one names: its classes have no names that typer gives."""

_OPTION = re.compile(r"--?[a-z][a-z-]*")
_LONG_OPTION = re.compile(r"--[a-z][a-z-]*")
_LAYOUT: Final = frozenset("\n\r\t")
"""Control characters that reasons of several lines hold."""


def usage_sentence(error: ClickError) -> str:
    """Return the sentence on the fault and where to find help.

    Args:
        error: A :data:`USAGE_ERROR`.
    """
    return f"{_fault(error)}; see `{_command(error)} --help`."


def _fault(error: ClickError) -> str:
    kind = type(error).__name__
    if kind == "MissingParameter":
        what = "argument" if error.param.param_type_name == "argument" else "option"
        return f"The {what} {_name(error.param)} is missing"
    if kind == "BadParameter" and error.param is not None:
        return f"The value of {_name(error.param)} is not valid"
    if kind in {"NoSuchOption", "BadOptionUsage"} and _OPTION.fullmatch(error.option_name):
        return f"There is no option {error.option_name} here, or it lacks its value"
    if _is_group(error):
        return "There is no such command"
    return "There is an option or an argument too many"


def _name(parameter: ClickError) -> str:
    if parameter.param_type_name == "option":
        return str(parameter.opts[0])
    return str(parameter.metavar or parameter.name).upper()


def _is_group(error: ClickError) -> bool:
    return bool(getattr(error.ctx, "command", None)) and hasattr(error.ctx.command, "commands")


def _command(error: ClickError) -> str:
    return str(error.ctx.command_path) if error.ctx else "rightsflow"


def refuse_odd_bytes(arguments: list[str]) -> None:
    """Refuse what no command can store, print or pass on, before any of them runs.

    Python hands bytes that are no UTF-8 over as lone surrogates, on which databases, JSON and terminals fail; control
    characters change what a terminal shows.

    Args:
        arguments: The command line without the program's name.

    Raises:
        BadInput: An argument holds such bytes; the sentence names the option or the position, and quotes nothing.
    """
    for position, text in enumerate(arguments):
        kinds = {unicodedata.category(character) for character in text if character not in _LAYOUT}
        if "Cs" in kinds:
            raise BadInput(f"{_place(arguments, position)} is not text in UTF-8; write it again in UTF-8.")
        if "Cc" in kinds:
            raise BadInput(f"{_place(arguments, position)} holds a control character; write it again without.")


def _place(arguments: list[str], position: int) -> str:
    given, _, _ = arguments[position].partition("=")
    before = arguments[position - 1] if position else ""
    for option in (given, before):
        if _LONG_OPTION.fullmatch(option):
            return f"The value of {option}"
    return f"Argument {position + 1}"


class _Root(LazyGroup):
    """The command line: our table, and the commands of other distributions."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = Commands(TABLE, added_entries)


app = typer.Typer(
    name="rightsflow",
    cls=_Root,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"rightsflow {installed_version('rightsflow')}")
        raise typer.Exit


@app.callback()
def root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Fulfil data subjects' access and erasure requests in customer care.

    Start with `rightsflow demo`, or with `rightsflow init` for your own systems. COMMAND --help explains one command.
    """


_STOPPED: Final = 130
_TOO_LONG: Final = "The name or path of a file is longer than this system allows; give a shorter one."
_FAULTS: Final[tuple[tuple[tuple[type[BaseException], ...], Callable[[ClickError], str], int], ...]] = (
    ((USAGE_ERROR,), usage_sentence, 2),
    ((BadInput, Conflict), str, 2),
    ((RightsflowError,), str, 1),
    ((typer.Abort, KeyboardInterrupt), lambda _: "Stopped.", _STOPPED),
    ((BaseException,), lambda error: str(without_content(error, "The command")), 1),
)
"""The sentence for an error, and the exit status: the first line that fits counts."""


def main() -> None:
    """Run the command line and end the process with its exit status."""
    # Whatever is written from here on, by child processes too, is for this user's eyes only.
    os.umask(0o077)
    _print_odd_bytes()
    _begin_log()
    sys.exit(run(sys.argv[1:]))


def _print_odd_bytes() -> None:
    """Let no output fail on what its encoding lacks, such as the name of a folder in another one."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _begin_log() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    if not any(name.upper() == "RIGHTSFLOW_LOG_FORMAT" for name in os.environ):
        return
    # Late: reading the environment takes longer than help.
    from rightsflow.config.environment import Environment, LogFormat  # noqa: PLC0415

    # A variable that is wrong is told by the command, which reads it too.
    with suppress(RightsflowError):
        if Environment().log_format is LogFormat.JSON:
            log_as_json("rightsflow")


def run(
    arguments: list[str], *, command: Callable[..., object] | None = None, parts: CommandParts | None = None
) -> int:
    """Run one command.

    Args:
        arguments: What stands behind ``rightsflow``.
        command: The command line, if it was built before; a process builds it once.
        parts: What its commands are made of; ``None`` for what serves people.

    Returns:
        The exit status: 0, 1 for a failure, 2 for bad input.
    """
    progress.is_wanted = "--json" not in arguments and not is_json()
    try:
        refuse_odd_bytes(arguments)
        given = arguments or ["--help"]
        ended = (command or app)(given, prog_name="rightsflow", standalone_mode=False, obj=parts)
        status = ended if isinstance(ended, int) else 0
    except BrokenPipeError:
        return 1
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - a traceback may quote what a log must not hold
        return _end(error)
    finally:
        progress.end()
    if status == _STOPPED:
        # Newer versions of typer end in this status where older ones raise.
        print_fault("Stopped.")
    return status


def _end(error: BaseException) -> int:
    """Print what is wrong; returns the exit status."""
    progress.end()
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        # Which arguments are paths is known to the commands alone, and how long one may be to the file system alone.
        error = BadInput(_TOO_LONG)
    say, status = next((say, status) for kinds, say, status in _FAULTS if isinstance(error, kinds))
    print_fault(say(error))
    return status
