"""Setting up the server: all of it, once more where the server was away, and one sentence where it stays away."""

from __future__ import annotations

from types import SimpleNamespace

import httpx
import pytest

from deployments.local.setting_up import SettingUp
from deployments.local.worker_process import SetUpReport
from deployments.pool_types import PoolType
from rightsflow.domain.errors import Transient
from tests.support.bench import SETTINGS


class Server:
    """A server that is away for some calls; notes what is done on it."""

    def __init__(self, away=0, starting=0):
        self.away, self.starting, self.done, self.moment = away, starting, [], 0.0

    def act(self, name, answer=None):
        def do(*_, **options):
            if self.away:
                self.away -= 1
                raise httpx.ConnectError("refused")
            self.done.append((name, options) if options else name)
            return answer

        return do

    def is_served(self):
        self.starting -= 1
        return self.starting < 0

    def pause(self, seconds):
        self.moment += seconds

    def set_up(self):
        restorer = SimpleNamespace(
            before_setting_up=self.act("look", ["One was changed."]), switch_on=self.act("switch on")
        )
        acts = SettingUp(
            restorer=lambda *_: restorer,
            create=self.act("create", {"open-from-ticket": "id"}),
            notify=self.act("notify", ["One channel is missing."]),
            move=self.act("move"),
            sweep=self.act("sweep"),
            is_served=self.is_served,
            clock=lambda: self.moment,
            pause=self.pause,
        )
        keeper = SimpleNamespace(sweep=self.act("keep"))
        return acts.set_up(SETTINGS, keeper, PoolType.RESIDENT)


def test_a_server_that_is_away_meanwhile_is_waited_for():
    server = Server(away=3)
    assert server.set_up() == SetUpReport(
        deployments={"open-from-ticket": "id"}, problems=["One was changed.", "One channel is missing."]
    )
    assert server.done == ["look", "create", "switch on", "notify", ("keep", {"worker_is_new": True}), "move", "sweep"]
    assert server.moment == 6.0


def test_a_server_that_starts_at_the_same_time_is_waited_for_without_a_word(caplog):
    server = Server(starting=8)
    assert server.set_up().deployments == {"open-from-ticket": "id"}
    assert (server.moment, caplog.messages) == (2.0, [])


def test_one_that_stays_away_is_one_sentence():
    with pytest.raises(Transient, match="does not answer while deployments are created; its log in the home says why"):
        Server(away=10**6, starting=10**6).set_up()
