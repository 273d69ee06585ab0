"""What a worker needs before its first run: the case store's version, the catalogue's flows, and imports.

An older worker beside a newer one, or a newer one before ``rightsflow service migrate``, would take runs and fail them
all.
"""

from __future__ import annotations

import gc
import importlib
import logging
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from anyio import to_thread

from rightsflow.config.environment import Environment
from rightsflow.domain.errors import Misconfigured, RightsflowError
from rightsflow.store import Database
from tasks.prefect_io.kinds import AnyFlow

logger = logging.getLogger(__name__)


class SchemaWatch:
    """Says once why no runs are taken, and once that they are again."""

    def __init__(self) -> None:
        self._said = ""

    async def may_ask(self) -> bool:
        """Return True if the worker may ask for runs, which shows it to the server as a worker that takes some."""
        return not self._said or await self.may_take()

    async def may_take(self) -> bool:
        """Return the answer of :meth:`may_work`, in a thread."""
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


UNKNOWN: Final = (
    "The worker runs the flows of its own catalogue only, and this deployment is not in it; "
    "start one that Rightsflow created."
)
"""The message of a run that ends as failed since its flow is unknown."""


def known_flow(flow: str, deployment: str) -> AnyFlow | None:
    """Return a run's flow in our catalogue; ``None`` where there is none.

    Args:
        flow: The name of its flow on the server.
        deployment: The name of its deployment there; empty where it has none.
    """
    known = _catalogue().get(flow)
    return known[0] if known and deployment in known[1] else None


@cache
def _catalogue() -> Mapping[str, tuple[AnyFlow, frozenset[str]]]:
    """Return each flow with the name of its deployment."""
    # Late: Prefect's server loads the worker's module too, and has no use for the flows.
    from deployments.catalogue import CATALOGUE  # noqa: PLC0415

    return {flow.name: (flow, frozenset({flow.name})) for flow, _ in CATALOGUE}


def prepare() -> None:
    """Import what every run needs, and let the collector pass by what stays anyhow."""
    importlib.import_module("deployments.catalogue")
    gc.collect()
    gc.freeze()
    # Python's own 700 lets an erasure of thousands of records be searched for garbage, whole, again and again.
    gc.set_threshold(7_000)
