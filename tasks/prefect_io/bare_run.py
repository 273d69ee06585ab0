"""Events that name the run from which they are sent, and not all that it belongs to.

To each event that is sent from within a run, Prefect adds the run's flow, deployment, queue, pool and each of its tags.
For a case with three systems these are eleven rows in the server's database beside each event. They stand beside the
run's own events already.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from prefect.context import FlowRunContext


@dataclass(frozen=True, slots=True)
class _Run:
    """What an event names a run by; of nothing but a run of its own type does Prefect ask what it belongs to."""

    id: UUID
    name: str


@contextmanager
def naming_the_run_alone() -> Iterator[None]:
    """What is sent meanwhile names the run from which it is sent; outside of a run nothing is different."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        yield
        return
    with FlowRunContext.model_construct(flow_run=_Run(context.flow_run.id, context.flow_run.name)):
        yield
