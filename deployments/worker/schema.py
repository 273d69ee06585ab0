"""The version check of the case store: a worker of another version takes no runs.

An older worker beside a newer one, or a newer one before ``rightsflow service migrate``, would take runs and fail them
all.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

from anyio import to_thread

from rightsflow.config.environment import Environment
from rightsflow.domain.errors import Misconfigured, RightsflowError
from rightsflow.store import Database

logger = logging.getLogger(__name__)


class SchemaWatch:
    """Says once why no runs are taken, and once that they are again."""

    def __init__(self) -> None:
        self._said = ""

    async def may_ask(self) -> bool:
        """Return True if the worker may ask for runs, which shows it to the server as a worker that takes some."""
        return not self._said or await self.may_take()

    async def may_take(self) -> bool:
        """The same as :meth:`may_work`, in a thread."""
        return await to_thread.run_sync(self.may_work)

    def may_work(self) -> bool:
        """Return True if the case store's tables are of this version, or do not exist yet."""
        why = why_not()
        if why and why != self._said:
            logger.error("This worker takes no runs: %s", why)
        elif self._said and not why:
            logger.warning("The case store is of this worker's version again; it takes runs.")
        self._said = why
        return not why


def why_not() -> str:
    """Return the reason this version must not work on the case store, in a sentence; empty where it may.

    A store that is not there or does not answer is no reason: the run says that itself, and is tried again.
    """
    try:
        database = _database(Environment().case_store_url)
        is_there = database.engine.dialect.name != "sqlite" or Path(database.engine.url.database or "").exists()
        return database.why_not_ours() if is_there else ""
    except Misconfigured as error:
        return str(error)
    except RightsflowError:
        return ""


@cache
def _database(url: str) -> Database:
    return Database(url)
