"""The removal of typed text from Prefect as soon as a form is read: the text may name the person.

Prefect stores the parameters of a run in clear. Each flow with a form overwrites its own as its first act. Text that a
run does not read is moved to the vault under the id of the run, and scrubbed in Prefect: by the worker where the form
has fields that the flow does not know, by Prefect's hook where the run ended before its first act, and by the keeper
where no worker takes the run. A run that is worked on afterwards finds the typed text in the vault.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from functools import wraps
from typing import Final
from uuid import UUID

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext
from prefect.states import Cancelled, Completed, Failed

from flows.fields import FIELDS, OPEN_REQUEST, SEALED, scrubbed
from flows.options import FLOW
from rightsflow.app import current_app, current_store
from rightsflow.cases.step.faults import stopping, without_content
from rightsflow.domain.errors import BadInput, Conflict, Misconfigured, RightsflowError
from tasks.prefect_io.kinds import AnyFlow, AnyState, StateFlow

Keep = Callable[[str, Mapping[str, object]], None]
"""Keeps what was typed in the vault: the id of the run, and the fields."""

_USED_UP: Final = "This form was used up already; look at the case, and fill in a new one if need be."
_UNKNOWN_FIELD: Final = (
    "A field that this form does not have was taken out of Prefect; what was typed there is kept encrypted for 30 days."
)
"""Told at the end of a run, which names neither the field nor what was typed."""


NOT_ACCEPTED: Final = "Not accepted"
"""The state of a form that asks for what cannot be done: nothing has failed, and nothing was changed."""
_AGAIN: Final = "Nothing was changed. “Copy to new run” fills in again what is no free text."


def refused(error: BaseException, what: str, then: str = "") -> AnyState:
    """The end of a run whose form was not carried out, in words that are safe to show.

    A mistake of who filled it in is no failure of the service: it is not counted as one, and nothing tries it again.

    Args:
        error: Why.
        what: What was done, to begin the sentence with where no one foresaw the error.
        then: What to do then.
    """
    said = f"{without_content(error, what)} {then}".strip()
    if isinstance(error, BadInput | Conflict) and not isinstance(error, Misconfigured):
        return Cancelled(name=NOT_ACCEPTED, message=said)
    return Failed(message=said)


def this_run() -> UUID:
    """The id of the flow run in which this is called."""
    run = _run()
    if run is None:
        raise RuntimeError("this is called in a flow run only")
    return run.id


def _run() -> FlowRun | None:
    context = FlowRunContext.get()
    return context.flow_run if context else None


def overwrite_parameters(run_id: UUID, parameters: dict[str, object]) -> None:
    """Put other parameters in the place of a run's own.

    Args:
        run_id: The run.
        parameters: What stands there from now on.
    """
    with get_client(sync_client=True) as client:
        client.update_flow_run(run_id, parameters=parameters)


def keep_typed(
    keep: Keep, run_id: UUID, flow_name: str, parameters: Mapping[str, object], names: Collection[str]
) -> dict[str, object]:
    """Move what was typed into a form to the vault; returns what may stand in Prefect in its place.

    Args:
        keep: Keeps fields in the vault, by the run's id.
        run_id: The form's run.
        flow_name: Its flow.
        parameters: Its parameters.
        names: The names of colleagues that may be seen in Prefect.

    Raises:
        Transient: The case store does not answer; nothing was moved.
    """
    safe = scrubbed(flow_name, parameters, names)
    typed = {name: value for name, value in parameters.items() if value != SEALED and value != safe.get(name)}
    if typed:
        keep(str(run_id), typed)
    return safe


def take_out_unknown(of: AnyFlow, run: FlowRun) -> None:
    """Before a run begins, move a form with fields that its flow does not know: Prefect would end the run for them.

    What a required field lacks is filled in empty, since Prefect would quote all others in its error. The flow then
    says what is missing.

    Args:
        of: The flow.
        run: Its run, whose parameters are changed in place.

    Raises:
        Transient: The case store does not answer.
    """
    known = inspect.signature(of.fn).parameters
    if not run.parameters.keys() <= known.keys():
        run.parameters = keep_typed(current_store().intakes.keep_typed, run.id, of.name, run.parameters, _names())
        overwrite_parameters(run.id, run.parameters)
    missing = {
        name: ""
        for name, parameter in known.items()
        if parameter.default is parameter.empty and name not in run.parameters
    }
    run.parameters = run.parameters | missing


def _scrub_ended_run(flow: AnyFlow, flow_run: FlowRun, state: AnyState) -> None:  # noqa: ARG001 - Prefect's
    """Scrub, as Prefect's hook, also a run that ended before its own first act."""
    safe = scrubbed(flow.name, flow_run.parameters, _names())
    # Without the case store it leaves Prefect all the same: the keeper would not get to it either.
    with suppress(Exception), get_client(sync_client=True) as client:
        # As they are now: what the flow has read and scrubbed is used up.
        present = client.read_flow_run(flow_run.id).parameters
        safe = keep_typed(current_store().intakes.keep_typed, flow_run.id, flow.name, present, _names())
    overwrite_parameters(flow_run.id, safe)


def _names() -> frozenset[str]:
    """The names of the configured people; none where the configuration cannot be read."""
    try:
        return current_app().settings.names
    except RightsflowError:
        return frozenset()


def form(name: str, run_name: str | None = None) -> Callable[[Callable[..., AnyState]], StateFlow]:
    """Make a flow of a function whose parameters people type.

    Args:
        name: The flow's name.
        run_name: What its runs are called; ``None`` for the flow of a case, whose runs are named by the case and read
            nothing but its id.
    """

    def make(act: Callable[..., AnyState]) -> StateFlow:
        FIELDS[name] = tuple(inspect.signature(act).parameters)
        made = flow(
            name=name,
            flow_run_name=run_name,
            # Not validated by Prefect, which would log what was typed; the flow's own part checks it.
            validate_parameters=False,
            on_failure=[_scrub_ended_run],
            on_crashed=[_scrub_ended_run],
            **FLOW,
        )
        result: StateFlow = made(_reading_typed(name, act) if run_name else act)
        return result

    return make


def _reading_typed(name: str, act: Callable[..., AnyState]) -> Callable[..., AnyState]:
    """The function, given what was moved to the vault before the run reached it."""
    signature = inspect.signature(act)

    @wraps(act)
    def read(*args: object, **kwargs: object) -> AnyState:
        given = dict(signature.bind(*args, **kwargs).arguments)
        context, run = FlowRunContext.get(), _run()
        if run is None:
            return act(**given)
        try:
            typed = current_store().intakes.read_typed(str(run.id))
            fields = typed.keys() & signature.parameters.keys()
            if name != OPEN_REQUEST:
                # Before it is carried out, so that it is not carried out twice.
                current_store().intakes.drop_typed(str(run.id), fields)
        except RightsflowError as error:
            return refused(error, "This", "Then fill in the form again.")
        given = _without_seals(given) if fields and name == OPEN_REQUEST else given
        restored = {field: typed[field] for field in fields}
        if context and context.parameters is not None:
            context.parameters.update(restored)
        state = act(**(given | restored))
        if name == OPEN_REQUEST and state.is_completed():
            # Only now: a request that led to no case is not lost, and Retry reads it again.
            current_store().intakes.drop_typed(str(run.id), fields)
        if typed.keys() - fields:
            state = state.model_copy(update={"message": f"{state.message or ''} {_UNKNOWN_FIELD}".strip()})
        return state

    return read


def _without_seals(given: Mapping[str, object]) -> dict[str, object]:
    """Return the given values without seals: a seal replaces a value in the vault, or one that was left empty."""
    return {field: value for field, value in given.items() if value != SEALED}


def carry_out(name: str, act: Callable[[], str]) -> AnyState:
    """Do what a form asks for, after it was scrubbed, and end in a sentence.

    Args:
        name: The state in which the run ends when it was done.
        act: Does it and says in a sentence what was done.
    """
    context = FlowRunContext.get()
    typed = dict(context.parameters or {}) if context else {}
    if SEALED in typed.values():
        return Cancelled(name=NOT_ACCEPTED, message=_USED_UP)
    try:
        overwrite_parameters(
            this_run(), scrubbed(context.flow.name if context and context.flow else "", typed, _names())
        )
        return Completed(name=name, message=act())
    except stopping():
        raise
    except BaseException as error:  # noqa: BLE001 - whatever went wrong, its message must not reach Prefect
        return refused(error, "This", _AGAIN if isinstance(error, BadInput | Conflict) else "")
