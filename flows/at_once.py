"""Steps of a case of a batch: done where they are begun, without a task run each.

The case is a task run of its own, and what belongs to its steps is in the case file and on its sheet. A step that fails
does not stop those beside it; what waited for it is not begun. It is tried again in the case's next turn, in which the
steps that are done are not done again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import uuid4

from prefect import Task
from prefect.futures import PrefectTaskRunFuture
from prefect.states import Completed, Failed, Pending

from rightsflow.cases.step.faults import stopping
from tasks.prefect_io.internals import raise_if_stopped
from tasks.prefect_io.kinds import AnyFuture, AnyState

logger = logging.getLogger(__name__)

R = TypeVar("R")


class DoneStep(PrefectTaskRunFuture[R]):
    """A step that has ended, in the place of Prefect's future.

    Args:
        state: The state it ended in, with its result or its error.
    """

    def __init__(self, state: AnyState) -> None:
        super().__init__(uuid4())
        self._state = state

    @property
    def state(self) -> AnyState:
        """The state it ended in."""
        return self._state

    def wait(self, timeout: float | None = None) -> None:
        """Wait for its end, which has come.

        Args:
            timeout: Not needed.
        """

    def result(self, timeout: float | None = None, raise_on_failure: bool = True) -> Any:  # noqa: ARG002 - Prefect's
        """What it gave back.

        Args:
            timeout: Not needed.
            raise_on_failure: Whether its failure is raised here, or given back.
        """
        if raise_on_failure and isinstance(self._state.data, BaseException):
            raise self._state.data
        return self._state.data

    def add_done_callback(self, fn: Callable[[AnyFuture], None]) -> None:
        """Call something at its end, which has come.

        Args:
            fn: Gets this future.
        """
        fn(self)


def done_at_once(step: Task[..., R], arguments: Sequence[str], after: Sequence[AnyFuture]) -> DoneStep[R]:
    """Do a step in this thread.

    Args:
        step: The step.
        arguments: Its arguments.
        after: Steps that have to have succeeded.

    Raises:
        Pause: The run is to stop.
    """
    raise_if_stopped()
    if not all(one.state.is_completed() for one in after):
        return DoneStep(Pending(name="NotReady", message="What it waits for did not succeed."))
    try:
        return DoneStep(Completed(data=step.fn(*arguments)))
    except stopping():
        raise
    except BaseException as error:  # noqa: BLE001 - a step's failure is its own; the flow looks at its state
        # By its type: the message may quote what a log must not hold.
        logger.info("%s failed (%s)", step.name, type(error).__name__)
        return DoneStep(Failed(data=error))
