"""Open a request: the one form that holds personal data, sealed as its first act."""

from __future__ import annotations

from datetime import date

from prefect.states import Completed

from flows.fields import OPEN_REQUEST, SEALED, SEALED_PARAMETERS
from flows.scrubbing import form, overwrite_parameters, refused, this_run
from flows.starting import start_case
from flows.steps import failed
from rightsflow.app import current_app
from rightsflow.cases.intake.opening import open_sealed, seal_form
from rightsflow.cases.step.faults import stopping
from rightsflow.domain.actors import NO_ONE_SIGNED_IN
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.request import Channel, RequestForm
from rightsflow.domain.vocabulary.rights import RestrictionGround, Right
from tasks.prefect_io.events import announce
from tasks.prefect_io.kinds import AnyState

_AGAIN = "No case was opened. What was typed is not kept in Prefect, so that the form has to be filled in again."


@form(OPEN_REQUEST, "open a request")
def open_request(
    right: Right,
    received_on: date,
    email: str = "",
    phone: str = "",
    customer_id: str = "",
    account_id: str = "",
    account_system: str = "",
    name: str = "",
    channel: Channel = Channel.NOT_STATED,
    country: str = "",
    language: str = "",
    ground: RestrictionGround | None = None,
    corrections: str = "",
    open_despite_duplicate: bool = False,
) -> AnyState:
    """Enter a request that arrived. Give at least one of e-mail address, phone, customer number or account number.

    What you enter is moved into the encrypted vault at once and is not kept in Prefect. The texts below are the form's.

    Args:
        right: What the person asks for: access (a copy of their data), erasure (to be forgotten), objection (no
            advertising any more), restriction (store it only), consent-withdrawal or rectification (correct it).
        received_on: The day on which the request arrived, read or unread. The month is counted from it.
        email: The person's e-mail address, for example anna@example.com. Give this or another identifier.
        phone: The person's phone number, for example +49 30 23125 000.
        customer_id: Your own customer number of the person, for example C-10001.
        account_id: An account number in one of the systems, for example cus_A1B2C3.
        account_system: The system that issued the account number, as it is called in the configuration, for example
            payments. It may stay empty where only one system issues account numbers.
        name: The person's name, to address the letters. No one is searched for by name.
        channel: How the request arrived. Letters are mailed by themselves only after an e-mail or a web form.
        country: The person's country as two letters, if you know it, for example DE.
        language: The language the person wrote in, as a code, for example de; else that of the country counts.
        ground: For a restriction only: accuracy (they contest it), unlawful, claim (they need it for one), or objection
            (one under Art. 21(1) GDPR is open).
        corrections: For a rectification only, a line for each item: what | what stands there | what is right | why |
            proof. For example: phone | +49 30 23125 000 | +49 30 23125 001 | a digit is wrong | bill of May seen.
        open_despite_duplicate: Open a second case although the person has an open one of the same kind.
    """
    typed = _typed(
        right=right,
        email=email,
        phone=phone,
        customer_id=customer_id,
        account_id=account_id,
        account_system=account_system,
        name=name,
        received=received_on,
        channel=channel,
        country=country,
        language=language,
        ground=ground,
        corrections=corrections,
        opened_by=NO_ONE_SIGNED_IN,
    )
    run_id = this_run()
    try:
        if typed.name != SEALED:
            seal_form(current_app(), str(run_id), typed)
    except stopping():
        raise
    except BaseException as error:  # noqa: BLE001 - whatever went wrong, its message must not reach Prefect
        return refused(error, "The intake", "Then fill in the form again.")
    finally:
        overwrite_parameters(run_id, SEALED_PARAMETERS)
    return _opened(str(run_id), despite_duplicate=open_despite_duplicate)


def _opened(run_id: str, *, despite_duplicate: bool) -> AnyState:
    """Open the case of a form that was sealed, and start it."""
    try:
        opened = open_sealed(current_app(), run_id, despite_duplicate=despite_duplicate)
        start_case(opened.case_id, opened.right)
    except stopping():
        raise
    except BaseException as error:  # noqa: BLE001 - as above
        if isinstance(error, BadInput | Conflict):
            return refused(error, "The intake", _AGAIN)
        return failed(error, "The intake")
    announce("opened", opened.case_id, right=opened.right.value, due_on=opened.due_on.isoformat())
    return Completed(name="Opened", message=f"{opened.case_id}, due {opened.due_on:%a %d %b %Y}.")


def _typed(**fields: object) -> RequestForm:
    """The form as text, whatever came for each field: words from the UI and the API, values from Python."""
    return RequestForm(**{field: "" if value is None else str(value) for field, value in fields.items()})
