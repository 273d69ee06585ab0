"""``metrics``: printed once or served, and without the master key."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from deployments.cli.commands.setup import _of_the_worker
from deployments.cli.main import main
from deployments.monitoring.logs import JsonHandler
from deployments.monitoring.store_figures import store_served
from deployments.ports import free_port
from rightsflow.config.environment import Environment
from tests.support.homes import assert_one_sentence

HERE = {"light": "green", "right": "access", "state": "received"}
MAIN = "from deployments.cli.main import main; main()"


def fetched(port):
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return answer.read().decode()


def test_printed_for_prometheus_and_as_json_without_the_master_key(home):
    home.open()
    with home.changed(home.state / "master.key"):
        said, document = home.run("service", "metrics"), home.run("service", "metrics", "--json").document
    assert (said.status, said.err) == (0, "")
    assert 'rightsflow_open_cases{light="green",right="access",state="received"} 1.0\n' in said.out
    assert {"name": "rightsflow_open_cases", "labels": HERE, "value": 1} in document


def test_a_home_without_a_store_is_one_sentence(empty_home):
    said = empty_home.run("service", "metrics")
    assert_one_sentence(said, 2)


@pytest.mark.apart
def test_served_by_a_process_that_logs_in_json_and_ends_on_a_signal(home):
    port = free_port()
    variables = {"RIGHTSFLOW_METRICS_PORT": str(port), "RIGHTSFLOW_LOG_FORMAT": "json"}
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "service", "metrics"],
        env=os.environ | variables,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        for _ in range(1_200):
            try:
                served = fetched(port)
                break
            except URLError:
                time.sleep(0.1)
        assert "rightsflow_case_store_up 1.0" in served
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0
    assert re.fullmatch(r'\{"time": .*"message": "Figures are served at http://127.*\}\n', said)


def test_a_fault_is_a_line_of_json_where_it_is_asked_for(home):
    handler = JsonHandler("rightsflow")
    handler.setStream(io.StringIO())
    logging.getLogger().addHandler(handler)
    try:
        said = home.run("show", "DSR-2026-AAAAAA")
    finally:
        logging.getLogger().removeHandler(handler)
    assert (said.status, said.out, said.err) == (2, "", "")
    line = json.loads(handler.stream.getvalue())
    assert (line["level"], line["message"][:32]) == ("error", "There is no case DSR-2026-AAAAAA")


def test_a_wrong_variable_is_one_sentence_and_no_traceback(home, monkeypatch, capsys):
    """Also where the log is begun, which is before the command."""
    monkeypatch.setenv("RIGHTSFLOW_LOG_FORMAT", "xml")
    monkeypatch.setattr(sys, "argv", ["rightsflow", "list"])
    monkeypatch.setattr(os, "umask", lambda _: None)
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code, capsys.readouterr().err) == (2, "RIGHTSFLOW_LOG_FORMAT is wrong; give text or json.\n")


def test_up_serves_the_store_at_the_port_and_its_worker_at_the_next(home, monkeypatch):
    port = free_port()
    monkeypatch.setenv("RIGHTSFLOW_METRICS_PORT", str(port))
    environment = Environment()
    with store_served(environment, port):
        assert "rightsflow_open_cases" in fetched(port)
    assert _of_the_worker(environment)["RIGHTSFLOW_METRICS_PORT"] == str(port + 1)


def test_up_serves_nothing_by_default(home, monkeypatch):
    monkeypatch.delenv("RIGHTSFLOW_METRICS_PORT", raising=False)
    assert _of_the_worker(Environment())["RIGHTSFLOW_METRICS_PORT"] == "0"
