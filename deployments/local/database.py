"""The database of Prefect's server on this machine; and SQLite, which needs no process."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


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
        """Nothing: the server makes the file."""

    def stop(self) -> None:
        """Nothing: the server closes the file."""
