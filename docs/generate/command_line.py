"""The page of the command line, from typer."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Final

import typer

from deployments.cli.main import app
from docs.generate.markdown import code, paragraphs, prose, table

_INTRODUCTION: Final = """# Command line

`rightsflow COMMAND --help` says the same in the terminal. Every command takes `--json` where that is listed: it then prints one JSON
document and nothing else. Errors are one sentence on standard error. The exit status is 0 for success, 2 for bad input, and 1 for a
failure. Options that are marked *repeatable* can be given several times. Dates are written as 2026-03-05.

"""


def page() -> str:
    """The page."""
    commands = dict(_commands(typer.main.get_command(app), "rightsflow"))
    contents = table(
        ("Command", "What it does"),
        ((f"[`{name}`](#{_anchor(name)})", prose(_first(command.help))) for name, command in commands.items()),
    )
    return _INTRODUCTION + contents + "\n" + "\n".join(_section(name, one) for name, one in commands.items())


def _commands(group: Any, before: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        inner: Mapping[str, Any] = getattr(command, "commands", {})
        if inner:
            yield from _commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}", command


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


def _first(text: str) -> str:
    return text.split("\n\n", maxsplit=1)[0]


def _section(name: str, command: Any) -> str:
    rows = [_row(one) for one in command.params if not one.hidden]
    shown = " ".join([name, *(_word(one) for one in command.params if one.param_type_name == "argument")])
    options = " [OPTIONS]" if any(one.param_type_name == "option" for one in command.params) else ""
    listed = table(("Argument or option", "Meaning"), rows) if rows else ""
    return (
        f"## {name}\n\n```console\n$ {shown}{options}\n```\n\n{paragraphs(command.help)}{_origin(command)}\n\n{listed}"
    )


def _origin(command: Any) -> str:
    """Where a command comes from that is not the product's own."""
    package = inspect.unwrap(command.callback).__module__.partition(".")[0]
    return "" if package == "deployments" else f"\n\nIt comes with the distribution `{package.replace('_', '-')}`."


def _word(argument: Any) -> str:
    word = argument.metavar or argument.name.upper()
    word = f"{word}…" if argument.nargs == -1 else word
    return word if argument.required else f"[{word}]"


def _row(parameter: Any) -> tuple[str, str]:
    if parameter.param_type_name == "argument":
        return code(_word(parameter)), prose(parameter.help or "") + _marks(parameter)
    names = " / ".join((*parameter.opts, *parameter.secondary_opts))
    values = "" if parameter.is_flag else f" {_values(parameter)}"
    return code(names + values), prose(parameter.help or "") + _marks(parameter)


def _values(option: Any) -> str:
    annotation = option.type_descriptor.annotation
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "|".join(str(one.value) for one in annotation)
    return str(option.metavar or option.name.upper().replace("_", "-"))


def _marks(parameter: Any) -> str:
    marks = []
    if parameter.required:
        marks.append("Required.")
    elif parameter.default not in (None, "", False, True) and not callable(parameter.default):
        value = parameter.default.value if isinstance(parameter.default, Enum) else parameter.default
        marks.append(f"Default: `{value}`.")
    if parameter.envvar:
        marks.append(f"Also [`{parameter.envvar}`](environment.md).")
    if getattr(parameter, "multiple", False):
        marks.append("Repeatable.")
    return "".join(f" {mark}" for mark in marks)
