"""Commands that other distributions add by the entry point ``rightsflow.commands``, such as the sandbox's ``demo``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points, version
from typing import Any, Final

from deployments.cli.lazy import TableEntry, command_of
from deployments.cli.output import progress
from rightsflow.domain.errors import BadInput

GROUP: Final = "rightsflow.commands"
"""Each entry names a command, and a function as typer takes it."""
START: Final = "Start"
"""The heading of help for what a newcomer runs first."""

_ANY_ARGUMENTS: Final = {"allow_extra_args": True, "ignore_unknown_options": True}


@dataclass(frozen=True, slots=True)
class AddedEntry:
    """A command of another distribution, imported only when it is called.

    Args:
        distribution: The distribution's name.
        point: Its entry point; ``None`` if it is not installed.
        help: The first line of its help.
        panel: The heading under which help lists it.
    """

    distribution: str
    point: EntryPoint | None
    help: str
    panel: str

    @property
    def is_hidden(self) -> bool:
        """Return True if it is not installed."""
        return self.point is None

    def load(self, name: str) -> Any:
        """Return the command, or one that says how to get it.

        Args:
            name: Its name.
        """
        if self.point is None:
            return self._stand_in(name, f"{name} is not installed")
        progress.begin()
        try:
            return command_of(self.point.load(), name)
        except (ImportError, AttributeError):
            return self._stand_in(name, f"{name} of {self.distribution} does not fit this version of Rightsflow")

    def _stand_in(self, name: str, problem: str) -> Any:
        """Return a command that takes any arguments and answers with one sentence."""
        exact = f"=={version('rightsflow')}" if self.distribution == _SANDBOX else ""

        def refuse() -> None:
            raise BadInput(f"{problem}; run `pip install {self.distribution}{exact}`.")

        return command_of(refuse, name, context_settings=_ANY_ARGUMENTS)


_SANDBOX: Final = "rightsflow-sandbox"
_DEMO: Final = "Run a demonstration with an invented call centre."


def added_entries(found: Iterable[EntryPoint] | None = None) -> Mapping[str, TableEntry]:
    """Return the commands that other distributions add; one of ours that is not installed is not listed.

    Args:
        found: The entry points; by default those of this environment.
    """
    entries = {"demo": AddedEntry(_SANDBOX, None, _DEMO, START)}
    for point in entry_points(group=GROUP) if found is None else found:
        distribution = point.dist.name if point.dist else point.module
        is_demo = point.name == "demo" and distribution == _SANDBOX
        help_ = _DEMO if is_demo else f"Run a command of the distribution {distribution}."
        entries[point.name] = AddedEntry(distribution, point, help_, START if is_demo else "Further commands")
    return entries
