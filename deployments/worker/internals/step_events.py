"""The events by which the server hears of steps.

To each event that is sent from within a run, Prefect adds what the run belongs to: its flow, deployment, queue, pool
and each of its tags. For a case with three systems these are eleven rows in the server's database beside each of some
sixteen steps. They stand beside the run's own events already, and beside a step stands the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from prefect.client.schemas.objects import TaskRun
from prefect.context import FlowRunContext
from prefect.events.schemas.events import Event
from prefect.utilities.engine import emit_task_run_state_change_event

from tasks.prefect_io.kinds import AnyState


@dataclass(frozen=True, slots=True)
class _Run:
    """What an event names a run by; of nothing but a run of its own type does Prefect ask what it belongs to."""

    id: UUID
    name: str


def tell_server(step: TaskRun, before: AnyState | None, state: AnyState, follows: Event | None) -> Event | None:
    """Tell the server of a step's state.

    Args:
        step: The step.
        before: The state that it was told of before; ``None`` for the first time.
        state: The state to tell of.
        follows: The event by which it was told of that.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return emit_task_run_state_change_event(step, before, state, follows)
    with FlowRunContext.model_construct(flow_run=_Run(context.flow_run.id, context.flow_run.name)):
        return emit_task_run_state_change_event(step, before, state, follows)
