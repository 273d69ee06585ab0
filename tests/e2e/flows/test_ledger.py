"""The nightly seal as the server runs it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from prefect.client.orchestration import get_client

from flows.ledger import seal_ledger
from rightsflow.app import installed
from rightsflow.config.sections.mail_server import Seals


def test_it_runs_every_night_in_the_controllers_zone(deployments):
    with get_client(sync_client=True) as client:
        found = client.read_deployment(deployments[seal_ledger.name])
    (schedule,) = found.schedules
    assert (schedule.schedule.cron, schedule.schedule.timezone, schedule.active) == (
        "30 1 * * *",
        "Europe/Berlin",
        True,
    )


@pytest.mark.apart
def test_it_ends_well_once_everything_is_published_and_names_the_place_that_is_behind(bench, tmp_path):
    place = tmp_path / "seals"
    seals = Seals(publish=(f"file:{place}",))
    settings = bench.runtime.settings.model_copy(update={"seals": seals})
    with installed(replace(bench.runtime, settings=settings)):
        failed = seal_ledger(return_state=True)
        place.mkdir()
        completed = seal_ledger(return_state=True)
    assert failed.is_failed()
    assert failed.message.startswith("Seal 1 covers 1 chains. The seals are not all published at file:")
    assert completed.message == "The ledger is sealed for today already."
    assert [path.name for path in place.iterdir()] == ["seal-00000001.json"]
