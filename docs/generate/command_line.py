"""The page of the command line, from typer."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from enum import Enum
from typing import Any, Final

import typer

from deployments.cli.main import app
from docs.generate.markdown import code, entries, lines, prose

_INTRODUCTION: Final = """# Command line

```console
$ rightsflow COMMAND --help     # the same in the terminal, with details
```

Errors are one sentence on standard error. The exit status is 0 for success, 2 for bad input and 1 for a failure. *Repeatable* options
can be given several times. Dates are written as 2026-03-05.

"""
_COMMON: Final = "common"
_SHARED_BY: Final = 3
"""How many commands have a row before it is explained once, above all commands."""


def page() -> str:
    """Return the page."""
    line = typer.main.get_command(app)
    commands = dict(_commands(line, "rightsflow"))
    uses = Counter(row for one in commands.values() for row in _rows(one))
    often = dict(row for row, count in reversed(uses.most_common()) if count >= _SHARED_BY)
    common = set(often.items())
    links = "\n".join(_index(line, commands))
    shared = (
        f"## {_COMMON.capitalize()}\n\nArguments and options that several commands have:\n\n{entries(sorted(common))}"
    )
    return "\n".join([_INTRODUCTION + links, shared, *(_section(*one, common) for one in commands.items())])


def _index(line: Any, commands: Collection[str]) -> Iterator[str]:
    """Return the links to the commands at the top, then those of each group after its sentence."""
    for group, command in (("", None), *line.commands.items()):
        if command is None or hasattr(command, "commands"):
            start = f"rightsflow {group} " if group else "rightsflow "
            names = [name for name in commands if name.startswith(start) and " " not in name.removeprefix(start)]
            found = lines(f"[`{name.removeprefix(start)}`](#{_anchor(name)})" for name in names)
            yield f"`{group}`: {prose(command.help)} {found}" if command else found


def _commands(group: Any, before: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        inner: Mapping[str, Any] = getattr(command, "commands", {})
        if inner:
            yield from _commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}", command


def _anchor(name: str) -> str:
    return name.removeprefix("rightsflow ").replace(" ", "-")


def _section(name: str, command: Any, common: Collection[tuple[str, str]]) -> str:
    rows = _rows(command)
    shared = " ".join(cell.strip("`") for cell, _ in (row for row in rows if row in common))
    also = f" [Common](#{_COMMON}): {code(shared)}." if shared else ""
    own = [row for row in rows if row not in common]
    options = f"\n\n{entries(own)}" if own else "\n"
    summary, _, _ = command.help.partition("\n\n")
    return f"## {name.removeprefix('rightsflow ')}\n\n{prose(summary)}{_origin(command)}{also}{options}"


def _rows(command: Any) -> list[tuple[str, str]]:
    """Return a row for each argument, then for each option."""
    shown = (one for one in command.params if not one.hidden)
    return [_row(one) for one in sorted(shown, key=lambda one: one.param_type_name)]


def _origin(command: Any) -> str:
    """Return the origin of a command that is not of this product."""
    package = inspect.unwrap(command.callback).__module__.partition(".")[0]
    return "" if package == "deployments" else f" It comes with the distribution `{package.replace('_', '-')}`."


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
