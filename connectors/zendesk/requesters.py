"""The requester of a ticket.

Source: Zendesk's API reference, Tickets (``GET /tickets/{id}``: ``requester_id``, ``via.channel``, ``created_at``) and
Users (``role`` is ``end-user``, ``agent`` or ``admin``; several people use a number with ``shared_phone_number``).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from connectors.zendesk.client import Api, Record
from connectors.zendesk.people import UserDirectory
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.languages import language_on_file
from rightsflow.domain.request import Channel
from rightsflow.domain.requesters import NoRequester, Requester, WhyNot, checked

_CHANNELS: Final = {"email": Channel.EMAIL, "web": Channel.WEB_FORM, "voice": Channel.PHONE}


def requester_of(api: Api, directory: UserDirectory, ticket: str) -> Requester:
    """Read the end user who is a ticket's requester.

    Raises:
        NoRequester: There is no such ticket, or no end user with an identifier is its requester.
    """
    if not (ticket.isascii() and ticket.isdigit()):
        raise NoRequester(WhyNot.NO_TICKET)
    found = api.find(f"/tickets/{int(ticket)}", "ticket")
    if found is None or found.get("status") == "deleted":
        raise NoRequester(WhyNot.NO_TICKET)
    user = api.find(f"/users/{found['requester_id']}", "user") if found.get("requester_id") else None
    if user is None or not user.get("active", True):
        raise NoRequester(WhyNot.NO_REQUESTER)
    person = directory.person(user, ())
    if not person.is_customer:
        raise NoRequester(WhyNot.AGENT)
    # What someone else uses too would find that other person.
    is_shared = bool(user.get("shared_phone_number"))
    return checked(
        Requester(
            identifiers=frozenset(
                item for item in person.identifiers if not (is_shared and item.kind is IdentifierKind.PHONE)
            ),
            channel=_CHANNELS.get(found.get("via", {}).get("channel", ""), Channel.HELPDESK),
            asked_at=_instant(found),
            language=language_on_file(user.get("locale")),
        )
    )


def _instant(ticket: Record) -> datetime | None:
    try:
        return datetime.fromisoformat(ticket.get("created_at", ""))
    except ValueError:
        return None
