"""The local stack comes up although a channel of the notifications is not made yet: its own UI is where it is made."""

from __future__ import annotations

import pytest
from prefect.client.orchestration import get_client

from deployments.local.up import LocalStack, running_api_url
from rightsflow.settings import Notifications
from tests.bench import SETTINGS, running_bench

CHANNEL = "slack-webhook/privacy-team"


@pytest.mark.slow
def test_a_channel_that_is_missing_is_told_and_stops_nothing(tmp_path):
    settings = SETTINGS.model_copy(update={"notifications": Notifications(channels=(CHANNEL,))})
    with running_bench(tmp_path) as bench:
        stack = LocalStack(tmp_path, settings, bench.runtime.store, port=0, environment={})
        with stack.running(lambda _: None):
            assert running_api_url(tmp_path) == stack.server.api_url
            assert stack.worker.is_running
            (problem,) = stack.problems
            with get_client(sync_client=True) as client:
                assert "open-request" in {one.name for one in client.read_deployments()}
    assert f"notifications.channels names {CHANNEL}, but Prefect has no block privacy-team" in problem
    assert f"create it in the UI at {stack.server.ui_url}/blocks/catalog/slack-webhook/create" in problem
