"""Steps of a case of a batch: done beside one another in threads of this process, without a task run each.

The case is a task run of its own, and what belongs to its steps is in the case file and on its sheet. A step that fails
does not stop those beside it; what waited for it is not begun. It is tried again in the case's next turn, in which the
steps that are done are not done again.
"""

from __future__ import annotations

import contextvars
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, Final, TypeVar
from uuid import uuid4

from prefect import Task
from prefect.futures import PrefectTaskRunFuture
from prefect.states import Completed, Failed, Pending

from rightsflow.cases.step.faults import stopping
from tasks.prefect_io.kinds import AnyFuture, AnyState
from tasks.prefect_io.server_shapes import raise_if_stopped

logger = logging.getLogger(__name__)

R = TypeVar("R")

_DONE: Final[AnyState] = Completed()
"""The state of a step that succeeds; it is shown to no one, and copying it is cheaper than making it."""

_POOL: Final = ThreadPoolExecutor(24, thread_name_prefix="step")
"""For all batches of this process. What a step waits for was begun before it, so that none waits for a thread."""


class BegunStep(PrefectTaskRunFuture[R]):
    """A step that was begun, in the place of Prefect's future.

    Args:
        running: The step in its thread; gives the state it ended in.
    """

    def __init__(self, running: Future[AnyState]) -> None:
        super().__init__(uuid4())
        self.running = running

    @property
    def state(self) -> AnyState:
        """The state it ended in, for which this waits.

        Raises:
            Pause: The run is to stop.
        """
        return self.running.result()

    def wait(self, timeout: float | None = None) -> None:
        """Wait for its end.

        Args:
            timeout: For how many seconds at most.

        Raises:
            TimeoutError: It took longer.
            Pause: The run is to stop.
        """
        self.running.result(timeout)

    def result(self, timeout: float | None = None, raise_on_failure: bool = True) -> Any:
        """Return the step's result.

        Args:
            timeout: For how many seconds to wait at most.
            raise_on_failure: Whether its failure is raised here, or given back.

        Raises:
            TimeoutError: It took longer.
            Pause: The run is to stop.
        """
        data = self.running.result(timeout).data
        if raise_on_failure and isinstance(data, BaseException):
            raise data
        return data

    def add_done_callback(self, fn: Callable[[AnyFuture], None]) -> None:
        """Call something at its end.

        Args:
            fn: Gets this future.
        """
        self.running.add_done_callback(lambda _: fn(self))


def begin_at_once(step: Task[..., R], arguments: Sequence[str], after: Sequence[AnyFuture]) -> BegunStep[R]:
    """Begin a step in a thread of this process; where the run is to stop, that is told when it is waited for.

    Args:
        step: The step.
        arguments: Its arguments.
        after: Steps that have to succeed before.
    """
    return BegunStep(_POOL.submit(contextvars.copy_context().run, _do, step, arguments, after))


def wait_for_all(steps: Sequence[AnyFuture]) -> None:
    """Wait for all of some steps, also where one of them was stopped: none is to outlive its case's lease.

    Args:
        steps: The steps.
    """
    wait([step.running for step in steps if isinstance(step, BegunStep)])


def _do(step: Task[..., R], arguments: Sequence[str], after: Sequence[AnyFuture]) -> AnyState:
    if not all(any_future.state.is_completed() for any_future in after):
        return Pending(name="NotReady", message="What it waits for did not succeed.")
    try:
        raise_if_stopped()
        return _DONE.model_copy(update={"data": step.fn(*arguments)})
    except stopping():
        raise
    except BaseException as error:  # noqa: BLE001 - a step's failure is its own; the flow looks at its state
        # By its type: the message may quote what a log must not hold.
        logger.info("%s failed (%s)", step.name, type(error).__name__)
        return Failed(data=error)
