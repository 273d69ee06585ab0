"""The worker takes two names from the server, and nothing else of what a deployment there says."""

from __future__ import annotations

import sys

import pytest
from prefect import Flow, flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.deployments.runner import RunnerDeployment

from deployments.catalogue import CATALOGUE
from deployments.worker.preparation import UNKNOWN, known_flow
from tests.e2e.deployments.worker import flows
from tests.e2e.deployments.worker.rig import POOL, becomes, deploy

pytestmark = pytest.mark.apart


@flow(persist_result=False, name="theirs")
def theirs():
    flows.SEEN.append(("theirs", "ran"))


def test_the_catalogues_flows_are_known_by_their_deployments_names_and_nothing_else_is():
    for one, _ in CATALOGUE:
        assert known_flow(one.name, one.name) is one
        assert known_flow(one.name, "") is None
        assert known_flow(one.name, "another") is None
        assert isinstance(one, Flow)
    assert known_flow("theirs", "theirs") is None


def test_what_the_server_says_of_a_deployment_is_not_obeyed(working, name, tmp_path):
    """With an admin's session an entry point was changed, and the worker with the master key imported it."""
    planted = tmp_path / "planted_module.py"
    planted.write_text(f"import pathlib\npathlib.Path({str(tmp_path / 'imported')!r}).touch()\n")
    deployment = deploy(flows.short)
    changed = DeploymentUpdate(
        path=str(tmp_path),
        entrypoint="planted_module:run",
        job_variables={"env": {"PLANTED": "1"}, "command": "touch", "working_dir": str(tmp_path)},
        pull_steps=[{"prefect.deployments.steps.run_shell_script": {"script": f"touch {tmp_path / 'pulled'}"}}],
    )
    with get_client(sync_client=True) as client:
        client.update_deployment(deployment, changed)
        run = client.create_flow_run_from_deployment(
            deployment,
            parameters={"name": name, "steps": 1},
            job_variables={"env": {"PLANTED": "{{ prefect.blocks.secret.planted }}"}},
        )
    becomes(run.id, "Done")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["planted_module.py"]
    assert "planted_module" not in sys.modules


def test_a_run_of_something_unknown_ends_failed_in_a_sentence(working):
    made = RunnerDeployment.from_flow(theirs, name="theirs", work_pool_name=POOL)
    made.entrypoint = f"{__file__}:theirs"
    with get_client(sync_client=True) as client:
        run = client.create_flow_run_from_deployment(made.apply())
    assert becomes(run.id, "Failed").state.message == UNKNOWN
    assert flows.seen("theirs") == []
