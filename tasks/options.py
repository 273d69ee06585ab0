"""Options shared by all steps as Prefect tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypedDict

from prefect.cache_policies import NO_CACHE, CachePolicy
from prefect.client.schemas.objects import TaskRun

from rightsflow.cases.step.faults import StepFailed
from rightsflow.config.environment import Environment
from rightsflow.domain.errors import BadInput, Misconfigured, Transient, Unavailable
from tasks.prefect_io.kinds import AnyState, AnyTask


def is_worth_retrying(_task: object, _run: TaskRun, state: AnyState) -> bool:
    """Answer Prefect's question after a failed attempt: only temporary faults are retried.

    What was not even tried, so that others need not wait, is not: the keeper runs the case again. What no one foresaw
    is tried again too: it may be a passing fault, and the step is safe to repeat.
    """
    error = state.data if isinstance(state.data, Exception) else None
    if isinstance(error, BadInput | Unavailable):
        return False
    return isinstance(error, Transient | StepFailed)


def retry_seconds() -> list[float]:
    """Return the waits in seconds before further attempts (``RIGHTSFLOW_RETRY_SECONDS``, a JSON list).

    It is read while modules are imported, where a wrong variable would be a traceback; the fault is said later.
    """
    try:
        return Environment().retry_seconds
    except Misconfigured:
        waits: list[float] = Environment.model_fields["retry_seconds"].default
        return waits


class StepOptions(TypedDict):
    """The options of Prefect's ``task`` that all steps have."""

    persist_result: bool
    cache_policy: CachePolicy
    log_prints: bool
    retries: int
    retry_delay_seconds: list[float]
    retry_condition_fn: Callable[[AnyTask, TaskRun, AnyState], bool]


# Nothing of a step is kept by Prefect: neither its result nor what it prints (rule 2 of the design).
STEP: Final[StepOptions] = {
    "persist_result": False,
    "cache_policy": NO_CACHE,
    "log_prints": False,
    "retries": len(retry_seconds()),
    "retry_delay_seconds": retry_seconds(),
    "retry_condition_fn": is_worth_retrying,
}
