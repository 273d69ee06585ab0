"""Deployments that are deleted or changed on the server come back, and their cases go on."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentUpdate

from deployments.pool_types import PoolType
from deployments.runs.keeper import Duties, Keeper
from deployments.runs.restoring import DeploymentRestorer
from flows.starting import start_case
from rightsflow.domain.vocabulary.rights import Right
from tests.support.bench import SETTINGS
from tests.support.flow_runs import runs_named

WATCH, ERASURE = "watch-deadlines", "erasure-request"


@pytest.fixture
def restorer(deployments):
    made = DeploymentRestorer(SETTINGS, PoolType.RESIDENT)
    # Whatever another test left: from here on all is as it is to be.
    made.sweep()
    assert made.sweep() == 0
    yield made
    # What was deleted came back under another id, which the tests after this one need.
    with get_client(sync_client=True) as client:
        deployments.update((name, str(one.id)) for name, one in by_flow(client).items() if name in deployments)


def by_flow(client):
    flows = {one.id: one.name for one in client.read_flows(limit=200)}
    return {flows[one.flow_id]: one for one in client.read_deployments(limit=200)}


def read(client, name):
    return client.read_deployment_by_name(f"{name}/{name}")


@pytest.mark.apart
def test_a_deleted_one_comes_back_and_that_is_said(restorer, client, caplog):
    """An officer deleted it; requests stood still, and nothing told of it."""
    client.delete_deployment(read(client, ERASURE).id)
    with caplog.at_level(logging.WARNING):
        assert restorer.sweep() == 1
    assert "Deployments were missing on the Prefect server, and are restored: erasure-request." in caplog.messages
    assert read(client, ERASURE).entrypoint == "flows.erasure.erasure_request"
    assert restorer.sweep() == 0


CHANGES = [
    {"entrypoint": "planted:run"},
    {"path": "/tmp/planted"},
    {"paused": True},
    {"job_variables": {"command": "touch /tmp/planted"}},
    {"pull_steps": [{"prefect.deployments.steps.run_shell_script": {"script": "true"}}]},
    {"parameter_openapi_schema": {"type": "object", "properties": {}}},
]


def what_is_planned(one):
    times = [(each.active, each.schedule.model_dump(exclude={"anchor_date"})) for each in one.schedules]
    schema = one.parameter_openapi_schema
    return one.id, one.entrypoint, one.paused, times, one.path, one.pull_steps or None, one.job_variables, schema


@pytest.mark.apart
def test_changed_ones_are_as_they_were(restorer, client, deployments):
    """One change each of as many deployments, and of those with a schedule that it is gone, or switched off."""
    before = {name: one for name, one in by_flow(client).items() if name in deployments}
    timed = [name for name, one in before.items() if one.schedules]
    assert len(timed) >= 2
    changes = dict(zip((name for name in before if name not in timed), CHANGES, strict=False))
    assert len(changes) == len(CHANGES)
    for name, change in (changes | {timed[0]: {"schedules": []}}).items():
        client.update_deployment(before[name].id, DeploymentUpdate(**change))
    off = before[timed[1]]
    client.update_deployment_schedule(off.id, off.schedules[0].id, active=False)
    after = by_flow(client)
    changed = {name for name, one in before.items() if what_is_planned(after[name]) != what_is_planned(one)}
    assert changed == {*changes, *timed[:2]}
    assert restorer.sweep() == len(changed)
    assert restorer.sweep() == 0
    after = by_flow(client)
    for name, one in before.items():
        assert what_is_planned(after[name]) == what_is_planned(one), name


@pytest.mark.apart
def test_what_a_newer_rightsflow_made_stays(restorer, client):
    watch = read(client, WATCH)
    client.update_deployment(watch.id, DeploymentUpdate(version="99.0", entrypoint="flows.newer.watch"))
    assert restorer.sweep() == 0
    client.update_deployment(watch.id, DeploymentUpdate(version=watch.version))
    assert restorer.sweep() == 1


@pytest.mark.apart
@pytest.mark.parametrize(("is_confirmed", "left", "state"), [(True, 0, "SCHEDULED"), (False, 1, "PAUSED")])
def test_the_case_of_a_deleted_deployment_goes_on(bench, restorer, client, is_confirmed, left, state):
    """The server deletes its scheduled runs with it, and leaves suspended ones that no worker would take."""
    case_id = bench.open("access", email="anna@example.com")
    if is_confirmed:
        bench.confirm_identity(case_id)
    first = start_case(case_id, Right.ACCESS)
    client.delete_deployment(read(client, "access-request").id)
    assert len(runs_named(case_id)) == left
    bench.pass_time(timedelta(minutes=10))
    keeper = Keeper(bench.runtime.store, Duties.of(bench.runtime.store, SETTINGS, PoolType.RESIDENT), sweep_seconds=0)
    keeper.look()
    keeper.end()
    again = [run for run in runs_named(case_id) if run.deployment_id == read(client, "access-request").id]
    assert [run.state.type.value for run in again] == [state]
    assert len(runs_named(case_id)) == 1
    assert again[0].work_pool_name == first.work_pool_name
