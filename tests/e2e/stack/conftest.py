"""One sandbox with one ``rightsflow up`` on it, and the story of two requests, told once in stages.

Each stage is a fixture that goes on where the one before ended and returns what it saw; the tests look at that from
several sides.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from prefect.client.orchestration import get_client

from flows.runs import outcome_of
from rightsflow.domain.vocabulary.rights import Right
from rightsflow_sandbox.center import SandboxCenter
from tests.e2e.stack.setting import TODAY
from tests.support.homes import living_in
from tests.support.identity import as_options, confirmed
from tests.support.stack import APPROVE, connect, stack_on, talking_to_same_server, until

READING = ("GET", "/api/v2/users")
ERASING, ERASING_THE_PROFILE = ("DELETE", "/api/v2/tickets/destroy_many"), ("DELETE", "/api/v2/users/")
OBSERVED_SECONDS = 4.0
"""How long it is watched that no one takes up a run again: the worker asks for runs every second."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Keep the story in one process of pytest-xdist."""
    for item in items:
        if item.path.parent.name == "stack" and "e2e" in item.path.parts:
            item.add_marker(pytest.mark.xdist_group("stack"))


@pytest.fixture(scope="package")
def stack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stack")
    with living_in(folder) as home, stack_on(home, folder / "sandbox", today=TODAY) as running:
        yield running


@dataclass
class Opened:
    """Both requests, opened from tickets and waiting at the identity gate."""

    access: str
    erasure: str
    asked_to_first_step: float
    parameters: dict


@pytest.fixture(scope="package")
def opened(stack):
    officer, center = stack.officer, stack.center
    people = {Right.ACCESS: center.access_subject, Right.ERASURE: center.erasure_subject}
    runs = [officer.open_from_ticket(right, center.ticket_of(one), TODAY) for right, one in people.items()]
    cases = [officer.case_of(run) for run in runs]
    for case_id in cases:
        stack.wait_at(case_id, "identity-0")
    seconds = stack.seconds_between(runs[0].id, "Scheduled", "Running")
    return Opened(*cases, seconds, stack.read_run(runs[0].id).parameters)


@dataclass
class Outlived:
    """A worker was killed while its run read the helpdesk."""

    workers: tuple[int, int]
    run_processes: list[set[int]]
    resume_to_next_step: float
    kill_to_next_step: float


@pytest.fixture(scope="package")
def outlived(stack, opened):
    """Kill the worker alone while its run is kept waiting by the helpdesk.

    A run in a process of its own goes on by itself; one in the worker's process is killed with it and started again.
    """
    stack.helpdesk.hold(*READING)
    stack.officer.decide(opened.access, confirmed())
    until(lambda: stack.helpdesk.held(*READING), "the call that is held")
    before, runs = stack.up.worker, [stack.up.runs]
    os.kill(before, signal.SIGKILL)
    killed_at = datetime.now(UTC)
    after = until(lambda: {stack.up.worker} - {before, None}, "another worker").pop()
    deadline = time.monotonic() + OBSERVED_SECONDS
    while time.monotonic() < deadline:
        runs.append(stack.up.runs)
        time.sleep(0.2)
    stack.helpdesk.release()
    stack.wait_at(opened.access, "approval-0")
    run_id = stack.run_of(opened.access).id
    seconds = stack.seconds_between(run_id, "Resuming", "Running")
    return Outlived((before, after), runs, seconds, stack.seconds_until_running(run_id, killed_at))


@dataclass
class AskedAgain:
    """A run was resumed in Prefect without a decision; the other case was decided on the command line."""

    first_message: str
    second_message: str
    state: str
    identity: dict


@pytest.fixture(scope="package")
def asked_again(stack, opened, outlived):
    said = stack.home.run("identity", opened.erasure, *as_options(), "--by", "Ida Identity", "--json")
    first = stack.message_of(opened.access)
    with get_client(sync_client=True) as client:
        client.resume_flow_run(stack.run_of(opened.access).id, run_input={"decision": "approve", "decided_by": "Dana"})
    stack.wait_at(opened.access, "approval-1")
    stack.wait_at(opened.erasure, "approval-0")
    state = stack.overview(opened.access)["state"]
    return AskedAgain(first, stack.message_of(opened.access), state, said.document)


@dataclass
class Struck:
    """Worker and run were killed in the middle of the erasure, and Ctrl-C came in the middle of the next attempt."""

    killed: set[int]
    snapshot: dict
    undisturbed: dict
    status: int
    seconds_to_stop: float
    left_behind: dict
    noted_while_down: bool


@pytest.fixture(scope="package")
def struck(stack, opened, asked_again, tmp_path_factory):
    snapshot = stack.center.snapshot(excluding=stack.center.erasure_subject)
    stack.helpdesk.hold(*ERASING)
    stack.officer.decide(opened.erasure, APPROVE)
    until(lambda: stack.helpdesk.held(*ERASING), "the erasure that is held")
    killed = {stack.up.worker, *stack.up.runs}
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    until(lambda: not killed & stack.up.processes().keys(), "the end of what was killed")
    # The system does what it was asked, though no one is there any more to hear so.
    stack.helpdesk.release()
    stack.helpdesk.hold(*ERASING_THE_PROFILE)
    undisturbed = erase_undisturbed(stack, tmp_path_factory.mktemp("undisturbed"))
    until(lambda: stack.helpdesk.held(*ERASING_THE_PROFILE), "the next attempt, held")
    started = time.monotonic()
    status = stack.up.stop(signal.SIGINT)
    seconds = time.monotonic() - started
    noted = (stack.home.state / "up.json").exists()
    return Struck(killed, snapshot, undisturbed, status, seconds, stack.up.processes(), noted)


@dataclass
class Answered:
    """``up`` again: a case that was cut short and one that was decided meanwhile are answered."""

    decided: dict
    access_state: str
    erasure_state: str


@pytest.fixture(scope="package")
def answered(stack, opened, struck):
    stack.helpdesk.release()
    assert stack.home.run("letter", "read", opened.access, "--letter", "package", "--by", "Dana Decider").status == 0
    decided = stack.home.run("decide", opened.access, "--approve", "--by", "Dana Decider", "--json").document
    stack.up.start()
    access, erasure = (outcome_of(stack.officer.end_of(case_id).state) for case_id in (opened.access, opened.erasure))
    return Answered(decided, access, erasure)


def erase_undisturbed(stack, folder):
    """How the records end where nothing is killed: the same person's erasure in the same world."""
    with (
        SandboxCenter(folder / "sandbox", today=TODAY, customers=len(stack.center.world.people)) as center,
        living_in(folder) as home,
        talking_to_same_server(stack),
    ):
        connect(home, center)
        case = home.open("erasure", email=center.erasure_subject.email, name=center.erasure_subject.name)
        home.run("identity", case, *as_options(), "--by", "Ida Identity")
        assert home.run("run", case, "--json").document["run"] == "Waiting"
        home.run("decide", case, "--approve", "--by", "Dana Decider")
        assert home.run("run", case, "--json").document["run"] == "Answered"
        return home.outcomes(case)
