"""A worker that never polls by itself: whatever it does here, it was woken for."""

from __future__ import annotations

import os

import pytest
from prefect.client.orchestration import get_client
from prefect.states import Cancelling, Scheduled, Suspended
from prefect.workers.base import BaseWorker

from deployments.monitoring.figures import ProcessFigures
from deployments.worker.executing import Execution
from deployments.worker.worker_type import TYPE, ResidentWorker
from rightsflow.domain.telemetry import recording
from tests.e2e.deployments.worker import flows
from tests.e2e.deployments.worker.flows import begun, release, seen, until
from tests.e2e.deployments.worker.rig import (
    NEVER,
    Working,
    becomes,
    graph,
    polling_every,
    read,
    set_state,
    taken,
    task_runs,
)


def test_prefect_finds_the_type_by_its_entry_point():
    assert TYPE in BaseWorker.get_all_available_worker_types()
    assert BaseWorker.get_worker_class_from_type(TYPE) is ResidentWorker


def test_a_run_is_executed_in_the_workers_process(working, order, name):
    run = becomes(order(flows.short, name=name), "Done")
    assert run.state.message == str(os.getpid())
    assert taken(run.id) == [f"Taken by {working.worker.name}."]
    assert read(run.id).infrastructure_pid is None, "it is everybody's process, and no run is ended by it"
    assert seen(name) == [0, 1, 2]


@pytest.mark.apart
def test_it_counts_what_it_executes_and_is_healthy_meanwhile(working, order, name):
    figures = ProcessFigures()

    def executing():
        return figures.registry.get_sample_value("rightsflow_runs_executing")

    with recording(figures):
        run_id = order(flows.held, name=name, steps=1)
        begun(name)
        assert executing() == 1
        assert working.worker.limiter.borrowed_tokens == 1, "it holds its place until it ends"
        # What Prefect's --with-healthcheck asks: when it last looked for runs, against what it may take.
        assert working.worker.is_worker_still_polling(query_interval_seconds=60)
        assert not working.worker.is_worker_still_polling(query_interval_seconds=0)
        release(name)
        becomes(run_id, "Done")
        assert until(lambda: executing() == 0)


@pytest.mark.apart
def test_steps_are_prefects_task_runs(working, order, name):
    run = becomes(order(flows.branching, name=name), "Done")
    assert until(lambda: len(task_runs(run.id)) == 5)
    by_key = {}
    for one in task_runs(run.id):
        by_key.setdefault(one.task_key.rpartition("-")[0], []).append(one)
    assert {key: sorted(one.state_name for one in made) for key, made in by_key.items()} == {
        "step": ["Completed", "Completed", "NotReady"],
        "failing_once": ["Completed"],
        "failing_step": ["Failed"],
    }
    again, failed = by_key["failing_once"][0], by_key["failing_step"][0]
    assert (again.run_count, failed.run_count) == (2, 1)
    assert [one.id for one in failed.task_inputs["wait_for"]] == [again.id]
    drawn = graph(run.id)
    assert sorted((label.rpartition("-")[0], state) for _, label, state, _ in drawn) == [
        ("failing_once", "COMPLETED"),
        ("failing_step", "FAILED"),
        ("step", "COMPLETED"),
        ("step", "COMPLETED"),
        ("step", "PENDING"),
    ]
    assert {parent for node, _, _, parents in drawn for parent in parents if node == str(failed.id)} == {str(again.id)}
    ends = {one.id: one for one in by_key["step"]}
    assert all(one.start_time and one.end_time for one in ends.values() if one.state_name == "Completed")


@pytest.mark.slow
def test_a_failed_run_can_be_retried_by_its_state(working, order, name):
    run_id = order(flows.failing, name=name)
    becomes(run_id, "Failed")
    set_state(run_id, Scheduled(name="AwaitingRetry"))
    assert becomes(run_id, "Failed").run_count == 2


@pytest.mark.apart
def test_a_run_that_suspends_itself_goes_on_after_the_answer(working, order, name):
    run_id = order(flows.asking, name=name)
    becomes(run_id, "Suspended")
    with get_client(sync_client=True) as client:
        assert client.resume_flow_run(run_id, run_input={"word": 3}).status.value == "REJECT"
        assert client.resume_flow_run(run_id, run_input={"word": "yes"}).status.value == "ACCEPT"
    becomes(run_id, "Answered")
    assert seen(name)[-1] == "yes"


@pytest.mark.parametrize(("state", "end"), [(Cancelling(), "Cancelled"), (Suspended(timeout_seconds=600), "Suspended")])
@pytest.mark.slow
def test_a_run_stops_between_two_steps(working, order, name, state, end):
    run_id = order(flows.held, name=name)
    begun(name)
    set_state(run_id, state)
    assert until(lambda: working.worker._executions[run_id].why)
    release(name)
    assert until(lambda: run_id not in working.worker._executions)
    assert read(run_id).state.name == end
    assert seen(name) == [0], "the next step was not begun"


@pytest.mark.slow
def test_a_suspended_run_goes_on_from_outside_as_well(working, order, name):
    run_id = order(flows.held, name=name, steps=1)
    begun(name)
    set_state(run_id, Suspended(timeout_seconds=600))
    assert until(lambda: working.worker._executions[run_id].why)
    release(name)
    assert until(lambda: run_id not in working.worker._executions)
    with get_client(sync_client=True) as client:
        client.resume_flow_run(run_id)
    becomes(run_id, "Done")


@pytest.mark.slow
def test_a_run_that_wants_to_end_the_process_ends_alone(working, order, name):
    other = order(flows.held, name=name, steps=1)
    begun(name)
    becomes(order(flows.exiting, name=f"{name} exits"), "Crashed")
    release(name)
    becomes(other, "Done")


@pytest.mark.slow
def test_what_a_run_that_cannot_begin_is_lost_by_is_told_the_server(order, name):
    class Broken(Execution):
        def work(self, _flow):
            raise ConnectionError(name)

    class Breaking(ResidentWorker):
        type = "rightsflow-breaking"
        execution = Broken

    with polling_every(NEVER), Working(kind=Breaking) as one:
        run = becomes(order(flows.short, name=name), "Crashed")
        assert name not in run.state.message
        assert until(lambda: one.is_idle)


@pytest.mark.slow
def test_nothing_is_kept_of_runs_that_are_over(order, name):
    unread = []

    class Unable(ResidentWorker):
        type = "rightsflow-unable"

        async def _names_of(self, run):
            if not unread:
                unread.append(run.id)
                raise ConnectionError(name)
            return await super()._names_of(run)

    with polling_every(NEVER), Working(kind=Unable) as one:
        # What was claimed and cannot be begun is handed back, and begins then.
        run = becomes(order(flows.short, name=name, steps=1), "Done")
        assert unread == [run.id]
        assert until(lambda: one.is_idle)
