"""What is taken from Prefect without a promise: a new Prefect that has it otherwise fails here, in words."""

from __future__ import annotations

import inspect

import pytest
from prefect import _flow_run_suspension, flow_engine
from prefect._flow_run_suspension import FlowRunSuspensionRequest
from prefect.exceptions import Pause
from prefect.flow_engine import FlowRunEngine
from prefect.states import Suspended
from prefect.workers.base import BaseWorker

from deployments.resident import privates
from deployments.resident.privates import StopRequest

LOOP = """
    with engine.start():
        while engine.is_running():
            with engine.run_context():
                engine.call_flow_fn()
"""
USED = [
    (flow_engine, "_flow_parameters", ["flow", "flow_run", "parameters"]),
    (_flow_run_suspension, "register_flow_run_suspension_request", ["flow_run_id", "suspension_request"]),
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
]


@pytest.mark.parametrize(("where", "name", "parameters"), USED, ids=lambda one: one if isinstance(one, str) else "")
def test_each_name_is_there_and_takes_what_it_took(where, name, parameters):
    assert list(inspect.signature(getattr(where, name)).parameters) == parameters


def test_prefect_runs_a_flow_as_we_do():
    theirs = inspect.getsource(flow_engine.run_flow_sync)
    assert LOOP.strip() in theirs
    assert LOOP.strip() in inspect.getsource(privates.run_flow)


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


def test_nothing_else_of_the_package_knows_a_private_name():
    root = inspect.getsourcefile(privates).rpartition("/")[0]
    from pathlib import Path

    for path in Path(root).glob("*.py"):
        if path.stem != "privates":
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
