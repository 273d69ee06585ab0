"""What a dead process left behind: which runs are started again, and which are left as they are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import StateType
from prefect.states import Cancelling, Completed, Crashed, Pending, Running, Suspended

from deployments.runs.reconcile import Reconciler, SweepLimits
from flows.runs import runs_that
from flows.suspended import suspended_runs
from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.domain.gates.decisions import Gate
from tests.e2e.deployments.runs.runs import state_of

AT_ONCE = SweepLimits(starting=timedelta(0), beginning=timedelta(0))
"""No time passes until a run counts as one that should have started; the server sets states' times itself."""


@pytest.mark.apart
def test_a_run_that_nobody_works_on_is_started_again_when_it_is_seen_twice(bench, run_in):
    _, now = run_in(Running())
    reconciler = Reconciler(bench.runtime.store, AT_ONCE)
    for expected in ("Running", "AwaitingRetry", "AwaitingRetry"):
        reconciler.sweep()
        assert now() == expected


@pytest.mark.apart
def test_at_once_where_no_worker_ran_a_moment_ago(bench, run_in):
    (_, first), (_, second) = run_in(Running()), run_in(Pending())
    assert Reconciler(bench.runtime.store).sweep(worker_is_new=True) >= 2
    assert (first(), second()) == ("AwaitingRetry", "AwaitingRetry")


@pytest.mark.apart
def test_a_run_that_was_to_be_cancelled_is_when_nobody_works_on_it(bench, run_in):
    (case_id, held), (_, left) = run_in(Running(), Cancelling()), run_in(Running(), Cancelling())
    assert bench.runtime.store.take_lease(case_id, "somebody")
    reconciler = Reconciler(bench.runtime.store, AT_ONCE)
    for expected in ("Cancelling", "Cancelled"):
        reconciler.sweep()
        assert (held(), left()) == ("Cancelling", expected)


@pytest.mark.apart
def test_a_run_whose_case_is_worked_on_is_left_alone(bench, run_in):
    case_id, now = run_in(Running())
    assert bench.runtime.store.take_lease(case_id, "somebody")
    reconciler = Reconciler(bench.runtime.store, AT_ONCE)
    for worker_is_new in (False, False, True):
        reconciler.sweep(worker_is_new=worker_is_new)
        assert now() == "Running"
    bench.runtime.store.release_lease(case_id, "somebody")
    reconciler.sweep(worker_is_new=True)
    assert now() == "AwaitingRetry"


@pytest.mark.apart
def test_a_run_that_just_starts_or_has_ended_is_left_alone(bench, run_in):
    for state in (Pending(), Running(), Completed(message="Answered: The answer is at the desk.")):
        _, now = run_in(state)
        reconciler = Reconciler(bench.runtime.store)
        for _ in range(2):
            reconciler.sweep()
            assert now() == state.name


@pytest.mark.apart
def test_a_run_that_crashed_is_started_again_but_not_for_ever(bench, run_in):
    _, now = run_in(Running(), Crashed())
    _, often = run_in(*[state for _ in range(6) for state in (Running(), Crashed())])
    Reconciler(bench.runtime.store).sweep()
    assert (now(), often()) == ("AwaitingRetry", "Crashed")


@pytest.mark.parametrize("is_decided", [False, True])
def test_a_suspended_run_goes_on_once_its_gate_is_decided(bench, run_in, is_decided):
    case_id, now = run_in(Running(), Suspended(timeout_seconds=3600, pause_key="identity-0"))
    reach_gate(current_app(), case_id, Gate.IDENTITY)
    if is_decided:
        bench.confirm_identity(case_id)
    Reconciler(bench.runtime.store).sweep()
    assert now() == ("Resuming" if is_decided else "Suspended")


@pytest.mark.apart
def test_a_suspended_run_goes_on_once_its_request_is_withdrawn(bench, run_in):
    case_id, now = run_in(Running(), Suspended(timeout_seconds=3600, pause_key="approval-0"))
    withdraw(current_app(), case_id, by="Ida")
    Reconciler(bench.runtime.store).sweep()
    assert now() == "Resuming"


@pytest.mark.apart
def test_a_suspended_run_of_another_home_is_left_alone(bench, deployments):
    with get_client(sync_client=True) as client:
        run = client.create_flow_run_from_deployment(
            deployments["access-request"], parameters={"case_id": "DSR-2026-AAAAAA"}
        )
        client.set_flow_run_state(run.id, Suspended(timeout_seconds=3600, pause_key="identity-0"), force=True)
        Reconciler(bench.runtime.store).sweep()
        assert state_of(run.id) == "Suspended"
        client.delete_flow_run(run.id)


@pytest.mark.apart
def test_all_runs_are_seen_and_not_the_first_page_only(run_in):
    cases = {run_in(Running())[0] for _ in range(5)}
    running = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING])))
    with get_client(sync_client=True) as client:
        seen = [run.name for run in runs_that(running, client, page=2) if run.name in cases]
    assert sorted(seen) == sorted(cases)


@pytest.mark.apart
def test_of_very_many_that_wait_at_a_gate_each_sweep_takes_the_next_ones(bench, run_in):
    became = []
    for _ in range(5):
        case_id, now = run_in(Running(), Suspended(timeout_seconds=3600, pause_key="identity-0"))
        reach_gate(current_app(), case_id, Gate.IDENTITY)
        became.append((case_id, now))
    reconciler = Reconciler(bench.runtime.store, SweepLimits(suspended_at_once=2))
    bench.confirm_identity(became[0][0])
    # Other tests' runs may wait on this server too.
    rounds = suspended_on_server() // 2 + 1
    for _ in range(rounds):
        reconciler.sweep()
    assert [now() for _, now in became] == ["Resuming"] + ["Suspended"] * 4
    bench.confirm_identity(became[4][0])
    for _ in range(rounds):
        reconciler.sweep()
    assert became[4][1]() == "Resuming"


def suspended_on_server():
    with get_client(sync_client=True) as client:
        return sum(1 for _ in suspended_runs(client))
