"""The dead man's switch on a real server: it fires in silence, and keeps quiet while sweeps come."""

from __future__ import annotations

import time

import pytest

from deployments.notifications.automations import apply_notifications
from tasks.prefect_io.notices import post_sweep
from tests.support.notices import CHANNEL, server_at, settings_with
from tests.support.post import wait_for

SECONDS = 10
"""The shortest that Prefect takes."""
SUBJECT = "[Rightsflow] The deadline watch is silent"

pytestmark = pytest.mark.slow


def alarms(office):
    return [post for post in office.hook.posts if post["subject"] == SUBJECT]


@pytest.fixture
def switch(post_office):
    post_office.hook.posts.clear()
    post_office.mailbox.messages.clear()
    settings = settings_with(server_at(post_office.mailbox.port), (CHANNEL,))
    apply_notifications(settings, silent_seconds=SECONDS)
    yield post_office
    apply_notifications(settings_with())


def test_it_fires_when_the_watch_is_silent(switch):
    (alarm, *_) = wait_for(lambda: alarms(switch))
    assert "rightsflow doctor" in alarm["body"]
    assert wait_for(lambda: switch.mailbox.to("dpo@example.com"))[0]["Subject"] == SUBJECT
    assert wait_for(lambda: switch.mailbox.to("management@example.com"))
    assert not switch.mailbox.to("case-owner@example.com")


def test_it_keeps_quiet_while_sweeps_come(switch):
    until = time.monotonic() + 3 * SECONDS
    while time.monotonic() < until:
        post_sweep(looked=1, raised=0)
        time.sleep(1)
    assert alarms(switch) == []
    assert wait_for(lambda: alarms(switch)), "it fires once the sweeps end"
