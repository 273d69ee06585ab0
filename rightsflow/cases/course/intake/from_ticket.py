"""Open a request by reference to a ticket, whose requester the ticket's system names."""

from __future__ import annotations

from datetime import date
from typing import Final, cast

from rightsflow.cases.app import App
from rightsflow.cases.course.intake.opening import OpenedCase, open_one
from rightsflow.domain.connector import ReadsRequesters
from rightsflow.domain.errors import BadInput
from rightsflow.domain.request import RequestForm, read_form
from rightsflow.domain.requesters import Requester, read_ticket_number
from rightsflow.domain.vocabulary.rights import Right

RIGHTS: Final = (Right.ACCESS, Right.ERASURE, Right.OBJECTION, Right.CONSENT)
"""The rights that a ticket's number is enough for; a restriction needs its ground, a rectification its items."""


def ticket_systems(app: App) -> list[str]:
    """Return the systems from whose tickets a request can be opened, in the order of the configuration.

    Args:
        app: What it works with.
    """
    return [system for system, capability in app.capabilities.items() if capability.has_tickets]


def open_from_ticket(
    app: App,
    system: str,
    ticket: str,
    right: Right,
    *,
    by: str,
    received_on: date | None = None,
    intake_id: str = "",
) -> OpenedCase:
    """Open the case of a ticket's requester, whose data go straight to the vault.

    Args:
        app: What it works with.
        system: The ticket's system, as it is called in the configuration.
        ticket: The ticket's number.
        right: What the requester asks for.
        by: Who opens it.
        received_on: The day on which the request arrived; the ticket's own by default.
        intake_id: A name by which it becomes one case only, however often it is opened; empty for none.

    Raises:
        BadInput: The right needs more than a ticket, there is no such system, or the ticket shows no one person to
            whom it belongs; nothing was opened.
        Conflict: The person has an open case of the kind already.
        Transient: The system or the case store does not answer.
    """
    if right not in RIGHTS:
        needed = "its ground" if right is Right.RESTRICTION else "what is to be corrected"
        raise BadInput(f"A {right.value} needs {needed} too; open it at the desk or with `rightsflow open`.")
    requester = _requester(app, system, ticket)
    received = received_on.isoformat() if received_on else requester.asked_at.isoformat() if requester.asked_at else ""
    form = RequestForm(
        right=right.value,
        received=received,
        channel=requester.channel.value,
        language=requester.language,
        opened_by=by,
    )
    return open_one(app, read_form(form, app.reading, requester.identifiers), intake_id=intake_id)


def _requester(app: App, system: str, ticket: str) -> Requester:
    known = ticket_systems(app)
    if not known:
        raise BadInput("No configured system reads the requester from a ticket; open the request at the desk.")
    name = system.strip().lower()
    if name not in known:
        raise BadInput(f"The system has no tickets to open a request from; name one of {', '.join(known)}.")
    return cast("ReadsRequesters", app.connectors[name]).requester_of(read_ticket_number(ticket))
