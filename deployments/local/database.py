"""The database of Prefect's server on this machine: PostgreSQL of ours, or SQLite, which needs no process."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from deployments.local.postgres import EmbeddedPostgres, has_data, is_installed
from rightsflow.domain.errors import BadInput


class ServerDatabase(Protocol):
    """A database of Prefect's server."""

    @property
    def url(self) -> str:
        """Its address for Prefect, once it is started."""

    @property
    def is_running(self) -> bool:
        """True if the database can be used; if not, it is started again."""

    @property
    def has_data(self) -> bool:
        """True if its files exist; where they were deleted, all runs are gone."""

    def answers(self) -> bool:
        """Return True if it answers within a few seconds; a database that is silent for long is ended and restarted."""

    def start(self) -> None:
        """Make it ready; does nothing where it is."""

    def stop(self) -> None:
        """End it, after the server; may be called more than once."""


class SqliteFile:
    """A file of SQLite.

    Args:
        file: Where it lies.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    @property
    def url(self) -> str:
        """Its address for Prefect."""
        return f"sqlite+aiosqlite:///{self.file}"

    @property
    def is_running(self) -> bool:
        """True if the file exists: a server that had it open continues with the deleted file until it ends."""
        return self.has_data

    @property
    def has_data(self) -> bool:
        """True if the file exists."""
        return self.file.exists()

    def answers(self) -> bool:
        """Always: a file does not hang."""
        return True

    def start(self) -> None:
        """Do nothing: the server makes the file."""

    def stop(self) -> None:
        """Do nothing: the server closes the file."""


_INSTALL = "run `pip install 'rightsflow[embedded]'`"


class DatabaseChoice(StrEnum):
    """The database that the operator asks for."""

    AUTO = "auto"
    POSTGRESQL = "postgresql"
    SQLITE = "sqlite"


def choose_database(
    wanted: DatabaseChoice, folder: Path, is_there: Callable[[], bool] = is_installed
) -> tuple[ServerDatabase, str]:
    """Choose the database for a home; returns a sentence too where one is worth it.

    A home goes on with what it began with, since suspended runs are in there.

    Args:
        wanted: What is asked for.
        folder: Where Prefect's files lie.
        is_there: Says whether the package with PostgreSQL is installed.

    Raises:
        BadInput: It cannot be had here.
    """
    file, data = folder / "prefect.db", folder / "postgres"
    began_with = DatabaseChoice.POSTGRESQL if has_data(data) else DatabaseChoice.SQLITE if file.exists() else None
    chosen = wanted
    if wanted is DatabaseChoice.AUTO:
        chosen = began_with or (DatabaseChoice.POSTGRESQL if is_there() else DatabaseChoice.SQLITE)
    if chosen is DatabaseChoice.POSTGRESQL and not is_there():
        raise BadInput(f"The PostgreSQL that this needs is not installed; {_INSTALL}, or {_other(began_with, data)}.")
    if began_with not in {None, chosen}:
        before = data if began_with is DatabaseChoice.POSTGRESQL else file
        raise BadInput(f"This home's runs are in {before}; when none is suspended, move that away and start again.")
    if chosen is DatabaseChoice.POSTGRESQL:
        return EmbeddedPostgres(data), ""
    changes = began_with is not None and wanted is DatabaseChoice.AUTO
    return SqliteFile(file), _change_over(file, is_there=is_there()) if changes else ""


def _other(began_with: DatabaseChoice | None, data: Path) -> str:
    if began_with is DatabaseChoice.POSTGRESQL:
        return f"when no run is suspended, move {data} away"
    return "use --database sqlite"


def _change_over(file: Path, *, is_there: bool) -> str:
    install = "" if is_there else f"{_INSTALL} and, "
    return (
        f"This home began with SQLite and goes on with it; for PostgreSQL, which is faster, {install}"
        f"when no run is suspended, move {file} away."
    )
