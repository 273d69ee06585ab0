"""What somebody types into a form is taken out of Prefect as soon as it is read: it may name the person.

What is no free text, such as a case id, stays only where it is what it should be: people mistake the field. Prefect
keeps a run's parameters in clear. Each flow with a form overwrites its own as its first act; a run that never comes to
that act is sealed by Prefect's hook, and one that is cancelled before a worker takes it by the reconciler.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.context import FlowRunContext
from prefect.states import Completed, Failed

from flows.forms import SendableLetter
from rightsflow.case import read_case_id
from rightsflow.errors import BadInput
from rightsflow.importing import is_bare_name
from tasks.attempt import STOPPING, without_content

SEALED: Final = "sealed"
"""What stands in the place of a text that was read."""

_KEY: Final = re.compile("[a-z][a-z0-9_-]{0,31}")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]{1,15}(Z|[+-]\d\d:\d\d)?)?", re.ASCII)


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
    """The parameters of a form without free text, without what a field is not made for, without unknown fields."""
    return {name: value if not value or _may_stay(name, str(value)) else SEALED for name, value in parameters.items()}


def _may_stay(name: str, text: str) -> bool:
    match name:
        case "case_id":
            return _is_case_id(text)
        case "deputy" | "person" | "to":
            return _KEY.fullmatch(text) is not None
        case "arrived_on" | "first_on" | "last_on" | "until":
            return _DAY.fullmatch(text) is not None
        case "dry_run" | "lift":
            return text == str(True)
        case "letter":
            return any(text in (letter.name, letter.value) for letter in SendableLetter)
    # The names of the compliance team are part of every case's ledger, and may be seen.
    return name == "your_name" or (name == "file" and is_bare_name(text))


def _is_case_id(text: str) -> bool:
    try:
        read_case_id(text)
    except BadInput:
        return False
    return True


def seal_ended_run(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001 - Prefect's
    """Seal, as Prefect's hook, also a run that ended before it came to its own first act."""
    overwrite_parameters(flow_run.id, sealed(flow_run.parameters))


SEALING: Final[dict[str, Any]] = {
    "persist_result": False,
    "log_prints": False,
    # Not validated by Prefect, which would log what was typed; the flow's own part checks it.
    "validate_parameters": False,
    "on_failure": [seal_ended_run],
    "on_crashed": [seal_ended_run],
}
"""The options of a flow whose parameters somebody may type."""


def carry_out(name: str, act: Callable[[], str]) -> State[Any]:
    """Do what a form asks for, after it was sealed, and end in a sentence.

    Args:
        name: The state in which the run ends when it was done.
        act: Does it and says in a sentence what was done.
    """
    context = FlowRunContext.get()
    typed = dict(context.parameters or {}) if context else {}
    if SEALED in typed.values():
        return Failed(message="This form was used up already; look at the case, and fill in a new one if need be.")
    try:
        overwrite_parameters(this_run(), sealed(typed))
        return Completed(name=name, message=act())
    except STOPPING:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever went wrong, its message must not reach Prefect
        return Failed(message=str(without_content(error, "This")))
