"""What doctor sees of a shared server: each check in order, and each with its mend when something is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import pytest
from prefect.client.orchestration import get_client
from prefect.states import Completed

from deployments.applying import apply_deployments
from deployments.cluster.checks import cluster_checks
from deployments.server_access import Access
from tests.support.bench import SETTINGS, running_bench

pytestmark = pytest.mark.apart

ZONE = SETTINGS.controller.timezone
SYSTEMS = SETTINGS.systems


@pytest.fixture
def current(tmp_path):
    with running_bench(tmp_path, is_known_outside=True) as bench:
        yield replace(bench.runtime, now=lambda: datetime.now(UTC), work_location=f"memory://{tmp_path.name}")


@pytest.fixture(scope="module")
def deployed(prefect_server):
    return apply_deployments(ZONE, systems=SYSTEMS)


@pytest.fixture
def changeable(deployed):
    """The deployments for a test that changes them."""
    yield deployed
    apply_deployments(ZONE, systems=SYSTEMS)


@pytest.fixture
def client(prefect_server):
    with get_client(sync_client=True) as client:
        yield client


def test_the_deployments_have_our_version_and_not_that_of_the_folder_where_they_are_made(deployed, client):
    """Found: the commit of whatever repository `up` was called in, by four calls of git for each of them."""
    assert {one.version for one in client.read_deployments() if str(one.id) in deployed.values()} == {
        version("rightsflow")
    }


def test_a_server_with_everything_but_workers(prefect_server, deployed, current, client):
    run = client.create_flow_run_from_deployment(deployed["watch-deadlines"])
    client.set_flow_run_state(run.id, Completed(), force=True)
    seen = cluster_checks(prefect_server.access, current)
    assert {name for name, check in seen.items() if not check.ok} == {"workers"}
    assert "No worker is online in rightsflow-resident" in seen["workers"].detail
    assert {name for name, check in seen.items() if check.is_doubtful} == {"shared case store"}
    assert not any("memory" in check.detail for check in seen.values())


@pytest.mark.slow
def test_what_is_missing_or_of_another_version_is_named(prefect_server, changeable, current, client):
    client.delete_deployment(changeable["purge-expired"])
    assert "missing: purge-expired; run" in cluster_checks(prefect_server.access, current)["deployments"].detail
    apply_deployments(ZONE, systems=SYSTEMS)
    with_other = client.read_deployment_by_name("seal-ledger/seal-ledger")
    client._client.patch(f"/deployments/{with_other.id}", json={"description": "Of last year."}).raise_for_status()
    seen = cluster_checks(prefect_server.access, current)["deployments"]
    assert (seen.ok, "of another version: seal-ledger; run" in seen.detail) == (False, True)
    apply_deployments(ZONE, systems=SYSTEMS)
    assert cluster_checks(prefect_server.access, current)["deployments"].ok


def test_a_clock_that_is_off_and_a_watch_that_stands(prefect_server, deployed, current, client):
    run = client.create_flow_run_from_deployment(deployed["watch-deadlines"])
    client.set_flow_run_state(run.id, Completed(), force=True)
    later = replace(current, now=lambda: datetime.now(UTC) + timedelta(minutes=31))
    seen = cluster_checks(prefect_server.access, later)
    assert "s off ours; let both follow NTP" in seen["clock"].detail
    assert (seen["clock"].ok, seen["deadline watch"].ok) == (False, False)


@pytest.mark.parametrize(
    ("location", "is_ok", "is_doubtful", "said"),
    [("{tmp}/work", True, True, "RIGHTSFLOW_WORK_URL"), ("/dev/null/work", False, False, "NotADirectoryError")],
)
def test_where_working_copies_lie(prefect_server, current, tmp_path, location, is_ok, is_doubtful, said):
    moved = replace(current, work_location=location.format(tmp=tmp_path))
    seen = cluster_checks(prefect_server.access, moved)["working copies"]
    assert (seen.ok, seen.is_doubtful, said in seen.detail) == (is_ok, is_doubtful, True)
    assert not list(tmp_path.rglob(".probe-*"))


def test_a_server_that_is_gone_says_so_in_one_line(current, prefect_server):
    seen = cluster_checks(Access("http://127.0.0.1:9/api"), current)["server"]
    assert (seen.ok, "does not answer" in seen.detail) == (False, True)
