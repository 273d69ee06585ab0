"""The helpdesk that the connector is tested on: one subject, and neighbours who cross her path.

All people are invented. Anna is the subject; Ben shares her landline and a ticket; Carla has a ticket in which an
agent wrote Anna's address down; Dora's address contains Anna's.
"""

from __future__ import annotations

import base64
import copy
from typing import Any

EMAIL = "anna.berg@example.com"
SECOND_EMAIL = "a.berg@example.org"
CUSTOMER_ID = "KD-100482"
ACCOUNT_ID = "cus_AnnaBerg482"
NAME = "Anna Berg"
MOBILE = "+4915112345678"
LANDLINE = "+4930901820"

ADMIN, AGENT = 11, 12
ANNA, BEN, CARLA, DORA, ERNA = 9_007_199_254_741_001, 102, 103, 104, 105
OWN, CLOSED, SHARED, COPIED, MENTION, DORAS, BENS = 1, 2, 3, 4, 5, 6, 7
VOICE_COMMENT, CALL = 104, 7001
PDF = b"%PDF-1.4 an invented invoice " * 40
WAV = b"RIFF an invented call " * 5000
SUSPENDED, FOREIGN_SUSPENDED = 81, 82


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _file(number: int, name: str, content: bytes = PDF) -> dict[str, Any]:
    return {"id": number, "file_name": name, "content_type": "application/pdf", "content_base64": _b64(content)}


def _comment(number: int, ticket: int, author: int, body: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "ticket_id": ticket,
        "author_id": author,
        "body": body,
        "created_at": f"2026-03-01T10:{number % 60:02}:00Z",
        "metadata": {"system": {"ip_address": f"203.0.113.{number % 250}", "location": "Berlin"}, "custom": {}},
        **more,
    }


USERS = [
    {"id": ADMIN, "name": "Ina Admin", "email": "ina@desk.example", "role": "admin"},
    {"id": AGENT, "name": "Gerd Agent", "email": "gerd@desk.example", "role": "agent"},
    {
        "id": ANNA,
        "name": NAME,
        "email": EMAIL,
        "phone": LANDLINE,
        "shared_phone_number": True,
        "external_id": CUSTOMER_ID,
        "user_fields": {"payment_customer": ACCOUNT_ID},
        "notes": "prefers to be called in the evening",
        "created_at": "2025-12-31T23:30:00Z",
    },
    {
        "id": BEN,
        "name": "Ben Berg",
        "email": "ben.berg@example.com",
        "phone": "030 901820",
        "shared_phone_number": True,
        "external_id": "KD-200001",
    },
    {"id": CARLA, "name": "Carla Cruz", "email": "carla@example.com", "external_id": "KD-300001"},
    {"id": DORA, "name": "Dora Dorn", "email": "dora.anna.berg@example.com", "external_id": "KD-1004821"},
]

IDENTITIES = [
    {"id": 501, "user_id": ANNA, "type": "email", "value": EMAIL, "primary": True},
    {"id": 502, "user_id": ANNA, "type": "email", "value": SECOND_EMAIL},
    {"id": 503, "user_id": ANNA, "type": "phone_number", "value": "+49 151 12345678"},
]

TICKETS = [
    {
        "id": OWN,
        "subject": "Washing machine leaks",
        "status": "open",
        "requester_id": ANNA,
        "assignee_id": AGENT,
        "created_at": "2026-02-28T23:30:00Z",
        "custom_fields": [{"id": 31, "value": "ORD-77"}],
    },
    {
        "id": CLOSED,
        "subject": "Old question",
        "status": "closed",
        "requester_id": ANNA,
        "updated_at": "2026-11-01T08:00:00Z",
    },
    {
        "id": SHARED,
        "subject": "Delivery for Anna Berg and family",
        "status": "solved",
        "requester_id": ANNA,
        "email_cc_ids": [BEN],
        "custom_fields": [{"id": 31, "value": CUSTOMER_ID}, {"id": 32, "value": "blue"}],
        "tags": ["vip", "kd-100482"],
    },
    {"id": COPIED, "subject": "Ben's boiler", "status": "open", "requester_id": BEN, "email_cc_ids": [ANNA, CARLA]},
    {"id": MENTION, "subject": "Wrong parcel", "status": "open", "requester_id": CARLA, "assignee_id": AGENT},
    {"id": DORAS, "subject": "Invoice copy", "status": "open", "requester_id": DORA},
    {"id": BENS, "subject": "Ben alone", "status": "open", "requester_id": BEN},
]

COMMENTS = [
    _comment(
        101, OWN, ANNA, "It leaks & floods.\nPlease call +49 151 12345678", attachments=[_file(901, "invoice.pdf")]
    ),
    _comment(102, OWN, AGENT, "Dear Anna, we shall call."),
    _comment(103, OWN, AGENT, "customer sounds upset", public=False),
    _comment(
        VOICE_COMMENT,
        OWN,
        AGENT,
        "Call from +49 151 12345678",
        type="VoiceComment",
        data={"from": MOBILE, "to": "+4930555000", "call_id": CALL, "call_duration": 61, "transcription_text": "hello"},
        recording_base64=_b64(WAV),
    ),
    _comment(105, CLOSED, ANNA, "Where is my manual?"),
    _comment(106, CLOSED, AGENT, "Attached."),
    _comment(107, SHARED, ANNA, "Please deliver to us both.", attachments=[_file(902, "anna-berg-passport.pdf")]),
    _comment(
        108, SHARED, BEN, "Ben here: Anna Berg is out, ring me at 030 901820.", attachments=[_file(903, "ben.pdf")]
    ),
    _comment(
        109,
        SHARED,
        AGENT,
        "Dear Anna, dear Ben Berg",
        html_body=(
            '<div class="zd-comment" dir="auto"><p>Dear <b>Anna</b>, dear Ben Berg,</p><p>mail to '
            f'<a href="mailto:{EMAIL}">anna.berg&#64;example.com</a> &amp; +49 (0)151 1234 5678</p></div>'
        ),
    ),
    _comment(110, COPIED, BEN, "The boiler is cold."),
    _comment(111, COPIED, ANNA, "I saw it drip too.", attachments=[_file(904, "drip.pdf")]),
    _comment(112, MENTION, CARLA, "I got somebody's parcel."),
    _comment(113, MENTION, AGENT, f"It belongs to {EMAIL}, number KD-100482. Sorry, Carla!", public=False),
    _comment(114, DORAS, DORA, "Send it to dora.anna.berg@example.com, customer KD-1004821."),
    _comment(115, BENS, BEN, "Only me."),
]

SUSPENDED_TICKETS = [
    {"id": SUSPENDED, "subject": "Win", "content": "hi", "author": {"id": None, "email": EMAIL.upper(), "name": "A"}},
    {
        "id": FOREIGN_SUSPENDED,
        "subject": "x",
        "content": "y",
        "author": {"id": None, "email": "x@example.com", "name": "X"},
    },
]

DATA: dict[str, Any] = {
    "users": USERS,
    "identities": IDENTITIES,
    "tickets": TICKETS,
    "comments": COMMENTS,
    "suspended_tickets": SUSPENDED_TICKETS,
}


def data(*, without_tickets: tuple[int, ...] = ()) -> dict[str, Any]:
    """A copy of the helpdesk's contents, for a test to change.

    Args:
        without_tickets: Tickets to leave out, with their comments.
    """
    copied = copy.deepcopy(DATA)
    copied["tickets"] = [one for one in copied["tickets"] if one["id"] not in without_tickets]
    copied["comments"] = [one for one in copied["comments"] if one["ticket_id"] not in without_tickets]
    return copied


BUSY_EMAIL, BUSY_TICKETS = "ida.busy@example.com", 101


def busy() -> dict[str, Any]:
    """A person with more tickets than a page of the lists holds."""
    requester, first = 190, 900
    return {
        "users": [{"id": requester, "name": "Ida Busy", "email": BUSY_EMAIL}],
        "identities": [{"id": 590, "user_id": requester, "type": "email", "value": BUSY_EMAIL, "primary": True}],
        "tickets": [
            {"id": first + number, "subject": "Again", "status": "open", "requester_id": requester}
            for number in range(BUSY_TICKETS)
        ],
        "comments": [
            _comment(9000 + number, first + number, requester, "It leaks again.") for number in range(BUSY_TICKETS)
        ],
    }
