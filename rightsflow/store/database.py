"""The connection to the case store: SQLite beside the configuration, or PostgreSQL by URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from rightsflow.errors import Misconfigured, Transient

_MIGRATIONS = Path(__file__).with_name("migrations")
_LOCK_WAIT_SECONDS = 60.0
_CONNECT_SECONDS = 10


class Database:
    """The case store's database.

    Args:
        url: A SQLAlchemy URL; ``sqlite:///…`` or ``postgresql+psycopg://…`` (``postgresql://`` is read as that).

    Raises:
        Misconfigured: The URL is not one of these.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)

    def migrate(self) -> None:
        """Create or upgrade the tables to this version's.

        Raises:
            Transient: The database does not answer.
        """
        with _plain_faults(), self.engine.begin() as connection:
            command.upgrade(_alembic(connection), "head")

    def is_current(self) -> bool:
        """Whether the tables are those of this version.

        Raises:
            Transient: The database does not answer.
        """
        with _plain_faults(), self.engine.connect() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
            return present == ScriptDirectory.from_config(_alembic(connection)).get_current_head()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One unit of work: everything in it is stored, or nothing.

        Raises:
            Transient: The database does not answer or is locked; nothing was stored.
        """
        with _plain_faults(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


@contextmanager
def _plain_faults() -> Iterator[None]:
    """Replace the database's own messages, which quote the values they stumbled on."""
    try:
        yield
    except (OperationalError, PoolTimeout):
        raise Transient(
            "The case store does not answer or is locked; check RIGHTSFLOW_DATABASE_URL and that the database runs.",
            system="case store",
        ) from None
    except DBAPIError as error:
        raise RuntimeError(f"The case store refused a statement ({type(error.orig).__name__}).") from None
    except SQLAlchemyError as error:
        raise RuntimeError(f"The case store was used wrongly ({type(error).__name__}).") from None


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Misconfigured(
            "RIGHTSFLOW_DATABASE_URL is not a database URL; give sqlite:///… or postgresql://…."
        ) from None
    if parsed.get_backend_name() == "postgresql":
        return _postgres_engine(parsed.set(drivername="postgresql+psycopg"))
    if parsed.get_backend_name() != "sqlite":
        raise Misconfigured("RIGHTSFLOW_DATABASE_URL names another database; use SQLite or PostgreSQL.")
    engine = create_engine(parsed, connect_args={"timeout": _LOCK_WAIT_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _postgres_engine(url: URL) -> Engine:
    limits = {} if "connect_timeout" in url.query else {"connect_timeout": _CONNECT_SECONDS}
    engine = create_engine(url, pool_pre_ping=True, pool_recycle=1800, connect_args=limits)
    event.listen(engine, "begin", _limit_waiting)
    return engine


def _limit_waiting(connection: Connection) -> None:
    """Wait no longer for another's lock than SQLite does; by itself the server would wait for ever."""
    connection.execute(text(f"SET LOCAL lock_timeout = {round(_LOCK_WAIT_SECONDS * 1000)}"))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not start transactions by itself: _begin_immediate does.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    """Take the write lock at once: a reader that becomes a writer later would fail where it could have waited."""
    connection.execute(text("BEGIN IMMEDIATE"))


def _alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
