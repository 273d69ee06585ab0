"""Nothing of Prefect, of what it is built on, or of Python is replaced by what we start: server, worker, command."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.settings import temporary_settings

from deployments.applying import apply_deployments
from deployments.ports import free_port
from deployments.server_access import new_secret
from tests.support.replaced import Look

pytestmark = [pytest.mark.apart, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[3]
PLANTED = {
    "prefect.flow_engine.run_flow",
    "uvicorn.server.Server.on_tick",
    "the logger prefect.flow_runs: isEnabledFor",
}


def replaced_by(*arguments, **variables):
    """What a part that is started replaces, as it tells in its last line."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.started_parts", *arguments],
        cwd=ROOT,
        env=inherited | variables,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1]), done


def test_the_server_replaces_nothing(tmp_path):
    own = {"PREFECT_HOME": str(tmp_path), "PREFECT_SERVER_API_AUTH_STRING": new_secret()}
    found, _ = replaced_by("server", "--port", str(free_port()), **own)
    assert found == []


def test_the_worker_replaces_nothing_while_it_executes_a_run(home, prefect_server):
    with temporary_settings(prefect_server.access.settings):
        sweep = apply_deployments()["watch-deadlines"]
        with get_client(sync_client=True) as client:
            run = client.create_flow_run_from_deployment(sweep)
        found, _ = replaced_by("worker", "rightsflow-resident", **prefect_server.access.environment)
        with get_client(sync_client=True) as client:
            assert client.read_flow_run(run.id).state.is_completed()
    assert found == []


def test_a_command_replaces_nothing(home):
    case = home.open()
    found, done = replaced_by("command", "list")
    assert case in done.stdout
    assert found == []


def test_what_is_replaced_is_seen(home):
    found, _ = replaced_by("command", "--plant", "list")
    assert set(found) >= PLANTED


class Theirs:
    """A class of another's."""

    def act(self):
        """A method of it."""


@pytest.fixture
def module():
    """A module of another's, with a function, a class, an instance and another module's name."""
    made = types.ModuleType("theirs")
    kind = type("Kind", (), {"act": Theirs.act, "__module__": "theirs"})
    made.act, made.Kind, made.one, made.other = Theirs.act, kind, kind(), logging
    sys.modules["theirs"] = made
    yield made
    del sys.modules["theirs"]


@pytest.mark.parametrize(
    ("replace", "name"),
    [
        (lambda one: setattr(one, "act", len), "theirs.act"),
        (lambda one: setattr(one.Kind, "act", len), "theirs.Kind.act"),
        (lambda one: setattr(one.one, "act", len), "theirs.!one.act"),
        (lambda one: setattr(one, "other", json), "theirs.other"),
        (lambda one: setattr(one, "Kind", Theirs), "theirs.Kind"),
        (lambda one: setattr(one, "added", len), None),
    ],
    ids=["function", "method", "method of an instance", "module", "class", "what is added is nothing"],
)
def test_each_way_is_seen(module, replace, name):
    look = Look()
    assert look.replaced() == []
    replace(module)
    assert [one for one in look.replaced() if one == name] == ([name] if name else [])
    assert [one for one in look.replaced() if not one.startswith("theirs")] == []
