"""Locations on this machine: read from ``RIGHTSFLOW_…`` environment variables, with defaults under the home."""

from __future__ import annotations

import json
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from rightsflow.domain.errors import Misconfigured


class LogFormat(StrEnum):
    """The format of the log."""

    TEXT = "text"
    JSON = "json"
    """A JSON object per line, with only those fields that are known to hold no personal data."""


class Environment(BaseSettings):
    """The places.

    Args:
        home: The folder of the state; ``.rightsflow`` in the working directory by default.
        database_url: The case store; SQLite under the home by default.
        work_url: An ``fsspec`` location for working copies; a folder under the home by default.
        master_key: A reference (``env:NAME`` or ``file:PATH``) to the master key; a file under the home by default.
        master_key_before: A reference to the previous master key, until ``rightsflow keys rotate`` is finished.
        erasure_journal: The file that lists purged cases; under the home by default.
        retry_seconds: The waits in seconds before each further attempt at a failing step.
        log_format: ``text``, or ``json`` for one JSON object per line on stderr without personal data.
        metrics_port: The port of the metrics for Prometheus; 0 for none.
        metrics_address: The address of this machine on which the metrics are served.
        public_url: The address of a reverse proxy under which people reach the server that ``up`` starts, like
            ``https://prefect.example.com``; empty where it is called on this machine only.
        proxies: The addresses and networks of your reverse proxies, with spaces between them, such as
            ``10.0.0.5 10.1.0.0/24``. The address that they name in ``X-Forwarded-For`` counts as the caller's, for
            limits and for the record of a sign-in. By default the header is ignored, and the connection's address
            counts.
        desk_url: The address of the server with the desk, which refused decisions name; by default that proxy, or the
            server that ``up`` runs. ``up`` passes it to its worker.

    Raises:
        Misconfigured: A variable has a value of the wrong kind.
    """

    model_config = SettingsConfigDict(env_prefix="RIGHTSFLOW_", frozen=True)

    home: Path = Path(".rightsflow")
    database_url: str = ""
    work_url: str = ""
    master_key: str = ""
    master_key_before: str = ""
    erasure_journal: Path | None = None
    retry_seconds: list[float] = Field(default=[5.0, 30.0, 120.0])
    log_format: LogFormat = LogFormat.TEXT
    # The last but one: with `up`, the worker's port is the next.
    metrics_port: int = Field(default=0, ge=0, le=65534)
    metrics_address: str = "127.0.0.1"
    public_url: str = ""
    proxies: str = ""
    desk_url: str = ""

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise Misconfigured(_sentence(str(error.errors(include_input=False)[0]["loc"][0]))) from None
        except SettingsError:
            # Only what is written as JSON can fail before it is validated.
            raise Misconfigured(_sentence("retry_seconds")) from None

    @field_validator("proxies")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        for part in text.split():
            if ip_network(part, strict=False).prefixlen == 0:
                raise ValueError("every address is no proxy")
        return text

    @property
    def folder(self) -> Path:
        """The home as an absolute path."""
        return self.home.absolute()

    @property
    def desk_address(self) -> str:
        """The address of the server with the desk; empty where none is known."""
        return (self.desk_url or self.public_url or self._held_up()).rstrip("/")

    def _held_up(self) -> str:
        """Return the address that ``up`` notes while it runs a server on this home."""
        try:
            noted = json.loads((self.folder / "up.json").read_text(encoding="utf-8"))
            return str(noted["api_url"]).removesuffix("/api")
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    @property
    def config_path(self) -> Path:
        """The configuration file, beside the home."""
        return self.folder.parent / "rightsflow.toml"

    @property
    def case_store_url(self) -> str:
        """The case store's database URL."""
        return self.database_url or f"sqlite:///{self.folder / 'cases.db'}"

    @property
    def import_location(self) -> str:
        """The location of files to be imported, unless the configuration names another."""
        return str(self.folder / "imports")

    @property
    def work_location(self) -> str:
        """The location of working copies."""
        return self.work_url or str(self.folder / "work")

    @property
    def erasures(self) -> Path:
        """The erasure journal."""
        return self.erasure_journal or self.folder / "erasures.jsonl"

    @property
    def master_key_reference(self) -> str:
        """The reference of the master key."""
        return self.master_key or f"file:{self.folder / 'master.key'}"


_MENDS: Final = {
    "retry_seconds": "give a JSON list of seconds, like [5, 30, 120]",
    "log_format": "give text or json",
    "proxies": "give addresses or networks with spaces between them, like 10.0.0.5 10.1.0.0/24",
    "metrics_port": "give a port up to 65534, or 0 for none",
}


def _sentence(field: str) -> str:
    return f"RIGHTSFLOW_{field.upper()} is wrong; {_MENDS.get(field, 'correct the variable or unset it')}."
