"""A double of Zammad, written from its documentation and source: users, tickets, articles, and tasks that delete."""

from __future__ import annotations

import json
from typing import Any

from tests.support.rest_double import Answer, Asked, RestDouble

TOKEN = "zm-invented-token"
EMAIL, PHONE, NAME = "anna.berg@example.com", "+4930901820", "Anna Berg"
AGENT, ANNA, BEN, EVE, IDA = 3, 51, 52, 53, 59
OWN, SHARED, BENS, EVES, LATER = 11, 12, 13, 14, 15
_PAGE = 100
KETTLE = "My kettle hums. " * 40 + "It hums in A flat."
PDF = b"%PDF-1.4 an invented invoice " * 40


def user(number: int, first: str, last: str, email: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "login": email,
        "firstname": first,
        "lastname": last,
        "email": email,
        "phone": "",
        "mobile": "",
        "fax": "",
        "active": True,
        "role_ids": [3],
        "preferences": {"locale": "de-de"},
        "created_at": "2026-01-02T23:30:00.000Z",
        **more,
    }


class Zammad:
    """An installation.

    Args:
        looks: How often a task is looked at before it has ended.
    """

    def __init__(self, looks: int = 0) -> None:
        self.looks = looks
        self.users = {
            row["id"]: row
            for row in (
                user(AGENT, "Gerd", "Agent", "gerd@desk.example", role_ids=[1, 2]),
                user(ANNA, "Anna", "Berg", EMAIL, phone="030 901820"),
                user(BEN, "Ben", "Stone", "ben.stone@example.com", phone="+49309018201"),
                user(EVE, "Eve", "Marsh", "eve.marsh@example.com", phone=PHONE),
            )
        }
        self.tickets: dict[int, dict[str, Any]] = {}
        self.articles: dict[int, dict[str, Any]] = {}
        self.tasks: dict[int, dict[str, Any]] = {}
        for number, customer, title, texts in (
            (OWN, ANNA, "A humming kettle", ((ANNA, KETTLE), (AGENT, "We shall look at it."))),
            (SHARED, ANNA, "A stuck lid", ((ANNA, "My lid is stuck."), (BEN, "Mine fell off."))),
            (BENS, BEN, "A cold stove", ((BEN, "My stove stays cold."),)),
            (EVES, EVE, "A toaster", ((EVE, "My toaster smokes."),)),
            (LATER, ANNA, "An invoice", ((ANNA, "Where is it?"), (ANNA, "Thank you for the parcel."))),
        ):
            self.add_ticket(number, customer, title, texts)
        self.double = RestDouble(f"Token token={TOKEN}")
        for method, pattern, route in (
            ("GET", "/api/v1/users/me", lambda _: Answer(body=self.users[AGENT])),
            ("GET", "/api/v1/users", lambda asked: self._page(asked, list(self.users.values()))),
            ("GET", "/api/v1/users/search", self._search_users),
            ("GET", r"/api/v1/users/(\d+)", self._show_user),
            ("GET", "/api/v1/tickets/search", self._search_tickets),
            ("GET", r"/api/v1/tickets/(\d+)", self._show_ticket),
            ("PUT", r"/api/v1/tickets/(\d+)", self._change_ticket),
            ("DELETE", r"/api/v1/tickets/(\d+)", self._delete_ticket),
            ("GET", r"/api/v1/ticket_articles/by_ticket/(\d+)", self._articles_of),
            ("GET", r"/api/v1/ticket_attachment/\d+/\d+/\d+", lambda _: Answer(body=PDF)),
            ("GET", "/api/v1/data_privacy_tasks", lambda asked: self._page(asked, list(self.tasks.values()))),
            ("POST", "/api/v1/data_privacy_tasks", self._begin),
            ("GET", r"/api/v1/data_privacy_tasks/(\d+)", self._look),
        ):
            self.double.on(method, pattern, route)

    def add_ticket(self, number: int, customer: int, title: str, texts: tuple[tuple[int, str], ...]) -> None:
        self.tickets[number] = {
            "id": number,
            "number": f"31{number:03}",
            "title": title,
            "customer_id": customer,
            "owner_id": AGENT,
            "group_id": 1,
            "create_article_type_id": 1,
            "close_at": "2026-04-01T10:00:00.000Z",
            "created_at": "2026-03-01T10:00:00.000Z",
        }
        for author, text in texts:
            key = 700 + len(self.articles)
            files = [{"id": 901, "filename": "invoice.pdf", "preferences": {"Content-Type": "application/pdf"}}]
            self.articles[key] = {
                "id": key,
                "ticket_id": number,
                "from": f"{self.users[author]['firstname']} <{self.users[author]['email']}>",
                "sender": "Agent" if author == AGENT else "Customer",
                "body": text,
                "created_by_id": author,
                "attachments": files if text == KETTLE else [],
            }

    # -- the API ---------------------------------------------------------------------------------------------------

    def _page(self, asked: Asked, rows: list[dict[str, Any]]) -> Answer:
        size = min(int(asked.query.get("per_page", 20)), _PAGE)
        start = (int(asked.query.get("page", 1)) - 1) * size
        return Answer(body=rows[start : start + size])

    def _search_users(self, asked: Asked) -> Answer:
        # As its index does: any record with one of the words.
        words = set(asked.query["query"].replace("@", " ").split())
        rows = [
            row
            for row in self.users.values()
            if self.double.ignores_filters or words & set(json.dumps(row).replace("@", " ").replace('"', " ").split())
        ]
        return self._page(asked, rows)

    def _show_user(self, asked: Asked) -> Answer:
        row = self.users.get(int(asked.parts[0]))
        return Answer(body=row) if row else Answer(404, {"error": "Couldn't find User"})

    def _search_tickets(self, asked: Asked) -> Answer:
        key, _, value = asked.query["query"].partition(":")
        rows = [row for row in self.tickets.values() if self.double.ignores_filters or str(row[key]) == value]
        return self._page(asked, rows)

    def _show_ticket(self, asked: Asked) -> Answer:
        row = self.tickets.get(int(asked.parts[0]))
        return Answer(body=row) if row else Answer(404, {"error": "Couldn't find Ticket"})

    def _change_ticket(self, asked: Asked) -> Answer:
        self.tickets[int(asked.parts[0])] |= asked.body
        return Answer(body=self.tickets[int(asked.parts[0])])

    def _delete_ticket(self, asked: Asked) -> Answer:
        number = int(asked.parts[0])
        if self.tickets.pop(number, None) is None:
            return Answer(404, {"error": "Couldn't find Ticket"})
        self.articles = {key: row for key, row in self.articles.items() if row["ticket_id"] != number}
        return Answer(200, {})

    def _articles_of(self, asked: Asked) -> Answer:
        number = int(asked.parts[0])
        if number not in self.tickets:
            return Answer(404, {"error": "Couldn't find Ticket"})
        return Answer(body=[row for row in self.articles.values() if row["ticket_id"] == number])

    def _begin(self, asked: Asked) -> Answer:
        wanted = int(asked.body["deletable_id"])
        if asked.body.get("preferences", {}).get("sure") != "DELETE" or wanted == AGENT:
            return Answer(422, {"error": "Validation failed"})
        if any(task["deletable_id"] == wanted and task["state"] != "failed" for task in self.tasks.values()):
            return Answer(422, {"error": "Deletable has an existing DataPrivacyTask queued"})
        number = 80 + len(self.tasks)
        self.tasks[number] = {"id": number, "deletable_id": wanted, "state": "in process"}
        return Answer(201, dict(self.tasks[number]))

    def _look(self, asked: Asked) -> Answer:
        task = self.tasks.get(int(asked.parts[0]))
        if task is None:
            return Answer(404, {"error": "Couldn't find DataPrivacyTask"})
        if task["state"] == "in process":
            if self.looks:
                self.looks -= 1
            else:
                self._finish(task)
        return Answer(body=dict(task))

    def _finish(self, task: dict[str, Any]) -> None:
        number, task["state"] = task["deletable_id"], "completed"
        self.users.pop(number, None)
        for key in [key for key, row in self.tickets.items() if row["customer_id"] == number]:
            del self.tickets[key]
            self.articles = {one: row for one, row in self.articles.items() if row["ticket_id"] != key}

    # -- what tests look at ----------------------------------------------------------------------------------------

    def held(self) -> str:
        """Everything that it holds, as text."""
        return json.dumps([self.users, self.tickets, self.articles])

    def of_others(self) -> str:
        """Everything that is not Anna's."""
        own = {ANNA, AGENT}
        return json.dumps(
            [
                [row for row in self.users.values() if row["id"] not in own],
                [row for row in self.tickets.values() if row["customer_id"] not in own],
                [row for row in self.articles.values() if row["created_by_id"] not in own],
            ]
        )
