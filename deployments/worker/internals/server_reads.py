"""How Prefect's server reads a run and a deployment: with what belongs to them at once, not by a statement for each.

Each call reads its run, the run's state, its queue and the queue's pool one after the other, and most calls read the
run's deployment, that one's queue, pool and schedules besides: of some 120 statements of a case's calls, a third. What
a change of a run's state asks besides is read with the run that is locked for it; see ``server_states``.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

_OF_A_RUN: Final = ["db", "session", "flow_run_id", "for_update"]
_OF_A_DEPLOYMENT: Final = ["db", "session", "deployment_id"]
_NOTE: Final = "rightsflow.locked"


@dataclass(frozen=True, slots=True)
class Locked:
    """What was read beside a run that is locked, so that no state of it can be added until the transaction ends.

    Args:
        run_id: The run.
        latest: The time of its latest state; ``None`` if it has none.
        unlimited: The run's deployment, if it has no limit of runs at the same time.
    """

    run_id: UUID
    latest: datetime | None
    unlimited: UUID | None

    def is_before(self, instant: datetime) -> bool:
        """Whether all of its states are of before an instant."""
        return self.latest is None or self.latest < instant


def locked_in(session: Any) -> Locked | None:
    """What was read beside the run that a transaction locked last; ``None`` if it is not known for sure.

    Args:
        session: Prefect's, of the transaction.
    """
    note = getattr(session, "info", {}).get(_NOTE)
    return note if isinstance(note, Locked) else None


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
    if for_update:
        return await _lock(db, session, flow_run_id)
    return (await session.execute(_reading(), {"run": flow_run_id})).scalar()


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


async def _lock(db: Any, session: Any, run_id: UUID) -> Any:
    """A run that no one else changes until the transaction ends; what was read beside it is noted.

    Where its lock was waited for, PostgreSQL gives the run as it is now, and of other tables what was there before:
    then the state that was found is not the run's, which is read after it, and nothing is noted.
    """
    from sqlalchemy.orm.attributes import set_committed_value  # noqa: PLC0415

    session.info.pop(_NOTE, None)
    found = (await session.execute(_locking(), {"run": run_id})).first()
    if found is None:
        return None
    run, state_id, state_found, latest, deployment_id, limit_id = found
    if state_found == state_id:
        session.info[_NOTE] = Locked(run_id, latest, deployment_id if limit_id is None else None)
    elif run.state_id == state_id:
        # Not of a run that this transaction had read before: that one stays as it was, as it does with Prefect's.
        set_committed_value(run, "_state", state_id and await session.get(db.FlowRunState, state_id))
    return run


@cache
def _reading() -> Any:
    """The statement that reads a run; made once, since that takes a third as long as asking it."""
    from prefect.server.database.orm_models import FlowRun  # noqa: PLC0415
    from sqlalchemy import bindparam, select  # noqa: PLC0415
    from sqlalchemy.orm import joinedload  # noqa: PLC0415

    of_it = FlowRun.id == bindparam("run", type_=FlowRun.id.type)
    # Its state by the name that Prefect has for it.
    return select(FlowRun).where(of_it).options(_with_queue(), joinedload(FlowRun._state))  # noqa: SLF001


@cache
def _locking() -> Any:
    """The statement that locks a run and reads beside it what `Locked` says."""
    from prefect.server.database.orm_models import Deployment, FlowRun, FlowRunState  # noqa: PLC0415
    from sqlalchemy import bindparam, func, select  # noqa: PLC0415
    from sqlalchemy.orm import aliased, contains_eager  # noqa: PLC0415

    others = aliased(FlowRunState)
    latest = select(func.max(others.timestamp)).where(others.flow_run_id == FlowRun.id).scalar_subquery()
    return (
        select(FlowRun, FlowRun.state_id, FlowRunState.id, latest, Deployment.id, Deployment.concurrency_limit_id)
        .outerjoin(FlowRunState, FlowRunState.id == FlowRun.state_id)
        .outerjoin(Deployment, Deployment.id == FlowRun.deployment_id)
        .where(FlowRun.id == bindparam("run", type_=FlowRun.id.type))
        .options(_with_queue(), contains_eager(FlowRun._state))  # noqa: SLF001 - Prefect's name of it
        .with_for_update(of=FlowRun)
    )


def _with_queue() -> Any:
    from prefect.server.database.orm_models import FlowRun, WorkQueue  # noqa: PLC0415
    from sqlalchemy.orm import joinedload  # noqa: PLC0415

    return joinedload(FlowRun.work_queue).joinedload(WorkQueue.work_pool)
