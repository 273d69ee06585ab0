"""The local stack comes up although a channel of the notifications is not made yet: its own UI is where it is made."""

from __future__ import annotations

from types import SimpleNamespace

import httpx
import pytest
from prefect.client.orchestration import get_client

from deployments.local import up as module
from deployments.local.up import LocalStack, running_api_url
from rightsflow.errors import Transient
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


class Part:
    """A part that runs, or has to be started again."""

    def __init__(self, **more):
        self.is_running, self.starts = True, 0
        vars(self).update(more)

    def start(self):
        """Nothing: it always runs."""

    def restart(self):
        self.starts, self.is_running = self.starts + 1, True


@pytest.fixture
def stack(tmp_path, monkeypatch):
    """A stack whose server the test ends, and whose deployments are created by what the test says."""
    monkeypatch.setattr(module, "choose_database", lambda *_: (Part(), ""))
    monkeypatch.setattr(module, "LocalServer", lambda *_, **__: Part(access=None, api_url="", ui_url=""))
    monkeypatch.setattr(module, "time", SimpleNamespace(sleep=lambda _: None))
    for name in ("apply_notifications", "move_runs", "sweep_now"):
        monkeypatch.setattr(module, name, lambda *_: [])
    monkeypatch.setattr(module.Keeper, "sweep", lambda *_, **__: None)
    with running_bench(tmp_path) as bench:
        yield LocalStack(tmp_path, SETTINGS, bench.runtime.store, port=0, environment={})


def test_a_server_that_ends_while_deployments_are_created_is_started_again(stack, monkeypatch):
    """A server that was killed just then ended ``up`` by a fault that asked to be reported."""
    ends = [httpx.ConnectError("refused")]

    def create(*_):
        if ends:
            stack.server.is_running = False
            raise ends.pop()
        return {"open-request": "id"}

    monkeypatch.setattr(module, "apply_deployments", create)
    stack._set_up()
    assert (stack.deployments, stack.server.starts) == ({"open-request": "id"}, 1)


def test_one_that_never_answers_is_one_sentence(stack, monkeypatch):
    def refused(*_):
        raise httpx.ConnectError("refused")

    monkeypatch.setattr(module, "apply_deployments", refused)
    with pytest.raises(Transient, match=r"while deployments are created; its log .*server\.log says why"):
        stack._set_up()
