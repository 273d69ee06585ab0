"""The runs: the present one, those on the server page by page, and the outcome that a state's message begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowFilter,
    FlowRunFilter,
)
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import FlowRunSort
from prefect.context import FlowRunContext, TaskRunContext

from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.states import read_case_id
from tasks.prefect_io.kinds import AnyState

OURS: Final = DeploymentFilter(tags=DeploymentFilterTags(all_=["rightsflow"]))
"""The runs of our deployments."""
INTERRUPTED: Final = "Interrupted"
"""The outcome of a failed run that the keeper starts again: something did not answer."""
WAITING_FOR_PROCESSORS: Final = "Waiting for processors"
"""The outcome of a run that ended before its answer; the keeper starts it again once it need not wait."""
COOLING_OFF: Final = "Cooling off"
"""The outcome of a run that ended before its erasure, so that the person can still take the request back."""
WAITING_FOR_ERASURE: Final = "Waiting for an erasure"
"""The outcome of a run that ended before it corrected anything, since another request of the person erases."""
WAITING_FOR_JOBS: Final = "Waiting for a system"
"""The outcome of a run that ended before its answer, since a system erases records by a job of its own."""
NOT_ACCEPTED: Final = "Not accepted"
"""The outcome of a run that was asked for what cannot be done: nothing has failed, and nothing was changed."""
OUTCOMES: Final = frozenset(
    {
        *(INTERRUPTED, WAITING_FOR_PROCESSORS, COOLING_OFF, WAITING_FOR_ERASURE, WAITING_FOR_JOBS, NOT_ACCEPTED),
        *("Answered", "Nothing held", "Opened", "Refused", "Stopped", "Waiting", "Withdrawn"),
    }
)
"""What the message of a state may begin with."""
PAGE: Final = 200
"""The largest that the server gives."""


def has_deployment() -> bool:
    """Return True if the present run belongs to a deployment, so that a worker can resume it."""
    context = FlowRunContext.get()
    return bool(context and context.flow_run and context.flow_run.deployment_id)


def is_in_batch() -> bool:
    """Return True if the caller works on a case of a batch: in its task run, where any other case has a flow run."""
    return TaskRunContext.get() is not None


def has_own_run() -> bool:
    """Return True if the present run is for a single case and has a deployment: it can be suspended at a gate."""
    return has_deployment() and not is_in_batch()


def this_run() -> UUID:
    """Return the id of the flow run in which this is called.

    Raises:
        RuntimeError: This is called in none.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        raise RuntimeError("this is called in a flow run only")
    return context.flow_run.id


def with_outcome(outcome: str, message: str) -> str:
    """Return the message of a state that says by its first words how a run ended.

    Prefect's page of a deployment shows no run whose state has a name of its own.

    Args:
        outcome: How it ended, in one to three words.
        message: What is to be said of it.
    """
    return f"{outcome}: {message}"


def outcome_of(state: AnyState) -> str:
    """Return the outcome with which a state's message begins, or the state's name where it has none.

    Args:
        state: The state.
    """
    word, _, rest = (state.message or "").partition(": ")
    return word if rest and word in OUTCOMES else state.name or state.type.value


def case_id_of(run: FlowRun) -> str:
    """Return the case that a run is for.

    Args:
        run: The run.

    Raises:
        BadInput: It is for none.
    """
    return read_case_id(str(run.parameters.get("case_id", "")))


def case_or_none(run: FlowRun) -> str:
    """Return the case that a run is for; empty where it is for none.

    Args:
        run: The run.
    """
    try:
        return case_id_of(run)
    except BadInput:
        return ""


def runs_that(fit: FlowRunFilter, client: SyncPrefectClient, offset: int = 0, *, page: int = PAGE) -> Iterator[FlowRun]:
    """Runs of our deployments, page by page, in a lasting order and each once.

    Args:
        fit: Which.
        client: Talks to the server.
        offset: How many to pass over.
        page: How many are asked for at a time.
    """
    return _pages(partial(client.read_flow_runs, flow_run_filter=fit, deployment_filter=OURS), offset, page)


def runs_of(flows: FlowFilter, client: SyncPrefectClient, offset: int = 0) -> Iterator[FlowRun]:
    """Runs of some flows, with or without a deployment, page by page, in a lasting order and each once.

    Args:
        flows: Which flows.
        client: Talks to the server.
        offset: How many to pass over.
    """
    return _pages(partial(client.read_flow_runs, flow_filter=flows), offset, PAGE)


def _pages(read: Callable[..., list[FlowRun]], offset: int, size: int) -> Iterator[FlowRun]:
    seen: set[str] = set()
    while page := read(sort=FlowRunSort.ID_DESC, limit=size, offset=offset):
        # What moves to the front meanwhile moves the others back, so that a later page begins with some of them.
        yield from (run for run in page if str(run.id) not in seen)
        seen |= {str(run.id) for run in page}
        if len(page) < size:
            return
        offset += size
