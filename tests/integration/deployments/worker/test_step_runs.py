"""Steps as task runs of which the server is told once: order, failures, retries, stops, and what is told when."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext, TaskRunContext
from prefect.exceptions import Pause
from prefect.futures import wait
from prefect.states import Completed, Suspended
from prefect.task_runners import ProcessPoolTaskRunner, ThreadPoolTaskRunner

from deployments.worker.internals.engine import StopRequest
from deployments.worker.internals.step_runs import Later, Surroundings, is_plain
from deployments.worker.internals.step_task_runner import StepTaskRunner
from rightsflow.domain.errors import Transient

PATIENCE = 20
STOP = Suspended(timeout_seconds=60)
PLAIN = {"persist_result": False, "cache_policy": NO_CACHE, "log_prints": False}


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


class Server:
    """What is told of task runs, in its order: name, state, the state before, and what came of earlier attempts."""

    def __init__(self) -> None:
        self.heard, self.runs = [], []

    def tell(self, run, before, state, follows):
        event = SimpleNamespace(number=len(self.heard), follows=follows)
        self.heard.append((run.name, state.name, before.name if before else None))
        self.runs.append(run.model_copy(deep=True))
        assert (follows is None) == (before is None)
        return event

    def of(self, name):
        return [state for one, state, _ in self.heard if one == name]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def request_to_stop():
    """What the worker stops this thread's run by."""
    made = StopRequest()
    with FlowRunContext.model_construct(flow_run_suspension_request=made):
        yield made


@pytest.fixture
def runner(clock, server):
    with StepTaskRunner(8, Surroundings(clock, server.tell)) as made:
        yield made


class Doing:
    """What a step does: fails so many times, and then gives a word back."""

    def __init__(self, *faults, word="done") -> None:
        self._faults, self._word, self.attempts = list(faults), word, 0

    def step(self, **options):
        @task(**{"name": "a step", **PLAIN, **options})
        def doing():
            self.attempts += 1
            if self._faults:
                raise self._faults.pop(0)
            return self._word

        return doing


def test_a_step_is_told_of_once_with_its_end(runner, server):
    @task(name="locate", task_run_name="locate {system}", **PLAIN)
    def locate(case_id, system):
        return f"{case_id} {system}"

    future = runner.submit(locate, {"case_id": "one", "system": "helpdesk"})
    assert future.result(timeout=PATIENCE) == "one helpdesk"
    assert future.state.is_completed()
    assert not wait([future]).not_done
    assert server.heard == [("locate helpdesk", "Completed", None)]
    (run,) = server.runs
    assert run.id == future.task_run_id
    assert run.task_key == locate.task_key
    assert (run.run_count, run.state_name) == (1, "Completed")
    assert run.expected_start_time < run.start_time < run.end_time
    assert run.total_run_time == run.end_time - run.start_time
    assert run.state.data == "one helpdesk"


def test_what_it_waits_for_is_drawn_before_it(runner, server):
    before = [runner.submit(Doing().step(name=name), {}) for name in ("one", "two")]
    runner.submit(Doing().step(name="after"), {}, wait_for=before).wait(PATIENCE)
    after = next(run for run in server.runs if run.name.startswith("after"))
    assert [one.id for one in after.task_inputs["wait_for"]] == [one.task_run_id for one in before]


def test_a_step_knows_its_task_run(runner, server):
    @task(name="tagged", task_run_name="tagged", **PLAIN)
    def tagged():
        context = TaskRunContext.get()
        context.task_run.tags = ["red"]
        return context.task_run.id

    future = runner.submit(tagged, {})
    assert future.result(timeout=PATIENCE) == future.task_run_id
    assert server.runs[0].tags == ["red"]


def test_one_that_takes_its_time_is_shown_as_running(server, clock):
    shown, gate = threading.Event(), threading.Event()

    def tell(*said):
        event = server.tell(*said)
        shown.set()
        return event

    @task(name="slow", task_run_name="slow", **PLAIN)
    def slow():
        assert gate.wait(PATIENCE)

    with StepTaskRunner(8, Surroundings(clock, tell, Later(0.01))) as runner:
        future = runner.submit(slow, {})
        assert shown.wait(PATIENCE)
        assert server.heard == [("slow", "Running", None)]
        assert server.runs[0].run_count == 1
        gate.set()
        future.wait(PATIENCE)
    assert server.heard[1:] == [("slow", "Completed", "Running")]


def test_steps_run_side_by_side(runner):
    meeting = threading.Barrier(2)

    @task(**PLAIN)
    def meet():
        return meeting.wait(PATIENCE)

    assert sorted(one.result(timeout=PATIENCE) for one in [runner.submit(meet, {}) for _ in range(2)]) == [0, 1]


def test_a_step_begins_when_all_that_it_waits_for_have_succeeded(runner):
    seen, gate = [], threading.Event()

    @task(**PLAIN)
    def say(word, held=False):
        if held:
            assert gate.wait(PATIENCE)
        seen.append(word)

    before = [
        runner.submit(say, {"word": "slow", "held": True}),
        runner.submit(say, {"word": "quick", "held": False}),
    ]
    after = runner.submit(say, {"word": "after", "held": False}, wait_for=before)
    before[1].wait(PATIENCE)
    assert after.state.is_pending()
    with pytest.raises(TimeoutError):
        after.result(timeout=0)
    gate.set()
    after.wait(PATIENCE)
    assert seen == ["quick", "slow", "after"]


def test_what_waits_for_a_failed_step_is_not_begun_and_shown_so(runner, server):
    doing = Doing()
    failed = runner.submit(Doing(ValueError("Anna")).step(), {})
    after = runner.submit(doing.step(task_run_name="after"), {}, wait_for=[failed])
    last = runner.submit(doing.step(), {}, wait_for=[after])
    for future in (after, last):
        future.wait(PATIENCE)
        assert future.state.name == "NotReady"
        assert future.state.is_pending()
    assert doing.attempts == 0
    assert wait([after, last]).not_done == set()
    assert server.of("after") == ["NotReady"]


def test_a_failure_is_shown_in_our_own_words_only(runner, server):
    strange = runner.submit(Doing(ValueError("Anna")).step(task_run_name="strange"), {})
    known = runner.submit(Doing(Transient("helpdesk does not answer.")).step(task_run_name="known"), {})
    for future in (strange, known):
        future.wait(PATIENCE)
        assert future.state.is_failed()
        with pytest.raises(type(future.result(raise_on_failure=False))):
            future.result()
    said = {run.name: run.state.message for run in server.runs}
    assert said["strange"] == "Task run encountered an exception ValueError"
    assert said["known"] == "Task run encountered an exception Transient: helpdesk does not answer."


def test_what_ends_a_process_is_shown_as_a_crash(runner, server):
    future = runner.submit(Doing(SystemExit(3)).step(task_run_name="ended"), {})
    with pytest.raises(SystemExit):
        future.wait(PATIENCE)
    assert server.of("ended") == ["Crashed"]
    assert future.state.is_pending()


def test_a_step_that_gives_a_state_ends_in_it(runner, server):
    future = runner.submit(Doing(word=Completed(name="Answered")).step(task_run_name="case"), {})
    future.wait(PATIENCE)
    assert future.state.name == "Answered"
    assert server.of("case") == ["Answered"]


def test_each_further_attempt_is_shown(runner, server, clock):
    doing = Doing(*[Transient("helpdesk does not answer.")] * 3)
    step = doing.step(retries=3, retry_delay_seconds=[0.5, 2.5, 4], task_run_name="again")
    assert runner.submit(step, {}).result(timeout=PATIENCE) == "done"
    assert (doing.attempts, clock.now) == (4, pytest.approx(7))
    assert server.of("again") == [*["AwaitingRetry", "Retrying"] * 3, "Completed"]
    assert server.runs[0].state.message.endswith("helpdesk does not answer.")
    assert server.runs[-1].run_count == 4


@pytest.mark.parametrize(("delays", "waited"), [(None, 0), (3, 9), ([1, 2], 5)])
def test_of_too_few_delays_the_last_counts_and_without_any_it_is_tried_at_once(runner, clock, delays, waited):
    doing = Doing(*[ValueError()] * 9)
    future = runner.submit(doing.step(retries=3, retry_delay_seconds=delays), {})
    future.wait(PATIENCE)
    assert future.state.is_failed()
    assert (doing.attempts, clock.now) == (4, pytest.approx(waited))


def test_the_step_says_which_failures_are_worth_another_attempt(runner, clock):
    asked = []

    def transient(step, run, state):
        asked.append((step.name, run.run_count, state.is_failed()))
        return isinstance(state.data, ConnectionError)

    doing = Doing(ConnectionError(), PermissionError(), word="not reached")
    future = runner.submit(doing.step(retries=5, retry_delay_seconds=1, retry_condition_fn=transient), {})
    future.wait(PATIENCE)
    assert isinstance(future.state.data, PermissionError)
    assert asked == [("a step", 1, True), ("a step", 2, True)]
    assert (doing.attempts, clock.now) == (2, 1)


def test_after_a_request_no_step_is_begun_and_the_one_under_way_comes_to_its_end(request_to_stop, runner):
    gate, begun, ended = threading.Event(), threading.Event(), []

    @task(**PLAIN)
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


def test_the_wait_for_the_next_attempt_ends_within_a_second_of_a_request(request_to_stop, runner, clock):
    doing = Doing(ValueError())
    clock.at[3] = lambda: request_to_stop.mark_requested(STOP)
    future = runner.submit(doing.step(retries=1, retry_delay_seconds=600), {})
    with pytest.raises(Pause):
        future.wait(PATIENCE)
    assert (doing.attempts, max(clock.slept)) == (1, 1)
    assert clock.now <= 4


@pytest.mark.parametrize(
    "options",
    [{"persist_result": True}, {"cache_policy": None}, {"tags": ["a"]}, {"timeout_seconds": 1}, {"log_prints": True}],
    ids=lambda one: next(iter(one)),
)
def test_what_asks_for_more_is_left_to_prefect(options):
    assert is_plain(Doing().step())
    assert not is_plain(Doing().step(**options))


def test_so_is_what_is_asynchronous():
    @task(**PLAIN)
    async def later():
        """Nothing."""

    assert not is_plain(later)


def test_a_pool_of_threads_is_replaced_and_another_runner_is_not():
    ours = StepTaskRunner.instead_of(ThreadPoolTaskRunner(max_workers=4))
    assert type(ours) is StepTaskRunner
    assert ours._max_workers == 4
    assert type(ours.duplicate()) is StepTaskRunner
    other = ProcessPoolTaskRunner()
    assert StepTaskRunner.instead_of(other) is other

    @flow
    def any_flow():
        """Nothing."""

    assert type(any_flow.with_options(task_runner=ours).task_runner) is StepTaskRunner
