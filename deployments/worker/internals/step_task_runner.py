"""The runner of a flow's steps that has each told of once; see :mod:`deployments.worker.internals.step_runs`."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, Self, cast

from prefect._flow_run_suspension import raise_if_flow_run_suspension_requested
from prefect.futures import PrefectConcurrentFuture
from prefect.states import Pending
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from deployments.worker.internals.step_runs import StepRun, Surroundings, is_plain
from tasks.prefect_io.kinds import AnyFuture, AnyState, AnyTask, Values

_MOST_THREADS: Final = 32


class ToldFuture(PrefectConcurrentFuture[Any]):
    """The result of a step, whose state is known here, where Prefect's own asks the server."""

    @property
    def state(self) -> AnyState:
        """The state it ended in, or Pending."""
        running = self._wrapped_future
        if not running.done() or running.exception() is not None:
            return Pending()
        return cast("AnyState", running.result())

    def result(self, timeout: float | None = None, raise_on_failure: bool = True) -> Any:
        """What it gave back.

        Args:
            timeout: For how many seconds to wait at most.
            raise_on_failure: Whether its failure is raised here, or given back.

        Raises:
            TimeoutError: It has not ended.
            Pause: The run is to stop.
        """
        try:
            state = cast("AnyState", self._wrapped_future.result(timeout))
        finally:
            raise_if_flow_run_suspension_requested()
        if raise_on_failure and isinstance(state.data, BaseException):
            raise state.data
        return state.data


class StepTaskRunner(ThreadPoolTaskRunner[Any]):
    """Runs the steps of one flow run in threads.

    Args:
        max_workers: How many at a time.
        around: What they are run by.
    """

    def __init__(self, max_workers: int | None = None, around: Surroundings | None = None) -> None:
        super().__init__(max_workers)
        self._around = around or Surroundings()

    @classmethod
    def instead_of(cls, runner: TaskRunner[AnyFuture]) -> TaskRunner[AnyFuture]:
        """The same number of steps at a time as another one; one that is no pool of threads stays.

        Args:
            runner: The other one.
        """
        if type(runner) is not ThreadPoolTaskRunner:
            return runner
        return cast("TaskRunner[AnyFuture]", cls(min(runner._max_workers, _MOST_THREADS)))  # noqa: SLF001 - as above

    def duplicate(self) -> Self:
        """Give another one; Prefect takes one for each run."""
        return type(self)(self._max_workers, self._around)

    def submit(
        self,
        task: AnyTask,
        parameters: Values,
        wait_for: Iterable[AnyFuture] | None = None,
        dependencies: Any = None,
    ) -> PrefectConcurrentFuture[Any]:
        """Begin a step as soon as others have succeeded.

        Args:
            task: The step.
            parameters: Its arguments by name.
            wait_for: What has to succeed before.
            dependencies: For Prefect's drawing of what a step got from others; ours get nothing but names.

        Raises:
            Pause: The run is to stop.
        """
        if dependencies or not is_plain(task):
            return super().submit(task, parameters, wait_for, dependencies)
        raise_if_flow_run_suspension_requested()
        step = StepRun(task, parameters, wait_for or (), self._around)
        pool = cast("ThreadPoolExecutor", self._executor)
        running: Future[Any] = pool.submit(step.run)
        return ToldFuture(step.task_run.id, running)
