"""Commands that other distributions add by the entry point ``rightsflow.commands``, such as the sandbox's ``demo``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint, entry_points, version
from typing import Final, NoReturn

import typer

from rightsflow.domain.errors import BadInput

GROUP: Final = "rightsflow.commands"
"""Each entry names a command, and a function as typer takes it."""

_ELSEWHERE: Final = {"demo": "rightsflow-sandbox"}
"""Commands of ours that are in a distribution of their own."""
_ANY_ARGUMENTS: Final = {"allow_extra_args": True, "ignore_unknown_options": True}


def register(app: typer.Typer, found: Iterable[EntryPoint] | None = None) -> None:
    """Add the commands that are installed; one that is not says how to get it, and is not listed.

    Args:
        app: The command line.
        found: The entry points; by default those of this environment.
    """
    there = {entry.name: entry for entry in (entry_points(group=GROUP) if found is None else found)}
    for name, entry in there.items():
        try:
            command = entry.load()
        except (ImportError, AttributeError):
            distribution = entry.dist.name if entry.dist else entry.module
            _stand_in(app, name, f"{name} of {distribution} does not fit this version of Rightsflow", distribution)
        else:
            app.command(name)(command)
    for name, distribution in _ELSEWHERE.items():
        if name not in there:
            _stand_in(app, name, f"{name} is not installed", distribution)


def _stand_in(app: typer.Typer, name: str, problem: str, distribution: str) -> None:
    """A command that takes any arguments and says one sentence."""
    app.command(name, hidden=True, context_settings=_ANY_ARGUMENTS)(_saying(f"{problem}; {_remedy(distribution)}"))


def _remedy(distribution: str) -> str:
    if distribution in _ELSEWHERE.values():
        distribution = f"{distribution}=={version('rightsflow')}"
    return f"run `pip install {distribution}`."


def _saying(sentence: str) -> Callable[[], NoReturn]:
    def refuse() -> NoReturn:
        raise BadInput(sentence)

    return refuse
