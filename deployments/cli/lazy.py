"""Groups of commands that import a command's module only when it is called: help comes from a static table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from copy import copy
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final, Protocol, cast

import typer
from typer.core import TyperCommand, TyperGroup

from deployments.cli.output import progress

_COMMANDS: Final = "deployments.cli.commands"


class TableEntry(Protocol):
    """A line of the table: a command or a group."""

    @property
    def help(self) -> str:
        """Its first line in help."""

    @property
    def panel(self) -> str:
        """The heading under which help lists it."""

    @property
    def is_hidden(self) -> bool:
        """Return True if help does not list it."""

    def load(self, name: str) -> Any:
        """Return the command or group, its module imported.

        Args:
            name: Its name.
        """


@dataclass(frozen=True, slots=True)
class CommandEntry:
    """A command of ours in the table.

    Args:
        place: Its function, as ``module:function`` in ``deployments.cli.commands``.
        help: The first line of its help.
        panel: The heading under which help lists it.
        is_lasting: True if it runs until it is stopped, and reports its progress itself.
    """

    place: str
    help: str
    panel: str = "Commands"
    is_lasting: bool = False
    is_hidden: bool = False

    def load(self, name: str) -> TyperCommand:
        """Import the command's module, and return the command.

        Args:
            name: Its name.
        """
        if not self.is_lasting:
            progress.begin()
        module, _, function = self.place.partition(":")
        return command_of(getattr(import_module(f"{_COMMANDS}.{module}"), function), name)


@dataclass(frozen=True, slots=True)
class GroupEntry:
    """A group in the table.

    Args:
        help: One sentence on the group.
        entries: Its commands by name, in the order of help.
        panel: The heading under which help lists it.
    """

    help: str
    entries: Mapping[str, TableEntry] = field(default_factory=dict)
    panel: str = "Commands"
    is_hidden: bool = False

    def load(self, name: str) -> LazyGroup:
        """Return the group; none of its commands is imported.

        Args:
            name: Its name.
        """
        group = LazyGroup(name=name, help=self.help, no_args_is_help=True)
        group.commands = Commands(self.entries)
        return group


class Commands(MutableMapping[str, Any]):
    """The commands of a group by name, each imported when it is looked up.

    Args:
        entries: The table.
        further: Returns entries beside the table, such as those of other distributions; called when a name is not in
            the table, and for help.
    """

    def __init__(
        self, entries: Mapping[str, TableEntry], further: Callable[[], Mapping[str, TableEntry]] = dict
    ) -> None:
        self._entries, self._further = entries, further
        self._loaded: dict[str, Any] = {}

    @property
    def entries(self) -> Mapping[str, TableEntry]:
        """The whole table in the order of help; further entries replace lines of the same name."""
        further = self._further()
        return {name: further.get(name, entry) for name, entry in self._entries.items()} | dict(further)

    def __getitem__(self, name: str) -> Any:
        """Return a command, imported at the first time."""
        if name not in self._loaded:
            entry = self._entries.get(name) or self._further()[name]
            self._loaded[name] = entry.load(name)
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        """Add a command."""
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        """Remove a command that was added."""
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        """Return the names in the order of help."""
        return iter(self.entries)

    def __len__(self) -> int:
        """Return the number of commands."""
        return len(self.entries)


class LazyGroup(TyperGroup):
    """A group whose help and whose list of commands import none of them."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer's
        """Return the names in the order of help."""
        return list(self.commands)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help from the table.

        Args:
            ctx: Typer's context.
            formatter: Typer's formatter.
        """
        listed = copy(self)
        if isinstance(self.commands, Commands):
            listed.commands = {name: _listed(name, entry) for name, entry in self.commands.entries.items()}
        super(LazyGroup, listed).format_help(ctx, formatter)


class _Command(TyperCommand):
    """A command whose help is not printed over a line of progress."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help."""
        progress.end()
        super().format_help(ctx, formatter)


def command_of(function: Callable[..., Any], name: str, **options: Any) -> TyperCommand:
    """Return a function as a command.

    Args:
        function: As typer takes it.
        name: The command's name.
        options: Further options of ``typer.Typer.command``.
    """
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(name, cls=_Command, **options)(function)
    return cast("TyperCommand", typer.main.get_command(alone))


def _listed(name: str, entry: TableEntry) -> TyperCommand:
    return TyperCommand(name, help=entry.help, rich_help_panel=entry.panel, hidden=entry.is_hidden)
