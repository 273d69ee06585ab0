"""Steps of a case that is one of many: run as they are, without a task run of their own on the server.

Prefect's server spends more on a step's task run than the step itself costs; with thousands of cases that decides when
the last of them is answered. Such a case is a flow run like any other, with its states, its gates and its sheet, which
shows every step; only the graph of its steps is not drawn. Waits, retries and the stop between two steps are as with
Prefect's own runner, so that flows and steps need not know by whom they are run.
"""

from __future__ import annotations

import contextvars
import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, Protocol, Self
from uuid import uuid4

from prefect.client.schemas.objects import TaskRun
from prefect.states import Completed, Failed, Pending
from prefect.task_runners import TaskRunner

from deployments.worker.internals.engine import SettledFuture, raise_if_stopped
from rightsflow.cases.step.faults import stopping
from tasks.prefect_io.kinds import AnyFuture, AnyState, AnyTask, Values

logger = logging.getLogger(__name__)

_STEPS_AT_ONCE: Final = 8
_LOOK_SECONDS: Final = 1.0
"""How often a step that waits for its next attempt looks whether the run is to stop."""


class StepFuture(SettledFuture):
    """The result of a step.

    Args:
        running: The step in its thread; gives the state it ended in.
    """

    def __init__(self, running: Future[AnyState]) -> None:
        super().__init__(uuid4())
        self._running = running
        running.add_done_callback(self._keep)

    def _keep(self, running: Future[AnyState]) -> None:
        if not running.cancelled() and running.exception() is None:
            self.settle(running.result())

    @property
    def state(self) -> AnyState:
        """The state it ended in, or Pending."""
        # Not as it was kept: those who wait for a step are woken before it is.
        if self._running.done():
            self._keep(self._running)
        return self.settled or Pending()

    def wait(self, timeout: float | None = None) -> None:
        """Wait for its end.

        Args:
            timeout: For how many seconds at most.

        Raises:
            Pause: The run is to stop.
        """
        self._end(timeout)
        raise_if_stopped()

    def result(self, timeout: float | None = None, raise_on_failure: bool = True) -> Any:
        """What it gave back.

        Args:
            timeout: For how many seconds to wait at most.
            raise_on_failure: Whether its failure is raised here, or given back.

        Raises:
            TimeoutError: It has not ended.
            Pause: The run is to stop.
        """
        state = self._end(timeout)
        raise_if_stopped()
        if state is None:
            raise TimeoutError("the step has not ended")
        if raise_on_failure and isinstance(state.data, BaseException):
            raise state.data
        return state.data

    def add_done_callback(self, fn: Callable[[AnyFuture], None]) -> None:
        """Call something at its end.

        Args:
            fn: Gets this future.
        """
        self._running.add_done_callback(lambda _: fn(self))

    def _end(self, timeout: float | None) -> AnyState | None:
        try:
            return self._running.result(timeout)
        except TimeoutError:
            return None


class Clock(Protocol):
    """What time is told and waited by: the module ``time``, or another."""

    def monotonic(self) -> float:
        """Seconds that only grow."""

    def sleep(self, seconds: float, /) -> None:
        """Wait some seconds."""


class StepRunner(TaskRunner[StepFuture]):
    """Runs the steps of one flow run in threads.

    Args:
        clock: What time is told and waited by.
    """

    def __init__(self, clock: Clock = time) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._clock = clock
        self._pool: ThreadPoolExecutor | None = None

    def duplicate(self) -> Self:
        """Give another one; Prefect takes one for each run."""
        return type(self)(self._clock)

    def submit(
        self,
        task: AnyTask,
        parameters: Values,
        wait_for: Iterable[AnyFuture] | None = None,
        dependencies: Values | None = None,  # noqa: ARG002 - for Prefect's drawing of the graph
    ) -> StepFuture:
        """Begin a step as soon as others have succeeded.

        Args:
            task: The step.
            parameters: Its arguments by name.
            wait_for: What has to succeed before.
            dependencies: Not needed.

        Raises:
            Pause: The run is to stop.
        """
        if self._pool is None:
            raise RuntimeError("the runner was not started")
        raise_if_stopped()
        running = contextvars.copy_context().run
        return StepFuture(self._pool.submit(running, _run, task, parameters, list(wait_for or ()), self._clock))

    def __enter__(self) -> Self:
        """Begin to run steps."""
        super().__enter__()
        self._pool = ThreadPoolExecutor(_STEPS_AT_ONCE, thread_name_prefix="step")
        return self

    def __exit__(self, *fault: object) -> None:
        """Wait for the steps that were begun."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
        super().__exit__(*fault)


def _run(task: AnyTask, parameters: Values, before: list[AnyFuture], clock: Clock) -> AnyState:
    for future in before:
        future.wait()
        if not future.state.is_completed():
            return Pending(name="NotReady", message="What it waits for did not succeed.")
    attempts = 0
    while True:
        state = _attempt(task, parameters)
        if state.is_completed() or attempts == task.retries or not _is_worth_retrying(task, state):
            return state
        _wait(_delay(task, attempts), clock)
        attempts += 1


def _attempt(task: AnyTask, parameters: Values) -> AnyState:
    try:
        return Completed(data=task.fn(**parameters))
    except stopping():
        raise
    except BaseException as error:  # noqa: BLE001 - a step's failure is its own; the flow looks at its state
        # By its type: the message may quote what a log must not hold.
        logger.info("%s failed (%s)", task.name, type(error).__name__)
        return Failed(data=error)


def _is_worth_retrying(task: AnyTask, state: AnyState) -> bool:
    condition = task.retry_condition_fn
    return condition is None or bool(condition(task, _NO_RUN, state))


def _delay(task: AnyTask, attempts: int) -> float:
    delays: object = task.retry_delay_seconds
    if isinstance(delays, list):
        return float(delays[min(attempts, len(delays) - 1)])
    return float(delays) if isinstance(delays, int | float) else 0.0


def _wait(seconds: float, clock: Clock) -> None:
    until = clock.monotonic() + seconds
    while (left := until - clock.monotonic()) > 0:
        raise_if_stopped()
        clock.sleep(min(left, _LOOK_SECONDS))


_NO_RUN: Final = TaskRun(task_key="step", dynamic_key="0", flow_run_id=None)
