"""What a case, from its form to its answer, asks of case store and Prefect: budgets that only a decision may raise.

Counted is everything that the case's runs do, as the worker runs them: three systems, two rounds of searching, both
gates. Half of what a worker spends on a case it spends at the case store, and most of what Prefect's server spends on
it goes into calls and events.
"""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from prefect.client.orchestration import get_client
from prefect.events.worker import EventsWorker
from prefect.exceptions import Pause
from prefect.states import Pending
from sqlalchemy import event

from deployments.worker.executing import Execution
from tests.e2e.flows.whole_cases import FLOWS
from tests.support.flow_runs import approve_and_resume, confirm_and_resume, order_run, read_run

PATIENCE_SECONDS = 150


@dataclass(frozen=True)
class Asked:
    """How often a case asked.

    Args:
        transactions: Of the case store.
        statements: In them.
        calls: Of Prefect's interface by its runs; what a worker asks to get a run comes besides.
        events: That Prefect's server has of the case's run and of its steps.
    """

    transactions: int
    statements: int
    calls: int
    events: int


BUDGET = {"access": Asked(45, 530, 40, 61), "erasure": Asked(49, 640, 38, 75)}
"""What it takes on a quiet machine (39, 460, 32 and 51; 43, 570, 30 and 65), and room for what is due between two steps
on a busy one: three sheets and the lease's renewal."""


class Counted:
    """Transactions and statements of a database, and the calls of Prefect's interface by runs of this process."""

    def __init__(self) -> None:
        self.transactions = self.statements = self.calls = 0
        self.is_at_work = False

    def begin(self, _connection):
        self.transactions += 1

    def execute(self, *_):
        self.statements += 1


class Calls(logging.Handler):
    """What the client tells of its calls.

    Args:
        counted: Where they are counted.
    """

    def __init__(self, counted) -> None:
        super().__init__(logging.INFO)
        self._counted = counted

    def emit(self, record):
        # Logs go in batches by themselves, a few for many runs.
        self._counted.calls += self._counted.is_at_work and not urlsplit(str(record.args[1])).path.endswith("/logs/")


@contextmanager
def counting(engine):
    """Counts until its end."""
    counted, client = Counted(), logging.getLogger("httpx")
    calls, level = Calls(counted), client.level
    event.listen(engine, "begin", counted.begin)
    event.listen(engine, "before_cursor_execute", counted.execute)
    client.addHandler(calls)
    client.setLevel(logging.INFO)
    try:
        yield counted
    finally:
        client.removeHandler(calls)
        client.setLevel(level)
        event.remove(engine, "begin", counted.begin)
        event.remove(engine, "before_cursor_execute", counted.execute)


def worked_on(flow, run_id, counted):
    """Run what the worker would run, as it does; gives the name of the state in which the run is left."""
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(run_id, Pending())
        run = client.read_flow_run(run_id)
    counted.is_at_work = True
    with suppress(Pause):
        Execution(run, flow, lambda: None).work(flow)
    counted.is_at_work = False
    return read_run(run_id).state.name


def events_of_run(run_id):
    """How many events the server has of a run and of its steps, once the last one is there."""
    EventsWorker.drain_all(timeout=PATIENCE_SECONDS)
    wanted = {"filter": {"any_resource": {"id": [f"prefect.flow-run.{run_id}"]}}}
    deadline, before = time.monotonic() + PATIENCE_SECONDS, -1
    with get_client(sync_client=True) as client:
        while time.monotonic() < deadline:
            page = client.request("POST", "/events/filter", json=wanted).json()
            found, names = page["total"], {one["event"] for one in page["events"]}
            if "prefect.flow-run.Completed" in names and found == before:
                return found
            before = found
            time.sleep(1.5)
    raise AssertionError("the events did not come")


@pytest.mark.apart
@pytest.mark.parametrize("right", ["access", "erasure"])
def test_a_case_asks_no_more_than_its_budget(bench, deployments, right):
    flow = FLOWS[right]
    with counting(bench.runtime.store.database.engine) as counted:
        case_id = bench.open(right)
        run_id = order_run(deployments[f"{right}-request"], case_id=case_id).id
        assert worked_on(flow, run_id, counted) == "Suspended"
        confirm_and_resume(bench, case_id)
        assert worked_on(flow, run_id, counted) == "Suspended"
        approve_and_resume(bench, case_id)
        assert worked_on(flow, run_id, counted) == "Completed"
    asked = Asked(counted.transactions, counted.statements, counted.calls, events_of_run(run_id))
    over = {name: value for name, value in vars(asked).items() if value > vars(BUDGET[right])[name]}
    assert not over, f"{case_id} asked more than before ({asked}); see where, or decide that it is worth it"
