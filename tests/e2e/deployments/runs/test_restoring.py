"""Deployments that are deleted or changed on the server come back, and their cases go on."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from prefect.client.schemas.actions import DeploymentUpdate

from deployments.applying import apply_deployments
from deployments.pool_types import PoolType
from deployments.runs.keeper import Duties, Keeper
from deployments.runs.restoring import DeploymentRestorer
from flows.starting import start_case
from rightsflow.domain.request import Right
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
    deployments.update(apply_deployments())


def read(client, name):
    return client.read_deployment_by_name(f"{name}/{name}")


def test_a_deleted_one_comes_back_and_that_is_said(restorer, client, caplog):
    """An officer deleted it; requests stood still, and nothing told of it."""
    client.delete_deployment(read(client, ERASURE).id)
    with caplog.at_level(logging.WARNING):
        assert restorer.sweep() == 1
    assert "Deployments were missing on the Prefect server, and are restored: erasure-request." in caplog.messages
    assert read(client, ERASURE).entrypoint == "flows.erasure.erasure_request"
    assert restorer.sweep() == 0


@pytest.mark.parametrize(
    "change",
    [
        {"entrypoint": "planted:run"},
        {"path": "/tmp/planted"},
        {"paused": True},
        {"schedules": []},
        {"job_variables": {"command": "touch /tmp/planted"}},
        {"pull_steps": [{"prefect.deployments.steps.run_shell_script": {"script": "true"}}]},
        {"parameter_openapi_schema": {"type": "object", "properties": {}}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_one_is_as_it_was(restorer, client, change):
    before = read(client, WATCH)
    client.update_deployment(before.id, DeploymentUpdate(**change))
    assert restorer.sweep() == 1
    assert restorer.sweep() == 0
    after = read(client, WATCH)
    assert (after.id, after.entrypoint, after.paused) == (before.id, "flows.watching.watch_deadlines", False)
    assert [(one.active, one.schedule.interval) for one in after.schedules] == [
        (one.active, one.schedule.interval) for one in before.schedules
    ]
    assert (after.path, after.pull_steps or None, after.job_variables) == (before.path, None, {})


def test_a_schedule_that_was_switched_off_is_on_again(restorer, client):
    watch = read(client, WATCH)
    client.update_deployment_schedule(watch.id, watch.schedules[0].id, active=False)
    assert restorer.sweep() == 1
    assert [one.active for one in read(client, WATCH).schedules] == [True]


def test_what_a_newer_rightsflow_made_stays(restorer, client):
    watch = read(client, WATCH)
    client.update_deployment(watch.id, DeploymentUpdate(version="99.0", entrypoint="flows.newer.watch"))
    assert restorer.sweep() == 0
    client.update_deployment(watch.id, DeploymentUpdate(version=watch.version))
    assert restorer.sweep() == 1


def test_the_case_of_a_deleted_deployment_goes_on(bench, restorer, client):
    case_id = bench.open("access", email="anna@example.com")
    first = start_case(case_id, Right.ACCESS)
    client.delete_deployment(read(client, "access-request").id)
    assert runs_named(case_id) == []
    bench.pass_time(timedelta(minutes=10))
    keeper = Keeper(bench.runtime.store, Duties.of(bench.runtime.store, SETTINGS, PoolType.RESIDENT), sweep_seconds=0)
    keeper.look()
    keeper.end()
    again = [run for run in runs_named(case_id) if run.deployment_id == read(client, "access-request").id]
    assert [run.state.type.value for run in again] == ["SCHEDULED"]
    assert again[0].work_pool_name == first.work_pool_name
