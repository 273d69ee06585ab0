"""The task runs of steps, of which the server is told once instead of three times.

Prefect's engine tells the server of each task run as it is made, as it begins and as it ends; most of our steps take
milliseconds, and each time costs the server as much as a step costs us. Here a step is told of when it has ended, with
all that Prefect's engine says then; one that takes longer is told of meanwhile as running, and every attempt that is to
be repeated is told of as it happens. What a task asks for besides being called and tried again is left to Prefect.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol, cast
from uuid import uuid4

from prefect import Task
from prefect._flow_run_suspension import raise_if_flow_run_suspension_requested
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import TaskRun, TaskRunPolicy, TaskRunResult
from prefect.context import FlowRunContext, TaskRunContext
from prefect.events.schemas.events import Event
from prefect.exceptions import PrefectSignal
from prefect.logging.loggers import task_run_logger
from prefect.states import AwaitingRetry, Completed, Crashed, Failed, Pending, Retrying, Running

from deployments.worker.internals.step_events import tell_server
from rightsflow.domain.errors import RightsflowError
from tasks.prefect_io.kinds import AnyFuture, AnyState, AnyTask, Values

if TYPE_CHECKING:
    from prefect.types import DateTime

SHOWN_AFTER_SECONDS: Final = 1.0
"""How long a step takes at least that is shown as running."""
_LOOK_SECONDS: Final = 1.0
"""How often a step that waits for its next attempt looks whether the run is to stop."""


class StepClock(Protocol):
    """What time is told and waited by: the module ``time``, or another."""

    def monotonic(self) -> float:
        """Seconds that only grow."""

    def sleep(self, seconds: float, /) -> None:
        """Wait some seconds."""


Tell = Callable[[TaskRun, AnyState | None, AnyState, Event | None], Event | None]
"""Tells the server of a task run, the state before, the new one and the event before; gives the new event."""


class Later:
    """Tells of those steps as running that take their time; one thread while there are any.

    Args:
        seconds: After which time a step is told of.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._due: deque[tuple[float, StepRun]] = deque()
        self._is_watching = False

    def watch(self, step: StepRun) -> None:
        """Tell of a step if it is under way by then.

        Args:
            step: A step that begins.
        """
        with self._lock:
            self._due.append((time.monotonic() + self._seconds, step))
            if self._is_watching:
                return
            self._is_watching = True
        threading.Thread(target=self._watch, daemon=True, name="steps that take their time").start()

    def _watch(self) -> None:
        while True:
            with self._lock:
                if not self._due:
                    self._is_watching = False
                    return
                due, step = self._due.popleft()
            time.sleep(max(0.0, due - time.monotonic()))
            step.show()


_LATER: Final = Later(SHOWN_AFTER_SECONDS)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What steps are run by.

    Args:
        clock: What time is told and waited by.
        tell: Tells the server.
        later: Tells it of steps that take their time.
    """

    clock: StepClock = time
    tell: Tell = tell_server
    later: Later = _LATER


class StepRun:
    """One step as a task run: its attempts, and what the server is told of them.

    Args:
        task: The step.
        parameters: Its arguments by name.
        wait_for: What has to succeed before.
        around: What it is run by.
    """

    def __init__(self, task: AnyTask, parameters: Values, wait_for: Iterable[AnyFuture], around: Surroundings) -> None:
        self._task, self._parameters, self._around = task, parameters, around
        self._before = list(wait_for)
        self._lock = threading.Lock()
        self._told: AnyState | None = None
        self._event: Event | None = None
        self.task_run = _task_run(task, parameters, self._before)
        self._context = copy_context()

    def run(self) -> AnyState:
        """Do it; gives the state that it ended in.

        Raises:
            Pause: The run is to stop.
        """
        return self._context.copy().run(self._in_context)

    def show(self) -> None:
        """Tell of it as running, if it still is."""
        with self._lock:
            state = self._state
            if state.is_running() and state is not self._told:
                self._say(state)

    @property
    def _state(self) -> AnyState:
        return cast("AnyState", self.task_run.state)

    def _in_context(self) -> AnyState:
        raise_if_flow_run_suspension_requested()
        with TaskRunContext.model_construct(
            task=self._task,
            task_run=self.task_run,
            parameters=self._parameters,
            result_store=None,
            persist_result=False,
            log_prints=False,
        ):
            return self._done()

    def _done(self) -> AnyState:
        if not self._may_begin():
            return self._end(Pending(name="NotReady", message="What it waits for did not succeed."))
        raise_if_flow_run_suspension_requested()
        self._begin(Running())
        self._around.later.watch(self)
        attempts = 0
        while True:
            state = self._attempt()
            raise_if_flow_run_suspension_requested()
            if not state.is_failed() or attempts == self._task.retries or not self._is_worth_retrying(state):
                return self._end(state)
            self._wait(_delay(self._task, attempts), state)
            attempts += 1

    def _may_begin(self) -> bool:
        for future in self._before:
            future.wait()
            if not future.state.is_completed():
                return False
        return True

    def _attempt(self) -> AnyState:
        try:
            result = self._task.fn(**self._parameters)
        except PrefectSignal:
            raise
        except Exception as error:  # noqa: BLE001 - a step's failure is its own; the flow looks at its state
            return Failed(data=error, message=f"Task run encountered an exception {_in_words(error)}")
        except BaseException as error:
            self._end(Crashed(data=error, message=f"Execution was interrupted by {type(error).__name__}."))
            raise
        return result if hasattr(result, "is_completed") else Completed(data=result)

    def _is_worth_retrying(self, state: AnyState) -> bool:
        condition = self._task.retry_condition_fn
        return condition is None or bool(condition(self._task, self.task_run, state))

    def _begin(self, state: AnyState) -> None:
        with self._lock:
            self.task_run.start_time = self.task_run.start_time or cast("DateTime", state.timestamp)
            self.task_run.run_count += 1
            self._enter(state)

    def _wait(self, seconds: float, failed: AnyState) -> None:
        """Wait for the next attempt, which is shown, and begin it."""
        self._log(logging.INFO, f"The attempt failed; the next one begins in {seconds:g} s.")
        with self._lock:
            at = datetime.now(UTC) + timedelta(seconds=seconds)
            self._enter(AwaitingRetry(scheduled_time=at, message=failed.message))
            self._say(self._state)
        until = self._around.clock.monotonic() + seconds
        while (left := until - self._around.clock.monotonic()) > 0:
            raise_if_flow_run_suspension_requested()
            self._around.clock.sleep(min(left, _LOOK_SECONDS))
        raise_if_flow_run_suspension_requested()
        self._begin(Retrying())
        self.show()

    def _end(self, state: AnyState) -> AnyState:
        if state.is_failed() or state.is_crashed():
            self._log(logging.ERROR, state.message or "It failed.")
        with self._lock:
            self._enter(state)
            if state.is_final() and self.task_run.start_time:
                self.task_run.end_time = cast("DateTime", state.timestamp)
            self._say(state)
        return state

    def _enter(self, state: AnyState) -> None:
        """Give the task run its next state, as Prefect's engine does."""
        run, before = self.task_run, self._state
        if before.is_running():
            run.total_run_time += state.timestamp - before.timestamp
        # Two states of one instant could not be told apart.
        state.timestamp = max(state.timestamp, before.timestamp + timedelta(microseconds=1))
        state.state_details.task_run_id, state.state_details.flow_run_id = run.id, run.flow_run_id
        run.state, run.state_id, run.state_type, run.state_name = state, state.id, state.type, state.name

    def _say(self, state: AnyState) -> None:
        self._event = self._context.run(self._around.tell, self.task_run, self._told, state, self._event)
        self._told = state

    def _log(self, level: int, sentence: str) -> None:
        # Among the logs of its flow run; without one there is no place for it.
        if self.task_run.flow_run_id:
            task_run_logger(self.task_run, task=self._task).log(level, sentence)


def _task_run(task: AnyTask, parameters: Values, before: Iterable[AnyFuture]) -> TaskRun:
    context, number = FlowRunContext.get(), str(uuid4())
    flow_run = context.flow_run if context else None
    name = task.task_run_name.format(**parameters) if isinstance(task.task_run_name, str) else ""
    state: AnyState = Pending()
    return TaskRun(
        id=uuid4(),
        name=name or f"{task.name}-{number[:3]}",
        flow_run_id=flow_run.id if flow_run else None,
        flow_run_run_count=flow_run.run_count if flow_run else 0,
        task_key=task.task_key,
        dynamic_key=number,
        task_version=task.version,
        empirical_policy=TaskRunPolicy(retries=task.retries, retry_delay=cast("Any", task.retry_delay_seconds)),
        task_inputs={
            **{name: [] for name in parameters},
            "wait_for": [TaskRunResult(id=one.task_run_id) for one in before if hasattr(one, "task_run_id")],
        },
        expected_start_time=cast("DateTime", state.timestamp),
        state_id=state.id,
        state_type=state.type,
        state_name=state.name,
        state=state,
    )


def _in_words(error: BaseException) -> str:
    """A failure in words that are safe to show: a message that no one of us wrote may quote anything."""
    return f"{type(error).__name__}: {error}" if isinstance(error, RightsflowError) else type(error).__name__


def _delay(task: AnyTask, attempts: int) -> float:
    delays: object = task.retry_delay_seconds
    if isinstance(delays, list):
        return float(delays[min(attempts, len(delays) - 1)]) if delays else 0.0
    return float(delays) if isinstance(delays, int | float) else 0.0


def is_plain(task: AnyTask) -> bool:
    """Whether a task asks for nothing but to be called and, where it fails, to be tried again.

    Args:
        task: The task.
    """
    more = (
        *(task.isasync, task.isgenerator, task.tags, task.timeout_seconds, task.persist_result, task.log_prints),
        *(task.on_rollback_hooks, task.on_commit_hooks, task.on_completion_hooks, task.on_failure_hooks),
        *(task.on_running_hooks, task.asset_deps, task.retry_jitter_factor, callable(task.task_run_name)),
    )
    return type(task) is Task and task.cache_policy is NO_CACHE and not any(more)
