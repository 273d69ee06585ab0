"""What Prefect's server keeps its runs in on this machine; and SQLite, which needs no process."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Protocol

from deployments.local.remains import clear_all, clear_log

_CLEARING_SECONDS: Final = 30.0


class ServerDatabase(Protocol):
    """A database of Prefect's server."""

    @property
    def url(self) -> str:
        """Its address for Prefect, once it is started."""

    @property
    def is_running(self) -> bool:
        """Whether it can be used; one that cannot is started again."""

    @property
    def has_data(self) -> bool:
        """Whether its files are there; where they were deleted, all runs are gone."""

    @property
    def clearing_seconds(self) -> tuple[float, float]:
        """How long to wait between two clearings: after one that cleared all, and after one that did not."""

    def answers(self) -> bool:
        """Whether it answers within a few seconds; one that is silent for long is ended and started again."""

    def start(self) -> None:
        """Make it ready; does nothing where it is."""

    def clear(self) -> bool:
        """Let it forget overwritten values while the server uses it; returns whether nothing is left."""

    def stop(self) -> None:
        """Let it forget overwritten values and end it, after the server; may be called more than once."""


class SqliteFile:
    """A file of SQLite.

    Args:
        file: Where it lies.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.clearing_seconds = (_CLEARING_SECONDS, _CLEARING_SECONDS)

    @property
    def url(self) -> str:
        """Its address for Prefect."""
        return f"sqlite+aiosqlite:///{self.file}"

    @property
    def is_running(self) -> bool:
        """Whether the file is there: a server that had it open goes on with what is deleted, until it ends."""
        return self.has_data

    @property
    def has_data(self) -> bool:
        """Whether the file is there."""
        return self.file.exists()

    def answers(self) -> bool:
        """Always: a file does not hang."""
        return True

    def start(self) -> None:
        """Nothing: the server makes the file."""

    def clear(self) -> bool:
        """Cut its write-ahead log; returns whether nothing is left in it."""
        return clear_log(self.file)

    def stop(self) -> None:
        """Clear its log and its free space."""
        clear_all(self.file)
