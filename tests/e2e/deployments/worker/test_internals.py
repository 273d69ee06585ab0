"""What is taken from Prefect without a promise: a new Prefect that has it otherwise fails here, in words."""

from __future__ import annotations

import asyncio
import inspect
import re
from importlib.resources import files
from types import SimpleNamespace
from uuid import uuid4

import pytest
from prefect import Task, flow_engine, task_engine
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import Pause
from prefect.flow_engine import FlowRunEngine
from prefect.input.run_input import keyset_from_paused_state
from prefect.states import Completed, Pending, Suspended
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.utilities import engine as engine_utilities
from prefect.workers import base
from prefect.workers.base import BaseJobConfiguration, BaseWorker

from deployments.worker.internals import engine, expected, remembering
from deployments.worker.internals.engine import StopRequest
from deployments.worker.internals.expected import Expected, differences, why_not
from deployments.worker.internals.remembering import Remembering
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
