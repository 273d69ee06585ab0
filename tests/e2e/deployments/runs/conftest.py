"""A case store and a real Prefect server with the deployments; no worker, so that what is started stays to be seen."""

from __future__ import annotations

import pytest
from prefect.client.orchestration import get_client

from deployments.applying import apply_deployments
from tests.e2e.deployments.runs.runs import bulk_runs, state_of
from tests.support.bench import running_bench


@pytest.fixture
def bench(tmp_path, prefect_server):
    with running_bench(tmp_path, is_known_outside=True) as made:
        yield made


@pytest.fixture(scope="session")
def deployments(prefect_server):
    return apply_deployments()


@pytest.fixture
def client(deployments):
    """A client; the runs of the bulk queue are removed at the end."""
    with get_client(sync_client=True) as made:
        yield made
        for run in bulk_runs(made):
            made.delete_flow_run(run.id)


@pytest.fixture
def run_in(bench, deployments):
    """A case with a run in a state, as a worker that died would leave it; gives the case and what the run became."""
    made = []

    def make(*states):
        case_id = bench.open("access", email=f"number-{len(made)}@example.com")
        with get_client(sync_client=True) as client:
            run = client.create_flow_run_from_deployment(
                deployments["access-request"], parameters={"case_id": case_id}, name=case_id
            )
            for state in states:
                client.set_flow_run_state(run.id, state, force=True)
        made.append(run.id)
        return case_id, lambda: state_of(run.id)

    yield make
    with get_client(sync_client=True) as client:
        for run_id in made:
            client.delete_flow_run(run_id)
