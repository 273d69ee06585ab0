"""What is taken from Prefect without a promise: a new Prefect that has it otherwise fails here, in words."""

from __future__ import annotations

import ast
import asyncio
import inspect
from uuid import uuid4

import pytest
from prefect._flow_run_suspension import FlowRunSuspensionRequest
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import Pause
from prefect.states import Suspended

from deployments import internals
from deployments.internals import Expected, differences, why_not
from deployments.worker.worker_type import ResidentWorker
from rightsflow.domain.errors import Misconfigured
from tasks.prefect_io import server_shapes
from tasks.prefect_io.server_shapes import raise_if_stopped


def test_each_source_is_the_one_that_the_worker_was_made_for():
    assert differences() == []
    assert why_not() == ""


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("prefect._flow_run_suspension", "mark_flow_run_suspension_requested"),
        ("prefect.flow_engine", "_what_it_never_had"),
        ("prefect.flow_engine", "FlowRunEngine._what_it_never_had"),
        ("prefect._what_it_never_had", "any"),
    ],
    ids=["another source", "function", "method", "module"],
)
def test_another_prefect_is_told_in_a_sentence(module, name):
    with_it = (*internals.EXPECTED, Expected(module, name, frozenset({"another"})))
    assert differences(with_it) == [f"{module}.{name}"]
    assert why_not(with_it).endswith(f"Rightsflow's worker was made for ({module}.{name}).")
    assert "and 1 more" in why_not((*with_it, with_it[-1]))


def test_the_worker_does_not_start_with_another_prefect():
    worker = ResidentWorker("a pool", name="a worker")
    worker.why_not = lambda: "Prefect 4 differs."
    with pytest.raises(
        Misconfigured, match=r"Prefect 4 differs\. Use Prefect's own worker: `rightsflow service deploy"
    ):
        asyncio.run(worker.start())


def test_few_private_names_are_used_and_each_is_known_here():
    tree = ast.parse(inspect.getsource(internals))
    read = {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr[0] == "_" != node.attr[1]
    }
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    assert read == {"_parameter_openapi_schema"}
    assert {one for one in modules if "._" in one} == {"prefect._flow_run_suspension"}
    assert {one for one in modules if one.startswith("prefect.server")} == {"prefect.server.api.server"}


def test_a_deployment_has_its_form_where_we_read_it():
    assert "_parameter_openapi_schema" in RunnerDeployment.__private_attributes__
    assert "self._parameter_openapi_schema" in inspect.getsource(RunnerDeployment._set_defaults_from_flow)


@pytest.mark.apart
def test_the_server_is_made_as_prefect_makes_it():
    # Prefect's server is imported late: all processes of the tests import this module, and it takes them a second.
    from prefect.server.api import server

    assert {"final", "webserver_only"} <= inspect.signature(server.create_app).parameters.keys()
    assert '"prefect.server.api.server:create_app"' in inspect.getsource(server)


def test_a_suspension_has_its_key_where_we_read_it():
    run = FlowRun(flow_id=uuid4(), state=Suspended(timeout_seconds=60, pause_key="approval-0-dsr-2026-3h6k9q"))
    assert server_shapes.suspension_of(run) == "approval-0-dsr-2026-3h6k9q"
    assert server_shapes.suspensions_of(run) == set()
    run.empirical_policy.pause_keys = {"approval-0-dsr-2026-3h6k9q"}
    assert server_shapes.suspensions_of(run) == {"approval-0-dsr-2026-3h6k9q"}


@pytest.mark.apart
def test_the_server_takes_and_tells_events_where_we_ask():
    from prefect.server.api import events as events_api
    from prefect.server.events import actions

    routes = {(method, route.path) for route in events_api.router.routes for method in getattr(route, "methods", ())}
    assert set(server_shapes.EVENT_ADDRESSES) <= routes
    source = inspect.getsource(actions)
    assert {f'"{name}"' in source for name in (server_shapes.EXECUTED, server_shapes.FAILED)} == {True}
    assert '"triggering-event"' in source


def test_a_flow_hears_of_its_request_wherever_its_context_is():
    raise_if_stopped()
    request = FlowRunSuspensionRequest()
    with FlowRunContext.model_construct(flow_run_suspension_request=request):
        raise_if_stopped()
        request.mark_requested(Suspended(timeout_seconds=60))
        with pytest.raises(Pause):
            raise_if_stopped()
    raise_if_stopped()
