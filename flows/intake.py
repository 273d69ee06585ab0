"""Open a request: the one form that holds personal data, sealed as its first act."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from prefect import Flow, flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.context import FlowRunContext
from prefect.deployments import run_deployment
from prefect.states import Completed, Failed
from pydantic import Field

from rightsflow.errors import RightsflowError
from rightsflow.request import Channel, RequestForm, Right
from tasks.events import announce
from tasks.intake import OpenedCase, open_sealed, seal_form

_BLANK: dict[str, Any] = {"right": Right.ACCESS.value, "received_on": "1970-01-01", "opened_by": "sealed"}
"""What the run's parameters read once they are sealed: valid for the form, and nobody's data."""


def _seal_ended_run(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001 - Prefect's
    """Seal, as Prefect's hook, also a run that ended before it came to its own first act."""
    _overwrite_parameters(flow_run.id)


# Not validated by Prefect, which would log what was typed and end the run before it is sealed; read_form checks it.
@flow(
    name="open-request",
    flow_run_name="open a request",
    persist_result=False,
    log_prints=False,
    validate_parameters=False,
    on_failure=[_seal_ended_run],
    on_crashed=[_seal_ended_run],
)
def open_request(
    right: Annotated[Right, Field(title="What is asked for", description="A copy of the data, or to be forgotten.")],
    received_on: Annotated[
        date,
        Field(title="Received on", description="The day it arrived, read or unread. The month is counted from it."),
    ],
    opened_by: Annotated[
        str,
        Field(title="Your name", description="Whoever opens a request cannot approve it later (four eyes)."),
    ],
    email: Annotated[
        str, Field(title="E-mail address of the person", description="For example anna@example.com.")
    ] = "",
    phone: Annotated[str, Field(title="Phone number of the person", description="For example +49 30 23125 000.")] = "",
    customer_id: Annotated[
        str, Field(title="Customer number", description="Your own number of the person, for example C-10001.")
    ] = "",
    account_id: Annotated[
        str, Field(title="Account number", description="In one of the systems, for example cus_A1B2C3.")
    ] = "",
    name: Annotated[
        str, Field(title="Name of the person", description="To address the letters. Nobody is searched for by name.")
    ] = "",
    channel: Annotated[Channel, Field(title="Arrived by", description="How the request came in.")] = Channel.EMAIL,
    country: Annotated[
        str, Field(title="Country of the person", description="Two letters, if you know it, for example DE.")
    ] = "",
    open_despite_duplicate: Annotated[
        bool,
        Field(title="Open a second case", description="Although the person has an open one of the same kind."),
    ] = False,
) -> State[Any]:
    """Enter a request that arrived. Give at least one of e-mail address, phone, customer number or account number.

    What you enter is moved into the encrypted vault at once and is not kept in Prefect.
    """
    form = _typed(
        right=right,
        email=email,
        phone=phone,
        customer_id=customer_id,
        account_id=account_id,
        name=name,
        received=received_on,
        channel=channel,
        country=country,
        opened_by=opened_by,
    )
    run_id = _this_run()
    try:
        if form.opened_by != _BLANK["opened_by"]:
            seal_form(str(run_id), form)
    except RightsflowError as error:
        return Failed(message=f"{error} Then fill in the form again.")
    finally:
        _overwrite_parameters(run_id)
    try:
        opened = open_sealed(str(run_id), despite_duplicate=open_despite_duplicate)
        _start(opened)
    except RightsflowError as error:
        return Failed(message=str(error))
    announce("opened", opened.case_id, right=opened.right.value, due_on=opened.due_on.isoformat())
    return Completed(name="Opened", message=f"{opened.case_id}, due {opened.due_on:%a %d %b %Y}.")


def _typed(**fields: object) -> RequestForm:
    """The form as text, whatever came for each field: words from the UI and the API, values from Python."""
    return RequestForm(**{field: "" if value is None else str(value) for field, value in fields.items()})


def _this_run() -> UUID:
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        raise RuntimeError("open-request runs as a flow only")
    return context.flow_run.id


def _overwrite_parameters(run_id: UUID) -> None:
    """Take the identifiers out of Prefect, also when the vault could not be reached."""
    with get_client(sync_client=True) as client:
        client.update_flow_run(run_id, parameters=_BLANK)


def _start(opened: OpenedCase) -> None:
    """Start the case's own run, once."""
    flow_name = f"{opened.right.value}-request"
    run_deployment(
        f"{flow_name}/{flow_name}",
        parameters={"case_id": opened.case_id},
        flow_run_name=opened.case_id,
        tags=[opened.right.value, *opened.systems],
        idempotency_key=opened.case_id,
        timeout=0,
        as_subflow=False,
    )
