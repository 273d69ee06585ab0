"""A double of Intercom, written from its OpenAPI document 2.15: contacts, conversations, tickets and calls."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.integration.connectors.rest import worlds
from tests.integration.connectors.rest.worlds import WAV, World
from tests.support.rest_double import Answer, Asked

KEY = "intercom-invented-token"
ANNA, BEN, EVE, IDA = "6762f0d0a1", "6762f0d0b2", "6762f0d0c3", "6762f0d0d4"
OWN, SHARED, BENS, LATER = "501", "502", "503", "504"
_PAGE = 2
_MASKED = "This message was deleted"


def contact(own: str, name: str, email: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "contact",
        "id": own,
        "role": "user",
        "name": name,
        "email": email,
        "phone": None,
        "external_id": None,
        "language_override": "de",
        "created_at": 1767396600,
        **more,
    }


class Intercom(World):
    """A workspace."""

    def __init__(self) -> None:
        people = (
            contact(ANNA, worlds.NAME, worlds.EMAIL, phone=worlds.PHONE, external_id=worlds.CUSTOMER_ID),
            contact(BEN, "Ben Stone", worlds.BEN_EMAIL, phone=worlds.BEN_PHONE, external_id=worlds.BEN_ID),
            contact(EVE, "Eve Marsh", worlds.EVE_EMAIL, phone=worlds.PHONE, external_id=worlds.EVE_ID),
        )
        rows: dict[str, dict[str, dict[str, Any]]] = {
            "contacts": {row["id"]: row for row in people},
            "conversations": {},
            "tickets": {
                "901": self._ticket("901", ANNA, "My lid is stuck."),
                "902": self._ticket("902", EVE, "A toaster"),
            },
            "calls": {
                "77": {
                    "type": "call",
                    "id": "77",
                    "conversation_id": OWN,
                    "contact_id": ANNA,
                    "phone": worlds.PHONE,
                    "initiated_at": 1767396600,
                },
                "78": {
                    "type": "call",
                    "id": "78",
                    "conversation_id": BENS,
                    "contact_id": BEN,
                    "phone": worlds.BEN_PHONE,
                    "initiated_at": 1767396600,
                },
            },
        }
        super().__init__(f"Bearer {KEY}", rows, self._is_annas_row)
        self.add(OWN, (ANNA,), ((ANNA, worlds.KETTLE), ("admin", "We shall look at it.")))
        self.add(SHARED, (ANNA, BEN), ((ANNA, "My lid fell off."), (BEN, "Mine fell off."), (ANNA, "Please hurry.")))
        self.add(BENS, (BEN,), ((BEN, "My stove stays cold."),))
        self.add(LATER, (ANNA,), ((ANNA, "Where is the invoice?"), (ANNA, "Thank you for the parcel.")))
        self.routes(
            (
                ("GET", "/me", lambda _: Answer(body={"type": "admin", "id": "1", "app": {"id_code": "abc"}})),
                ("GET", "/contacts", lambda asked: self._page("data", list(self.rows["contacts"].values()), asked)),
                ("POST", "/(contacts|conversations|tickets)/search", self._search),
                ("POST", "/calls/search", self._search_calls),
                ("GET", r"/(contacts|conversations|tickets|calls)/(\w+)", self._show),
                ("DELETE", r"/(contacts|conversations|tickets)/(\w+)", self._delete),
                ("POST", "/conversations/redact", self._redact),
                ("GET", r"/calls/(\d+)/recording", lambda _: Answer(body=WAV, headers={"Content-Type": "audio/wav"})),
            )
        )

    @staticmethod
    def _is_annas_row(name: str, row: dict[str, Any]) -> bool:
        if name == "conversations":
            return True
        own = row["contacts"]["contacts"][0]["id"] if "contacts" in row else row.get("contact_id", row["id"])
        return own == ANNA

    def of_others(self) -> str:
        """Everything that is not Anna's; of conversations what others wrote."""
        texts = [
            (own, part["author"], part["body"])
            for own, row in self.rows["conversations"].items()
            for part in (row["source"], *row["conversation_parts"]["conversation_parts"])
            if part["author"]["id"] not in {ANNA, "1"}
        ]
        return super().of_others() + str(texts)

    @staticmethod
    def _ticket(own: str, of: str, text: str) -> dict[str, Any]:
        part = {
            "id": f"{own}1",
            "part_type": "comment",
            "body": text,
            "author": {"type": "user", "id": of, "email": ""},
        }
        return {
            "type": "ticket",
            "id": own,
            "ticket_id": "40",
            "open": False,
            "created_at": 1767396600,
            "contacts": {"contacts": [{"id": of}]},
            "ticket_parts": {"ticket_parts": [part]},
        }

    def add(self, own: str, contacts: tuple[str, ...], texts: tuple[tuple[str, str], ...]) -> None:
        """Put a conversation; its first text is its source."""
        parts = [
            {
                "type": "conversation_part",
                "id": f"{own}{place}",
                "part_type": "comment",
                "body": text,
                "author": self._author(of),
                "attachments": [],
                "redacted": False,
            }
            for place, (of, text) in enumerate(texts)
        ]
        self.rows["conversations"][own] = {
            "type": "conversation",
            "id": own,
            "state": "closed",
            "created_at": 1767396600,
            "source": {**parts[0], "type": "email", "id": f"9{own}"},
            "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": of} for of in contacts]},
            "conversation_parts": {"conversation_parts": parts[1:]},
        }

    def _author(self, of: str) -> dict[str, Any]:
        if of == "admin":
            return {"type": "admin", "id": "1", "name": "Gerd", "email": "gerd@desk.example"}
        row = self.rows["contacts"][of]
        return {"type": "user", "id": of, "name": row["name"], "email": row["email"]}

    # -- the API ---------------------------------------------------------------------------------------------------

    def _page(self, key: str, rows: list[dict[str, Any]], asked: Asked, start: int = 0) -> Answer:
        pages: dict[str, Any] = {"type": "pages", "per_page": _PAGE}
        if start + _PAGE < len(rows):
            pages["next"] = {"per_page": _PAGE, "starting_after": str(start + _PAGE)}
        return Answer(body={"type": "list", key: rows[start : start + _PAGE], "total_count": len(rows), "pages": pages})

    def _search(self, asked: Asked) -> Answer:
        (name,), query = asked.parts, asked.body["query"]
        assert query["operator"] == "="
        field, value = query["field"], query["value"]
        fits = {
            "contact_ids": lambda row: value in [item["id"] for item in row["contacts"]["contacts"]],
        }.get(
            field,
            lambda row: (
                row[field] is not None and row[field].casefold() == value.casefold()
                if field == "email"
                else row[field] == value
            ),
        )
        key = "data" if name == "contacts" else name
        start = int(asked.body.get("pagination", {}).get("starting_after") or 0)
        return self._page(key, self.chosen(name, fits), asked, start)

    def _search_calls(self, asked: Asked) -> Answer:
        wanted = asked.body["conversation_ids"]
        rows = self.chosen("calls", lambda row: row["conversation_id"] in wanted)
        return Answer(body={"type": "list", "data": [self._with_address(row) for row in rows]})

    def _with_address(self, row: dict[str, Any]) -> dict[str, Any]:
        return row | {"recording_url": f"{self.double.address}/calls/{row['id']}/recording"}

    def _show(self, asked: Asked) -> Answer:
        name, own = asked.parts
        row = self.rows[name].get(own)
        if row is None:
            return _missing()
        return Answer(body=self._with_address(row) if name == "calls" else row)

    def _delete(self, asked: Asked) -> Answer:
        name, own = asked.parts
        if self.rows[name].pop(own, None) is None:
            return _missing()
        if name == "contacts":
            gone = partial(lambda row: own in [item["id"] for item in row["contacts"]["contacts"]])
            for of in ("conversations", "tickets"):
                self.rows[of] = {key: row for key, row in self.rows[of].items() if not gone(row)}
        return Answer(body={"id": own, "object": name[:-1], "deleted": True})

    def _redact(self, asked: Asked) -> Answer:
        row = self.rows["conversations"][asked.body["conversation_id"]]
        if asked.body["type"] == "source":
            parts = [row["source"]] if row["source"]["id"] == asked.body["source_id"] else []
        else:
            parts = [
                item
                for item in row["conversation_parts"]["conversation_parts"]
                if item["id"] == asked.body["conversation_part_id"]
            ]
        if not parts:
            return _missing("conversation_part_or_message_not_found")
        if not parts[0]["body"] or parts[0]["author"]["type"] == "admin":
            return Answer(422, {"errors": [{"code": "conversation_part_not_redactable"}]})
        parts[0] |= {"body": _MASKED, "redacted": True, "attachments": []}
        return Answer(body=row)


def _missing(code: str = "not_found") -> Answer:
    return Answer(404, {"type": "error.list", "errors": [{"code": code, "message": "Not found"}]})
