"""A run's state is reported until the server takes it, unless it refuses it or the run is to stop."""

from __future__ import annotations

import httpx
import pytest
from prefect import flow
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import OrchestrationResult, SetStateStatus, StateAcceptDetails
from prefect.states import Completed, Running

from deployments.worker.internals.engine import StopRequest, _Engine
from deployments.worker.reporting import LONGEST_SECONDS, until_taken

LOST = httpx.ConnectError("nothing listens")


def fault(status):
    answer = httpx.Response(status, request=httpx.Request("POST", "http://127.0.0.1/api"))
    return httpx.HTTPStatusError("told", request=answer.request, response=answer)


class Server:
    """A server, and its client, that answers some reports with faults before it takes one; sleeping moves its time."""

    def __init__(self, *faults) -> None:
        self.faults, self.slept, self.taken = list(faults), 0.0, []

    def monotonic(self):
        return self.slept

    def sleep(self, seconds):
        self.slept += seconds

    def report(self):
        if self.faults:
            raise self.faults.pop(0)
        return "taken"

    def set_flow_run_state(self, _run_id, state, force=False):
        self.report()
        self.taken.append((state.name, force))
        return OrchestrationResult(state=state, status=SetStateStatus.ACCEPT, details=StateAcceptDetails())


def test_it_is_reported_again_each_second_while_the_server_or_its_database_is_away():
    """A database that is not there is a fault of the server's own, which Prefect's client does not try again."""
    server = Server(fault(503), LOST, fault(500), fault(500))
    assert until_taken(server.report, lambda: False, server) == "taken"
    assert server.slept == 4


@pytest.mark.parametrize(
    ("fault", "is_to_stop", "seconds"),
    [(fault(409), False, 0), (fault(500), True, 0), (fault(500), False, LONGEST_SECONDS), (ValueError(), False, 0)],
    ids=["refused", "to stop", "away for too long", "another fault"],
)
def test_it_is_not_tried_again_where_that_is_of_no_use(fault, is_to_stop, seconds):
    server = Server(*[fault] * 1000)
    with pytest.raises(type(fault)):
        until_taken(server.report, lambda: is_to_stop, server)
    assert server.slept == seconds


def test_the_worker_reports_the_end_of_a_run_so():
    server, request = Server(fault(500), LOST), StopRequest()

    class Engine(_Engine):
        report_clock = server

    ours = flow(lambda: None, name="ours")
    run = FlowRun(flow_id="00000000-0000-4000-8000-000000000000", state=Running())
    engine = Engine(flow=ours, parameters={}, flow_run=run, _flow_run_suspension_request=request)
    engine._is_started, engine._client = True, server
    assert engine.set_state(Completed()).is_completed()
    assert (server.taken, server.slept) == ([("Completed", False)], 2)
