"""Lines of JSON: what they hold, whose words pass, and that nothing planted in anybody's record is in them."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from datetime import datetime

import pytest

from deployments.monitoring.logs import JsonFormatter, JsonHandler, is_ours
from proofs.canaries.person import CANARIES, EMAIL, QUOTE, SHORT, TEXT
from rightsflow.domain.telemetry import busy_with
from tests.support.canary import Scanner

SCANNER = Scanner(CANARIES, SHORT)


def line(name, text, *arguments, level=logging.WARNING, **extra):
    record = logging.LogRecord(name, level, "/somewhere/place.py", 7, text, arguments, extra.pop("exc_info", None))
    record.__dict__.update(extra)
    return json.loads(JsonFormatter("worker one").format(record))


def test_a_line_says_when_who_what_and_about_which_case():
    with busy_with("DSR-2026-7K3M9Q", "locate", "helpdesk"):
        said = line("rightsflow.cases.step.attempt", "step %s", "done", level=logging.INFO, seconds=0.25)
    assert datetime.fromisoformat(said.pop("time")).utcoffset().total_seconds() == 0
    assert said == {
        "level": "info",
        "logger": "rightsflow.cases.step.attempt",
        "message": "step done",
        "case": "DSR-2026-7K3M9Q",
        "step": "locate",
        "system": "helpdesk",
        "seconds": 0.25,
        "at": "place:7",
        "worker": "worker one",
        "pid": os.getpid(),
    }

    assert not {"case", "step", "system", "seconds", "error"} & set(line("rightsflow.cases.step.leases", "x"))

    record = logging.LogRecord("tasks.x", 20, "place.py", 1, "a\nb\u2028c", (), None)
    assert len(JsonFormatter("w").format(record).splitlines()) == 1


def test_our_words_pass_and_others_do_not():
    for name in ("tasks", "connectors.http", "rightsflow.store", "deployments.cli", "flows.x"):
        assert is_ours(name)
        assert line(name, "a %s", "word")["message"] == "a word"

    for name in ("urllib3.connectionpool", "sqlalchemy.engine", "prefect.flow_runs", "tasksforce", ""):
        assert not is_ours(name)
        said = line(name, "GET /search?query=%s", EMAIL)
        assert said["message"] == "not shown: logged by a library"
        assert said["at"] == "place:7"

    assert line(f"json.decoder.{EMAIL}", "x")["logger"] == "json.decoder"
    assert line(EMAIL, "x")["logger"] == "unnamed"

    for name, level, passes in (
        ("tasks.x", logging.INFO, True),
        ("prefect.flow_runs", logging.INFO, False),
        ("prefect.flow_runs", logging.WARNING, True),
    ):
        handler = JsonHandler("w")
        handler.setStream(io.StringIO())
        handler.handle(logging.LogRecord(name, level, "place.py", 1, "x", (), None))
        assert bool(handler.stream.getvalue()) is passes


def test_of_an_exception_and_of_what_a_record_brings_along_nothing_else_passes():
    said = line("tasks.x", "it failed", exc_info=(ValueError, ValueError(QUOTE), None))
    assert said["error"] == "ValueError"
    assert not SCANNER.scan(json.dumps(said).encode(), "line")

    assert line("tasks.x", "%d", EMAIL)["message"] == "not shown: it does not fit its arguments"

    said = line("tasks.x", "x", seconds=EMAIL, person=EMAIL, case=EMAIL)
    assert not {"person", "case", "seconds"} & set(said)

    record = logging.LogRecord("urllib3", 30, "place.py", 1, "GET /?q=%s", (TEXT,), None)
    assert SCANNER.scan(logging.Formatter().format(record).encode(), "line")


PROCESS = """
import logging, sys, threading, warnings
import prefect, uvicorn
import requests, sqlalchemy
from deployments.monitoring.logs import log_as_json
from prefect.logging.configuration import setup_logging
from proofs.canaries.person import EMAIL, NAME, QUOTE, TEXT

logging.basicConfig(level=logging.DEBUG)
setup_logging()
log_as_json("a process")
setup_logging()

# Libraries, at their most talkative, with what they have in hand.
logging.getLogger().setLevel(logging.DEBUG)
try:
    requests.get("http://127.0.0.1:9/search", params={"query": EMAIL}, timeout=1)
except requests.RequestException:
    logging.getLogger("urllib3.connectionpool").warning("Retrying %s", EMAIL, exc_info=True)
logging.getLogger("sqlalchemy").setLevel(logging.DEBUG)
engine = sqlalchemy.create_engine("sqlite://")
with engine.connect() as connection:
    connection.execute(sqlalchemy.text("select :name"), {"name": NAME})
try:
    raise ValueError(QUOTE)
except ValueError:
    logging.getLogger("prefect.flow_runs").exception("Encountered exception: %s", QUOTE)
    logging.getLogger("uvicorn.error").exception(TEXT)
warnings.warn(TEXT)
logging.getLogger("tasks.x").info("%d", EMAIL)
logging.getLogger("tasks.x").info("ours")
thread = threading.Thread(target=lambda: int(EMAIL))
thread.start()
thread.join()
raise KeyError(QUOTE)
"""


@pytest.mark.apart
def test_a_whole_process_writes_lines_of_json_and_nothing_of_the_person():
    ended = subprocess.run(
        [sys.executable, "-c", PROCESS],
        capture_output=True,
        timeout=60,
        check=False,
        env=os.environ | {"NO_COLOR": "1"},
    )
    assert ended.returncode == 1
    assert not SCANNER.scan(ended.stdout + ended.stderr, "output")
    said = [json.loads(one) for one in ended.stderr.decode().splitlines()]
    assert {one["worker"] for one in said} == {"a process"}
    loggers = {one["logger"] for one in said}
    assert {"urllib3.connectionpool", "prefect"} <= loggers
    messages = [one["message"] for one in said]
    assert "ours" in messages
    died = [one for one in messages if one.startswith("ended unexpectedly by ")]
    assert [one.split()[3] for one in died] == ["ValueError", "KeyError"]
