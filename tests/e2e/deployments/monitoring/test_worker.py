"""A worker that is watched: its figures are served while it works, and it works where they cannot be."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from urllib.request import urlopen

import pytest

from deployments.monitoring.figures import observed
from deployments.ports import free_port
from rightsflow.domain.telemetry import StepEnd, recorder

LOGS = """
from deployments.monitoring.figures import observed
with observed("worker one", print) as say:
    say("Worker 'worker one' started!")
"""


def test_nothing_is_served_or_changed_by_default(monkeypatch):
    monkeypatch.delenv("RIGHTSFLOW_METRICS_PORT", raising=False)
    monkeypatch.delenv("RIGHTSFLOW_LOG_FORMAT", raising=False)
    before = recorder()
    with observed("worker one", print) as say:
        assert (say, recorder()) == (print, before)


@pytest.mark.apart
def test_what_it_does_is_served_while_it_works(monkeypatch):
    port = free_port()
    monkeypatch.setenv("RIGHTSFLOW_METRICS_PORT", str(port))
    before = recorder()
    with observed("worker one", print):
        recorder().step("locate", "helpdesk", StepEnd.DONE, 0.1)
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            served = answer.read().decode()
    assert 'rightsflow_step_duration_seconds_count{outcome="done",step="locate",system="helpdesk"} 1.0' in served
    assert recorder() is before


def test_a_port_that_is_taken_does_not_keep_it_from_its_work(monkeypatch, caplog):
    port = free_port()
    monkeypatch.setenv("RIGHTSFLOW_METRICS_PORT", str(port))
    with observed("worker one", print), caplog.at_level(logging.ERROR), observed("worker two", print):
        pass
    [said] = caplog.messages
    assert said.startswith(f"The figures cannot be served at 127.0.0.1:{port};")


@pytest.mark.apart
def test_its_own_words_are_lines_of_json_where_that_is_asked_for():
    ended = subprocess.run(
        [sys.executable, "-c", LOGS],
        env=os.environ | {"RIGHTSFLOW_LOG_FORMAT": "json"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stdout == ""
    assert '"message": "Worker \'worker one\' started!"' in ended.stderr
    assert '"worker": "worker one"' in ended.stderr
