"""What is taken from Prefect without a promise: a new Prefect that has it otherwise fails here, in words."""

from __future__ import annotations

import asyncio
import inspect
import logging
import re
import sys
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.resources import files
from types import SimpleNamespace
from uuid import uuid4

import httpx
import pytest
from prefect import Task, flow_engine, task_engine
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext
from prefect.deployments.runner import RunnerDeployment
from prefect.events.clients import AssertingEventsClient
from prefect.events.schemas.events import Event
from prefect.exceptions import Pause
from prefect.flow_engine import FlowRunEngine
from prefect.input.run_input import keyset_from_paused_state
from prefect.states import Completed, Pending, Suspended
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.utilities import engine as engine_utilities
from prefect.workers import base
from prefect.workers.base import BaseJobConfiguration, BaseWorker
from sqlalchemy.dialects import postgresql

from deployments.worker.internals import background, engine, expected, remembering, server_reads
from deployments.worker.internals.background import (
    EVALUATES_EVERY,
    LOOKS_EVERY,
    calm_background,
    calm_cleaning,
    calm_evaluating,
    calm_listening,
)
from deployments.worker.internals.engine import StopRequest
from deployments.worker.internals.event_sending import TogetherSender, decide_once_on_logs, send_together
from deployments.worker.internals.expected import Expected, differences, why_not
from deployments.worker.internals.remembering import Remembering
from deployments.worker.internals.server_calls import note_seldom, spare_threads
from deployments.worker.internals.server_database import plain_instants, spare_pings
from deployments.worker.internals.server_lists import hand_back, list_together
from deployments.worker.internals.server_middleware import pass_straight
from deployments.worker.internals.server_reads import join_reads
from deployments.worker.internals.server_schemas import check_forms_once
from deployments.worker.internals.server_states import ask_once
from deployments.worker.internals.sources import source_of
from deployments.worker.worker_type import ResidentWorker
from tasks.prefect_io import internals as tasks
from tasks.prefect_io.internals import raise_if_stopped

LOOP = """
    with engine.start():
        while engine.is_running():
            with engine.run_context():
                engine.call_flow_fn()
"""


def test_each_name_is_there_and_takes_what_it_took():
    assert differences() == []
    assert why_not() == ""


@pytest.mark.parametrize(
    "one",
    [
        Expected("prefect.flow_engine", "_flow_parameters", ("flow", "flow_run")),
        Expected("prefect.flow_engine", "_what_it_never_had", ()),
        Expected("prefect.flow_engine", "FlowRunEngine._what_it_never_had", ("self",)),
        Expected("prefect._what_it_never_had", "any", ()),
    ],
    ids=["parameters", "function", "method", "module"],
)
def test_another_prefect_is_told_in_a_sentence(one):
    with_it = (*expected.EXPECTED, one)
    assert differences(with_it) == [f"{one.module}.{one.name}"]
    assert why_not(with_it).endswith(f"Rightsflow's worker was made for ({one.module}.{one.name}).")


def test_what_is_replaced_is_expected():
    """Each private name that our classes have in the place of Prefect's."""
    ours = {name for kind in (engine._Engine, engine.Swift, engine.Bare) for name in vars(kind)}
    theirs = {name for kind in (BaseWorker, BaseJobConfiguration) for name in vars(kind) if name.startswith("_")}
    named = {one.name.rpartition(".")[2] for one in expected.EXPECTED}
    assert {name for name in ours & theirs if not name.startswith("__")} - {"_remembering"} <= named


def test_prefect_runs_a_flow_as_we_do():
    theirs = inspect.getsource(flow_engine.run_flow_sync)
    assert LOOP.strip() in theirs
    assert LOOP.strip() in inspect.getsource(engine._to_its_end)


def test_the_engine_takes_the_request_and_asks_for_heartbeats_and_the_observer_where_we_replace_them():
    assert "_flow_run_suspension_request" in FlowRunEngine.__dataclass_fields__
    assert isinstance(FlowRunEngine.heartbeat_seconds, property)
    assert "heartbeat_seconds = engine.heartbeat_seconds" in inspect.getsource(flow_engine._send_heartbeats)
    assert "with _send_heartbeats(self):" in inspect.getsource(FlowRunEngine.run_context)
    assert "with self.setup_flow_run_suspension_request():" in inspect.getsource(FlowRunEngine.start)
    observing = inspect.getsource(FlowRunEngine.setup_flow_run_suspension_request)
    assert "observe_flow_run_suspension" in observing
    assert "register_flow_run_suspension_request" in observing


def test_prefects_worker_takes_a_run_by_the_proposal_that_we_note():
    assert "if ready_to_submit:" in (source := inspect.getsource(BaseWorker._submit_run))
    assert "ready_to_submit = await self._propose_pending_state(flow_run)" in source
    source = inspect.getsource(BaseWorker._submit_run_and_capture_errors)
    assert "await self._give_worker_labels_to_flow_run(flow_run.id)" in source
    assert "await self._propose_submitting_state(flow_run)" in source
    assert "result = await self.run(" in source


def test_prefects_worker_tells_that_a_run_was_executed_only_where_it_told_that_it_was_submitted():
    source = inspect.getsource(BaseWorker._submit_run_and_capture_errors)
    assert "submitted_event = self._emit_flow_run_submitted_event(configuration)" in source
    assert "if submitted_event:\n            self._emit_flow_run_executed_event(" in source


def test_prefects_engine_writes_what_we_leave_out_where_a_run_goes_on():
    source = inspect.getsource(FlowRunEngine.initialize_run)
    assert "with SyncClientContext.get_or_create() as client_ctx:" in source
    written = """self.client.update_flow_run(
                        flow_run_id=self.flow_run.id,
                        flow_version=self.flow.version,
                        empirical_policy=self.flow_run.empirical_policy,
                    )"""
    assert written in source


def test_prefects_worker_has_its_client_by_a_property_and_asks_it_for_the_deployment_and_the_flow():
    assert isinstance(inspect.getattr_static(BaseWorker, "client"), property)
    assert "await self.client.read_deployment(flow_run.deployment_id)" in inspect.getsource(BaseWorker._submit_run)
    source = inspect.getsource(base)
    assert "deployment = await client.read_deployment(flow_run.deployment_id)" in source
    assert "flow = await client.read_flow(flow_run.flow_id)" in source


def test_prefects_worker_gives_the_slot_of_a_run_away_that_says_nothing_true_of_its_process():
    source = inspect.getsource(BaseWorker._submit_run)
    assert "if readiness_result and not isinstance(readiness_result, Exception):" in source
    assert "infrastructure_pid=str(readiness_result)," in source


def test_prefects_heartbeat_is_the_one_that_we_send():
    source = inspect.getsource(FlowRunEngine._emit_flow_run_heartbeat)
    assert 'event="prefect.flow-run.heartbeat"' in source
    template = inspect.getsource(FlowRunEngine._build_heartbeat_event_template)
    sent = inspect.getsource(engine.beat)
    for label in ("prefect.resource.id", "prefect.resource.name", "prefect.version"):
        assert f'"{label}":' in template
        assert f'"{label}":' in sent
    assert "tags_as_related_resources" in template


def test_prefect_runs_a_step_in_the_order_that_ours_keeps():
    source = inspect.getsource(task_engine)
    assert "emit_task_run_state_change_event(" in source
    told = inspect.getsource(engine_utilities.emit_task_run_state_change_event)
    for field in ('event=f"prefect.task-run.{validated_state.name}"', '"validated_state": {', '"task_run": task_run'):
        assert field in told
    assert '"prefect.orchestration": "client"' in told
    pool = inspect.getsource(ThreadPoolTaskRunner)
    assert "self._executor.submit(" in pool
    assert "self._max_workers" in pool
    assert "task_runner.submit(self, parameters, wait_for)" in inspect.getsource(Task.submit)


def test_the_server_keeps_a_task_run_of_which_it_hears_only_the_end():
    from prefect.server.services import task_run_recorder

    source = inspect.getsource(task_run_recorder)
    assert '**event.payload["task_run"]' in source
    assert '**event.payload["validated_state"]' in source
    assert 'event.event.startswith("prefect.task-run")' in source


def test_a_deployment_has_its_form_where_we_read_it():
    assert "_parameter_openapi_schema" in RunnerDeployment.__private_attributes__


def test_the_server_is_made_with_the_arguments_that_we_give():
    # Prefect's server is imported late: all processes of the tests import this module, and it takes them a second.
    from prefect.server.api.server import create_app

    parameters = inspect.signature(create_app).parameters
    assert {"final", "webserver_only"} <= parameters.keys()


def test_a_suspension_keeps_its_form_and_answer_under_the_names_that_we_know():
    key = "approval-0-dsr-2026-3h6k9q"
    assert tasks.form_names(key) == keyset_from_paused_state(Suspended(timeout_seconds=60, pause_key=key))
    assert tasks.answer_key(key) == f"suspended-{key}-response"
    run = FlowRun(flow_id=uuid4(), state=Suspended(timeout_seconds=60, pause_key=key))
    assert tasks.suspension_of(run) == key
    assert tasks.suspensions_of(run) == set()
    run.empirical_policy = tasks.remembering_only(run, {key})
    assert tasks.suspensions_of(run) == {key}


def test_the_server_takes_and_tells_events_where_we_ask():
    from prefect.server.api import events as events_api
    from prefect.server.events import actions

    routes = {(method, route.path) for route in events_api.router.routes for method in getattr(route, "methods", ())}
    assert set(tasks.EVENT_ADDRESSES) <= routes
    source = inspect.getsource(actions)
    assert {f'"{name}"' in source for name in (tasks.EXECUTED, tasks.FAILED)} == {True}
    assert '"triggering-event"' in source


def test_the_tables_that_are_cleared_are_prefects():
    from prefect.server.database import orm_models

    sql = files("deployments.local").joinpath("remains.sql").read_text(encoding="utf-8")
    tables = orm_models.Base.metadata.tables
    altered = re.findall(r"^ALTER TABLE (\w+) ALTER COLUMN (\w+)", sql, re.MULTILINE)
    assert [(table, column) for table, column in altered if column not in tables[table].columns] == []
    assert set(re.findall(r"^VACUUM \(FULL\) (\w+);", sql, re.MULTILINE)) == {table for table, _ in altered}


def test_a_request_stops_until_it_is_withdrawn():
    request = StopRequest()
    request.raise_if_requested()
    request.mark_requested(Suspended(timeout_seconds=60))
    with pytest.raises(Pause):
        request.raise_if_requested()
    request.withdraw()
    request.raise_if_requested()
    assert not request.is_requested()


def test_a_flow_hears_of_its_request_wherever_its_context_is():
    raise_if_stopped()
    request = StopRequest()
    with FlowRunContext.model_construct(flow_run_suspension_request=request):
        raise_if_stopped()
        request.mark_requested(Suspended(timeout_seconds=60))
        with pytest.raises(Pause):
            raise_if_stopped()
    raise_if_stopped()


class Server:
    """A client that counts what it is asked."""

    api_version = "the real one's"

    def __init__(self) -> None:
        self.asked, self.is_down = [], False

    async def read_deployment(self, identity):
        return self._answer("deployment", identity)

    async def read_flow(self, identity):
        return self._answer("flow", identity)

    async def read_flow_run(self, identity):
        return self._answer("run", identity)

    async def update_flow_run(self, identity, *given, **changes):
        return self._answer((*given, *changes), identity)

    def _answer(self, kind, identity):
        if self.is_down:
            raise ConnectionError
        self.asked.append((kind, identity))
        return kind, len(self.asked)


class Clock:
    """The time as the test has it."""

    now = 0.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.mark.parametrize("question", ["read_deployment", "read_flow"])
def test_it_is_asked_once_per_half_minute(clock, question):
    ask = getattr(Remembering(Server(), clock=clock.monotonic), question)
    one, other = uuid4(), uuid4()
    first = asyncio.run(ask(one))
    clock.now = 29.9
    assert asyncio.run(ask(one)) == first
    assert asyncio.run(ask(other)) != first
    clock.now = 30.0
    assert asyncio.run(ask(one)) != first


def test_a_deployment_and_a_flow_of_the_same_id_are_two(clock):
    client, identity = Remembering(Server(), clock=clock.monotonic), uuid4()
    answers = asyncio.run(client.read_deployment(identity)), asyncio.run(client.read_flow(identity))
    assert [kind for kind, _ in answers] == ["deployment", "flow"]


def test_a_failure_is_not_remembered(clock):
    server, identity = Server(), uuid4()
    server.is_down, client = True, Remembering(server, clock=clock.monotonic)
    with pytest.raises(ConnectionError):
        asyncio.run(client.read_flow(identity))
    server.is_down = False
    assert asyncio.run(client.read_flow(identity)) == ("flow", 1)


def test_everything_else_is_asked_each_time(clock):
    server, identity = Server(), uuid4()
    client = Remembering(server, clock=clock.monotonic)
    assert client.api_version == "the real one's"
    assert asyncio.run(client.read_flow_run(identity)) != asyncio.run(client.read_flow_run(identity))
    with pytest.raises(AttributeError):
        _ = client.what_no_client_has


def test_the_id_of_the_process_is_not_written_and_all_else_is():
    server, identity = Server(), uuid4()
    client = Remembering(server)
    for given, changes in (
        ((), {"infrastructure_pid": "7"}),
        ((), {"infrastructure_pid": "7", "name": "one"}),
        ((), {"tags": ["red"]}),
        (("version",), {"infrastructure_pid": "7"}),
    ):
        asyncio.run(client.update_flow_run(identity, *given, **changes))
    assert [kind for kind, _ in server.asked] == [
        ("infrastructure_pid", "name"),
        ("tags",),
        ("version", "infrastructure_pid"),
    ]


def test_a_run_that_is_taken_says_by_whom_and_no_other_state_does():
    class Told:
        async def set_flow_run_state(self, _run_id, state, *, force):
            return state.message, force

    client = Remembering(Told(), "worker 7")
    for state, force, told in (
        (Pending(), False, "Taken by worker 7."),
        (Pending(message="Not ready."), True, "Not ready."),
        (Completed(), False, None),
    ):
        assert asyncio.run(client.set_flow_run_state(uuid4(), state, force=force)) == (told, force)


def test_the_worker_remembers_as_long_as_it_has_the_same_client():
    worker = ResidentWorker("a pool", name="a worker")
    with pytest.raises(RuntimeError):
        _ = worker.client
    worker._client = Server()
    first = worker.client
    assert first.real is worker._client
    assert worker.client is first
    worker._client = Server()
    assert worker.client.real is worker._client


@pytest.mark.parametrize(("waiting", "room", "left_some"), [(0, 6, False), (6, 6, False), (7, 6, True), (1, 0, True)])
def test_it_is_known_whether_more_runs_wait_than_could_be_begun(monkeypatch, waiting, room, left_some):
    class Asked:
        async def request(self, *_, **asked):
            some = [SimpleNamespace(flow_run=SimpleNamespace(id=uuid4())) for _ in range(waiting)]
            return SimpleNamespace(json=lambda: some[: asked["json"]["limit"]])

    monkeypatch.setattr(remembering.WorkerFlowRunResponse, "model_validate_list", list)
    client = Remembering(Asked(), room=lambda: room, choose=lambda waiting: waiting[1:])
    found = asyncio.run(client.get_scheduled_flow_runs_for_work_pool("a pool"))
    assert client.has_left_some is left_some
    assert len(found) == max(waiting - 1, 0), "those that are chosen"

    async def may_not():
        return False

    client = Remembering(Asked(), room=lambda: room, may_take=may_not)
    assert asyncio.run(client.get_scheduled_flow_runs_for_work_pool("a pool")) == []


def test_the_server_asks_its_database_less_and_hands_it_plain_instants():
    from prefect.server.database import configurations
    from prefect.server.utilities.database import Timestamp
    from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_connection

    assert "pool_pre_ping=True" in inspect.getsource(configurations)
    ping, bind = AsyncAdapt_asyncpg_connection.ping, Timestamp.process_bind_param
    try:
        assert spare_pings()
        assert plain_instants()
        spared, made_plain = AsyncAdapt_asyncpg_connection.ping, Timestamp.process_bind_param
        assert spared is not ping
        instant = Completed().timestamp
        assert type(instant) is not datetime or sys.version_info >= (3, 13)
        bound = Timestamp().process_bind_param(instant, postgresql.dialect())
        assert type(bound) is datetime
        assert bound == instant
        # Once for all.
        assert spare_pings()
        assert plain_instants()
        assert (AsyncAdapt_asyncpg_connection.ping, Timestamp.process_bind_param) == (spared, made_plain)
    finally:
        AsyncAdapt_asyncpg_connection.ping, Timestamp.process_bind_param = ping, bind


class _Session:
    """Answers what a run is read by."""

    def __init__(self, row):
        self.info: dict[str, object] = {}
        self.row, self.asked = row, []

    async def execute(self, statement, _given=None):
        self.asked.append(str(statement.compile(dialect=postgresql.dialect())))
        return SimpleNamespace(scalar=lambda: "a run", first=lambda: self.row)

    async def get(self, table, one, options=()):
        self.asked.append((table.__name__, one, len(options)))
        return "what it is now"


def test_the_server_reads_a_run_and_a_deployment_by_a_statement_each():
    """What Prefect's own functions do, with what they load beside."""
    from prefect.server.database.orm_models import FlowRun
    from prefect.server.models import deployments, flow_runs

    read_run, read_deployment = flow_runs.read_flow_run, deployments.read_deployment
    theirs = inspect.getsource(read_run.__wrapped__)
    assert "selectinload(db.FlowRun.work_queue).selectinload(db.WorkQueue.work_pool)" in theirs
    assert "if for_update:\n        select = select.with_for_update()" in theirs
    assert "return await session.get(db.Deployment, deployment_id)" in inspect.getsource(read_deployment.__wrapped__)
    session, deployment = _Session(None), uuid4()
    try:
        assert join_reads()
        # Once for all.
        assert join_reads()
        assert asyncio.run(flow_runs.read_flow_run(session, uuid4())) == "a run"
        assert asyncio.run(flow_runs.read_flow_run(session=session, flow_run_id=uuid4(), for_update=True)) is None
        assert asyncio.run(deployments.read_deployment(session, deployment)) == "what it is now"
    finally:
        flow_runs.read_flow_run, deployments.read_deployment = read_run, read_deployment
    read, locked, got = session.asked
    for one in (read, locked):
        for beside in ("work_queue", "work_pool", "flow_run_state"):
            assert f"LEFT OUTER JOIN {beside}" in one
    assert locked.endswith("FOR UPDATE OF flow_run")
    assert got == ("Deployment", deployment, 2)
    eager = {name for name, one in FlowRun.__mapper__.relationships.items() if one.lazy != "raise"}
    assert eager == {"_state", "work_queue"}


def test_of_a_run_that_was_locked_is_known_what_was_read_beside_it_unless_it_was_waited_for():
    from prefect.server.database import provide_database_interface
    from prefect.server.database.orm_models import FlowRun, FlowRunState

    run, state, former, deployment, limit = (uuid4() for _ in range(5))
    now = Completed().timestamp
    found = FlowRun(id=run, state_id=state)
    session = _Session((found, state, state, now, deployment, None))
    lock = partial(server_reads.read_flow_run, provide_database_interface(), session, run, for_update=True)
    assert asyncio.run(lock()) is found
    note = server_reads.locked_in(session)
    assert note == server_reads.Locked(run, now, deployment)
    assert [note.is_before(now + timedelta(microseconds=by)) for by in (-1, 0, 1)] == [False, False, True]
    assert server_reads.Locked(run, None, None).is_before(now)
    session.row = (found, state, state, now, deployment, limit)
    asyncio.run(lock())
    assert server_reads.locked_in(session).unlimited is None
    # The state that was found is not the run's: its own is read, and nothing else is known.
    made = FlowRunState(id=state)

    async def get(_table, one):
        assert one == state
        return made

    session.row, session.get = (found, state, former, now, deployment, None), get
    assert asyncio.run(lock())._state is made
    assert server_reads.locked_in(session) is None
    assert server_reads.locked_in(SimpleNamespace()) is None


def test_the_server_does_not_ask_what_a_locked_run_has_told_it():
    """Found: three of the eight questions of each change of a run's state."""
    from prefect.server.orchestration import core_policy, global_policy

    moves = global_policy.EnsureFlowRunStateTimestampIsUnique
    before = core_policy.deployments, moves.before_transition
    run, deployment, now = uuid4(), uuid4(), Completed().timestamp
    session = SimpleNamespace(info={server_reads._NOTE: server_reads.Locked(run, now, deployment)})
    asked: list[object] = []

    async def read(session, deployment_id):
        asked.append(deployment_id)
        return "theirs"

    async def scalar(_statement):
        asked.append("time")

    def moved(proposed_at, of=run):
        proposed = proposed_at and SimpleNamespace(timestamp=proposed_at)
        context = SimpleNamespace(session=session, run=SimpleNamespace(id=of), proposed_state=proposed)
        rule = SimpleNamespace(nullified_transition=lambda: False)
        asyncio.run(moves.before_transition(rule, context))

    session.scalar = scalar
    try:
        assert ask_once()
        assert not ask_once(), "what is not as it was expected stays as it is"
        core_policy.deployments._theirs = SimpleNamespace(read_deployment=read)
        unlimited = asyncio.run(core_policy.deployments.read_deployment(session=session, deployment_id=deployment))
        assert (unlimited.concurrency_limit_id, unlimited.global_concurrency_limit) == (None, None)
        other = uuid4()
        assert asyncio.run(core_policy.deployments.read_deployment(session, other)) == "theirs"
        moved(now + timedelta(microseconds=1))
        moved(None)
        moved(now)
        moved(now + timedelta(hours=1), of=uuid4())
        session.info.clear()
        moved(now + timedelta(hours=1))
        assert asyncio.run(core_policy.deployments.read_deployment(session, deployment)) == "theirs"
    finally:
        core_policy.deployments, moves.before_transition = before
    assert asked == [other, "time", "time", "time", deployment]


def test_the_server_lists_runs_and_writes_artifacts_by_fewer_statements():
    from prefect.server.models import artifacts, flow_runs, workers

    places = (
        *((flow_runs, "selectinload"), (workers, "read_work_queues"), (workers, "get_scheduled_flow_runs")),
        *((artifacts, "_insert_into_artifact_collection"), (artifacts, "_insert_into_artifact")),
    )
    before = [(module, name, getattr(module, name)) for module, name in places]
    try:
        for change in (list_together, hand_back):
            assert change()
            assert not change(), "what is not as it was expected stays as it is"
        assert all(getattr(module, name) is not theirs for module, name, theirs in before)
    finally:
        for module, name, theirs in before:
            setattr(module, name, theirs)
    # What is not there is said to be empty, and so as nothing is expected.
    assert source_of(eval("lambda: 0")) == ""


def test_the_servers_own_worker_looks_every_few_seconds():
    """Found: it looked four times a second, a quarter of what an idle server took."""
    from docket import Docket
    from prefect.server.api import background_workers

    before = background_workers.Worker
    try:
        assert calm_background()
        made = background_workers.Worker(Docket(name="test", url="memory://"))
        assert (made.minimum_check_interval, made.scheduling_resolution) == (LOOKS_EVERY, LOOKS_EVERY)
        # What is not as it was expected stays as it is.
        assert not calm_background()
        assert background_workers.Worker(Docket(name="test", url="memory://")).minimum_check_interval == LOOKS_EVERY
    finally:
        background_workers.Worker = before


def test_the_server_looks_every_few_seconds_whether_a_worker_is_to_clean_up_again():
    """Found: two tasks made and cancelled each second. What is to be cleaned up is told at once."""
    from prefect.server.utilities import worker_channel_cleanup
    from prefect.server.worker_communication.cleanup_queue.memory import WorkerCleanupQueue

    name = background._CLEANS_SECONDS
    source = inspect.getsource(worker_channel_cleanup)
    assert source.count(name) == 3, "said, waited for, and waited for after a failure"
    assert "notify_all()" in inspect.getsource(WorkerCleanupQueue)
    before = getattr(worker_channel_cleanup, name)
    try:
        assert calm_cleaning()
        assert getattr(worker_channel_cleanup, name) == LOOKS_EVERY.total_seconds()
        assert not calm_cleaning(), "what is not as it was expected stays as it is"
    finally:
        setattr(worker_channel_cleanup, name, before)


def test_the_server_looks_twice_a_minute_for_what_automations_wait_for_in_vain():
    """Found: four statements each five seconds. What happens is judged at once."""
    from prefect.server.events import triggers

    assert "evaluate_periodically(periodic_granularity)" in inspect.getsource(triggers.consumer)
    before, asked = triggers.evaluate_periodically, []

    async def evaluates(periodic_granularity):
        asked.append(periodic_granularity)

    try:
        assert list(inspect.signature(before).parameters) == ["periodic_granularity"]
        triggers.evaluate_periodically = evaluates
        assert calm_evaluating()
        for seconds in (5, 90):
            asyncio.run(triggers.evaluate_periodically(timedelta(seconds=seconds)))
        assert asked == [EVALUATES_EVERY, timedelta(seconds=90)]
        assert not calm_evaluating(), "what is not as it was expected stays as it is"
    finally:
        triggers.evaluate_periodically = before


def test_the_servers_own_worker_hears_of_what_is_cancelled_without_a_thread_that_looks():
    """Found: it looked ten times a second, a third of what an idle server took."""
    from burner_redis import BurnerRedis
    from burner_redis.pubsub import PubSub

    before = PubSub._queue_get

    async def heard():
        client = BurnerRedis()
        news = client.pubsub()
        await news.psubscribe("cancel:*")
        first = await news.get_message(timeout=0.1)
        nothing = await news.get_message(timeout=0.0)
        await client.publish("cancel:one", b"now")
        told = await news.get_message(timeout=0.1)
        late = await news.get_message(timeout=0.1)
        return first["type"], nothing, told["data"], late

    try:
        assert calm_listening()
        assert PubSub._queue_get is not before
        assert asyncio.run(heard()) == ("psubscribe", None, b"now", None)
        PubSub._queue_get = lambda _self: None
        assert not calm_listening(), "what is not as it was expected stays as it is"
    finally:
        PubSub._queue_get = before


@pytest.mark.usefixtures("prefect_server")
def test_events_are_sent_in_their_order_by_a_loop_that_waits_for_them_itself():
    """Found: a thread was waited for at each, which took a worker with a batch as long as the event did."""
    from prefect.events import utilities

    before, got = utilities.EventsWorker, AssertingEventsClient.all
    sender = TogetherSender.instance(AssertingEventsClient)
    sender._queue_get_thread.submit = None  # what would ask it fails
    try:
        for some in (range(300), [300], range(301, 303)):
            for number in some:
                sender.send(
                    Event(event=str(number), resource={"prefect.resource.id": "one"}, occurred=datetime.now(UTC))
                )
            sender.wait_until_empty()
        sender.drain()
        assert [one.event for one in got[-1].events] == [str(number) for number in range(303)]
        assert send_together()
        assert utilities.EventsWorker is TogetherSender
        assert not send_together(), "what is not as it was expected stays as it is"
    finally:
        utilities.EventsWorker = before
        AssertingEventsClient.reset()


def test_the_innermost_logs_keep_their_level():
    innermost = [logging.getLogger(name) for name in ("prefect._internal", "prefect._internal.concurrency")]
    before = [[one.isEnabledFor(level) for level in range(0, 60, 10)] for one in innermost]
    try:
        decide_once_on_logs()
        assert [[one.isEnabledFor(level) for level in range(0, 60, 10)] for one in innermost] == before
    finally:
        for one in innermost:
            del one.isEnabledFor


def test_the_server_makes_what_its_calls_are_given_without_threads():
    """Found: two to four threads were waited for at each call."""
    from fastapi.dependencies import utils
    from prefect.server.database import provide_database_interface

    before = utils.run_in_threadpool

    def of_another():
        return threading.current_thread()

    try:
        assert spare_threads()
        assert asyncio.run(utils.run_in_threadpool(provide_database_interface)) is provide_database_interface()
        assert asyncio.run(utils.run_in_threadpool(of_another)) is not threading.current_thread()
        assert not spare_threads(), "what is not as it was expected stays as it is"
    finally:
        utils.run_in_threadpool = before


def test_the_server_notes_now_and_then_that_a_worker_asks_for_runs():
    """Found: two tasks for each time, a fifth of what the call cost."""
    from prefect.server.api import server, workers

    before = server.Docket
    source = inspect.getsource(workers.get_scheduled_flow_runs)
    assert source.count("docket.add(") == 2
    assert {"mark_work_queues_ready,", "mark_deployments_ready,", "ready_work_queue_ids=["} <= set(source.split())

    async def queued():
        async with server.Docket(name="test", url="memory://") as queue:
            noted = [await queue.add(workers.mark_deployments_ready, key="a pool")() for _ in range(2)]
        return [one is not None for one in noted]

    try:
        assert note_seldom()
        assert asyncio.run(queued()) == [True, False]
        assert not note_seldom(), "what is not as it was expected stays as it is"
    finally:
        server.Docket = before


def test_what_is_around_the_servers_calls_looks_at_headers_alone_and_is_called_straight():
    """Found: two tasks and two queues for each call, of which a case with a gate makes some twenty."""
    from fastapi import FastAPI
    from prefect.server.api import server
    from starlette.middleware.base import BaseHTTPMiddleware
    from starlette.responses import JSONResponse

    theirs = inspect.getsource(server.create_api_app)
    for name in ("default_content_type", "token_validation"):
        own = theirs[theirs.index(f"async def {name}(") :].partition("\n    @")[0].partition("API_APP_CACHE")[0]
        assert not re.search(r"request\.(body|stream|json|form)\b", own)
        # Its answer is not looked at.
        assert own.count("call_next(") == own.count("return await call_next(request)") > 0
    made = FastAPI()
    made.api_app = api = FastAPI()
    made.mount("/api", api)

    @api.post("/echo")
    async def echo(given: dict[str, int]) -> dict[str, int]:
        return given

    @api.middleware("http")
    async def default_content_type(request, call_next):
        request.scope["headers"] = [*request.scope["headers"], (b"content-type", b"application/json")]
        return await call_next(request)

    @api.middleware("http")
    async def token_validation(request, call_next):
        if request.headers.get("Authorization") != "Basic x":
            return JSONResponse({"exception_message": "Unauthorized"}, 401)
        return await call_next(request)

    assert pass_straight(made)
    assert not any(one.cls is BaseHTTPMiddleware for one in api.user_middleware)
    # Where they are not what they were, they stay as they are.
    assert not pass_straight(made)

    async def asked():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(made), base_url="http://here/api") as client:
            return [
                await client.post("/echo", content=b'{"a": 1}'),
                await client.post("/echo", content=b'{"a": 1}', headers={"Authorization": "Basic x"}),
                await client.get("/none", headers={"Authorization": "Basic x"}),
            ]

    refused, answered, missing = asyncio.run(asked())
    assert (refused.status_code, refused.json()) == (401, {"exception_message": "Unauthorized"})
    assert (answered.status_code, answered.json()) == (200, {"a": 1})
    assert missing.status_code == 404


def test_the_server_checks_once_that_a_form_is_valid():
    """Found: three times as a run is started, and once as a gate is answered, ten milliseconds together."""
    from jsonschema import SchemaError
    from prefect.utilities.schema_tools import ValidationError, is_valid_schema, validate, validation

    form = {"type": "object", "properties": {"case_id": {"type": "string"}}, "required": ["case_id"]}
    wrong = {"type": "no type"}
    own = vars(validation._VALIDATOR)["check_schema"]
    try:
        assert check_forms_once()
        assert check_forms_once()
        checked = validation._VALIDATOR.check_schema
        asked, check = [], checked.check
        checked.check = lambda *given, **named: [asked.append(given), check(*given, **named)]
        for _ in range(3):
            validate({"case_id": "DSR"}, form, raise_on_error=True)
            with pytest.raises(ValidationError):
                validate({"case_id": 1}, form, raise_on_error=True)
            with pytest.raises(SchemaError):
                validate({}, wrong, raise_on_error=True)
        is_valid_schema(form)
        with pytest.raises(ValueError, match="Invalid schema"):
            is_valid_schema(wrong)
    finally:
        validation._VALIDATOR.check_schema = own
    # The valid one once for each way to check texts, the other one each time.
    assert len(asked) == 1 + 3 + 1 + 1
