"""The desk of the tutorial: a small helpdesk with lists, pages and filters, in memory, as its author would fake it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.domain.vocabulary.records import RecordRef
from tests.unit.testing.desk_connector import Answer, DeskConnector

PAGE = 2
TOKEN = "right"
KETTLE = "My kettle hums. " * 40 + "It hums in A flat."

_CUSTOMERS = (
    {"id": 1, "email": "anna@example.com", "phone": "+4930901820", "number": "K-1001", "name": "Anna Quill"},
    # Ben's number is spelt like Anna's but for a capital, and his telephone's begins with hers.
    {"id": 2, "email": "ben@example.com", "phone": "+49309018201", "number": "k-1001", "name": "Ben Stone"},
    # Eve lives with Anna.
    {"id": 3, "email": "eve@example.com", "phone": "+4930901820", "number": "K-3003", "name": "Eve Marsh"},
)
_TICKETS = (
    (11, 1, "A humming kettle", (("anna@example.com", KETTLE), ("staff", "We shall look at it."))),
    (12, 1, "A stuck lid", (("anna@example.com", "My lid is stuck."), ("ben@example.com", "Mine fell off."))),
    (13, 2, "A cold stove", (("ben@example.com", "My stove stays cold."),)),
    (14, 3, "A toaster", (("eve@example.com", "My toaster smokes."),)),
    (
        15,
        1,
        "An invoice",
        (
            ("anna@example.com", "Where is the invoice?"),
            ("staff", "Enclosed."),
            ("anna@example.com", "Thank you for the parcel."),
        ),
    ),
)


@dataclass
class DeskPeer:
    """The helpdesk and its faults.

    Args:
        customers: By id.
        tickets: By id, each with its messages.
        faults: The status that calls to some paths are answered with.
        ignores_filters: Whether lists answer with everything.
        keeps: A text that it keeps of each ticket that is changed.
    """

    customers: dict[int, dict[str, Any]] = field(default_factory=dict)
    tickets: dict[int, dict[str, Any]] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    ignores_filters: bool = False
    keeps: str = ""

    def fill(self) -> None:
        """Put its customers and tickets in."""
        self.customers = {int(str(one["id"])): dict(one) for one in _CUSTOMERS}
        for number, customer, subject, messages in _TICKETS:
            self.add_ticket(number, customer, subject, messages)

    def add_ticket(self, number: int, customer: int, subject: str, messages: tuple[tuple[str, str], ...]) -> None:
        """Put a ticket in."""
        written = [
            {"id": number * 100 + place, "author": author, "text": text}
            for place, (author, text) in enumerate(messages)
        ]
        self.tickets[number] = {"id": number, "customer": customer, "subject": subject, "messages": written}

    def connector(self, kind: type[DeskConnector] = DeskConnector, token: str = TOKEN) -> DeskConnector:
        """A connector to it."""
        return kind("desk", partial(self.call, token))

    # -- the server ------------------------------------------------------------------------------------------------

    def call(self, token: str, method: str, path: str, given: Mapping[str, Any]) -> Answer:
        """Answer a call with a status and JSON."""
        if token != TOKEN:
            return 401, {}
        _, kind, *rest = path.split("/")
        sort = f"{kind} list" if not rest else f"{kind} read" if len(rest) == 1 else "messages list"
        if status := self.faults.get("*") or self.faults.get(sort):
            return status, {}
        if not rest:
            return 200, self._list(kind, dict(given))
        held = self.customers if kind == "customers" else self.tickets
        if (key := int(rest[0])) not in held:
            return 404, {}
        if method == "DELETE":
            self._delete(kind, key)
        elif method == "PATCH":
            self._change(held[key], rest[1:], given)
        elif len(rest) > 1:
            return 200, _page(held[key]["messages"], int(given["page"]))
        return 200, {name: value for name, value in held.get(key, {}).items() if name != "messages"}

    def _list(self, kind: str, asked: dict[str, Any]) -> dict[str, Any]:
        number = int(asked.pop("page"))
        rows = list((self.customers if kind == "customers" else self.tickets).values())
        fits = [one for one in rows if self.ignores_filters or all(str(one[k]) == str(v) for k, v in asked.items())]
        shown = [{name: value for name, value in one.items() if name != "messages"} for one in fits]
        return _page(shown, number)

    def _delete(self, kind: str, key: int) -> None:
        """Tickets go with their customer, also where others wrote in them."""
        if kind == "customers":
            self.tickets = {number: one for number, one in self.tickets.items() if one["customer"] != key}
        (self.customers if kind == "customers" else self.tickets).pop(key)

    def _change(self, row: dict[str, Any], rest: list[str], given: Mapping[str, Any]) -> None:
        if rest:
            row = next(one for one in row["messages"] if one["id"] == int(rest[1]))
        row.update(given)
        if self.keeps:
            row["history"] = self.keeps

    # -- what the bench needs --------------------------------------------------------------------------------------

    def held(self) -> str:
        """Everything that it holds, as text."""
        return json.dumps([self.customers, self.tickets])

    def of_others(self) -> str:
        """Everything that is not Anna's."""
        customers = [one for one in self.customers.values() if one["id"] != 1]
        messages = [one for row in self.tickets.values() for one in row["messages"] if one["author"] not in _ANNAS]
        tickets = [(one["id"], one["subject"]) for one in self.tickets.values() if one["customer"] in {2, 3}]
        return json.dumps([customers, messages, tickets])

    def give_to_ben(self) -> RecordRef:
        """Ticket 15 is Ben's from now on, as where a number is given out again."""
        self.add_ticket(15, 2, "Ben's oven", (("ben@example.com", "My oven is loud."),))
        return RecordRef("desk", "ticket", "15")

    def add_many(self) -> tuple[Identifiers, Mapping[str, int]]:
        """A customer with tickets on several pages."""
        self.customers[9] = {"id": 9, "email": "ida@example.com", "phone": "", "number": "", "name": ""}
        for number in range(91, 97):
            self.add_ticket(number, 9, "Hello", (("ida@example.com", "Hello."),))
        return frozenset({identifier(IdentifierKind.EMAIL, "ida@example.com")}), {"customer": 1, "ticket": 6}

    @contextmanager
    def failing(self, sort: str, status: int) -> Iterator[None]:
        """While entered, calls of a sort are answered with a status."""
        self.faults[sort] = status
        try:
            yield
        finally:
            del self.faults[sort]

    @contextmanager
    def ignoring_filters(self) -> Iterator[None]:
        """While entered, lists answer with everything."""
        self.ignores_filters = True
        try:
            yield
        finally:
            self.ignores_filters = False

    @contextmanager
    def keeping(self, text: str) -> Iterator[None]:
        """While entered, a text is kept of each ticket that is changed."""
        self.keeps = text
        try:
            yield
        finally:
            self.keeps = ""


_ANNAS = ("anna@example.com", "staff", "")


def _page(rows: list[dict[str, Any]], number: int) -> dict[str, Any]:
    start = number * PAGE
    return {"results": rows[start : start + PAGE], "more": len(rows) > start + PAGE}
