"""The process that ``up`` becomes: small, handed its plan unseen, and as plain about faults as the command line."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import closing
from types import SimpleNamespace

import pytest

from deployments.local.database import DatabaseChoice
from deployments.local.supervisor import _without_desk
from deployments.local.up_plan import UpPlan
from deployments.pool_types import PoolType

SMALL = ("deployments", "rightsflow")
TOO_LARGE = {"asyncio", "httpx", "prefect", "pydantic", "requests", "rich", "sqlalchemy", "starlette", "typer"}


def plan_at(home, port, **more):
    return UpPlan(
        home=home,
        port=port,
        environment={"RIGHTSFLOW_HOME": str(home)},
        pool_type=PoolType.RESIDENT,
        database=DatabaseChoice.SQLITE,
        **more,
    )


def test_it_imports_nothing_that_only_the_others_need():
    """Each library here would be in memory once more for as long as ``up`` lasts."""
    code = "import sys, deployments.local.supervisor; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    imported = {name.partition(".")[0] for name in done.stdout.split()}
    assert set(SMALL) <= imported, "something was looked at"
    assert imported & TOO_LARGE == set()
    assert imported - set(SMALL) - sys.stdlib_module_names <= {"__main__", *_at_start()}


def _at_start():
    """What Python itself has imported in this environment, as for editable installations."""
    done = subprocess.run([sys.executable, "-c", "import sys; print(*sys.modules)"], check=True, capture_output=True)
    return {name.partition(".")[0] for name in done.stdout.decode().split()}


def test_the_plan_comes_over_as_it_was(tmp_path):
    plan = plan_at(
        tmp_path,
        4200,
        has_desk=True,
        listens_at=("127.0.0.1", 8472),
        sign_in=["The link: http://127.0.0.1:4200/invitation/ä"],
    )
    assert UpPlan.received(plan.hand_over()) == plan


@pytest.fixture
def supervised(tmp_path):
    """Hand a plan for a port that is in use to the process; returns how it ended."""

    def run(**more):
        with closing(socket.create_server(("127.0.0.1", 0))) as taken:
            plan = plan_at(tmp_path, taken.getsockname()[1], **more)
            descriptor = plan.hand_over()
            command = [sys.executable, "-m", "rightsflow.entry", "deployments.local.supervisor", str(descriptor)]
            done = subprocess.run(command, check=False, capture_output=True, text=True, pass_fds=[descriptor])
        os.close(descriptor)
        return plan, done

    return run


def test_a_fault_is_one_sentence_and_the_exit_status_of_the_command(supervised):
    plan, done = supervised()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "… starting the Prefect server and the worker",
        "… stopping",
        f"The port {plan.port} is in use; stop what uses it, or give another with --port.",
    ]


def test_a_log_in_json_is_so_here_too(supervised):
    _, done = supervised(in_json=True)
    *_, last = [json.loads(line) for line in done.stderr.splitlines()]
    assert (done.returncode, last["level"], last["message"][:8]) == (2, "error", "The port")


def test_without_a_desk_it_says_how_to_sign_in_and_shows_a_file_no_secret(tmp_path):
    server = SimpleNamespace(ui_url="http://127.0.0.1:4200")
    stack = SimpleNamespace(server=server, deployments={"open-from-ticket": "1"}, has_new_sign_in=True)
    assert _without_desk(plan_at(tmp_path, 4200), stack) == [
        f"Sign in with the line in {tmp_path}/prefect-sign-in.",
        "Open a request from a ticket: http://127.0.0.1:4200/deployments/deployment/1/run",
    ]
