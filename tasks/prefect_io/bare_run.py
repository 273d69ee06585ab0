"""Events that name only the run that sends them, without its related objects.

To each event that is sent from within a run, Prefect adds the run's flow, deployment, queue, pool and each of its tags.
For a case with three systems these are eleven rows in the server's database for each event, which the run's own events
have already.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from prefect.context import FlowRunContext


@dataclass(frozen=True, slots=True)
class _Run:
    """A run as an event names it; for a run of another type than its own, Prefect does not ask for related objects."""

    id: UUID
    name: str


@contextmanager
def naming_the_run_alone() -> Iterator[None]:
    """Make events sent in this context name only the run that sends them; outside of a run it changes nothing."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        yield
        return
    with FlowRunContext.model_construct(flow_run=_Run(context.flow_run.id, context.flow_run.name)):
        yield
