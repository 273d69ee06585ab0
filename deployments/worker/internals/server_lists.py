"""How Prefect's server lists runs and queues, and writes artifacts: by a statement where it takes two or three.

It asks for the queues of the runs that it lists, and for these queues' pools, by statements of their own, also where it
gives out neither. And an artifact that it writes is read after it, twice where the artifact has a key, though a
database hands back what it wrote.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from deployments.worker.internals.sources import source_of, uses_of

if TYPE_CHECKING:
    from sqlalchemy import Executable
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.sql.base import ExecutableOption

_BESIDE_RUNS: Final = "selectinload(db.FlowRun.work_queue).selectinload(db.WorkQueue.work_pool)"
_WRITING: Final = ("_insert_into_artifact_collection", "ArtifactCollection"), ("_insert_into_artifact", "Artifact")

Asks = Callable[..., Awaitable[Any]]


class _Beside:
    """What is loaded beside the rows of a list, as Prefect says it: a queue, and then its pool."""

    def __init__(self, attribute: Any) -> None:
        from sqlalchemy.orm import joinedload  # noqa: PLC0415

        self.selectinload = joinedload(attribute).joinedload


class _With:
    """A session that asks with another way to load what is beside the rows.

    Args:
        session: The session.
        way: SQLAlchemy's option.
    """

    def __init__(self, session: AsyncSession, way: ExecutableOption) -> None:
        self._session, self._way = session, way

    async def execute(self, statement: Executable) -> object:
        """The rows."""
        return await self._session.execute(statement.options(self._way))


class _HandingBack:
    """A session whose database hands back the row that it wrote, so that it is not asked for it.

    Args:
        session: The session.
        table: Of the row.
    """

    def __init__(self, session: AsyncSession, table: type) -> None:
        self._session, self._table = session, table
        self._written: list[object] = []

    async def execute(self, statement: Any) -> object:
        """Write the row, and then give it as if it were read."""
        if statement.is_insert:
            written = statement.returning(self._table).execution_options(populate_existing=True)
            self._written = list((await self._session.execute(written)).scalars())
            return None
        return _Row(self._written[0]) if self._written else await self._session.execute(statement)


class _Row:
    def __init__(self, row: object) -> None:
        self._row = row

    def scalar(self) -> object:
        return self._row

    scalar_one = scalar


def list_together() -> bool:
    """Let the server list runs and queues by fewer statements; returns whether it will.

    Where a later Prefect lists them in another way, it stays as it is.
    """
    # Late: the server takes seconds to import.
    from prefect.server.database.orm_models import FlowRun, WorkQueue  # noqa: PLC0415
    from prefect.server.database.query_components import BaseQueryComponents  # noqa: PLC0415
    from prefect.server.models import flow_runs, workers  # noqa: PLC0415
    from sqlalchemy.orm import joinedload, lazyload, selectinload  # noqa: PLC0415

    source = source_of(flow_runs)
    lists = BaseQueryComponents.get_scheduled_flow_runs_from_work_pool, workers.read_work_queues
    if getattr(flow_runs, "selectinload", None) is not selectinload:
        return False
    if source.count("selectinload(") != 2 * source.count(_BESIDE_RUNS):
        return False
    if any(uses_of("session", one) != ["execute"] for one in lists):
        return False
    flow_runs.selectinload = _Beside  # type: ignore[assignment, attr-defined]
    workers.read_work_queues = _asking(workers.read_work_queues, joinedload(WorkQueue.work_pool))
    # A run that a worker is given names its queue and pool by ids that it has itself.
    workers.get_scheduled_flow_runs = _asking(workers.get_scheduled_flow_runs, lazyload(FlowRun.work_queue))
    return True


def hand_back() -> bool:
    """Let the server's database hand back the artifacts that it writes; returns whether it will.

    Where a later Prefect writes them in another way, it stays as it is.
    """
    # Late: the server takes seconds to import.
    from prefect.server.database import orm_models  # noqa: PLC0415
    from prefect.server.models import artifacts  # noqa: PLC0415

    write: list[Asks] = [getattr(artifacts, name, _nothing) for name, _ in _WRITING]
    if any(uses_of("session", one) != ["execute", "execute"] for one in write):
        return False
    for theirs, (name, table) in zip(write, _WRITING, strict=True):
        setattr(artifacts, name, _writing(theirs, getattr(orm_models, table)))
    return True


async def _nothing() -> None:
    """Stands for a function that a later Prefect does not have."""


def _asking(theirs: Asks, way: ExecutableOption) -> Asks:
    async def asked(session: AsyncSession, *given: object, **named: object) -> object:
        return await theirs(_With(session, way), *given, **named)

    return asked


def _writing(theirs: Asks, table: type) -> Asks:
    async def written(session: AsyncSession, *given: object, **named: object) -> object:
        hands_back = session.get_bind().dialect.insert_returning
        return await theirs(_HandingBack(session, table) if hands_back else session, *given, **named)

    return written
