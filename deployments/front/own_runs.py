"""Rules for runs that people start, stop and retry: of our own deployments, with references of our catalogue.

What a deployment looks like on the server proves nothing, since it can be changed there: its name is looked up in the
catalogue, and the catalogue says which parameters it has.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Final, TypeAlias

from starlette.concurrency import run_in_threadpool

from deployments.desk.addresses import HOME, case_address
from deployments.front.body_checks import RETRY
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.states import read_case_id

Record: TypeAlias = Mapping[str, object]
Ask = Callable[[str], Awaitable[Record]]
"""Reads a record of Prefect's by the path of its API; empty where there is none."""

_NOT_OURS: Final = "This is no deployment of Rightsflow, so that its runs are not started or stopped here."
_UNKNOWN: Final = "The parameters are not the references of this deployment, such as a case's number; use its form."
_NO_STATE: Final = "The call names no state; cancel or retry the run."
_UNDER_WAY: Final = "The run has not ended, so that it cannot be retried."
_ENDED: Final = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})


async def why_not_started(ask: Ask, deployment_id: str, parameters: Record) -> str:
    """Say in a sentence why a run is not started; empty if it may be.

    Args:
        ask: Reads from Prefect.
        deployment_id: The deployment.
        parameters: Those of the new run.
    """
    deployment = await ask(f"/api/deployments/{deployment_id}")
    flow = await ask(f"/api/flows/{deployment.get('flow_id', '')}")
    # In a thread: what the catalogue needs is imported at the first call.
    return await run_in_threadpool(_why_not, str(flow.get("name")), str(deployment.get("name")), parameters)


async def why_not_changed(ask: Ask, run_id: str, state: Record) -> str:
    """Say in a sentence why a run is not cancelled or retried; empty if it may be.

    Args:
        ask: Reads from Prefect.
        run_id: The run.
        state: The state that it is to get.
    """
    if not state:
        return _NO_STATE
    run = await ask(f"/api/flow_runs/{run_id}")
    deployment = await ask(f"/api/deployments/{run.get('deployment_id') or ''}")
    flow = await ask(f"/api/flows/{run.get('flow_id', '')}")
    if not await run_in_threadpool(_is_ours, str(flow.get("name")), str(deployment.get("name"))):
        return _NOT_OURS
    has_ended = run.get("state_type") in _ENDED
    return _UNDER_WAY if state.get("name") == RETRY and not has_ended else ""


async def decided_elsewhere(ask: Ask, run_id: str, *, has_desk: bool) -> str:
    """Say where a run's gate is decided: never in Prefect.

    Args:
        ask: Reads from Prefect.
        run_id: The run.
        has_desk: Whether there is a desk.
    """
    if not has_desk:
        return "Gates are decided by the command line: `rightsflow identity` and `rightsflow decide`."
    name = str((await ask(f"/api/flow_runs/{run_id}")).get("name", ""))
    try:
        page = case_address("", read_case_id(name))
    except BadInput:
        page = HOME
    return f"Gates are decided at the desk: {page}"


def _why_not(flow: str, deployment: str, parameters: Record) -> str:
    # Late: Prefect's schema tools take a second to import.
    from prefect.utilities.schema_tools import validate  # noqa: PLC0415

    if not _is_ours(flow, deployment):
        return _NOT_OURS
    form = dict(_forms()[flow, deployment]) | {"additionalProperties": False}
    return _UNKNOWN if validate(dict(parameters), form) else ""


def _is_ours(flow: str, deployment: str) -> bool:
    return (flow, deployment) in _forms()


@cache
def _forms() -> Mapping[tuple[str, str], Record]:
    """The forms of our catalogue, by the names of flow and deployment."""
    # Late: with a desk the flows are there already; a server without one needs them at the first start of a run.
    from deployments.catalogue import planned  # noqa: PLC0415
    from deployments.internals import form_of  # noqa: PLC0415

    return {(item.flow_name or "", item.name): form_of(item) for item in planned()}
