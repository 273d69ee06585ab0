"""Brings the case store's tables to this version's. Apart, since Alembic takes memory and is needed once."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

_MIGRATIONS: Final = Path(__file__).with_name("migrations")
_LOCK: Final = 0x7269676874
"""Any number that no one else takes on this database: "right" in ASCII."""


def upgrade(connection: Connection) -> None:
    """Create or upgrade the tables.

    Args:
        connection: In a transaction, which holds all of it.
    """
    if connection.dialect.name == "postgresql":
        # Two that start at the same time: the second waits, and finds nothing left to do.
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    command.upgrade(configured(connection), "head")


def configured(connection: Connection) -> Config:
    """Return the configuration for Alembic's commands.

    Args:
        connection: In a transaction.
    """
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
