"""Turns the world into the data that the helpdesk's process is filled with (format: ``helpdesk.loading``)."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import count
from typing import Any

from rightsflow_sandbox.world.model import Agent, Attachment, Comment, Customer, Ticket
from rightsflow_sandbox.world.world import World

ACCOUNT_FIELD = "payment_account"
"""The user field in which the payment provider's key of the customer stands."""

ORDER_FIELD = 360_000_000_101
"""The key of the ticket field with the order number."""

_FIRST_IDENTITY = 14_000_000_000_001
_FIRST_RATING = 8_000_000_001
_ADMINISTRATOR = {"id": 9_098_000_000_000_001, "name": "Helpdesk Administrator", "email": "admin@agents.example.com"}

Record = dict[str, Any]


def helpdesk_data(world: World) -> dict[str, list[Record]]:
    """Return the helpdesk's initial data, in the API's field names."""
    began_at = min(person.since for person in world.people)
    staff = [{**_ADMINISTRATOR, "role": "admin", "created_at": _stamp(began_at)}]
    staff += [_agent(agent, began_at) for agent in world.agents]
    return {
        "users": staff + [_user(person) for person in world.people],
        "identities": list(_identities(world.people)),
        "organizations": [],
        "organization_memberships": [],
        "tickets": [_ticket(ticket) for ticket in world.tickets],
        "comments": [_comment(ticket.id, comment) for ticket in world.tickets for comment in ticket.comments],
        "suspended_tickets": [],
        "satisfaction_ratings": list(_ratings(world.tickets)),
    }


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _agent(agent: Agent, began_at: datetime) -> Record:
    return {
        "id": agent.user_id,
        "name": agent.name,
        "email": agent.email,
        "role": "agent",
        "created_at": _stamp(began_at),
    }


def _user(person: Customer) -> Record:
    return {
        "id": person.user_id,
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "shared_phone_number": person.phone_is_shared,
        "external_id": person.customer_id,
        "role": "end-user",
        "created_at": _stamp(person.since),
        "updated_at": _stamp(person.since),
        "locale": {"de": "de", "en": "en-GB"}[person.language],
        "notes": person.notes,
        "tags": ["two-accounts"] if len(person.accounts) > 1 else [],
        "user_fields": {ACCOUNT_FIELD: person.account},
        "verified": True,
    }


def _identities(people: Iterable[Customer]) -> Iterator[Record]:
    numbers = count(_FIRST_IDENTITY)
    for person in people:
        values = [("email", email) for email in person.emails]
        # A shared number has no identity: it stands in the profile only.
        values += [] if person.phone_is_shared else [("phone_number", person.phone)]
        for kind, value in values:
            yield {
                "id": next(numbers),
                "user_id": person.user_id,
                "type": kind,
                "value": value,
                "verified": True,
                "primary": value in {person.email, person.phone},
                "created_at": _stamp(person.since),
                "updated_at": _stamp(person.since),
            }


def _ticket(ticket: Ticket) -> Record:
    return {
        "id": ticket.id,
        "subject": ticket.subject,
        "description": ticket.comments[0].body,
        "status": ticket.status,
        "requester_id": ticket.requester_id,
        "submitter_id": ticket.requester_id,
        "assignee_id": ticket.assignee_id,
        "email_cc_ids": list(ticket.cc_ids),
        "collaborator_ids": list(ticket.cc_ids),
        "created_at": _stamp(ticket.comments[0].created_at),
        "updated_at": _stamp(max(comment.created_at for comment in ticket.comments)),
        "tags": list(ticket.tags),
        "custom_fields": [{"id": ORDER_FIELD, "value": ticket.order or None}],
    }


def _comment(ticket_id: int, comment: Comment) -> Record:
    system = {"client": "Mozilla/5.0", "ip_address": comment.ip_address, "location": "Berlin, BE, Germany"}
    record: Record = {
        "id": comment.id,
        "ticket_id": ticket_id,
        "author_id": comment.author_id,
        "type": "VoiceComment" if comment.voice else "Comment",
        "body": comment.body,
        "public": comment.public,
        "created_at": _stamp(comment.created_at),
        "metadata": {"system": system if comment.ip_address else {}, "custom": {}},
        "attachments": [_attachment(one) for one in comment.attachments],
    }
    if comment.voice:
        record["data"] = {
            "from": comment.voice.caller,
            "to": comment.voice.called,
            "started_at": _stamp(comment.created_at),
            "call_duration": comment.voice.seconds,
            "transcription_text": comment.voice.transcript,
            "transcription_status": "completed",
            "call_id": comment.voice.call_id,
            # The telephone system records, not the helpdesk.
            "recorded": False,
            "recording_url": None,
        }
    return record


def _attachment(attachment: Attachment) -> Record:
    return {
        "id": attachment.id,
        "file_name": attachment.file_name,
        "content_type": attachment.content_type,
        "content_base64": base64.b64encode(attachment.content).decode("ascii"),
    }


def _ratings(tickets: Iterable[Ticket]) -> Iterator[Record]:
    for number, ticket in enumerate((one for one in tickets if one.rating), start=_FIRST_RATING):
        rated_at = _stamp(max(comment.created_at for comment in ticket.comments))
        yield {
            "id": number,
            "ticket_id": ticket.id,
            "requester_id": ticket.requester_id,
            "assignee_id": ticket.assignee_id,
            "score": ticket.rating,
            "comment": ticket.rating_comment or None,
            "created_at": rated_at,
            "updated_at": rated_at,
        }
