"""The flow that finds requests: every hour, with one event for one alert, and counts alone in Prefect."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from prefect.client.orchestration import get_client

from flows.finding import find_requests
from rightsflow.app import installed
from rightsflow.domain.connector import NewText
from rightsflow.domain.errors import Transient
from rightsflow.domain.vocabulary.records import RecordRef


class _WithTexts:
    """A helpdesk to which texts came."""

    def __init__(self, inner, now):
        self._inner = inner
        self._now = now
        self.answers = True

    def __getattr__(self, name):
        return getattr(self._inner, name)

    @property
    def capabilities(self):
        return replace(self._inner.capabilities, has_new_texts=True)

    def new_texts(self, since):
        if not self.answers:
            raise Transient("The system does not answer; try again.")
        for number, text in enumerate(("Please delete all my personal data.", "Where is my parcel?")):
            record = RecordRef("helpdesk", "ticket", f"4{number}")
            yield NewText(record=record, text=text, received_at=self._now - timedelta(hours=2), ticket=f"4{number}")


@pytest.mark.apart
def test_it_runs_each_hour_and_says_counts_alone(bench, deployments):
    with get_client(sync_client=True) as client:
        (schedule,) = client.read_deployment(deployments[find_requests.name]).schedules
    assert schedule.schedule.interval == timedelta(hours=1)
    helpdesk = _WithTexts(bench.systems["helpdesk"], bench.runtime.now())
    with installed(replace(bench.runtime, connectors={**bench.runtime.connectors, "helpdesk": helpdesk})):
        first, again = find_requests(return_state=True), find_requests(return_state=True)
        helpdesk.answers = False
        broken = find_requests(return_state=True)
    assert first.message == "2 texts of 1 system read, 1 new request."
    assert again.message == "2 texts of 1 system read, 0 new requests."
    assert broken.is_failed()
    assert "Not read to the end: helpdesk" in broken.message
    (one,) = bench.runtime.store.unopened.open()
    assert one.told, "people were told"
