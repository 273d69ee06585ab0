"""Cases whose runs Prefect has lost: they are started again, and nothing else is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName

from deployments.runs.reconcile import LostRuns
from flows.starting import start_case
from rightsflow.app import current_app
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.cases.step.leases import alone_on
from rightsflow.domain.request import RequestForm
from rightsflow.domain.vocabulary.rights import Right

MINUTES = timedelta(minutes=5)


@pytest.fixture
def by_form(bench):
    """A case that a form opened, whose intake starts its run."""

    def make(name):
        form = RequestForm(right="access", email=f"{name}@example.com", opened_by="Olga Opener")
        return open_request_form(current_app(), form, intake_id=name).case_id

    return make


@pytest.fixture
def runs_of(client):
    """The runs of a case; they are removed at the end."""
    asked = []

    def look(case_id):
        asked.append(case_id)
        return client.read_flow_runs(flow_run_filter=FlowRunFilter(name=FlowRunFilterName(any_=[case_id])))

    yield look
    for case_id in set(asked):
        for run in look(case_id):
            client.delete_flow_run(run.id)


@pytest.mark.apart
def test_a_case_whose_run_is_gone_is_started_again_once(bench, client, by_form, runs_of):
    """Before, after Prefect's database was deleted no open case went on until a person started it by hand."""
    case_id = by_form("anna")
    start_case(case_id, Right.ACCESS)
    bench.pass_time(MINUTES)
    lost = LostRuns(bench.runtime.store)
    assert lost.sweep(client) == 0
    for run in runs_of(case_id):
        client.delete_flow_run(run.id)
    assert [lost.sweep(client) for _ in range(2)] == [1, 0]
    (run,) = runs_of(case_id)
    assert run.parameters == {"case_id": case_id}


def test_what_was_not_started_or_is_worked_on_or_over_is_left_alone(bench, client, by_form, runs_of):
    by_hand, worked_on, over = bench.open("access", email="boris@example.com"), by_form("anna"), by_form("carl")
    withdraw(current_app(), over, by="Ida")
    bench.pass_time(MINUTES)
    fresh = by_form("dora")
    assert bench.runtime.store.take_lease(worked_on, "a run in another process")
    assert LostRuns(bench.runtime.store).sweep(client) == 0
    assert not any(runs_of(one) for one in (by_hand, worked_on, over, fresh))


@pytest.mark.apart
def test_a_case_that_a_person_opened_and_started_is_started_again_too(bench, client, runs_of):
    """Such a case had no mark, and after Prefect's database was deleted it did not go on until a person saw it."""
    by_command, in_a_process = (bench.open("access", email=f"{name}@example.com") for name in ("anna", "boris"))
    bench.pass_time(MINUTES)
    lost = LostRuns(bench.runtime.store)
    assert lost.sweep(client) == 0
    with alone_on(current_app(), by_command, has_run=True), alone_on(current_app(), in_a_process):
        pass
    assert [lost.sweep(client) for _ in range(2)] == [1, 0]
    assert [len(runs_of(one)) for one in (by_command, in_a_process)] == [1, 0]


@pytest.mark.apart
def test_a_run_that_is_lost_before_a_worker_begins_it_is_started_again_too(bench, client, runs_of):
    case_id = bench.open("access", email="anna@example.com")
    bench.pass_time(MINUTES)
    client.delete_flow_run(start_case(case_id, Right.ACCESS).id)
    lost = LostRuns(bench.runtime.store)
    assert [lost.sweep(client) for _ in range(2)] == [1, 0]
    assert len(runs_of(case_id)) == 1


@pytest.mark.apart
def test_of_very_many_each_sweep_takes_the_next_ones(bench, client, by_form, runs_of):
    cases = [by_form(f"number-{number}") for number in range(5)]
    bench.pass_time(MINUTES)
    lost = LostRuns(bench.runtime.store, at_once=2)
    assert [lost.sweep(client) for _ in range(4)] == [2, 2, 1, 0]
    assert [len(runs_of(one)) for one in cases] == [1] * 5
