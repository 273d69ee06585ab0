"""Faults in a command line, in one sentence that quotes nothing that may be a person's data."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final, TypeAlias

import typer

from rightsflow.domain.errors import BadInput

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
