"""Steps that run without task runs of their own: order, failures, retries, and the stop between two of them."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest
from prefect import task
from prefect.context import FlowRunContext
from prefect.exceptions import Pause
from prefect.futures import wait
from prefect.states import Completed, Suspended

from deployments.worker.internals.engine import StopRequest
from deployments.worker.step_runner import StepFuture, StepRunner

PATIENCE = 20
STOP = Suspended(timeout_seconds=60)


class Clock:
    """A clock that sleeping moves; something may happen at a moment."""

    def __init__(self) -> None:
        self.now, self.slept, self.at = 0.0, [], {}

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds
        for moment in [one for one in self.at if one <= self.now]:
            self.at.pop(moment)()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def request_to_stop():
    """What the worker stops this thread's run by."""
    made = StopRequest()
    with FlowRunContext.model_construct(flow_run_suspension_request=made):
        yield made


@pytest.fixture
def runner(clock):
    with StepRunner(clock) as made:
        yield made


class Doing:
    """What a step does: fails so many times, and then gives a word back."""

    def __init__(self, *faults, word="done") -> None:
        self._faults, self._word, self.attempts = list(faults), word, 0

    def step(self, **options):
        @task(name="a step", **options)
        def doing():
            self.attempts += 1
            if self._faults:
                raise self._faults.pop(0)
            return self._word

        return doing


def test_a_step_gives_back_what_it_came_to(runner):
    future = runner.submit(Doing(word={"found": 3}).step(), {})
    assert future.result(timeout=PATIENCE) == {"found": 3}
    assert future.state.is_completed()
    assert not wait([future]).not_done


def test_it_gets_its_arguments_by_name(runner):
    @task
    def add(case_id, system="none"):
        return f"{case_id} {system}"

    assert runner.submit(add, {"case_id": "one", "system": "helpdesk"}).result(timeout=PATIENCE) == "one helpdesk"


def test_steps_run_side_by_side(runner):
    meeting = threading.Barrier(2)

    @task
    def meet():
        return meeting.wait(PATIENCE)

    assert sorted(one.result(timeout=PATIENCE) for one in [runner.submit(meet, {}) for _ in range(2)]) == [0, 1]


def test_a_step_begins_when_all_that_it_waits_for_have_succeeded(runner):
    seen, gate = [], threading.Event()

    @task
    def say(word, held=False):
        if held:
            assert gate.wait(PATIENCE)
        seen.append(word)

    before = [runner.submit(say, {"word": "slow", "held": True}), runner.submit(say, {"word": "quick"})]
    after = runner.submit(say, {"word": "after"}, wait_for=before)
    before[1].wait(PATIENCE)
    assert after.state.is_pending()
    with pytest.raises(TimeoutError, match="has not ended"):
        after.result(timeout=0)
    gate.set()
    after.wait(PATIENCE)
    assert seen == ["quick", "slow", "after"]


def test_what_waits_for_a_failed_step_is_not_begun(runner):
    doing = Doing()
    failed = runner.submit(Doing(ValueError("Anna")).step(), {})
    after = runner.submit(doing.step(), {}, wait_for=[failed])
    last = runner.submit(doing.step(), {}, wait_for=[after])
    for future in (after, last):
        future.wait(PATIENCE)
        assert future.state.name == "NotReady"
        assert future.state.is_pending()
    assert doing.attempts == 0
    assert wait([after, last]).not_done == set()


def test_the_end_of_a_step_is_known_to_whoever_was_woken_by_it():
    """Python wakes those who wait for a future before it calls what was to be called at its end."""

    class Woken(Future):
        def add_done_callback(self, fn):
            self.callback = fn

    running = Woken()
    future = StepFuture(running)
    assert future.state.is_pending()
    running.set_result(Completed())
    assert future.state.is_completed()


@pytest.mark.parametrize("fault", [ValueError("Anna"), SystemExit(3)], ids=lambda one: type(one).__name__)
def test_whatever_a_step_fails_with_is_its_own(runner, fault, caplog):
    caplog.set_level("DEBUG")
    future = runner.submit(Doing(fault).step(), {})
    future.wait(PATIENCE)
    assert future.state.is_failed()
    assert future.state.data is fault
    assert future.result(raise_on_failure=False) is fault
    with pytest.raises(type(fault)):
        future.result()
    assert f"a step failed ({type(fault).__name__})" in caplog.text
    assert "Anna" not in caplog.text


def test_a_step_is_tried_again_after_each_of_its_delays(runner, clock):
    doing = Doing(*[ValueError()] * 3)
    future = runner.submit(doing.step(retries=3, retry_delay_seconds=[0.5, 2.5, 4]), {})
    assert future.result(timeout=PATIENCE) == "done"
    assert doing.attempts == 4
    assert clock.now == pytest.approx(7)


@pytest.mark.parametrize(("delays", "waited"), [(None, 0), (3, 9), ([1, 2], 5)])
def test_of_too_few_delays_the_last_counts_and_without_any_it_is_tried_at_once(runner, clock, delays, waited):
    doing = Doing(*[ValueError()] * 9)
    # Prefect takes a list no longer than the retries.
    future = runner.submit(doing.step(retries=3, retry_delay_seconds=delays), {})
    future.wait(PATIENCE)
    assert future.state.is_failed()
    assert doing.attempts == 4
    assert clock.now == pytest.approx(waited)


def test_the_step_says_which_failures_are_worth_another_attempt(runner, clock):
    asked = []

    def transient(step, run, state):
        asked.append((step.name, run.flow_run_id, state.is_failed()))
        return isinstance(state.data, ConnectionError)

    doing = Doing(ConnectionError(), PermissionError(), word="not reached")
    future = runner.submit(doing.step(retries=5, retry_delay_seconds=1, retry_condition_fn=transient), {})
    future.wait(PATIENCE)
    assert isinstance(future.state.data, PermissionError)
    assert asked == [("a step", None, True)] * 2
    assert (doing.attempts, clock.now) == (2, 1)


def test_after_a_request_no_step_is_begun_and_the_one_under_way_comes_to_its_end(request_to_stop, runner):
    gate, begun, ended = threading.Event(), threading.Event(), []

    @task
    def held():
        begun.set()
        assert gate.wait(PATIENCE)
        ended.append(True)

    future = runner.submit(held, {})
    assert begun.wait(PATIENCE)
    request_to_stop.mark_requested(STOP)
    with pytest.raises(Pause):
        runner.submit(held, {})
    gate.set()
    for look in (future.wait, future.result):
        with pytest.raises(Pause):
            look()
    assert ended == [True]
    with pytest.raises(Pause):
        wait([future])


def test_a_step_that_waits_for_others_is_not_begun_after_a_request(request_to_stop, runner):
    gate, doing = threading.Event(), Doing()

    @task
    def held():
        assert gate.wait(PATIENCE)

    after = runner.submit(doing.step(), {}, wait_for=[runner.submit(held, {})])
    request_to_stop.mark_requested(STOP)
    gate.set()
    with pytest.raises(Pause):
        after.wait(PATIENCE)
    assert doing.attempts == 0


def test_the_wait_for_the_next_attempt_ends_within_a_second_of_a_request(request_to_stop, runner, clock):
    doing = Doing(ValueError())
    clock.at[3] = lambda: request_to_stop.mark_requested(STOP)
    future = runner.submit(doing.step(retries=1, retry_delay_seconds=600), {})
    with pytest.raises(Pause):
        future.wait(PATIENCE)
    assert doing.attempts == 1
    assert clock.now <= 4
    assert max(clock.slept) <= 1


def test_its_end_is_told(runner):
    told = threading.Event()
    future = runner.submit(Doing().step(), {})
    future.add_done_callback(lambda one: told.set() if one is future else None)
    assert told.wait(PATIENCE)


def test_each_run_has_a_runner_of_its_own_which_has_to_be_started(runner):
    other = runner.duplicate()
    assert isinstance(other, StepRunner)
    assert other is not runner
    with pytest.raises(RuntimeError, match="not started"):
        other.submit(Doing().step(), {})
