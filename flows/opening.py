"""Open a request by reference: a system, the number of a ticket there, and the right.

The connector reads the requester from the ticket; their data go to the vault and never through Prefect.
"""

from __future__ import annotations

from prefect import flow
from prefect.states import Completed

from flows.options import FLOW
from flows.references import Day, SystemName, TicketNumber, TicketRight
from flows.runs import this_run, with_outcome
from flows.starting import start_case
from flows.steps import refused
from rightsflow.app import current_app
from rightsflow.cases.course.intake.opening import open_from_ticket
from rightsflow.cases.step.faults import stopping
from rightsflow.domain.errors import BadInput
from rightsflow.domain.people import NO_ONE_SIGNED_IN
from rightsflow.domain.typed_input import read_day
from rightsflow.domain.vocabulary.rights import Right
from tasks.prefect_io.events import announce
from tasks.prefect_io.kinds import AnyState

_NOTHING_OPENED = "No case was opened."


@flow(name="open-from-ticket", flow_run_name="open from ticket", **FLOW)
def open_from_ticket_of(
    system: SystemName, ticket: TicketNumber, right: TicketRight, received_on: Day | None = None
) -> AnyState:
    """Open the request of the person who is a ticket's requester, and start its case.

    Their e-mail address, phone and customer number are read from the system and kept encrypted; nothing of them is
    entered here. Restrictions and rectifications need more than a ticket: open them at the desk.

    Args:
        system: The system with the ticket, as it is called in the configuration, for example helpdesk.
        ticket: The ticket's number there, for example 4711.
        right: What the person asks for: access (a copy of their data), erasure (to be forgotten), objection (no
            advertising any more) or consent-withdrawal.
        received_on: The day on which the request arrived, if that is not the day of the ticket. The month is counted
            from it.
    """
    try:
        opened = open_from_ticket(
            current_app(),
            str(system),
            str(ticket),
            _right(right),
            by=NO_ONE_SIGNED_IN,
            received_on=read_day(str(received_on)[:10], "The day on which it arrived") if received_on else None,
            intake_id=str(this_run()),
        )
        start_case(opened.case_id, opened.right)
    except stopping():
        raise
    except BaseException as error:  # noqa: BLE001 - whatever went wrong, its message must not reach Prefect
        return refused(error, "The intake", _NOTHING_OPENED)
    announce("opened", opened.case_id, right=opened.right.value, due_on=opened.due_on.isoformat())
    return Completed(message=with_outcome("Opened", f"{opened.case_id}, due {opened.due_on:%a %d %b %Y}."))


def _right(right: object) -> Right:
    try:
        return Right(str(getattr(right, "value", right)))
    except ValueError:
        raise BadInput("The right is not known; choose one of the list.") from None
