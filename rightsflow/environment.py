"""Where things lie on this machine: read from ``RIGHTSFLOW_…`` environment variables, with defaults under the home."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(BaseSettings):
    """The places.

    Args:
        home: Where the state lies; ``.rightsflow`` in the working directory by default.
        database_url: The case store; SQLite under the home by default.
        work_url: An ``fsspec`` location for working copies; a folder under the home by default.
        master_key: A reference (``env:NAME`` or ``file:PATH``) to the master key; a file under the home by default.
        retry_seconds: How long a failing step waits before each further attempt.
    """

    model_config = SettingsConfigDict(env_prefix="RIGHTSFLOW_", frozen=True)

    home: Path = Path(".rightsflow")
    database_url: str = ""
    work_url: str = ""
    master_key: str = ""
    retry_seconds: list[float] = Field(default=[5.0, 30.0, 120.0])

    @property
    def folder(self) -> Path:
        """The home as an absolute path."""
        return self.home.absolute()

    @property
    def config_path(self) -> Path:
        """The configuration file, beside the home."""
        return self.folder.parent / "rightsflow.toml"

    @property
    def case_store_url(self) -> str:
        """The case store's database URL."""
        return self.database_url or f"sqlite:///{self.folder / 'cases.db'}"

    @property
    def work_location(self) -> str:
        """Where working copies lie."""
        return self.work_url or str(self.folder / "work")

    @property
    def master_key_reference(self) -> str:
        """Where the master key lies."""
        return self.master_key or f"file:{self.folder / 'master.key'}"
