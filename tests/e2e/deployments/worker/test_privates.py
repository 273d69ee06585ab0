"""What is taken from Prefect without a promise: a new Prefect that has it otherwise fails here, in words."""

from __future__ import annotations

import asyncio
import inspect
from types import SimpleNamespace
from uuid import uuid4

import pytest
from prefect import _flow_run_suspension, flow_engine
from prefect._flow_run_suspension import FlowRunSuspensionRequest
from prefect.client.orchestration import PrefectClient
from prefect.context import FlowRunContext
from prefect.exceptions import Pause
from prefect.flow_engine import FlowRunEngine
from prefect.states import Suspended
from prefect.workers import base
from prefect.workers.base import BaseJobConfiguration, BaseWorker

from deployments.worker import internals
from deployments.worker.internals import Remembering, StopRequest, raise_if_stopped
from deployments.worker.worker_type import ResidentWorker

LOOP = """
    with engine.start():
        while engine.is_running():
            with engine.run_context():
                engine.call_flow_fn()
"""
USED = [
    (flow_engine, "_flow_parameters", ["flow", "flow_run", "parameters"]),
    (_flow_run_suspension, "register_flow_run_suspension_request", ["flow_run_id", "suspension_request"]),
    (_flow_run_suspension, "raise_if_flow_run_suspension_requested", []),
    (FlowRunSuspensionRequest, "mark_requested", ["self", "state"]),
    (FlowRunSuspensionRequest, "raise_if_requested", ["self"]),
    (FlowRunEngine, "setup_flow_run_suspension_request", ["self"]),
    (FlowRunEngine, "handle_success", ["self", "result"]),
    (FlowRunEngine, "start", ["self"]),
    (FlowRunEngine, "run_context", ["self"]),
    (FlowRunEngine, "call_flow_fn", ["self"]),
    (FlowRunEngine, "is_running", ["self"]),
    (BaseWorker, "_propose_pending_state", ["self", "flow_run"]),
    (BaseWorker, "_submit_run_and_capture_errors", ["self", "flow_run", "task_status"]),
    (BaseWorker, "_propose_submitting_state", ["self", "flow_run"]),
    (BaseWorker, "_give_worker_labels_to_flow_run", ["self", "flow_run_id"]),
    (BaseJobConfiguration, "_base_environment", []),
    (
        PrefectClient,
        "get_scheduled_flow_runs_for_work_pool",
        ["self", "work_pool_name", "work_queue_names", "scheduled_before"],
    ),
]


@pytest.mark.parametrize(("where", "name", "parameters"), USED, ids=lambda one: one if isinstance(one, str) else "")
def test_each_name_is_there_and_takes_what_it_took(where, name, parameters):
    assert list(inspect.signature(getattr(where, name)).parameters) == parameters


def test_prefect_runs_a_flow_as_we_do():
    theirs = inspect.getsource(flow_engine.run_flow_sync)
    assert LOOP.strip() in theirs
    assert LOOP.strip() in inspect.getsource(internals.run_flow)


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


def test_nothing_else_of_the_package_knows_a_private_name():
    root = inspect.getsourcefile(internals).rpartition("/")[0]
    from pathlib import Path

    for path in Path(root).glob("*.py"):
        if path.stem != "internals":
            text = path.read_text(encoding="utf-8")
            assert "from prefect._" not in text
            assert "prefect._internal" not in text


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
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(internals, "time", made)
    return made


@pytest.mark.parametrize("question", ["read_deployment", "read_flow"])
def test_it_is_asked_once_per_half_minute(clock, question):
    ask = getattr(Remembering(Server()), question)
    one, other = uuid4(), uuid4()
    first = asyncio.run(ask(one))
    clock.now = 29.9
    assert asyncio.run(ask(one)) == first
    assert asyncio.run(ask(other)) != first
    clock.now = 30.0
    assert asyncio.run(ask(one)) != first


def test_a_deployment_and_a_flow_of_the_same_id_are_two(clock):
    client, identity = Remembering(Server()), uuid4()
    answers = asyncio.run(client.read_deployment(identity)), asyncio.run(client.read_flow(identity))
    assert [kind for kind, _ in answers] == ["deployment", "flow"]


def test_a_failure_is_not_remembered(clock):
    server, identity = Server(), uuid4()
    server.is_down, client = True, Remembering(server)
    with pytest.raises(ConnectionError):
        asyncio.run(client.read_flow(identity))
    server.is_down = False
    assert asyncio.run(client.read_flow(identity)) == ("flow", 1)


def test_everything_else_is_asked_each_time(clock):
    server, identity = Server(), uuid4()
    client = Remembering(server)
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
            return SimpleNamespace(json=lambda: [{}] * min(waiting, asked["json"]["limit"]))

    monkeypatch.setattr(internals.WorkerFlowRunResponse, "model_validate_list", list)
    client = Remembering(Asked(), lambda: room)
    asyncio.run(client.get_scheduled_flow_runs_for_work_pool("a pool"))
    assert client.has_left_some is left_some
