"""How Prefect's server reads a run and a deployment: with what belongs to them at once, not by a statement for each.

Each call reads its run, the run's state, its queue and the queue's pool one after the other, and most calls read the
run's deployment, that one's queue, pool and schedules besides: of some 120 statements of a case's calls, a third.
"""

from __future__ import annotations

import inspect
from typing import Any, Final
from uuid import UUID

_OF_A_RUN: Final = ["db", "session", "flow_run_id", "for_update"]
_OF_A_DEPLOYMENT: Final = ["db", "session", "deployment_id"]


def join_reads() -> bool:
    """Let the server read a run and a deployment by one statement each; returns whether it will.

    Where a later Prefect reads them by other names, it stays as it is.
    """
    # Late: the server takes seconds to import.
    from prefect.server.database import db_injector  # noqa: PLC0415
    from prefect.server.models import deployments, flow_runs  # noqa: PLC0415

    for module, name, taken in (
        (flow_runs, "read_flow_run", _OF_A_RUN),
        (deployments, "read_deployment", _OF_A_DEPLOYMENT),
    ):
        present = getattr(module, name, None)
        if list(inspect.signature(getattr(present, "__wrapped__", join_reads)).parameters) != taken:
            return False
    flow_runs.read_flow_run = db_injector(read_flow_run)
    deployments.read_deployment = db_injector(read_deployment)
    return True


async def read_flow_run(db: Any, session: Any, flow_run_id: UUID, for_update: bool = False) -> Any:
    """A run with its queue and pool, and its state; ``None`` if there is none.

    Args:
        db: Prefect's tables.
        session: Reads from its database.
        flow_run_id: The run.
        for_update: Whether no one else is to change it meanwhile.
    """
    from sqlalchemy import select  # noqa: PLC0415
    from sqlalchemy.orm import joinedload  # noqa: PLC0415

    found = (
        select(db.FlowRun)
        .where(db.FlowRun.id == flow_run_id)
        .options(joinedload(db.FlowRun.work_queue).joinedload(db.WorkQueue.work_pool))
    )
    if for_update:
        # Its state by a statement of its own, as Prefect does: where this one waited for another change of the run, it
        # sees the run as it is now, and of other tables what was there before.
        found = found.with_for_update(of=db.FlowRun)
    else:
        found = found.options(joinedload(db.FlowRun._state))  # noqa: SLF001 - Prefect's name of it
    return (await session.execute(found)).scalar()


async def read_deployment(db: Any, session: Any, deployment_id: UUID) -> Any:
    """A deployment with its queue, pool and schedules; ``None`` if there is none.

    Args:
        db: Prefect's tables.
        session: Reads from its database.
        deployment_id: The deployment.
    """
    from sqlalchemy.orm import joinedload  # noqa: PLC0415

    together = (
        joinedload(db.Deployment.work_queue).joinedload(db.WorkQueue.work_pool),
        joinedload(db.Deployment.schedules),
    )
    return await session.get(db.Deployment, deployment_id, options=together)
