"""Runs that a person cancelled or deleted in Prefect: a case that waited at a gate waits there again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prefect.states import Cancelled, Cancelling, Running

from deployments.runs.reconcile import LostRuns, StoppedRuns
from flows.access import access_request
from flows.runs import outcome_of
from rightsflow.app import current_app
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.cases.facts.overview.case_sheet import read_overview, render_sheet
from tests.e2e.deployments.runs.runs import state_of
from tests.e2e.flows.whole_cases import at_the_approval_gate, suspended
from tests.support.flow_runs import approve_and_resume, gate_key, runs_named, set_state, work_on

pytestmark = pytest.mark.apart


@pytest.fixture
def stopped(bench):
    return StoppedRuns(bench.runtime.store)


def sheet(case_id):
    return render_sheet(read_overview(current_app(), case_id), current_app())


def test_a_run_that_was_cancelled_at_a_gate_waits_there_again(bench, client, deployments, stopped):
    """Before, no one and nothing started it again, and the case did not go on until its deadline was near."""
    case_id, run_id = at_the_approval_gate(bench, deployments, "access")
    set_state(run_id, Cancelling())
    assert state_of(run_id) == "Cancelled"
    assert [stopped.sweep(client) for _ in range(2)] == [1, 0]
    state = work_on(access_request, run_id)
    assert (state.name, gate_key(state)) == ("Suspended", "approval-0")
    assert "it was cancelled in Prefect. The case goes on where it was." in sheet(case_id)
    approve_and_resume(bench, case_id)
    assert outcome_of(work_on(access_request, run_id)) == "Answered"


def test_it_is_started_again_each_time_that_it_is_cancelled(bench, client, deployments, stopped):
    _, run_id = suspended(bench, deployments, "access")
    for _ in range(2):
        set_state(run_id, Cancelling())
        assert stopped.sweep(client) == 1
        assert gate_key(work_on(access_request, run_id)) == "identity-0"


def test_what_was_cancelled_at_work_or_has_nothing_left_to_do_is_left(bench, client, deployments, stopped, run_in):
    _, at_work = run_in(Running(), Cancelling(), Cancelled())
    over, run_id = suspended(bench, deployments, "access")
    withdraw(current_app(), over, by="Ida")
    set_state(run_id, Cancelling())
    assert stopped.sweep(client) == 0
    assert (at_work(), state_of(run_id)) == ("Cancelled", "Cancelled")


def test_a_run_that_was_deleted_at_a_gate_is_said_on_the_sheet(bench, client, deployments):
    case_id, run_id = suspended(bench, deployments, "access")
    client.update_flow_run(run_id, name=case_id)
    client.delete_flow_run(run_id)
    bench.pass_time(timedelta(minutes=5))
    assert LostRuns(bench.runtime.store).sweep(client) == 1
    (run,) = runs_named(case_id)
    assert gate_key(work_on(access_request, run.id)) == "identity-0"
    assert "it was gone from Prefect." in sheet(case_id)
