"""The commands and settings of compose.yaml, run as processes on this machine."""

from __future__ import annotations

import os
import time
from importlib.resources import files

import pytest
import requests
from prefect.client.orchestration import get_client
from prefect.deployments import run_deployment
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from rightsflow.vault import create_key_file
from tests.support.cluster_files import required
from tests.support.homes import CRM
from tests.support.identity import TYPED
from tests.support.loopback import can_run, running_cluster

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not can_run(), reason="redis-server or nginx is not installed")]

AUTH = "admin:loopback"
EXECUTED_SECONDS = 180
"""How long a run may take from its order to its end, with every service on the same few processors."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    pytest.importorskip("prefect_redis")
    folder = tmp_path_factory.mktemp("cluster")
    (folder / "home").mkdir(mode=0o700)
    (folder / "rightsflow.toml").write_text(_configuration(folder), encoding="utf-8")
    create_key_file(folder / "master.key")
    variables = dict.fromkeys(required(), "loopback") | {
        "PREFECT_AUTH_STRING": AUTH,
        "RIGHTSFLOW_WORK_URL": str(folder / "work"),
    }
    with running_cluster(folder, variables) as there:
        there.run("deploy")
        there.start_worker()
        yield there


def _configuration(folder):
    (folder / "people-url").write_text(f"sqlite:///{folder / 'people.db'}", encoding="utf-8")
    template = files("deployments.cli").joinpath("rightsflow.toml.template").read_text(encoding="utf-8")
    return template.partition("[systems.")[0] + TYPED + CRM.format(url=folder / "people-url")


@pytest.fixture
def client(cluster):
    with temporary_settings({PREFECT_API_URL: cluster.api_url, PREFECT_API_AUTH_STRING: AUTH}):
        yield get_client(sync_client=True)


def test_a_run_is_executed(cluster, client):
    run = run_deployment(
        "watch-deadlines/watch-deadlines", timeout=EXECUTED_SECONDS, poll_interval=0.2, as_subflow=False
    )
    assert run.state.is_completed(), run.state


def test_nobody_gets_in_without_the_secret(cluster):
    for name in ("api-1", "api-2", "gateway"):
        api = f"http://127.0.0.1:{cluster.ports[name]}/api"
        assert requests.get(f"{api}/ready", timeout=5).status_code == 200
        for who, status in ((None, 401), (("admin", "other"), 401), (("admin", "loopback"), 200)):
            assert requests.post(f"{api}/flow_runs/filter", json={}, timeout=5, auth=who).status_code == status


def test_pages_of_other_origins_and_other_names_are_refused(cluster):
    """Each API server answered every origin and every host name, through the gateway too."""
    for name in ("api-1", "api-2", "gateway"):
        there, who = f"http://127.0.0.1:{cluster.ports[name]}", ("admin", "loopback")
        list_of_runs = {"url": f"{there}/api/flow_runs/filter", "json": {}, "timeout": 5, "auth": who}
        assert requests.post(**list_of_runs, headers={"Origin": "https://evil.example"}).status_code == 403
        assert requests.post(**list_of_runs, headers={"Host": "rebound.example"}).status_code == 421
        assert requests.get(f"{there}/ui-settings", timeout=5).json()["api_url"] == "/api"


@pytest.mark.parametrize("service", ["api-1", "api-2", "services", "worker"])
def test_each_check_says_that_its_service_is_well(cluster, service):
    deadline = time.monotonic() + 60
    while cluster.health(service) and time.monotonic() < deadline:
        time.sleep(1)
    assert cluster.health(service) == 0


def test_the_keeper_is_well_while_it_looks(cluster):
    cluster.start("keeper")
    try:
        deadline = time.monotonic() + 60
        while cluster.health("keeper") and time.monotonic() < deadline:
            time.sleep(0.5)
        assert cluster.health("keeper") == 0
    finally:
        cluster.stop("keeper")
    ten_minutes_ago = time.time() - 600
    os.utime(cluster.folder / "alive", (ten_minutes_ago, ten_minutes_ago))
    assert cluster.health("keeper") != 0


def test_it_goes_on_with_one_api_server(cluster, client):
    cluster.stop("api-1")
    try:
        assert cluster.health("api-1") != 0
        run = run_deployment(
            "watch-deadlines/watch-deadlines", timeout=EXECUTED_SECONDS, poll_interval=0.2, as_subflow=False
        )
        assert run.state.is_completed(), run.state
    finally:
        cluster.start_api("api-1")


def test_doctor_finds_it_in_order_and_names_a_wrong_secret(cluster):
    seen = cluster.doctor()
    wrong = {name for name, check in seen.items() if not check["ok"]}
    # The system of this test has no database, and the watch may not have been swept yet.
    assert wrong <= {"crm", "deadline watch"}
    assert seen["shared case store"]["detail"] == "PostgreSQL."
    assert "1 in rightsflow-resident" in seen["workers"]["detail"]
    refused = cluster.doctor(PREFECT_API_AUTH_STRING="admin:other")
    assert "PREFECT_API_AUTH_STRING" in refused["server"]["detail"]
