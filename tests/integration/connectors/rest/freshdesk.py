"""A double of Freshdesk, written from its API reference: contacts, tickets, conversations, and the trash of both."""

from __future__ import annotations

import base64
import json
from functools import partial
from typing import Any

from tests.support.rest_double import Answer, Asked, RestDouble, page_of

KEY = "fd-invented-key"
EMAIL, SECOND_EMAIL, PHONE, CUSTOMER_ID, NAME = (
    "anna.berg@example.com",
    "a.berg@example.org",
    "+4930901820",
    "KD-100482",
    "Anna Berg",
)
ANNA, BEN, EVE, IDA = 43001, 43002, 43003, 43009
OWN, SHARED, BENS, EVES, LATER = 11, 12, 13, 14, 15
KETTLE = "My kettle hums. " * 40 + "It hums in A flat."
PDF = b"%PDF-1.4 an invented invoice " * 40
_PAGE = 2


def _contact(number: int, name: str, email: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "email": email,
        "phone": None,
        "mobile": None,
        "other_emails": [],
        "unique_external_id": None,
        "language": "de",
        "created_at": "2026-01-02T23:30:00Z",
        **more,
    }


def _ticket(number: int, requester: int, subject: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "requester_id": requester,
        "subject": subject,
        "description_text": text,
        "cc_emails": [],
        "status": 5,
        "source": 1,
        "responder_id": 77,
        "attachments": [],
        "created_at": "2026-03-01T10:00:00Z",
        "updated_at": "2026-03-02T10:00:00Z",
        **more,
    }


class Freshdesk:
    """An account."""

    def __init__(self) -> None:
        self.contacts = {
            row["id"]: row
            for row in (
                _contact(
                    ANNA, NAME, EMAIL, other_emails=[SECOND_EMAIL], phone="030 901820", unique_external_id=CUSTOMER_ID
                ),
                # Ben's number begins with Anna's, and his customer number differs in a capital.
                _contact(
                    BEN, "Ben Stone", "ben.stone@example.com", phone="+49309018201", unique_external_id="kd-100482"
                ),
                # Eve lives with Anna.
                _contact(EVE, "Eve Marsh", "eve.marsh@example.com", phone=PHONE, unique_external_id="KD-300300"),
            )
        }
        self.tickets = {
            row["id"]: row
            for row in (
                _ticket(
                    OWN,
                    ANNA,
                    "A humming kettle",
                    KETTLE,
                    attachments=[{"id": 901, "name": "invoice.pdf", "content_type": "application/pdf", "size": 9}],
                ),
                _ticket(SHARED, ANNA, "A stuck lid", "My lid is stuck.", status=2),
                _ticket(BENS, BEN, "A cold stove", "My stove stays cold."),
                _ticket(EVES, EVE, "A toaster", "My toaster smokes."),
                _ticket(LATER, ANNA, "An invoice", "Where is the invoice?"),
            )
        }
        self.conversations: dict[int, dict[str, Any]] = {}
        self._say(SHARED, BEN, "ben.stone@example.com", "Mine fell off.")
        self._say(SHARED, ANNA, EMAIL, "Please hurry with my lid.")
        self._say(OWN, 77, "gerd@desk.example", "We shall look at it.", incoming=False)
        for text in ("Still waiting.", "And waiting.", "Thank you for the parcel."):
            self._say(LATER, ANNA, EMAIL, text)
        self.double = RestDouble("Basic " + base64.b64encode(f"{KEY}:X".encode()).decode())
        for method, pattern, route in (
            ("GET", "/api/v2/agents/me", lambda _: Answer(body={"id": 77, "ticket_scope": 1, "type": "support_agent"})),
            ("GET", "/api/v2/contacts", self._list_contacts),
            ("GET", r"/api/v2/contacts/(\d+)", partial(self._show, self.contacts)),
            ("DELETE", r"/api/v2/contacts/(\d+)/hard_delete", self._hard_delete),
            ("GET", "/api/v2/tickets", self._list_tickets),
            ("GET", r"/api/v2/tickets/(\d+)", self._show_ticket),
            ("PUT", r"/api/v2/tickets/(\d+)", self._change_ticket),
            ("DELETE", r"/api/v2/tickets/(\d+)", self._trash_ticket),
            ("GET", r"/api/v2/tickets/(\d+)/conversations", self._list_conversations),
            ("DELETE", r"/api/v2/conversations/(\d+)", self._delete_conversation),
            ("GET", r"/files/(\d+)", lambda _: Answer(body=PDF, headers={"Content-Type": "application/pdf"})),
        ):
            self.double.on(method, pattern, route)

    def _say(self, ticket: int, user: int, email: str, text: str, *, incoming: bool = True) -> None:
        number = 5000 + len(self.conversations)
        self.conversations[number] = {
            "id": number,
            "ticket_id": ticket,
            "user_id": user,
            "from_email": f"Somebody <{email}>",
            "incoming": incoming,
            "private": False,
            "body_text": text,
            "created_at": "2026-03-02T10:00:00Z",
        }

    # -- the API ---------------------------------------------------------------------------------------------------

    def _list_contacts(self, asked: Asked) -> Answer:
        filters = {key: value for key, value in asked.query.items() if key not in {"page", "per_page"}}
        rows = [
            row
            for row in self.contacts.values()
            if self.double.ignores_filters or all(str(row.get(key)) == value for key, value in filters.items())
        ]
        return page_of(self.double, asked, rows, _PAGE)

    def _show(self, held: dict[int, dict[str, Any]], asked: Asked) -> Answer:
        row = held.get(int(asked.parts[0]))
        return Answer(body=row) if row else Answer(404)

    def _show_ticket(self, asked: Asked) -> Answer:
        row = self.tickets.get(int(asked.parts[0]))
        return Answer(body=self._with_addresses(row)) if row else Answer(404)

    def _with_addresses(self, row: dict[str, Any]) -> dict[str, Any]:
        files = [one | {"attachment_url": f"{self.double.address}/files/{one['id']}"} for one in row["attachments"]]
        return row | {"attachments": files}

    def _list_tickets(self, asked: Asked) -> Answer:
        wanted = asked.query.get("requester_id")
        rows = [
            self._with_addresses(row)
            for row in self.tickets.values()
            if not row.get("deleted") and (self.double.ignores_filters or wanted in {None, str(row["requester_id"])})
        ]
        # Without updated_since, tickets of 30 days.
        return page_of(self.double, asked, rows if "updated_since" in asked.query else [], _PAGE)

    def _change_ticket(self, asked: Asked) -> Answer:
        row = self.tickets[int(asked.parts[0])]
        row |= asked.body | {"description_text": asked.body["description"]}
        return Answer(body=self._with_addresses(row))

    def _trash_ticket(self, asked: Asked) -> Answer:
        row = self.tickets.get(int(asked.parts[0]))
        if row is None:
            return Answer(404)
        if row.get("deleted"):
            return Answer(405)
        row["deleted"] = True
        return Answer(204)

    def _hard_delete(self, asked: Asked) -> Answer:
        number = int(asked.parts[0])
        if number not in self.contacts:
            return Answer(404)
        if asked.query.get("force") != "true":
            return Answer(400, {"description": "Validation failed"})
        del self.contacts[number]
        gone = {key for key, row in self.tickets.items() if row["requester_id"] == number}
        self.tickets = {key: row for key, row in self.tickets.items() if key not in gone}
        self.conversations = {key: row for key, row in self.conversations.items() if row["ticket_id"] not in gone}
        return Answer(204)

    def _list_conversations(self, asked: Asked) -> Answer:
        number = int(asked.parts[0])
        if number not in self.tickets:
            return Answer(404)
        rows = [row for row in self.conversations.values() if row["ticket_id"] == number]
        return page_of(self.double, asked, rows, _PAGE)

    def _delete_conversation(self, asked: Asked) -> Answer:
        return Answer(204) if self.conversations.pop(int(asked.parts[0]), None) else Answer(404)

    # -- what tests look at ----------------------------------------------------------------------------------------

    def held(self) -> str:
        """Everything that it holds, as text."""
        return json.dumps([self.contacts, self.tickets, self.conversations])

    def of_others(self) -> str:
        """Everything that is not Anna's."""
        own = {ANNA, 77}
        return json.dumps(
            [
                [row for row in self.contacts.values() if row["id"] not in own],
                [row for row in self.tickets.values() if row["requester_id"] not in own],
                [row for row in self.conversations.values() if row["user_id"] not in own],
            ]
        )
