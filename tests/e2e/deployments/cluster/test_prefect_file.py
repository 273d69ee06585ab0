"""prefect.yaml, for those who use Prefect's own command, says the same as the catalogue."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from prefect.client.orchestration import get_client

from deployments.applying import apply_deployments
from deployments.catalogue import planned
from deployments.pool_types import DEFAULT_POOL_TYPE
from tests.support.cluster_files import FOLDER
from tests.support.stack import stretched

ZONE = "Europe/Berlin"
NOT_OF_THE_FILE = {
    *("id", "created", "updated", "created_by", "updated_by", "last_polled", "status", "pull_steps", "version_id"),
    # Prefect's own command takes it from git.
    *("version", "version_info"),
}


def schedule_of(one):
    if "interval" in one:
        return ("interval", one["interval"])
    return ("cron", one["cron"], one["timezone"].replace("{{ $RIGHTSFLOW_TIMEZONE }}", ZONE))


def planned_schedule(one):
    schedule = one.schedule
    return (
        ("interval", schedule.interval.total_seconds())
        if hasattr(schedule, "interval")
        else ("cron", schedule.cron, schedule.timezone)
    )


def test_it_is_the_catalogue():
    file = yaml.safe_load((FOLDER / "prefect.yaml").read_text(encoding="utf-8"))
    there = [
        {
            "name": one["name"],
            "entrypoint": one["entrypoint"],
            "description": one["description"],
            "tags": one["tags"],
            "pool": one["work_pool"]["name"],
            "schedules": [schedule_of(each) for each in one.get("schedules", [])],
        }
        for one in file["deployments"]
    ]
    wanted = [
        {
            "name": one.name,
            "entrypoint": one.entrypoint,
            "description": one.description,
            "tags": one.tags,
            "pool": one.work_pool_name,
            "schedules": [planned_schedule(each) for each in one.schedules or []],
        }
        for one in planned(ZONE)
    ]
    assert there == wanted
    assert {one["work_pool"]["work_queue_name"] for one in file["deployments"]} == {"default"}
    assert DEFAULT_POOL_TYPE.pool == "rightsflow-resident"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_prefects_own_command_makes_the_same_deployments(prefect_server):
    made = apply_deployments(ZONE)
    ours = on_the_server()
    with get_client(sync_client=True) as client:
        for deployment_id in made.values():
            client.delete_deployment(deployment_id)
    prefect = Path(sys.executable).with_name("prefect")
    file = FOLDER / "prefect.yaml"
    subprocess.run(
        [prefect, "--no-prompt", "deploy", "--all", "--prefect-file", file],
        env=os.environ | prefect_server.access.environment | {"RIGHTSFLOW_TIMEZONE": ZONE},
        cwd=FOLDER.parents[1],
        check=True,
        capture_output=True,
        timeout=stretched(120),
    )
    assert on_the_server() == ours


def on_the_server():
    with get_client(sync_client=True) as client:
        return {one.name: told(one.model_dump(mode="json")) for one in client.read_deployments() if one.name}


def told(deployment):
    kept = {name: value for name, value in deployment.items() if name not in NOT_OF_THE_FILE}
    # Only `rightsflow service deploy` can say how a form looks, and that it has no other fields; the keeper scrubs
    # those.
    kept["parameter_openapi_schema"] = sorted(kept["parameter_openapi_schema"]["properties"])
    kept["schedules"] = [
        {name: value for name, value in one["schedule"].items() if name != "anchor_date"} for one in kept["schedules"]
    ]
    return kept
