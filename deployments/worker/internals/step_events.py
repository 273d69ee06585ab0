"""The events by which the server hears of steps."""

from __future__ import annotations

from prefect.client.schemas.objects import TaskRun
from prefect.events.schemas.events import Event
from prefect.utilities.engine import emit_task_run_state_change_event

from tasks.prefect_io.bare_run import naming_the_run_alone
from tasks.prefect_io.kinds import AnyState


def tell_server(step: TaskRun, before: AnyState | None, state: AnyState, follows: Event | None) -> Event | None:
    """Tell the server of a step's state.

    Args:
        step: The step.
        before: The state that it was told of before; ``None`` for the first time.
        state: The state to tell of.
        follows: The event by which it was told of that.
    """
    with naming_the_run_alone():
        return emit_task_run_state_change_event(step, before, state, follows)
