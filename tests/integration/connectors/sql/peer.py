"""A database of either kind with the means that the tests need: filling, reading, taking away."""

from __future__ import annotations

import os
import wave
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from connectors.registry import ControllerPlace
from connectors.sql import SqlConnector, SqlSettings
from rightsflow.config.sections.section import validate
from tests.support.peers.mariadb import MariaDatabase
from tests.support.peers.postgres import PostgresDatabase

PLACE = ControllerPlace(country="DE", timezone="Europe/Berlin")


@dataclass(frozen=True, slots=True)
class Peer:
    """A database and a folder for files.

    Args:
        url: The database's URL for its owner.
        folder: The folder of its files.
        sqlite: The database's file, if it is SQLite.
        postgres: The database, if it is PostgreSQL.
        maria: The database, if it is MariaDB.
    """

    url: str
    folder: Path
    sqlite: Path | None = None
    postgres: PostgresDatabase | None = None
    maria: MariaDatabase | None = None

    @property
    def engine(self) -> sa.Engine:
        if self.maria:
            return self.maria.engine()
        return sa.create_engine(self.url.replace("postgresql:", "postgresql+psycopg:"), poolclass=NullPool)

    def run(self, *statements: str) -> None:
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        with self.engine.begin() as connection:
            for row in rows:
                names = ", ".join(row)
                marks = ", ".join(f":{name}" for name in row)
                connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), dict(row))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def wav(self, path: str, *, seconds: float = 1.0, channels: int = 1) -> Path:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(place), "wb") as audio:
            audio.setnchannels(channels)
            audio.setsampwidth(2)
            audio.setframerate(8000)
            audio.writeframes(os.urandom(2 * channels * int(8000 * seconds)))
        return place

    def connector(self, tables: Sequence[Mapping[str, Any]], user: str = "", **more: Any) -> SqlConnector:
        secret = self.folder.parent / f"url-{user}"
        secret.write_text(self.postgres.url(user) if self.postgres and user else self.url)
        section = {
            "connector": "sql",
            "purposes": ["handling service requests"],
            "categories": ["service tickets"],
            "source": "the data subject",
            "retention": "24 months",
            "url": f"file:{secret}",
            "files": self.folder.as_uri(),
            "tables": list(tables),
            **more,
        }
        section = {name: value for name, value in section.items() if value is not None}
        return SqlConnector("telephone", validate(SqlSettings, section, "[systems.telephone]"), PLACE)

    @contextmanager
    def outage(self) -> Iterator[None]:
        """While entered, the database cannot be reached."""
        if self.postgres:
            with self.postgres.outage():
                yield
            return
        assert self.sqlite
        # As a share that is not mounted.
        here = self.sqlite.parent
        away = here.rename(here.with_name("away"))
        try:
            yield
        finally:
            away.rename(here)
