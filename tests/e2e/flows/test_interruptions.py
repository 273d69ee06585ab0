"""How a run ends whose system, case store or Prefect server was away: as one that goes on by itself."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from prefect.client.orchestration import get_client
from prefect.states import Scheduled

from deployments.runs.reconcile import InterruptedRuns
from flows import endings
from flows.access import access_request
from flows.opening import open_from_ticket_of
from flows.runs import INTERRUPTED, outcome_of
from flows.starting import start_case
from rightsflow.cases.step.leases import GIVING_BACK
from rightsflow.domain.errors import Misconfigured, Permanent
from rightsflow.domain.requesters import Requester
from rightsflow.domain.vocabulary.rights import Right
from tests.support.bench import ANNA_EMAIL, running_bench
from tests.support.flow_runs import order_run, runs_named, work_on

pytestmark = pytest.mark.apart


class Cutting:
    """A system during whose search the case store goes away."""

    def __init__(self, real, outage):
        self.real, self.outage = real, outage

    def __getattr__(self, name):
        return getattr(self.real, name)

    def locate(self, known):
        self.outage.__enter__()
        yield from self.real.locate(known)


@pytest.fixture
def on_postgres(tmp_path, prefect_server, postgres_server):
    """The same on a PostgreSQL, with the database that can be away."""
    with postgres_server.database() as database, running_bench(tmp_path, database.url(), is_known_outside=True) as made:
        yield made, database


def started(bench):
    """A case whose identity is confirmed, with its run, which is to begin."""
    case_id = bench.open("access")
    bench.confirm_identity(case_id)
    return case_id, start_case(case_id, Right.ACCESS).id


def go_on(bench, run_id):
    """As the keeper and a worker do; the pause is not waited for."""
    start_again(bench, run_id)
    return work_on(access_request, run_id)


def start_again(bench, run_id):
    with get_client(sync_client=True) as client:
        assert InterruptedRuns(bench.runtime.store).sweep(client) == 1
        assert client.read_flow_run(run_id).state.is_scheduled()
        # It is due in a quarter of a minute, which the server lets pass before anything else.
        client.set_flow_run_state(run_id, Scheduled(), force=True)


@pytest.mark.usefixtures("deployments")
@pytest.mark.slow
def test_a_system_that_was_away(bench):
    case_id, run_id = started(bench)
    bench.systems["calls"].fail("locate", times=None)
    state = work_on(access_request, run_id)
    assert (outcome_of(state), state.name) == (INTERRUPTED, "Failed")
    assert state.message.startswith("Interrupted: Missing: locate calls.")
    assert state.message.endswith("started again by itself.")
    bench.systems["calls"].heal()
    assert go_on(bench, run_id).is_paused()
    assert [run.id for run in runs_named(case_id)] == [run_id]
    # A run of its deployment: were it lost, another one would be started.
    bench.pass_time(timedelta(minutes=5))
    assert [one.case_id for one in bench.runtime.store.waiting.started("", 9)] == [case_id]


@pytest.mark.usefixtures("deployments")
@pytest.mark.parametrize("error", [Permanent("The account is closed."), Misconfigured("The key is wrong; renew it.")])
@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside one that was away"])
def test_what_needs_a_person_ends_as_before(bench, error, beside):
    _, run_id = started(bench)
    bench.systems["calls"].fail("locate", error, times=None)
    if beside:
        bench.systems["payments"].fail("locate", times=None)
    assert outcome_of(work_on(access_request, run_id)) == (INTERRUPTED if beside else "Failed")


@pytest.mark.usefixtures("deployments")
@pytest.mark.slow
def test_a_case_store_that_was_away_from_the_start(on_postgres):
    bench, database = on_postgres
    case_id, run_id = started(bench)
    with database.outage():
        state = work_on(access_request, run_id)
    assert outcome_of(state) == INTERRUPTED
    assert go_on(bench, run_id).is_paused()
    assert not bench.runtime.store.is_worked_on(case_id)


@pytest.mark.usefixtures("deployments")
def test_a_case_store_that_went_away_in_the_middle_of_a_step(on_postgres):
    """The step could not be noted as failed, and nothing in the case said that it was to go on."""
    bench, database = on_postgres
    _, run_id = started(bench)
    connectors, outage = bench.runtime.connectors, database.outage()
    real, connectors["calls"] = connectors["calls"], Cutting(bench.systems["calls"], outage)
    try:
        state = work_on(access_request, run_id)
    finally:
        outage.__exit__(None, None, None)
    connectors["calls"] = real
    assert outcome_of(state) == INTERRUPTED
    # The lease could not be given back then; no one has to wait until it ends by itself.
    assert not GIVING_BACK.try_again()
    assert go_on(bench, run_id).is_paused()


@pytest.mark.usefixtures("deployments")
@pytest.mark.parametrize("status", [pytest.param(None, marks=pytest.mark.slow), 503, 404])
def test_a_prefect_server_that_was_away(bench, monkeypatch, status):
    """It was "failed unexpectedly: ConnectError"; an answer that says no is another thing."""
    request = httpx.Request("POST", "http://127.0.0.1/api/artifacts/")

    def away(*_args, **_options):
        if status is None:
            raise httpx.ConnectError("refused", request=request)
        raise httpx.HTTPStatusError("no", request=request, response=httpx.Response(status))

    _, run_id = started(bench)
    with monkeypatch.context() as patched:
        patched.setattr(endings, "locate_everything", away)
        state = work_on(access_request, run_id)
    assert outcome_of(state) == ("Failed" if status == 404 else INTERRUPTED)
    if outcome_of(state) == INTERRUPTED:
        assert state.message.startswith("Interrupted: The Prefect server did not answer.")
        assert go_on(bench, run_id).is_paused()


def test_an_opening_whose_server_went_away_before_the_case_was_started(bench, deployments, monkeypatch):
    def away(*_args, **_options):
        raise httpx.ConnectError("refused")

    bench.systems["helpdesk"].tickets = {"4711": Requester(identifiers=frozenset({ANNA_EMAIL}))}
    run = order_run(deployments["open-from-ticket"], system="helpdesk", ticket="4711", right="access")
    with monkeypatch.context() as patched:
        patched.setattr("flows.opening.start_case", away)
        assert outcome_of(work_on(open_from_ticket_of, run.id)) == INTERRUPTED
    start_again(bench, run.id)
    assert outcome_of(work_on(open_from_ticket_of, run.id)) == "Opened"
    (case,) = bench.runtime.store.summaries()
    assert len(runs_named(case.case_id)) == 1
