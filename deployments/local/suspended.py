"""Suspended runs whose gate was decided outside Prefect's form, and how they are made to go on."""

from __future__ import annotations

from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowRunFilter,
    FlowRunFilterName,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType

from rightsflow.gates import Gate

# The decision is in the case file already, so the form's answer is not read. Should it be read after all, it is one
# that no gate accepts, since it does not say who decides.
_ANSWERS: dict[Gate, dict[str, Any]] = {
    Gate.IDENTITY: {"result": "confirmed", "decided_by": ""},
    Gate.APPROVAL: {"decision": "approve", "decided_by": ""},
}
_PAUSED = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED]))


def suspended_runs(client: SyncPrefectClient, case_id: str = "") -> list[FlowRun]:
    """The runs that wait for a decision.

    Args:
        client: Talks to the server.
        case_id: The case; all cases by default.
    """
    name = FlowRunFilterName(any_=[case_id]) if case_id else None
    return client.read_flow_runs(
        flow_run_filter=FlowRunFilter(name=name, state=_PAUSED),
        deployment_filter=DeploymentFilter(tags=DeploymentFilterTags(all_=["rightsflow"])),
    )


def gate_of(run: FlowRun) -> Gate | None:
    """The gate at which a run is suspended."""
    word = ((run.state.state_details.pause_key if run.state else None) or "").partition("-")[0]
    return Gate(word) if word in set(Gate) else None


def resume(client: SyncPrefectClient, run: FlowRun) -> bool:
    """Let a suspended run go on; returns whether the server accepted that.

    Args:
        client: Talks to the server.
        run: The run; the decision at its gate is in the case file.
    """
    gate = gate_of(run)
    result = client.resume_flow_run(run.id, run_input=_ANSWERS[gate] if gate else None)
    return bool(result.status.value == "ACCEPT")
