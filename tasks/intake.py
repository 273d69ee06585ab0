"""From a form to a case: seal, check, open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rightsflow.errors import BadInput, Conflict, Misconfigured
from rightsflow.request import Request, RequestForm, Right, read_form
from rightsflow.settings import CASE_OWNER
from tasks.answering import write_acknowledgement
from tasks.case_clock import dates_on_receipt
from tasks.forecasting import renew_forecast
from tasks.mailing import try_to_mail
from tasks.runtime import Runtime, runtime


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A case that was opened.

    Args:
        case_id: Its id.
        right: What is asked for.
        due_on: The last day of the law, in the controller's time zone.
        safe_due_on: The conservative reading of that day.
        work_to_on: The day to work to: the last working day on or before it.
        systems: The systems that will be searched.
    """

    case_id: str
    right: Right
    due_on: date
    safe_due_on: date
    work_to_on: date
    systems: tuple[str, ...]


def seal_form(intake_id: str, form: RequestForm) -> None:
    """Move what was typed into the vault; the same intake again changes nothing.

    Args:
        intake_id: A name for the intake, the id of its flow run.
        form: What was typed, unchecked.

    Raises:
        Transient: The case store does not answer.
    """
    if form != RequestForm():
        runtime().store.seal_intake(intake_id, form)


def open_sealed(intake_id: str, *, despite_duplicate: bool = False) -> OpenedCase:
    """Turn a sealed form into a case, once; the sealed form is dropped whether it is usable or not.

    Args:
        intake_id: The intake's name.
        despite_duplicate: Whether to open a second case although the person has an open one of the kind.

    Raises:
        BadInput: The form is not usable; nothing was changed.
        Conflict: The person has an open case of the kind already.
        Misconfigured: The configuration is wrong; the form stays sealed and can be opened later.
        Transient: The case store does not answer; the form stays sealed and can be opened later.
    """
    current = runtime()
    known = current.store.case_of_intake(intake_id)
    if known:
        # An earlier attempt may have been cut short right after the case was opened.
        write_acknowledgement(known)
        current.store.drop_intake(intake_id)
        return _opened(current, known)
    form = current.store.read_intake(intake_id)
    if form is None:
        raise BadInput("This form was used up already; fill in a new one.")
    try:
        opened = open_request_form(form, despite_duplicate=despite_duplicate, intake_id=intake_id)
    except Misconfigured:
        raise  # Not the form's fault: it stays sealed until the configuration is mended.
    except (BadInput, Conflict):
        current.store.drop_intake(intake_id)
        raise
    current.store.drop_intake(intake_id)
    return opened


def open_request_form(form: RequestForm, *, despite_duplicate: bool = False, intake_id: str = "") -> OpenedCase:
    """Check a form and open its case: clock started, owner set, acknowledgement written.

    Args:
        form: What was typed.
        despite_duplicate: Whether to open a second case although the person has an open one of the kind.
        intake_id: The sealed form it came from, where there is one.

    Raises:
        BadInput: The form is not usable; nothing was changed.
        Conflict: The person has an open case of the kind already.
        Transient: The case store does not answer.
    """
    current = runtime()
    controller = current.settings.controller
    request = read_form(form, now=current.now(), zone=controller.zone, country=controller.country)
    twins = current.store.open_cases_of(request.identifiers, request.right)
    if twins and not despite_duplicate:
        raise Conflict(
            f"This person has an open {request.right.value} case already, {twins[0]}; "
            "go on with that one, or say that a second one is wanted."
        )
    dates = dates_on_receipt(request.received_at, request.right, controller)
    case_id = current.store.open_case(request, dates, CASE_OWNER, intake_id)
    _note_earlier_cases(case_id, request, current)
    renew_forecast(case_id, current)
    write_acknowledgement(case_id)
    try_to_mail(case_id, current)
    return _opened(current, case_id)


def _note_earlier_cases(case_id: str, request: Request, current: Runtime) -> None:
    """Note which cases the same person had before: found by keyed hashes, also when everything else was erased."""
    earlier = [one for one in current.store.cases_of(request.identifiers) if one != case_id]
    if earlier:
        with current.store.case_file(case_id) as file:
            file.note_earlier_cases(earlier)


def _opened(current: Runtime, case_id: str) -> OpenedCase:
    with current.store.case_file(case_id) as file:
        return OpenedCase(
            case_id, file.right, file.due_on, file.safe_due_on, file.work_to_on, tuple(current.connectors)
        )
