"""Shapes of Zendesk's records, as far as the connector reads them by name.

Source: Zendesk's API reference (tickets, ticket comments, users, user identities, suspended tickets, job statuses). A
record has further fields, which are given to the person unchanged; any of the fields here may be missing.
"""

from __future__ import annotations

from typing import Literal, TypedDict

PeopleList = Literal["collaborator_ids", "follower_ids", "email_cc_ids"]
"""Lists of a ticket's further readers."""


class CustomField(TypedDict, total=False):
    """A custom field of a ticket with its value."""

    id: int
    value: object


class TicketFile(TypedDict, total=False):
    """A file at a comment or a suspended message."""

    id: int
    file_name: str
    content_type: str
    content_url: str
    size: int
    deleted: bool
    malware_scan_result: str


class CallEntry(TypedDict, total=False):
    """The telephone system's entry on a call."""

    call_id: int
    recording_url: str
    answered_by_id: int


class MessageSender(TypedDict, total=False):
    """The sender of a suspended message."""

    id: int
    name: str
    email: str


class Via(TypedDict, total=False):
    """The channel by which a ticket or a comment came in."""

    channel: str


class Metadata(TypedDict, total=False):
    """Technical data of a comment."""

    system: object


class Record(TypedDict, total=False):
    """A ticket, a comment, a user, an identity, a suspended message or a job."""

    id: int
    type: str
    status: str
    created_at: str
    updated_at: str
    external_id: str | None
    # Tickets.
    requester_id: int
    submitter_id: int
    collaborator_ids: list[int]
    follower_ids: list[int]
    email_cc_ids: list[int]
    tags: list[str]
    custom_fields: list[CustomField]
    # Comments and suspended messages.
    author_id: int
    author: MessageSender
    attachments: list[TicketFile]
    data: CallEntry
    via: Via
    metadata: Metadata
    # Users and their identities.
    user_id: int
    role: str
    active: bool
    shared_phone_number: bool | None
    locale: str
    name: str
    email: str
    phone: str
    organization_name: str
    photo: TicketFile
    user_fields: dict[str, object]
    value: object
    # Jobs, whose results have three shapes.
    results: object


class UserPage(TypedDict, total=False):
    """Several users, with their identities where they were asked for."""

    users: list[Record]
    identities: list[Record]
