"""What the tests ask the Prefect server, and how they run a deployment's run in this process as a worker would."""

from __future__ import annotations

import re
import time
from contextlib import suppress

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.client.schemas.objects import FlowRun
from prefect.events.worker import EventsWorker
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.states import Pending

from flows.suspended import resume_all
from rightsflow.domain.gates.decisions import Gate

_OF_A_CASE = re.compile(r"-dsr-\d{4}-[0-9a-z]{6}")


def read_run(run_id):
    with get_client(sync_client=True) as client:
        return client.read_flow_run(run_id)


def runs_named(name):
    with get_client(sync_client=True) as client:
        return client.read_flow_runs(flow_run_filter=FlowRunFilter(name=FlowRunFilterName(any_=[name])))


def order_run(deployment_id, **parameters):
    """Ask for a run as the form in the UI does."""
    with get_client(sync_client=True) as client:
        return client.create_flow_run_from_deployment(deployment_id, parameters=parameters)


def post_run(deployment_id, **body):
    """Ask for a run by the server's own interface, with any field it takes, and without a check of the form."""
    with get_client(sync_client=True) as client:
        answer = client.request(
            "POST",
            "/deployments/{id}/create_flow_run",
            path_params={"id": deployment_id},
            json={"enforce_parameter_schema": False, **body},
        )
        return FlowRun.model_validate(answer.json())


def work_on(flow, run_id):
    """Run what a worker would run, and return the run's state on the server afterwards.

    Args:
        flow: The flow.
        run_id: Its run.
    """
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(run_id)
        client.set_flow_run_state(run_id, Pending())
    with suppress(Pause):
        run_flow(flow, flow_run=run, return_type="state")
    return read_run(run_id).state


def set_state(run_id, state):
    """Propose a state, by the server's rules; returns its word."""
    with get_client(sync_client=True) as client:
        return client.set_flow_run_state(run_id, state)


def confirm_and_resume(bench, case_id):
    """Confirm identity as the desk does, and let the suspended run go on."""
    bench.confirm_identity(case_id)
    assert resume_all(case_id, Gate.IDENTITY)


def approve_and_resume(bench, case_id):
    """Approve as the desk does, and let the suspended run go on."""
    bench.approve(case_id)
    assert resume_all(case_id, Gate.APPROVAL)


def inputs_of(run_id):
    """What the server holds of a run's inputs: key without the case → value."""
    with get_client(sync_client=True) as client:
        kept = client.request(
            "POST", "/flow_runs/{id}/input/filter", path_params={"id": run_id}, json={"prefix": "", "limit": 200}
        )
        return {_OF_A_CASE.sub("", one["key"]): one["value"] for one in kept.json()}


def gate_key(state):
    """At which gate a run is suspended, and for the how manieth time."""
    return _OF_A_CASE.sub("", state.state_details.pause_key)


def artifact(key):
    """The latest text of an artifact."""
    with get_client(sync_client=True) as client:
        answer = client.request("GET", "/artifacts/{key}/latest", path_params={"key": key.lower()})
        return answer.json()["data"]


def events_of(case_id):
    """The names of the events about a case, once they have arrived."""
    EventsWorker.drain_all(timeout=120)
    wanted = {"filter": {"resource": {"id": [f"rightsflow.case.{case_id}"]}}}
    deadline = time.monotonic() + 120
    with get_client(sync_client=True) as client:
        while True:
            found = client.request("POST", "/events/filter", json=wanted).json()["events"]
            if found or time.monotonic() > deadline:
                return {event["event"] for event in found}
            time.sleep(0.2)
