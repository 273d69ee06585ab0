"""The flow that compares systems with the configuration: each week, with one event for one alert."""

from __future__ import annotations

from dataclasses import replace

from prefect.client.orchestration import get_client

from flows.coverage import check_coverage
from rightsflow.app import installed
from rightsflow.domain.coverage import PlaceKind, SystemPlace
from tasks.prefect_io.notices import PLACES_EVENT


class _WithNewPlace:
    """A system in which a column is new."""

    def __init__(self, inner):
        self._inner = inner

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def uncovered(self):
        yield SystemPlace(kind=PlaceKind.COLUMN, name="people.mobile", looks_like="phone number")


def test_it_runs_each_week_and_tells_of_a_new_place_once(bench, deployments):
    with get_client(sync_client=True) as client:
        found = client.read_deployment(deployments[check_coverage.name])
    (schedule,) = found.schedules
    assert (schedule.schedule.cron, schedule.schedule.timezone) == ("0 5 * * 1", "Europe/Berlin")
    connectors = {name: _WithNewPlace(connector) for name, connector in bench.runtime.connectors.items()}
    with installed(replace(bench.runtime, connectors=connectors)):
        first, again = check_coverage(return_state=True), check_coverage(return_state=True)
    count = len(connectors)
    assert first.message == f"{count} systems checked, {count} new places."
    assert again.message == f"{count} systems checked, 0 new places."
    assert bench.runtime.store.coverage.untold() == []
    assert PLACES_EVENT.startswith("rightsflow.")
