"""Steps of a case of a batch: done in threads, without task runs of their own; failures, and the stop between two."""

from __future__ import annotations

import threading

import pytest
from prefect import task
from prefect._flow_run_suspension import FlowRunSuspensionRequest
from prefect.context import FlowRunContext
from prefect.exceptions import Pause
from prefect.states import Suspended

from flows.at_once import begin_at_once, wait_for_all
from rightsflow.domain.errors import Transient

PATIENCE = 120
STOP = Suspended(timeout_seconds=60)


@task(retries=3, retry_delay_seconds=600)
def add(case_id, system="none"):
    """A step."""
    return f"{case_id} {system}"


@task(retries=3, retry_delay_seconds=600)
def fail(case_id):
    """A step that fails."""
    raise Transient(f"{case_id} does not answer.")


@pytest.fixture
def request_to_stop():
    """What the worker stops this thread's run by."""
    made = FlowRunSuspensionRequest()
    with FlowRunContext.model_construct(flow_run_suspension_request=made):
        yield made


def test_a_step_is_done_with_its_arguments_and_gives_back_what_it_came_to():
    done = begin_at_once(add, ("one", "helpdesk"), ())
    assert (done.result(), done.state.is_completed()) == ("one helpdesk", True)
    told = []
    done.add_done_callback(told.append)
    done.wait()
    assert told == [done]


def test_one_that_fails_says_so_at_once_and_what_waited_for_it_is_not_begun():
    failed = begin_at_once(fail, ("one",), ())
    assert failed.state.is_failed()
    assert isinstance(failed.result(raise_on_failure=False), Transient)
    with pytest.raises(Transient):
        failed.result()
    after = begin_at_once(add, ("one",), [begin_at_once(add, ("one",), ()), failed])
    assert (after.state.name, after.result()) == ("NotReady", None)


def test_none_is_done_after_a_request_to_stop(request_to_stop):
    assert begin_at_once(add, ("one",), ()).state.is_completed()
    request_to_stop.mark_requested(STOP)
    stopped = begin_at_once(add, ("one",), ())
    wait_for_all([stopped])
    with pytest.raises(Pause):
        stopped.wait()


def test_a_stop_that_comes_within_a_step_is_no_failure_of_it():
    @task
    def stopped():
        raise Pause(state=STOP)

    with pytest.raises(Pause):
        begin_at_once(stopped, (), ()).wait()


def test_steps_are_done_beside_one_another_and_all_are_waited_for(request_to_stop):
    meeting, ended = threading.Barrier(2), []

    @task
    def meet(name):
        meeting.wait(PATIENCE)
        ended.append(name)
        if name == "one":
            raise Pause(state=STOP)

    steps = [begin_at_once(meet, (name,), ()) for name in ("one", "two")]
    wait_for_all(steps)
    assert sorted(ended) == ["one", "two"]
