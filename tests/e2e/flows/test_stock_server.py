"""Our worker on a Prefect server as it comes: ``prefect server start``, with nothing of ours in or around it."""

from __future__ import annotations

import asyncio
import contextvars
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from deployments.applying import apply_deployments
from deployments.local.server import serves
from deployments.local.server_contact import talking_to
from deployments.pool_types import PoolType
from deployments.ports import free_port
from deployments.server_access import Access, new_secret
from deployments.worker.worker_type import ResidentWorker
from rightsflow.cases.facts.overview.case_sheet import read_overview
from rightsflow.domain.vocabulary.states import CaseState
from tests.support.bench import SETTINGS, running_bench
from tests.support.flow_runs import approve_and_resume, confirm_and_resume, order_run, read_run
from tests.support.stack import stretched

pytestmark = [pytest.mark.apart, pytest.mark.timeout(600)]

READY_SECONDS, PATIENCE_SECONDS = 120.0, 60.0


@pytest.fixture
def stock(tmp_path):
    """The server, which this process talks to."""
    access = Access(f"http://127.0.0.1:{(port := free_port())}/api", new_secret())
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    own = {"PREFECT_HOME": str(tmp_path / "prefect"), "PREFECT_SERVER_API_AUTH_STRING": access.secret}
    command = [str(Path(sys.executable).with_name("prefect")), "server", "start", "--port", str(port)]
    with (tmp_path / "server.log").open("wb") as log:
        # Its secret is in its environment, as of ``PREFECT_API_AUTH_STRING`` in ours.
        process = subprocess.Popen(
            command, env=inherited | own | access.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            until(lambda: serves(access.api_url), READY_SECONDS)
            with talking_to(access):
                yield access
        finally:
            process.terminate()
            process.wait(30)


def until(condition, seconds):
    deadline = time.monotonic() + stretched(seconds)
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    return found


@contextmanager
def worker():
    """One at work in a thread, on the fake systems of this process."""
    at_work, started = {}, threading.Event()

    async def work():
        at_work["loop"], at_work["task"] = asyncio.get_running_loop(), asyncio.current_task()
        one = ResidentWorker(PoolType.RESIDENT.pool, name="a worker")
        try:
            await one.start(printer=lambda _: started.set())
        except asyncio.CancelledError:
            return

    thread = threading.Thread(target=contextvars.copy_context().run, args=(asyncio.run, work()))
    thread.start()
    try:
        assert started.wait(stretched(PATIENCE_SECONDS))
        yield
    finally:
        at_work["loop"].call_soon_threadsafe(at_work["task"].cancel)
        thread.join(PATIENCE_SECONDS)


def becomes(run_id, name):
    until(lambda: read_run(run_id).state.name == name, PATIENCE_SECONDS)


@pytest.mark.usefixtures("stock")
def test_an_access_request_is_answered(tmp_path):
    deployments = apply_deployments(SETTINGS.controller.timezone)
    home = tmp_path / "home"
    home.mkdir()
    with running_bench(home, is_known_outside=True) as bench, worker():
        case_id = bench.open("access")
        run_id = order_run(deployments["access-request"], case_id=case_id).id
        becomes(run_id, "Suspended")
        confirm_and_resume(bench, case_id)
        becomes(run_id, "Suspended")
        approve_and_resume(bench, case_id)
        becomes(run_id, "Completed")
        assert read_overview(bench.runtime, case_id).state is CaseState.ANSWERED
