"""Runs that wait in a pool which no one serves any more go on in the one that is used from now on."""

from __future__ import annotations

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.states import Completed, Running, Suspended

from deployments.applying import apply_deployments
from deployments.local.setting_up import move_runs
from deployments.pool_types import PoolType
from flows.starting import BULK_QUEUE
from tests.support.bench import running_bench


@pytest.fixture
def client(prefect_server):
    with get_client(sync_client=True) as made:
        yield made


@pytest.fixture
def bench(tmp_path):
    with running_bench(tmp_path, is_known_outside=True) as made:
        yield made


@pytest.fixture
def former(client):
    """Runs in the pool of processes, before the deployments are given to the resident workers."""
    made = []
    deployments = apply_deployments(pool_type=PoolType.PROCESS)

    def make(deployment, *states, queue=None, **parameters):
        run = client.create_flow_run_from_deployment(
            deployments[deployment], parameters=parameters, name="DSR-2026-A0A0A0", work_queue_name=queue
        )
        for state in states:
            client.set_flow_run_state(run.id, state, force=True)
        made.append(run.id)
        return run.id

    yield make
    for run_id in made:
        client.delete_flow_run(run_id)
    for deployment in deployments.values():
        for run in of(client, deployment):
            client.delete_flow_run(run.id)
    # As the other tests of this process have it.
    apply_deployments()


def of(client, deployment_id):
    return client.read_flow_runs(deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id])))


def moved(client, bench):
    deployments = apply_deployments(pool_type=PoolType.RESIDENT)
    return move_runs(PoolType.RESIDENT.pool), deployments


@pytest.mark.apart
def test_a_run_at_a_gate_goes_on_in_the_other_pool_and_one_of_the_load_stays_behind_it(client, former, bench):
    of_the_load = former("erasure-request", queue=BULK_QUEUE, case_id="DSR-2026-A0A0A1")
    before = former("access-request", Running(), Suspended(timeout_seconds=60), case_id="DSR-2026-A0A0A0")
    assert client.read_flow_run(before).work_pool_name == PoolType.PROCESS.pool, "the control"
    count, deployments = moved(client, bench)
    assert count == 2
    (behind,) = [run for run in of(client, deployments["erasure-request"]) if run.id != of_the_load]
    assert (behind.work_pool_name, behind.work_queue_name) == (PoolType.RESIDENT.pool, BULK_QUEUE)
    (after,) = [run for run in of(client, deployments["access-request"]) if run.id != before]
    assert (after.work_pool_name, after.state.name, after.name) == (
        "rightsflow-resident",
        "Scheduled",
        "DSR-2026-A0A0A0",
    )
    assert after.parameters == {"case_id": "DSR-2026-A0A0A0"}
    left = client.read_flow_run(before)
    assert left.state.name == "Cancelled"
    assert str(after.id) in left.state.message
    assert move_runs(PoolType.RESIDENT.pool) == 0


@pytest.mark.slow
def test_what_is_worked_on_and_what_has_ended_stays(client, former, bench):
    ids = [former("access-request", state, case_id="DSR-2026-A0A0A0") for state in (Running(), Completed())]
    assert moved(client, bench)[0] == 0
    assert [client.read_flow_run(run_id).state.name for run_id in ids] == ["Running", "Completed"]


def test_each_type_has_a_pool_of_its_own():
    assert len({one.pool for one in PoolType}) == len(PoolType)
    assert {one for one in PoolType if one.is_local} == {PoolType.RESIDENT, PoolType.PROCESS}
