"""What Prefect's models answer is the same where ours read and write with fewer statements, on both databases."""

from __future__ import annotations

import asyncio
import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from prefect.server import models, schemas
from prefect.server.database import provide_database_interface
from prefect.server.database.dependencies import temporary_database_interface
from prefect.server.models import artifacts, deployments, flow_runs, workers
from prefect.server.orchestration import core_policy
from prefect.server.orchestration.global_policy import EnsureFlowRunStateTimestampIsUnique
from prefect.server.schemas.responses import DeploymentResponse, FlowRunResponse
from prefect.server.schemas.states import Cancelled, Completed, Paused, Pending, Running, Scheduled, State
from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL, temporary_settings

from deployments.worker.internals import server_reads
from deployments.worker.internals.server_lists import hand_back, list_together
from deployments.worker.internals.server_reads import join_reads
from deployments.worker.internals.server_states import ask_once

pytestmark = [pytest.mark.apart, pytest.mark.prefect]

PLACES = (
    *((flow_runs, "read_flow_run"), (flow_runs, "selectinload"), (deployments, "read_deployment")),
    *((workers, "read_work_queues"), (workers, "get_scheduled_flow_runs"), (core_policy, "deployments")),
    *((artifacts, "_insert_into_artifact_collection"), (artifacts, "_insert_into_artifact")),
    (EnsureFlowRunStateTimestampIsUnique, "before_transition"),
)
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
LIMITS = None, 1, 0
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """The address of an empty one."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/prefect.db"
        return
    with request.getfixturevalue("postgres_server").database() as made:
        yield made.url().replace("postgresql:", "postgresql+asyncpg:", 1)


@contextmanager
def patched():
    before = [(place, name, vars(place)[name]) for place, name in PLACES]
    try:
        assert join_reads()
        assert ask_once()
        assert list_together()
        assert hand_back()
        yield
    finally:
        for place, name, theirs in before:
            setattr(place, name, theirs)


def run_with(database, act):
    """What is done with a database of Prefect's, empty but for its tables."""

    async def acted():
        db = provide_database_interface()
        await db.create_db()
        try:
            return await act(db)
        finally:
            await (await db.engine()).dispose()

    with temporary_settings({PREFECT_API_DATABASE_CONNECTION_URL: database}), temporary_database_interface():
        return asyncio.run(acted())


def plain(told):
    """Without ids and times, which are never the same."""
    kept = told.model_dump(mode="json")
    kept["tags"] = sorted(kept.get("tags") or [])
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z|-?\d+\.\d+(e-\d+)?|-?\d+e-\d+", "T", ID.sub("ID", str(kept)))


def moved_by(one, other):
    return f"moved by {(one.timestamp - other.timestamp).total_seconds() * 1e6:.0f}"


async def case(db, name, limit):
    """What is answered as two runs of a deployment go through their states; with a limit the second one waits."""
    told: list[str] = []

    async def deployed():
        async with db.session_context(begin_transaction=True) as session:
            flow = await models.flows.create_flow(session=session, flow=schemas.core.Flow(name=name))
            pool = await models.workers.create_work_pool(
                session=session, work_pool=schemas.actions.WorkPoolCreate(name=name, type="any")
            )
            made = schemas.core.Deployment(
                name=name, flow_id=flow.id, work_queue_id=pool.default_queue_id, concurrency_limit=limit
            )
            one = await models.deployments.create_deployment(session=session, deployment=made)
            told.append(plain(DeploymentResponse.model_validate(one, from_attributes=True)))
            return flow.id, one.id, pool

    flow_id, deployment_id, pool = await deployed()
    of_it = schemas.filters.FlowFilter(id=schemas.filters.FlowFilterId(any_=[flow_id]))

    async def created(key):
        async with db.session_context(begin_transaction=True) as session:
            run = schemas.core.FlowRun(
                flow_id=flow_id,
                deployment_id=deployment_id,
                work_queue_id=pool.default_queue_id,
                name=key,
                idempotency_key=key,
                state=Scheduled(),
            )
            run = await models.flow_runs.create_flow_run(session=session, flow_run=run)
            told.append(plain(FlowRunResponse.model_validate(run, from_attributes=True)))
            return run.id

    async def moved(run_id, state):
        async with db.session_context(begin_transaction=True, with_for_update=True) as session:
            answer = await models.flow_runs.set_flow_run_state(
                session=session, flow_run_id=run_id, state=state, flow_policy=core_policy.CoreFlowPolicy
            )
        told.append(plain(answer))
        return answer.state

    async def seen():
        async with db.session_context() as session:
            queues = await models.workers.read_work_queues(session=session, work_pool_id=pool.id)
            told.extend(f"{one.name} {one.work_pool.name}" for one in queues)
            runs = await models.flow_runs.read_flow_runs(session=session, flow_filter=of_it, limit=5)
            told.extend(sorted(plain(FlowRunResponse.model_validate(one, from_attributes=True)) for one in runs))
        async with db.session_context(begin_transaction=True) as session:
            waiting = await models.workers.get_scheduled_flow_runs(session=session, work_pool_ids=[pool.id], limit=5)
            told.extend(sorted(map(plain, waiting)))

    async def written(data):
        async with db.session_context(begin_transaction=True) as session:
            artifact = schemas.core.Artifact(key=name, type="markdown", data=data)
            one = await models.artifacts.create_artifact(session=session, artifact=artifact)
            told.append(plain(schemas.core.Artifact.model_validate(one, from_attributes=True)))
            latest = await models.artifacts.read_latest_artifact(session=session, key=name)
            told.append(plain(schemas.core.ArtifactCollection.model_validate(latest, from_attributes=True)))

    first, again, second = await created("1"), await created("1"), await created("2")
    told.append(f"{first == again} {first == second}")
    await seen()
    pending = await moved(first, Pending())
    await moved(first, Pending())
    # A state of the same microsecond, and one of an instant before it.
    running = await moved(first, Running().model_copy(update={"timestamp": pending.timestamp}))
    told.append(moved_by(running, pending))
    await moved(second, Pending())
    await moved(first, Paused(pause_key="a", reschedule=True))
    await moved(first, Scheduled(name="Resuming"))
    await moved(first, Pending())
    await moved(first, Running())
    await written("one")
    await written("two")
    early = await moved(first, Completed().model_copy(update={"timestamp": pending.timestamp}))
    told.append(moved_by(early, pending))
    await moved(first, Running())
    await moved(second, Pending())
    await moved(second, Cancelled())
    await seen()
    return told


def test_the_answers_are_those_of_prefect(database):
    async def act(db):
        theirs = [await case(db, f"one {limit}", limit) for limit in LIMITS]
        with patched():
            return theirs, [await case(db, f"two {limit}", limit) for limit in LIMITS]

    theirs, ours = run_with(database, act)
    assert [len(told) for told in ours] > [25] * len(LIMITS)
    pairs = zip(theirs, ours, strict=True)
    answers = [
        pair for one, two in pairs for pair in zip((each.replace("one ", "two ") for each in one), two, strict=True)
    ]
    assert [pair for pair in answers if pair[0] != pair[1]] == []
    moved = [[one for one in told if one.startswith("moved")] for told in ours]
    assert moved[0] == ["moved by 1", "moved by 2"]


def test_who_waited_for_a_run_sees_the_state_that_it_was_given_meanwhile(postgres_server):
    """PostgreSQL gives the run as it is now, and of other tables what was there before."""

    async def act(db):
        with patched():
            async with db.session_context(begin_transaction=True) as session:
                flow = await models.flows.create_flow(session=session, flow=schemas.core.Flow(name="one"))
                run = schemas.core.FlowRun(flow_id=flow.id, state=Scheduled())
                run_id = (await models.flow_runs.create_flow_run(session=session, flow_run=run)).id

            async def after():
                async with db.session_context(begin_transaction=True) as session:
                    run = await flow_runs.read_flow_run(session, run_id, for_update=True)
                    return run.state.name, run.state_name, server_reads.locked_in(session)

            async with db.session_context(begin_transaction=True) as session:
                state = State(type="RUNNING", timestamp=Running().timestamp + timedelta(seconds=1))
                await models.flow_runs.set_flow_run_state(session=session, flow_run_id=run_id, state=state)
                waiting = asyncio.create_task(after())
                with postgres_server.admin() as admin:
                    while not admin.execute(WAITS, [made.name]).fetchone()[0]:  # noqa: ASYNC110 - none else knows
                        await asyncio.sleep(0.01)
            return await waiting, await after()

    with postgres_server.database() as made:
        waited, then = run_with(made.url().replace("postgresql:", "postgresql+asyncpg:", 1), act)
    assert waited == ("Running", "Running", None)
    assert then[:2] == ("Running", "Running")
    assert then[2] is not None
