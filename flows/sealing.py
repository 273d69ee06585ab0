"""Free text that somebody types into a form is taken out of Prefect as soon as it is read: it may name the person.

Prefect keeps a run's parameters in clear. Each flow with a form overwrites its own as its first act; a run that never
comes to that act is sealed by Prefect's hook, and one that is cancelled before a worker takes it by the reconciler.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.context import FlowRunContext
from prefect.states import Completed, Failed

from tasks.attempt import without_content

SEALED: Final = "sealed"
"""What stands in the place of a text that was read."""

_SHAPED: Final = frozenset(
    {"arrived_on", "case_id", "deputy", "first_on", "last_on", "letter", "person", "to", "your_name"}
)
"""The parameters that are no free text: keys, days, and the names of the compliance team."""


def this_run() -> UUID:
    """The id of the flow run in which this is called."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        raise RuntimeError("this is called in a flow run only")
    return context.flow_run.id


def overwrite_parameters(run_id: UUID, parameters: dict[str, Any]) -> None:
    """Put other parameters in the place of a run's own.

    Args:
        run_id: The run.
        parameters: What stands there from now on.
    """
    with get_client(sync_client=True) as client:
        client.update_flow_run(run_id, parameters=parameters)


def sealed(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a form of the desk without what was typed as free text, also under a name nobody knows."""
    return {name: value if name in _SHAPED or not value else SEALED for name, value in parameters.items()}


def seal_ended_run(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001 - Prefect's
    """Seal, as Prefect's hook, also a run that ended before it came to its own first act."""
    overwrite_parameters(flow_run.id, sealed(flow_run.parameters))


def carry_out(name: str, act: Callable[[], str]) -> State[Any]:
    """Do what a form asks for, after its free text was taken out of Prefect, and end in a sentence.

    Args:
        name: The state in which the run ends when it was done.
        act: Does it and says in a sentence what was done.
    """
    context = FlowRunContext.get()
    typed = dict(context.parameters or {}) if context else {}
    if any(value == SEALED for name, value in typed.items() if name not in _SHAPED):
        return Failed(message="This form was used up already; look at the case, and fill in a new one if need be.")
    try:
        overwrite_parameters(this_run(), sealed(typed))
        return Completed(name=name, message=act())
    except Exception as error:  # noqa: BLE001 - whatever went wrong, its message must not reach Prefect
        return Failed(message=str(without_content(error, "This")))
